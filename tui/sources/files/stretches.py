"""Many lines of a file in one piece: what most sources are made of, read without looking at each line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

from ..basics.items import Item
from .splitting import BLOCK, LONGEST, Broken, lines, too_long


class Stretch(NamedTuple):
    """Whole lines of a JSONL file."""

    line: int
    """The number of the first one, from 1."""
    data: bytes
    """All of them, with a line feed behind each."""
    ends: list[int]
    """Where the line feeds are."""
    file: str = ""
    """Name of their file, where the source has several."""

    def items(self) -> Iterator[Item]:
        """One by one, without the blank ones."""
        try:
            for line, raw, column in lines(io.BytesIO(self.data), self.line):
                yield Item(line, raw, (), None, self.file, column)
        except Broken as broken:
            raise broken.at(file=self.file) from broken.__cause__

    def item(self, index: int) -> Item:
        """The line of this number, from 0, as one whose value has nothing around it."""
        end = self.ends[index]
        return Item(self.line + index, self.data[end - self.size(index) : end], (), None, self.file, 1)

    def size(self, index: int) -> int:
        """Bytes of that line."""
        return self.ends[index] - (self.ends[index - 1] + 1 if index else 0)


def stretches(handle: io.BufferedReader) -> Iterator[Stretch]:
    """The lines of a file, about a block at a time; Broken comes behind what is whole before the break."""
    line, rest, broken, is_over = 1, b"", None, False
    while not is_over:
        wanted = max(
            BLOCK, len(rest)
        )  # so that a line longer than a block is copied a bounded number of times
        pieces, size, broken = _gathered(handle, wanted)
        is_over = size < wanted
        data, rest = _cut(rest, pieces)
        if is_over and broken is None and rest:
            data, rest = data + rest + b"\n", b""
        if len(rest) >= LONGEST:
            broken, is_over = too_long(line + data.count(b"\n")), True
        if data:
            ends = _ends(data)
            yield Stretch(line, data, ends)
            line += len(ends)
    if broken is not None:
        raise broken.at(line) from broken.__cause__


def _gathered(handle: io.BufferedReader, wanted: int) -> tuple[list[bytes], int, Broken | None]:
    """The next bytes: at least as many as wanted, or all up to the end, or up to where they are damaged."""
    pieces: list[bytes] = []
    size = 0
    try:
        while size < wanted and (piece := handle.read1(BLOCK)):
            pieces.append(piece)
            size += len(piece)
    except Broken as broken:
        return pieces, size, broken
    return pieces, size, None


def _cut(rest: bytes, pieces: list[bytes]) -> tuple[bytes, bytes]:
    """Whole lines, and what is behind them."""
    last = pieces.pop() if pieces else b""
    end = last.rfind(b"\n") + 1
    if end:
        data, rest = b"".join((rest, *pieces, memoryview(last)[:end])), last[end:]
    else:
        whole = b"".join((rest, *pieces, last))
        end = whole.rfind(b"\n") + 1
        data, rest = whole[:end], whole[end:]
    # White space before a line feed is none of the line's: Windows writes one there in every line.
    return (data.replace(b"\r\n", b"\n") if data.endswith(b"\r\n") else data), rest


def _ends(data: bytes) -> list[int]:
    """Where the line feeds are: `find` takes a quarter of the time that `count` takes."""
    ends: list[int] = []
    find, end = data.find, data.find(b"\n")
    while end >= 0:
        ends.append(end)
        end = find(b"\n", end + 1)
    return ends
