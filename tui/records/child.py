"""Indexes a results file while another process writes it: sizes come in, rows go out.

Started by the download as a process of its own, so that lines are understood while others still arrive.
It holds nothing that matters: it reads the file, and ends as soon as nobody listens.
"""

from __future__ import annotations

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
    data = marshal.dumps(message)  # between the two halves of one program, of one Python
    return _LENGTH.pack(len(data)) + data


def unframed(received: bytearray) -> list[Any]:
    """The messages that have arrived whole; they are taken off the beginning."""
    found: list[Any] = []
    while len(received) >= _LENGTH.size:
        end = _LENGTH.size + _LENGTH.unpack_from(received)[0]
        if len(received) < end:
            break
        found.append(marshal.loads(bytes(received[_LENGTH.size : end])))
        del received[:end]
    return found


def main(path: str) -> None:
    """Say that we are there, hear where to begin, then index up to each size that is told."""
    file = os.open(path, os.O_RDONLY)
    _write(framed(None))
    sizes = _messages()
    line, offset, known = next(sizes)
    kinds = Kinds(known)
    indexer = Indexer(line, offset, kinds)
    place = offset
    for size in sizes:
        while place < size:
            block = os.pread(file, min(BLOCK, size - place), place)
            if not block:
                return  # it is shorter than told: not the file that was meant
            before = len(kinds)
            indexer.scan(block)
            place += len(block)
            rows, tallies, _ = indexer.take()
            place_of_next = (indexer.line, indexer.offset, indexer.pending)
            _write(framed((rows, tallies, kinds.names[before:], *place_of_next)))


def _messages() -> Iterator[Any]:
    received = bytearray()
    while data := os.read(0, 1 << 16):
        received += data
        yield from unframed(received)


def _write(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1, rest) :]
