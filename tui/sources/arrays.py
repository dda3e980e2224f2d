"""The elements of a JSON array by the handful, at the decoder's speed; the splitter does what is left over.

A piece of the file that ends where one request seems to end and the next to begin is decoded as a list. If
that works the guess was right: the beginning of a list is a list itself only if it ends between two values.
If not, something is odd, and from there on the splitter goes through the file bracket by bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

import msgspec

from .splitting import BLOCK, Placed, Splitter, column_after, read, split

_BORDER = re.compile(rb'\}\s*+(,)\s*+\{\s*+"(?:custom_id|params)"')
_BETWEEN = re.compile(rb"[\s,]*+")
_NEAR_THE_END = 64 * 1024

_decode = msgspec.json.Decoder(list[msgspec.Raw]).decode


def array(handle: IO[bytes]) -> Iterator[Placed]:
    """The elements of the array that a file begins with."""
    buffer = read(handle, BLOCK, 1)
    start = len(buffer) - len(buffer.lstrip()) + 1  # behind the bracket that was seen in the file's head
    line, column = 1 + buffer.count(b"\n", 0, start), column_after(buffer[:start], 1)
    inside = buffer[start:]
    begun = False
    while border := _last_border(inside):
        try:
            raws = _decode(b"[%b]" % inside[:border])
        except (msgspec.DecodeError, RecursionError):
            break
        begun = True
        yield from _located(raws, inside, line, column)
        line += inside.count(b"\n", 0, border)
        column = column_after(inside[: border + 1], column)
        inside = inside[border + 1 :] + read(handle, BLOCK, line)
    yield from split(handle, Splitter(array=True, line=line, column=column, begun=begun), inside)


def _last_border(buffer: bytes) -> int:
    """Where the last comma between two requests seems to be; 0 if there is none."""
    start = max(len(buffer) - _NEAR_THE_END, 0)
    found = [match.start(1) for match in _BORDER.finditer(buffer, start)]
    if not found and start:
        found = [match.start(1) for match in _BORDER.finditer(buffer)]
    return found[-1] if found else 0


def _located(raws: list[msgspec.Raw], buffer: bytes, line: int, column: int) -> Iterator[Placed]:
    """Each value with the line and the column it starts on."""
    at = 0
    for raw in map(bytes, raws):
        between = _BETWEEN.match(buffer, at)
        start = between.end() if between else at
        line += buffer.count(b"\n", at, start)
        column = column_after(buffer[at:start], column)
        yield line, raw, column
        at = start + len(raw)
        line += raw.count(b"\n")
        column = column_after(raw, column)
