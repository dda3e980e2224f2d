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

from .splitting import BLOCK, Cursor, Placed, Splitter, read, split

_BORDER = re.compile(rb'\}\s*+(,)\s*+\{\s*+"(?:custom_id|params)"')
_BETWEEN = re.compile(rb"[\s,]*+")
_NEAR_THE_END = 64 * 1024

_decode = msgspec.json.Decoder(list[msgspec.Raw]).decode


def array(handle: IO[bytes]) -> Iterator[Placed]:
    """The elements of the array that a file begins with."""
    buffer = read(handle, BLOCK, 1)
    start = len(buffer) - len(buffer.lstrip()) + 1  # behind the bracket that was seen in the file's head
    cursor = Cursor()
    cursor.pass_over(buffer[:start])
    inside = buffer[start:]
    begun = False
    while border := _last_border(inside):
        try:
            raws = _decode(b"[%b]" % inside[:border])
        except (msgspec.DecodeError, RecursionError):
            break
        begun = True
        at = 0
        for raw in map(bytes, raws):
            between = _BETWEEN.match(inside, at)
            start = between.end() if between else at
            cursor.pass_over(inside[at:start])
            yield cursor.line, raw, cursor.column
            cursor.pass_over(raw)
            at = start + len(raw)
        cursor.pass_over(inside[at : border + 1])
        inside = inside[border + 1 :] + read(handle, BLOCK, cursor.line)
    yield from split(handle, Splitter(array=True, begun=begun, cursor=cursor), inside)


def _last_border(buffer: bytes) -> int:
    """Where the last comma between two requests seems to be; 0 if there is none."""
    start = max(len(buffer) - _NEAR_THE_END, 0)
    found = [match.start(1) for match in _BORDER.finditer(buffer, start)]
    if not found and start:
        found = [match.start(1) for match in _BORDER.finditer(buffer)]
    return found[-1] if found else 0
