"""Paths to a source: its files, what they are, and the bytes and elements of each."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

from ...errors import BadSource
from ...model import FILES, PLAIN, Look, Making
from ..basics.items import Finding
from . import folders
from .arrays import array
from .delimiters import Layout
from .kinds import in_words, mixed, one_kind
from .listing import Place, places
from .recognising import ARRAY, HEAD, LINES, LONG_HEAD, TEXT, Guess, guess
from .splitting import Broken, Element, Placed, lines, values
from .streams import Meter, opened, unreadable
from .stretches import Stretch, stretches

T = TypeVar("T")

LOOKED_AT = 200
"""Files of a source that are looked into where only a quick answer is wanted."""


class Stopped(Exception):
    """The caller's event was set: the work was given up on the way."""


class Trouble(NamedTuple):
    """Why a file cannot be a part of its source."""

    file: str
    line: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source, and what it was recognised as."""

    place: str
    name: str
    """What to call it: its path below the folder that was given, or its name."""
    size: int
    """Bytes on the disk."""
    guess: Guess
    meter: Meter

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.place)

    @property
    def layout(self) -> Layout:
        """How it reads as a table."""
        return self.guess.layout

    def open(self) -> io.BufferedReader:
        """Its bytes, unpacked, behind a byte order mark. Raises Broken here and while they are read."""
        handle = opened(self.place, self.meter)
        handle.read(self.guess.skip)
        return handle

    def elements(self) -> Iterator[Element]:
        """Its JSON values, each with the line it begins on. Raises Broken, with the file's name."""
        return ((line, raw) for line, raw, _ in self.placed())

    def placed(self) -> Iterator[Placed]:
        """The same, with columns."""
        return self._read({LINES: lines, ARRAY: array}.get(self.guess.form, values))

    def stretches(self) -> Iterator[Stretch]:
        """Its lines, many at a time, where they are what it is made of; Broken likewise."""
        return self._read(stretches)

    def _read(self, read: Callable[[io.BufferedReader], Iterator[T]]) -> Iterator[T]:
        try:
            with self.open() as handle:
                yield from read(handle)
        except Broken as broken:
            raise broken.at(file=self.name) from broken.__cause__


@dataclass(frozen=True, slots=True)
class Source:
    """Files that requests are made from, all of one kind."""

    paths: tuple[Path, ...]
    kind: str
    """One of KINDS."""
    files: tuple[SourceFile, ...]
    meter: Meter
    troubles: tuple[Trouble, ...] = ()
    """Why it cannot be read; then there is nothing else to know of it."""

    @property
    def several(self) -> bool:
        """Whether places have to say which file they are in."""
        return len(self.files) > 1

    @property
    def name(self) -> str:
        """What to call it in places: its file, or what was given where there are several."""
        return self.files[0].name if len(self.files) == 1 else self.paths[0].name or str(self.paths[0])

    @property
    def columns(self) -> tuple[str, ...]:
        """What templates may use: columns of its first table, of its first records, or what files have."""
        if self.kind == FILES:
            return folders.COLUMNS
        return next((file.guess.columns for file in self.files if file.guess.columns), ())

    def elements(self) -> Iterator[Element]:
        """The JSON values of all its files."""
        return chain.from_iterable(file.elements() for file in self.files)

    def look(self) -> Look:
        """What it is, in short. Raises BadSource where it cannot be read."""
        for trouble in self.troubles:
            raise BadSource(f"{trouble.file or self.name}: {trouble.finding.what}.", trouble.finding.remedy)
        guesses = [file.guess for file in self.files]
        is_empty = not any(guess.kind for guess in guesses)
        return Look(self.kind, self.columns, len(self.files), in_words(self.kind, guesses), is_empty)


def open_source(
    paths: Sequence[Path],
    making: Making = PLAIN,
    *,
    most: int | None = None,
    stop: threading.Event | None = None,
) -> Source:
    """Find the files and recognise them; of more than `most`, the rest is taken to be like the first."""
    meter = Meter()
    files: list[SourceFile] = []
    troubles: list[Trouble] = []
    try:
        for place in places(paths):
            if stop is not None and stop.is_set():
                raise Stopped
            known = files[0].guess if most is not None and len(files) >= most else None
            files.append(_file(place, making.kind, meter, known))
    except Broken as broken:
        troubles.append(Trouble(broken.file, broken.line, Finding(broken.what, broken.remedy)))
    kind = making.kind or one_kind([file.guess for file in files])
    troubles += _troubles(files, kind, troubles)
    meter.total = sum(file.size for file in files)
    return Source(tuple(paths), kind, tuple(files), meter, tuple(troubles))


def _troubles(files: Sequence[SourceFile], kind: str, known: Sequence[Trouble]) -> Iterator[Trouble]:
    """Why files are no source, or not one together, beyond what is known already."""
    if not files and not known:
        yield Trouble("", 0, Finding("There is no file in it", "Give the files themselves."))
    for file in files:
        if file.guess.unusable is not None:
            yield Trouble(file.name, file.guess.at, file.guess.unusable)
    if not kind:
        yield Trouble("", 0, mixed([(file.name, file.guess.kind) for file in files]))


def _file(place: Place, kind: str, meter: Meter, known: Guess | None) -> SourceFile:
    """A file, recognised by its beginning unless it is known what it is."""
    try:
        found = known or _recognised(place, kind)
        size = os.stat(place.path).st_size
    except (OSError, Broken) as error:
        broken = error if isinstance(error, Broken) else unreadable(error)
        found, size = Guess(unusable=Finding(broken.what, broken.remedy), at=0), 0
    return SourceFile(place.path, place.name, size, found, meter)


def _recognised(place: Place, kind: str) -> Guess:
    with opened(place.path) as handle:
        head = handle.read(HEAD)
        found = guess(head, place.name, kind, whole=len(head) < HEAD)
        if found.form == TEXT or found.seen or len(head) < HEAD:
            return found
        head += handle.read(LONG_HEAD - HEAD)
        return guess(head, place.name, kind, whole=len(head) < LONG_HEAD)
