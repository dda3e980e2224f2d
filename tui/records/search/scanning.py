"""A pass over a file of any size: bytes in blocks through a reused buffer, hits as soon as they are found."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .matching import Matcher, TooSlow
from .probe import Look

BLOCK = 1 << 18
"""Bytes at a time: as many as a processor keeps near; megabytes are no faster, and found later."""
LONGEST_LINE = 128_000_000
"""A line beyond this is no result: it is not kept in memory, and counts as one that cannot be decided."""
PACE = 0.1
"""Seconds between two words of progress."""


class Found(NamedTuple):
    """What has been found since the last word."""

    offsets: array[int]
    """Where the matching lines begin, ascending."""
    place: int
    """Everything before this byte of the file has been looked at."""
    undecided: int = 0
    """Lines of which it could not be told whether they match."""


def scan(
    path: Path,
    matcher: Matcher,
    *,
    start: int = 0,
    end: int | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Found]:
    """The matching lines between two line beginnings of a file; raises OSError where it cannot be read."""
    with path.open("rb", buffering=0) as file:
        yield from scan_file(file, matcher, start=start, end=end, stop=stop)


def scan_file(
    file: BinaryIO,
    matcher: Matcher,
    *,
    start: int = 0,
    end: int | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Found]:
    """The same in an open, unbuffered file; ends early when `stop` is set, or the file before `end`."""
    stop = stop or threading.Event()
    notes = _Notes(start)
    lines = _every_line if matcher.probe is None else Look(matcher.probe).lines
    for at, block, size in _blocks(file, start, end, notes):
        for first, last in lines(block, size):
            if stop.is_set():
                return
            notes.ask(matcher, at + first, bytes(block[first:last]))
            if notes.due():
                yield notes.told(at + min(last + 1, size))
        notes.place = at + size
        if stop.is_set():
            return
        if notes.due():
            yield notes.told(notes.place)
    yield notes.told(notes.place)


class _Notes:
    """What is to be told next, and when."""

    def __init__(self, place: int) -> None:
        self.place = place
        self._offsets = array("Q")
        self._undecided = 0
        self._next = time.monotonic() + PACE
        self._has_hits = False

    def ask(self, matcher: Matcher, offset: int, raw: bytes) -> None:
        """Note a line that matches, or takes too long to say."""
        try:
            if matcher.says(raw) and not raw.isspace():
                self._offsets.append(offset)
        except TooSlow:
            self._undecided += 1

    def skip(self) -> None:
        """Note a line that is too long to be looked at."""
        self._undecided += 1

    def due(self) -> bool:
        """Whether somebody should hear of it: the first hit at once, the rest at a readable pace."""
        return (not self._has_hits and bool(self._offsets)) or time.monotonic() >= self._next

    def told(self, place: int) -> Found:
        """Everything since the last time."""
        self._has_hits = self._has_hits or bool(self._offsets)
        found = Found(self._offsets, place, self._undecided)
        self._offsets, self._undecided = array("Q"), 0
        self._next = time.monotonic() + PACE
        return found


def _every_line(block: bytearray, size: int) -> Iterator[tuple[int, int]]:
    first = 0
    while first < size:
        last = block.find(b"\n", first, size)
        last = size if last < 0 else last
        if last > first:
            yield first, last
        first = last + 1


def _blocks(
    file: BinaryIO, start: int, end: int | None, notes: _Notes
) -> Iterator[tuple[int, bytearray, int]]:
    """Whole lines: where in the file they begin, a buffer, and how many of its bytes they take."""
    file.seek(start)
    block = bytearray(BLOCK)
    at, kept = start, 0
    while True:
        filled = kept + _read(file, block, kept, None if end is None else end - at)
        is_last = filled == kept
        whole = filled if is_last else block.rfind(b"\n", kept, filled) + 1
        if whole:
            yield at, block, whole
            at, kept = at + whole, filled - whole
            block = _smaller(block, whole, filled)
        else:
            kept = filled
        if is_last:
            return
        if kept == len(block):
            if kept > LONGEST_LINE:
                notes.skip()
                at, kept, block = _beyond(file, at + kept, end), 0, bytearray(BLOCK)
                notes.place = at
            else:
                block.extend(bytes(len(block)))


def _read(file: BinaryIO, block: bytearray, kept: int, limit: int | None) -> int:
    with memoryview(block) as view:
        return file.readinto(view[kept:limit]) or 0  # type: ignore[attr-defined]


def _smaller(block: bytearray, whole: int, filled: int) -> bytearray:
    """The buffer with what is left moved to its beginning; a long line's buffer is given back."""
    if len(block) > BLOCK >= filled - whole:
        return block[whole:filled] + bytes(BLOCK - (filled - whole))
    block[: filled - whole] = block[whole:filled]
    return block


def _beyond(file: BinaryIO, at: int, end: int | None) -> int:
    """Where the line ends that is being read."""
    block = bytearray(BLOCK)
    while size := _read(file, block, 0, None if end is None else end - at):
        feed = block.find(b"\n", 0, size)
        if feed >= 0:
            file.seek(at + feed + 1)
            return at + feed + 1
        at += size
    return at
