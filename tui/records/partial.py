"""The beginning of a long JSON line, made into JSON of its own: what is open at the cut is closed."""

from __future__ import annotations

import re

from .shapes import Unreadable, loads

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(")?|[{}\[\],]', re.DOTALL)
"""A whole string, or one that the bytes at hand do not close (no group), or what structures a document."""
_HALF_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3})?)$")
_CLOSERS = {ord("{"): b"}", ord("["): b"]"}
_QUOTE, _COMMA = ord('"'), ord(",")


def completed(head: bytes) -> bytes:
    """The bytes with their open strings, lists and objects closed; as they are where that gives no JSON."""
    closers: list[bytes] = []
    safe, in_string = 0, False
    for token in _TOKEN.finditer(head):
        kind = head[token.start()]
        if kind == _QUOTE:
            in_string = not token.lastindex
        elif kind == _COMMA:
            safe = token.start()
        else:
            safe = token.end()
            if kind in _CLOSERS:
                closers.append(_CLOSERS[kind])
            elif closers:
                closers.pop()
    end = b"".join(reversed(closers))
    # A key or a number may be cut, too: then the last pair or element is left out.
    for attempt in (_closed(head, in_string) + end, head[:safe] + end):
        if _is_json(attempt):
            return attempt
    return head


def _closed(head: bytes, in_string: bool) -> bytes:
    if not in_string:
        return head
    half = _HALF_ESCAPE.search(head, max(len(head) - 64, 0))
    if half:
        head = head[: half.start(1)]
    return head.decode("utf-8", "ignore").encode() + b'"'


def _is_json(document: bytes) -> bool:
    try:
        loads(document)
    except Unreadable:
        return False
    return True
