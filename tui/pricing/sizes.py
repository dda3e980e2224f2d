"""How much text is in a piece of JSON: the data of images and documents is none, however long it is."""

from __future__ import annotations

import re

ENVELOPE = 100
"""Bytes of a short request that are names and braces, and no text."""
LEAST = 8
"""The smallest size of a request: even a word has its role and its place."""
IMAGE = 5_600
"""An image has about as many tokens as so many bytes of text, however large its file is."""
DOCUMENT = 8
"""Bytes of a PDF's base64 that count for one of text, roughly: pages differ a hundredfold."""

_DATA = re.compile(rb'"data"\s*:\s*"([A-Za-z0-9+/]{64})')
_LINK = re.compile(rb'"type"\s*:\s*"(?:url|file)"')
_PDF = b"JVBERi0"
"""`%PDF-` in base64."""


def media(raw: bytes) -> tuple[int, int]:
    """Bytes of base64 in a piece of JSON, and of how many bytes of text those have the tokens."""
    data = worth = 0
    at = raw.find(b'"data"')
    while at >= 0:
        found = _DATA.match(raw, at)
        end = raw.find(b'"', found.end()) if found else at + 1
        if found:
            length = (end if end >= 0 else len(raw)) - found.start(1)
            data += length
            worth += length // DOCUMENT if found[1].startswith(_PDF) else IMAGE
        at = raw.find(b'"data"', end) if end >= 0 else -1
    return data, worth


def is_linked(raw: bytes) -> bool:
    """Whether it may have images or documents behind links or ids: their size is not in it."""
    return _LINK.search(raw) is not None


def text_size(raw: bytes) -> int:
    """Bytes of text in a piece of JSON, its media counted for as much text as has their tokens."""
    data, worth = media(raw)
    return len(raw) - data + worth


def measure(raw: bytes) -> tuple[int, int]:
    """The size of a request as it is sent (see `scaling.Load`), and its bytes that are base64."""
    data, worth = media(raw)
    return max(len(raw) - data + worth - ENVELOPE, LEAST), data
