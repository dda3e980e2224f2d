"""Many lines of a file in one piece: what most sources are made of, read without looking at each line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

from .items import Item
from .splitting import BLOCK, LONGEST, Broken, lines, too_long


class Stretch(NamedTuple):
    """Whole lines of a JSONL file."""

    line: int
    """The number of the first one, from 1."""
    data: bytes
    """All of them, with a line feed behind each."""
    file: str = ""
    """Name of their file, where the source has several."""

    def items(self) -> Iterator[Item]:
        """One by one, without the blank ones."""
        for number, raw, column in lines(io.BytesIO(self.data)):
            yield Item(self.line + number - 1, raw, (), None, self.file, column)


def stretches(handle: io.BufferedReader, file: str = "") -> Iterator[Stretch]:
    """The lines of a file, about a block at a time; Broken comes behind what is whole before the break."""
    line = 1
    for data in _whole(handle):
        if isinstance(data, Broken):
            raise data.at(line) from data.__cause__
        yield Stretch(line, data, file)
        line += data.count(b"\n")


def _whole(handle: io.BufferedReader) -> Iterator[bytes | Broken]:
    """Pieces that end with a line; the last one may be the trouble that the rest is in."""
    held: list[bytes] = []
    size = 0
    while block := _read(handle):
        if isinstance(block, Broken):
            end = 0
        
        end = block.rfind(b"\n") + 1
