"""The files that paths, folders and patterns stand for, in the order people expect: 2.txt before 10.txt."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .splitting import Broken
from .streams import unreadable

_NUMBERS = re.compile(r"(\d+)")


class Place(NamedTuple):
    """A file of a source."""

    path: str
    name: str
    """Its path below the folder that was given; of a file given by itself, its name."""


def places(paths: Sequence[Path]) -> Iterator[Place]:
    """Every file, each once. Raises Broken, with the name, where a folder cannot be read or nothing matches."""
    seen: set[str] = set()
    for path in paths:
        for place in _of(path):
            real = os.path.realpath(place.path)
            if real not in seen:
                seen.add(real)
                yield place


def _of(path: Path) -> Iterator[Place]:
    """What one path stands for."""
    if path.is_dir():
        yield from _below(str(path), "", ())
    elif os.path.lexists(path) or not glob.has_magic(str(path)):
        yield Place(str(path), path.name)
    else:
        yield from _matching(str(path))


def _matching(pattern: str) -> Iterator[Place]:
    """What a pattern stands for that the shell has left as it is."""
    found = sorted(glob.iglob(pattern, recursive=True), key=natural)
    if not found:
        raise Broken(0, "No file matches it", "Look at the pattern.", pattern)
    for each in found:
        if "**" not in pattern or not os.path.isdir(each):  # its files are found, too
            yield from _of(Path(each))


def _below(folder: str, name: str, above: tuple[tuple[int, int], ...]) -> Iterator[Place]:
    """The files of a folder and of those in it, hidden ones left out; a link that leads back up ends there."""
    try:
        status = os.stat(folder)
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        broken = unreadable(error)
        raise Broken(0, broken.what, broken.remedy, name or folder) from error
    here = (status.st_dev, status.st_ino)
    if here in above:
        return
    for entry, is_folder in sorted(found, key=lambda each: natural(each[0])):
        path = os.path.join(folder, entry)
        if is_folder:
            yield from _below(path, f"{name}{entry}/", (*above, here))
        else:
            yield Place(path, f"{name}{entry}")


def natural(name: str) -> list[tuple[int, str]]:
    """The key of an order in which numbers count as numbers."""
    return list(_pieces(name))


def _pieces(name: str) -> Iterable[tuple[int, str]]:
    for number, piece in enumerate(_NUMBERS.split(name)):
        if number % 2:
            # Longer numbers are larger; int() of thousands of digits would be refused.
            bare = piece.lstrip("0")
            yield len(bare), bare
        else:
            yield -1, piece.casefold()
