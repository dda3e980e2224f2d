"""Rules for images and PDFs in a request: what they are, and how large they may be."""

from __future__ import annotations

import binascii
from collections.abc import Iterator

from ..model import WARNING
from .diagnosis import Finding, Path
from .params_blocks import Base64Image, Base64Pdf, Document, Image
from .params_fields import named

LARGEST_IMAGE = 10 * 1024 * 1024
"""Characters of an image in base64 (API documentation, vision)."""

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_PDF = b"%PDF-"
_PDF_WITHIN = 1024
"""Bytes in which a PDF begins; readers skip what comes before."""


def media(block: Image | Document, path: Path) -> Iterator[Finding]:
    """What is wrong with an image or a document that stands in the request itself."""
    source = block.source
    if not isinstance(source, Base64Image | Base64Pdf):
        return
    path = (*path, "source", "data")
    try:
        content = binascii.a2b_base64(source.data, strict_mode=True)
    except ValueError:
        yield _not_base64(source.data, path)
        return
    if not content:
        yield Finding(f"{named(path)} is empty", "Put the file there, in base64.", path=path)
    elif isinstance(source, Base64Image):
        yield from _image(source, content, path)
    elif _PDF not in content[:_PDF_WITHIN]:
        what = f"{named(path)} does not look like a PDF"
        yield Finding(what, "Look at what it was made of.", severity=WARNING, path=path)


def _image(source: Base64Image, content: bytes, path: Path) -> Iterator[Finding]:
    if len(source.data) > LARGEST_IMAGE:
        detail = f"It has {len(source.data) / 1e6:,.1f} MB in base64, of at most 10."
        remedy = "Make it smaller, or upload it and name its file_id."
        yield Finding(f"{named(path)} is too large for an image", remedy, detail=detail, path=path)
    found = _image_type(content)
    if not found:
        what = f"{named(path)} does not look like an image that the service reads"
        yield Finding(what, "Make it a JPEG, PNG, GIF or WebP.", severity=WARNING, path=path)
    elif found != source.media_type:
        place = (*path[:-1], "media_type")
        what = f"{named(place)} is {source.media_type}, but the image is {found}"
        yield Finding(what, f"Write {found}.", path=place)


def _image_type(content: bytes) -> str:
    """Media type by the first bytes; empty, if they are of none that the service reads."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _BEGINNINGS if content.startswith(start)), "")


def _not_base64(data: str, path: Path) -> Finding:
    if data.startswith("data:"):
        return Finding(f"{named(path)} is a data URL", "Keep what comes after the comma.", path=path)
    remedy = "Encode the whole file, and put it on one line."
    try:
        binascii.a2b_base64("".join(data.split()), strict_mode=True)
    except ValueError:
        return Finding(f"{named(path)} is not base64", remedy, path=path)
    what = f"{named(path)} is base64 with white space in it"
    return Finding(what, remedy, severity=WARNING, path=path)
