"""Files as rows, one each: text as it is, PDF and images as content blocks; a file at a time in memory."""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import PurePath
from typing import IO, Any, Protocol

from ...model import MOST_BYTES, WARNING
from ...text import size as as_size
from ..basics.items import Finding, Row
from .splitting import Broken

COLUMNS = ("file.name", "file.stem", "file.path", "file.suffix", "text")
"""What templates may use of a file; `text` is empty for a PDF or an image."""

MOST_IMAGE = 10 * 1024 * 1024
"""Bytes of one image in base64 (API documentation: 10 MB per image)."""
MOST_PDF = 32_000_000
"""Bytes of one PDF (API documentation: 32 MB per request)."""

PDF = "application/pdf"
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", PDF),
)
_HEAD = 16

Columns = dict[str, Any]


class File(Protocol):
    """What is asked of a file."""

    @property
    def name(self) -> str:
        """Its path below the folder that was given, or its name."""

    def open(self) -> IO[bytes]:
        """Its bytes; raises Broken."""


def rows(
    files: Iterable[File],
    numbers: Iterator[int] | None = None,
    *,
    most: int = MOST_BYTES,
    several: bool = True,
) -> Iterator[Row]:
    """A row for each file; `several` says whether problems must name it."""
    for number, file in zip(numbers or count(1), files, strict=False):
        columns = _columns(file.name)
        name = file.name if several else ""
        try:
            with file.open() as handle:
                text, blocks, findings = _content(handle, most)
        except Broken as broken:
            text, blocks, findings = "", (), (Finding(broken.what, broken.remedy),)
        yield Row(0, number, {**columns, "text": text}, blocks, findings, name)


def media_type(head: bytes) -> str:
    """What a file is by its first bytes, whatever it is called; empty for text and everything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")


def _columns(name: str) -> Columns:
    path = PurePath(name)
    return {"file": {"name": path.name, "stem": path.stem, "path": name, "suffix": path.suffix}}


_Content = tuple[str, tuple[dict[str, Any], ...], tuple[Finding, ...]]


def _content(handle: IO[bytes], most: int) -> _Content:
    """The text of a file, or its block, and what is wrong with it."""
    head = handle.read(_HEAD)
    kind = media_type(head)
    most = min(most, {"": most, PDF: MOST_PDF}.get(kind, MOST_IMAGE // 4 * 3))
    raw = head + handle.read(most + 1 - len(head))
    if len(raw) > most:
        return "", (), (_too_large(kind, most),)
    if not raw.strip():
        return "", (), (Finding("The file is empty", "Leave it out."),)
    if not kind:
        return _text(raw)
    block = {"type": "base64", "media_type": kind, "data": binascii.b2a_base64(raw, newline=False).decode()}
    return "", ({"type": "document" if kind == PDF else "image", "source": block},), tuple(_odd(kind, raw))


def _too_large(kind: str, most: int) -> Finding:
    if not kind:
        return Finding("The text is longer than a whole batch may be", f"Split it: {as_size(most)} at most.")
    what = "The PDF is too large" if kind == PDF else "The image is too large"
    return Finding(what, f"Make it smaller: {as_size(most)} at most.")


def _text(raw: bytes) -> _Content:
    if b"\0" in raw:
        return (
            "",
            (),
            (Finding("It is neither text, PDF nor an image", "Images are PNG, JPEG, GIF or WebP."),),
        )
    try:
        return raw.decode("utf-8-sig"), (), ()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return "", (), (Finding("It is not UTF-8", f"See line {line}; save the file as UTF-8."),)


def _odd(kind: str, raw: bytes) -> Iterator[Finding]:
    if kind == PDF and b"/Encrypt" in raw:
        yield Finding("The PDF seems to be encrypted", "Save it without a password.", severity=WARNING)
    if kind == PDF and b"%%EOF" not in raw[-1024:]:
        yield Finding("The PDF seems to be cut", "Its end is missing: get it whole.", severity=WARNING)
