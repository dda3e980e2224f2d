"""Indexes a results file while another process writes it: sizes come in, rows go out.

Started by the download as a process of its own, so that lines are understood while others still arrive.
It holds nothing that matters: it reads the file, and ends as soon as nobody listens.
"""

from __future__ import annotations

import gc
import marshal
import os
import struct
from collections.abc import Iterator
from typing import Any

from .indexer import Indexer
from .portion import Kinds

BLOCK = 120 * 1024
"""Bytes that are understood at once, and told of in one message: as many as malloc has at hand."""

_LENGTH = struct.Struct("<I")


def framed(message: Any) -> bytes:
    """A message with its length in front."""
    # Between the two halves of one program, of one Python; without references, which take time to find.
    data = marshal.dumps(message, 2)
    return _LENGTH.pack(len(data)) + data


def unframed(received: bytearray) -> list[Any]:
    """The messages that have arrived whole; they are taken off the beginning."""
    found: list[Any] = []
    start = 0
    with memoryview(received) as view:
        while len(view) >= (place := start + _LENGTH.size):
            end = place + _LENGTH.unpack_from(view, start)[0]
            if len(view) < end:
                break
            found.append(marshal.loads(view[place:end]))
            start = end
    del received[:start]
    return found


def main(path: str) -> None:
    """Say that we are there, hear where to begin, then index up to each size that is told."""
    gc.disable()  # it makes nothing that refers to itself, and ends soon
    file = os.open(path, os.O_RDONLY)
    _write(framed(None))
    sizes = _messages()
    for line, offset, known in sizes:  # there may be no work at all
        indexer = Indexer(line, offset, Kinds(known))
        for size in sizes:
            _follow(indexer, file, size)
    # Nobody listens any more, but somebody waits for our end: Python's own way there takes longer.
    os._exit(0)


def _follow(indexer: Indexer, file: int, size: int) -> None:
    """Index up to this size, and tell of each block."""
    looked_at = 0
    while looked_at < size:
        place = indexer.offset + indexer.pending
        block = os.pread(file, min(BLOCK, size - place), place)
        if not block:
            raise EOFError("it is shorter than told: not the file that was meant")
        looked_at = place + len(block)
        known = len(indexer.kinds)
        # A line that a block cuts is read again, with its end: that costs less than to keep and join it.
        if indexer.pending or (not indexer.scan_whole(block) and len(block) == BLOCK):
            indexer.scan(block)
        values, tallies, kinds = indexer.take()
        next_line = (indexer.line, indexer.offset, looked_at - indexer.offset)
        _write(framed((values, tallies, kinds.names[known:], *next_line)))


def _messages() -> Iterator[Any]:
    received = bytearray()
    while data := os.read(0, 1 << 16):
        received += data
        yield from unframed(received)


def _write(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1, rest) :]
