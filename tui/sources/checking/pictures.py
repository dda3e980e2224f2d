"""What the bytes of an image say it is, and how large; only of the formats that the service reads."""

from __future__ import annotations

import struct
from collections.abc import Callable

Size = tuple[int, int]
"""Width and height in pixels."""

_PNG = struct.Struct(">16xII")
_GIF = struct.Struct("<6xHH")
_JPEG = struct.Struct(">xHH")
_SEGMENT = struct.Struct(">BBH")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG segments that begin a frame."""
_ALONE = frozenset({0x01, *range(0xD0, 0xDA)})
"""Markers without a segment."""
_ENDS = {"image/png": b"IEND", "image/jpeg": b"\xff\xd9"}


def media_type(content: bytes) -> str:
    """Media type by the first bytes; empty, if they are of no such format."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def size(content: bytes) -> Size | None:
    """How large an image is; None where its bytes do not say."""
    read = _SIZES.get(media_type(content))
    try:
        return read(content) if read is not None else None
    except (struct.error, IndexError):
        return None


def is_cut(content: bytes) -> bool:
    """Whether the end of an image is surely missing; of some formats nobody can tell."""
    kind = media_type(content)
    if kind == "image/webp":
        return int.from_bytes(content[4:8], "little") > len(content) - 8
    end = _ENDS.get(kind)
    return end is not None and content.rfind(end) < 0  # behind it, there may be anything


def _png(content: bytes) -> Size | None:
    return _PNG.unpack_from(content) if content[12:16] == b"IHDR" else None


def _gif(content: bytes) -> Size | None:
    width, height = _GIF.unpack_from(content)
    return width, height


def _jpeg(content: bytes) -> Size | None:
    at = 2
    while True:
        start, marker, length = _SEGMENT.unpack_from(content, at)
        if start != 0xFF:
            return None
        if marker == 0xFF or marker in _ALONE:  # fill bytes, or no segment
            at += 1 if marker == 0xFF else 2
        elif marker in _FRAMES:
            height, width = _JPEG.unpack_from(content, at + 4)
            return width, height
        else:
            at += 2 + length


def _webp(content: bytes) -> Size | None:
    form, data = content[12:16], content[20:30]
    if form == b"VP8X":
        return _three(data[4:7]) + 1, _three(data[7:10]) + 1
    if form == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 6)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _three(data: bytes) -> int:
    return int.from_bytes(data, "little")


_SIZES: dict[str, Callable[[bytes], Size | None]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
}
