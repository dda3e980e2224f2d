"""A file of requests, whatever its layout: where each of them is, by its custom_id; never held as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import msgspec

from .shapes import Unreadable, identifier, loads, table

BLOCK = 1 << 20
BOM = b"\xef\xbb\xbf"

_ID = re.compile(rb'\s*\{\s*"custom_id"\s*:\s*"([^"\\\x00-\x1f]{1,256})"')
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(")?|[{}\[\]]', re.DOTALL)
"""A whole string, or one that the bytes at hand do not close (no group), or a bracket."""
_BORDER = re.compile(rb'\}\s*+(,)\s*+\{\s*+"(?:custom_id|params)"')
_BETWEEN = re.compile(rb"[\s,]*+")
_QUOTE = ord('"')
_OPENERS = frozenset(b"{[")


class Place(NamedTuple):
    """Where a request is in its file."""

    custom_id: str
    offset: int
    length: int


class _Named(msgspec.Struct, gc=False):
    custom_id: str


class _Asking(msgspec.Struct, gc=False):
    params: msgspec.Raw


_raws = msgspec.json.Decoder(list[msgspec.Raw])
_named = msgspec.json.Decoder(_Named)
_asking = msgspec.json.Decoder(_Asking)


def places(handle: IO[bytes]) -> Iterator[Place]:
    """Every request of a JSONL file, a JSON array, or of objects side by side; what has no id is left out."""
    start = len(BOM) if handle.read(len(BOM)) == BOM else 0
    handle.seek(start)
    for offset, raw in (_lines if _is_by_line(handle, start) else _values)(handle, start):
        custom_id = custom_id_of(raw)
        if custom_id:
            yield Place(custom_id, offset, len(raw))


def custom_id_of(raw: bytes) -> str:
    """What a request is called; empty where it has no name."""
    if found := _ID.match(raw):
        return found[1].decode("utf-8", "replace")
    try:
        return _named.decode(raw).custom_id
    except (ValueError, RecursionError):
        pass
    try:
        return identifier(table(loads(raw)).get("custom_id"))
    except Unreadable:
        return ""


def params_of(request: bytes) -> bytes | None:
    """The params of a request, as they stand there."""
    try:
        return bytes(_asking.decode(request).params)
    except (ValueError, RecursionError):
        pass
    try:
        params: Any = table(loads(request)).get("params")
        return None if params is None else json.dumps(params).encode()
    except (Unreadable, ValueError, RecursionError):
        return None


def _is_by_line(handle: IO[bytes], start: int) -> bool:
    """Whether the first line that is not blank is a whole object, of a length that lines have."""
    first = b""
    while not first.strip():
        first = handle.readline(BLOCK)
        if not first:
            break
    handle.seek(start)
    if first.lstrip()[:1] != b"{":
        return first.lstrip()[:1] != b"["
    try:
        msgspec.json.decode(first, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        return False
    return True


def _lines(handle: IO[bytes], offset: int) -> Iterator[tuple[int, bytes]]:
    for line in handle:
        bare = line.strip()
        if bare:
            yield offset + line.index(bare[:1]), bare
        offset += len(line)


def _values(handle: IO[bytes], base: int) -> Iterator[tuple[int, bytes]]:
    """The elements of a list by the handful, at the decoder's speed; what is left over bracket by bracket.

    A piece that ends where one request seems to end and the next to begin is decoded as a list: that only
    works if it does.
    """
    buffer = handle.read(BLOCK)
    while buffer.isspace():
        buffer, base = handle.read(BLOCK), base + len(buffer)
    depth = 0
    if buffer.lstrip()[:1] == b"[":
        begin = buffer.index(b"[") + 1
        buffer, base, depth = buffer[begin:], base + begin, 1
        while border := _last_border(buffer):
            try:
                raws = _raws.decode(b"[%b]" % buffer[:border])
            except (ValueError, RecursionError):
                break
            yield from _located(raws, buffer, base)
            begin = border + 1
            buffer, base = buffer[begin:] + handle.read(BLOCK), base + begin
    yield from _objects(handle, buffer, base, depth)


def _last_border(buffer: bytes) -> int:
    """Where the last comma between two requests seems to be; 0 if there is none."""
    for start in (max(len(buffer) - BLOCK // 16, 0), 0):
        if found := [match.start(1) for match in _BORDER.finditer(buffer, start)]:
            return found[-1]
    return 0


def _located(raws: list[msgspec.Raw], buffer: bytes, base: int) -> Iterator[tuple[int, bytes]]:
    at = 0
    for raw in map(bytes, raws):
        between = _BETWEEN.match(buffer, at)
        start = between.end() if between else at
        yield base + start, raw
        at = start + len(raw)


def _objects(handle: IO[bytes], buffer: bytes, base: int, depth: int) -> Iterator[tuple[int, bytes]]:
    """The outermost objects, found by counting brackets outside strings; whatever stands between them."""
    floor, at = depth, 0
    begin = -1
    while True:
        for token in _TOKEN.finditer(buffer, at):
            kind = buffer[token.start()]
            if kind == _QUOTE and not token.lastindex:
                at = token.start()  # the rest of this string is in the next block
                break
            at = token.end()
            if kind in _OPENERS:
                if depth == floor and kind == ord("{"):
                    begin = token.start()
                depth += 1
            elif kind != _QUOTE:
                depth = max(depth - 1, 0)
                if depth == floor and begin >= 0:
                    yield base + begin, buffer[begin:at]
                    begin = -1
        else:
            at = len(buffer)
        cut = begin if begin >= 0 else at
        buffer, base, at = buffer[cut:], base + cut, at - cut
        begin = min(begin, 0)
        # What is longer than a block is searched again only as it doubles.
        more = handle.read(max(BLOCK, len(buffer)))
        if not more:
            return
        buffer += more
