"""The files that paths, folders and patterns stand for, in the order people expect: 2.txt before 10.txt."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from .splitting import Broken
from .streams import unreadable

_NUMBERS = re.compile(r"(\d+)")


class Place(NamedTuple):
    """A file of a source."""

    path: str
    name: str
    """Its path below what all that was given has in common; of a file given alone, its name."""


def places(paths: Sequence[Path]) -> Iterator[Place]:
    """Every file, each once. Raises Broken with a name where a folder cannot be read or nothing matches."""
    given = [each for path in paths for each in _expanded(str(path))]
    base = _base(given)
    files: set[str] = set()
    folders: set[tuple[int, int]] = set()
    for path in given:
        name = os.path.relpath(os.path.abspath(path), base)
        is_folder = os.path.isdir(path)
        found = _below(path, "" if name == "." else f"{name}/", folders) if is_folder else [Place(path, name)]
        for place in found:
            real = os.path.realpath(place.path)
            if real not in files:
                files.add(real)
                yield place


def _expanded(path: str) -> list[str]:
    """The path, or what it matches where the shell has left a pattern as it is."""
    if os.path.lexists(path) or not glob.has_magic(path):
        return [path]
    found = sorted(_recursive(path) if "**" in path else glob.iglob(path), key=natural)
    if not found:
        raise Broken(0, "No file matches it", "Look at the pattern.", path)
    return found


def _recursive(pattern: str) -> Iterator[str]:
    """The files that a pattern with `**` matches: glob itself goes in circles where links do."""
    parts = Path(pattern).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    base = str(Path(*parts[:fixed]))
    if os.path.isdir(base):
        for path, name in _below(base, "", set()):
            if _matches(name.split("/"), parts[fixed:]):
                yield path


def _matches(names: Sequence[str], patterns: Sequence[str]) -> bool:
    if not patterns:
        return not names
    if patterns[0] == "**":
        return any(_matches(names[begin:], patterns[1:] or "*") for begin in range(len(names)))
    return bool(names) and fnmatchcase(names[0], patterns[0]) and _matches(names[1:], patterns[1:])


def _base(given: Sequence[str]) -> str:
    """The folder that names are told from."""
    parents = [path if os.path.isdir(path) else os.path.dirname(path) for path in map(os.path.abspath, given)]
    return os.path.commonpath(parents) if parents else ""


def _below(folder: str, name: str, folders: set[tuple[int, int]]) -> Iterator[Place]:
    """The files of a folder and of those in it, without hidden ones.

    Each folder counts once, so that links which lead back up end there.
    """
    try:
        status = os.stat(folder)
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        broken = unreadable(error)
        raise Broken(0, broken.what, broken.remedy, name or folder) from error
    here = (status.st_dev, status.st_ino)
    if here in folders:
        return
    folders.add(here)
    for entry, is_folder in sorted(found, key=lambda each: natural(each[0])):
        path = os.path.join(folder, entry)
        if is_folder:
            yield from _below(path, f"{name}{entry}/", folders)
        else:
            yield Place(path, f"{name}{entry}")


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """The key of an order in which numbers count as numbers."""
    return list(_pieces(name)), name


def _pieces(name: str) -> Iterable[tuple[int, str]]:
    for number, piece in enumerate(_NUMBERS.split(name)):
        if number % 2:
            # Longer numbers are larger; int() of thousands of digits would be refused.
            bare = piece.lstrip("0")
            yield len(bare), bare
        else:
            yield -1, piece.casefold()
