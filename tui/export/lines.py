"""Results line after line into a file or a stream."""

from __future__ import annotations

from collections.abc import Iterable

from .bodies import Pair
from .formats import Format
from .place import Out

ENOUGH = 1 << 20
"""Bytes gathered before they are written."""


def write_lines(format: Format, pairs: Iterable[Pair], out: Out) -> int:
    """Write them in this format, and say how many; less once nobody reads any more."""
    gathered = Gathered(out)
    gathered.add(format.head)
    number = 0
    for row, raw in pairs:
        gathered.add(format.line(row, raw))
        number += 1
        if out.closed:
            return number
    gathered.flush()
    return number


class Gathered:
    """Small pieces on their way out, written by the megabyte."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        """One more piece."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= ENOUGH:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        self._out.write(b"".join(self._pieces))
        self._pieces, self._size = [], 0
