"""Rules for images and PDFs in a request: what they are, how large, and how many."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from typing import Any

from ...model import WARNING
from ..basics.items import Finding, Path, short
from ..files.folders import MOST_IMAGE as LARGEST_IMAGE
from ..params.blocks import Base64Image, Base64Pdf, Document, Image, UrlSource
from ..params.fields import named
from .pictures import is_cut, media_type, size

# All limits: API documentation, vision.
MOST_PIXELS = 8_000
"""Of either side."""
MANY = 20
"""Images of a request beyond which they have to be smaller."""
MANY_PIXELS = 2_000
"""Of either side, where there are many: with these it is safe; the limit itself is not published."""
MOST_IMAGES = 600
MOST_IMAGES_OF_SMALL = 100
"""Of one request, for models with a small window."""
SMALL_WINDOW = 200_000
"""Tokens."""

_PDF = b"%PDF-"
_PDF_END = b"%%EOF"
_PDF_WITHIN = 1024
"""Bytes in which a PDF begins; readers skip what comes before."""


def media(block: Image | Document, path: Path) -> Iterator[Finding]:
    """What is wrong with an image or a document that stands in the request, or with the link to it."""
    source = block.source
    if isinstance(source, UrlSource):
        yield from _link(source.url, (*path, "source", "url"))
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
    elif content.rfind(_PDF_END) < 0:
        yield _cut(path)


def _link(url: str, path: Path) -> Iterator[Finding]:
    """What the service is to fetch, which has to be where it can."""
    scheme = url.partition(":")[0].lower()
    detail = f"“{short(url)}”:"
    if scheme == "data":
        remedy = 'Write {"type": "base64", "media_type": …, "data": what comes after the comma}.'
        yield Finding(f"{named(path)} is a data URL", remedy, path=path)
    elif scheme not in ("https", "http"):
        remedy = "Put the file itself there, in base64, or a link that begins with https."
        yield Finding(f"{named(path)} is no link", remedy, detail=detail, path=path)
    elif scheme == "http":
        what = f"{named(path)} is a link without https"
        yield Finding(what, "The service may refuse to fetch it.", severity=WARNING, path=path)


def _image(source: Base64Image, content: bytes, path: Path) -> Iterator[Finding]:
    if len(source.data) > LARGEST_IMAGE:
        detail = f"It has {len(source.data) / 1e6:,.1f} MB in base64, of at most 10."
        remedy = "Make it smaller, or upload it and name its file_id."
        yield Finding(f"{named(path)} is too large for an image", remedy, detail=detail, path=path)
    found = media_type(content)
    if not found:
        what = f"{named(path)} does not look like an image that the service reads"
        yield Finding(what, "Make it a JPEG, PNG, GIF or WebP.", severity=WARNING, path=path)
    elif found != source.media_type:
        place = (*path[:-1], "media_type")
        what = f"{named(place)} is {source.media_type}, but the image is {found}"
        yield Finding(what, f"Write {found}.", path=place)
    if is_cut(content):
        yield _cut(path)
    width, height = size(content) or (0, 0)
    if max(width, height) > MOST_PIXELS:
        detail = f"{width:,} × {height:,} pixels, of at most {MOST_PIXELS:,} a side."
        yield Finding(f"{named(path)} is too large an image", "Make it smaller.", detail=detail, path=path)


def _cut(path: Path) -> Finding:
    remedy = "Look whether the whole file was there when it was encoded."
    return Finding(f"{named(path)} seems to be cut", remedy, severity=WARNING, path=path)


def number(images: list[tuple[Path, Image]], window: int) -> Iterator[Finding]:
    """What is wrong with how many images a request has; `window` is the model's, in tokens, 0 if unknown."""
    most = MOST_IMAGES_OF_SMALL if 0 < window <= SMALL_WINDOW else MOST_IMAGES
    if len(images) > most:
        what = "There are too many images in the request"
        detail = f"{len(images):,}, of at most {most}."
        yield Finding(what, "Make several requests of it.", detail=detail, path=images[most][0])
    if len(images) <= MANY:
        return
    for path, image in images:
        width, height = _size(image)
        if max(width, height) > MANY_PIXELS:
            what = f"{named(path)} may be too large among more than {MANY} images"
            detail = f"{width:,} × {height:,} pixels."
            remedy = f"Up to {MANY_PIXELS:,} a side are safe."
            yield Finding(what, remedy, 0, 0, WARNING, detail, path)


def _size(image: Image) -> tuple[int, int]:
    if not isinstance(image.source, Base64Image):
        return 0, 0
    try:
        return size(binascii.a2b_base64(image.source.data)) or (0, 0)
    except ValueError:
        return 0, 0


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


def images_of(messages: list[Any]) -> list[tuple[Path, Image]]:
    """All images of a request, those in what tools answered included, with their places."""
    found: list[tuple[Path, Image]] = []
    for index, message in enumerate(messages):
        _collect(getattr(message, "content", None), ("params", "messages", index, "content"), found)
    return found


def _collect(blocks: Any, path: Path, found: list[tuple[Path, Image]]) -> None:
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if isinstance(block, Image):
            found.append(((*path, index), block))
        else:
            _collect(getattr(block, "content", None), (*path, index, "content"), found)
