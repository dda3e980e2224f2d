"""Images and files of other services as image and document blocks: data URLs taken apart, links kept."""

from __future__ import annotations

import binascii
import re
from typing import Any

from ..basics.items import Path, short
from .notes import Notes, rest, says, shown

Block = dict[str, Any]

IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
"""As the SDK's `Base64ImageSourceParam` has it."""

_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
_BEGINNINGS = {"/9j/": "image/jpeg", "iVBORw0KGg": "image/png", "R0lGOD": "image/gif", "UklGR": "image/webp"}
"""First letters of each format's magic number in base64."""
_DATA_URL = re.compile(r"data:([^;,\s]{0,100})([^,]{0,200}?)(;base64)?,", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*+={0,2}")

_IMAGE = frozenset({"type", "image_url", "detail", "file_id", "cache_control"})
_IMAGE_URL = frozenset({"url", "detail"})
_AROUND = frozenset({"type", "file", "cache_control"})
_FILE = frozenset({"file_data", "filename", "file_id", "file_url"})
_OUT_OF_REACH = "Put its content into the request: nobody but OpenAI has what was uploaded there."


def image(part: dict[str, Any], path: Path, notes: Notes) -> Block | None:
    """An `image_url` or `input_image` part as an image block."""
    rest(part, _IMAGE, path, notes, "an image")
    given = part.get("image_url")
    inner = given if isinstance(given, dict) else {"url": given}
    if isinstance(given, dict):
        rest(given, _IMAGE_URL, (*path, "image_url"), notes, "an image")
    for detail in (part.get("detail"), inner.get("detail")):
        if says(detail) and detail != "auto":
            notes.warn(path, "The detail of an image was left out", "Claude sees each in one resolution.")
    url = inner.get("url")
    if not says(url) and says(part.get("file_id")):
        notes.error((*path, "file_id"), "An image is a file of OpenAI’s", _OUT_OF_REACH)
    elif not isinstance(url, str):
        notes.wrong((*path, "image_url"), "The URL of an image", "a string", url)
    else:
        source = _image_source(url, (*path, "image_url"), notes)
        return _with_cache({"type": "image", "source": source}, part) if source else None
    return None


def document(part: dict[str, Any], path: Path, notes: Notes) -> Block | None:
    """A `file` or `input_file` part as a document block."""
    rest(part, _AROUND if "file" in part else _AROUND | _FILE, path, notes, "a file")
    inner = part.get("file", part)
    if not isinstance(inner, dict):
        notes.wrong((*path, "file"), "file", "an object", inner)
        return None
    if inner is not part:
        rest(inner, _FILE, (*path, "file"), notes, "a file")
    data, url = inner.get("file_data"), inner.get("file_url")
    source: Block | None = None
    if isinstance(data, str) and data:
        source = _pdf(data, path, notes)
    elif isinstance(url, str) and url:
        source = _link(url, path, notes, "A file")
    elif says(inner.get("file_id")):
        notes.error(path, "A file is at OpenAI’s", _OUT_OF_REACH)
    else:
        notes.error(path, "A file has no content", "Give file_data, a data URL of a PDF.")
    title = notes.text(inner, "filename", path, "filename")
    named = {"title": title} if title else {}
    return _with_cache({"type": "document", "source": source, **named}, part) if source else None


def _image_source(url: str, path: Path, notes: Notes) -> Block | None:
    found = _DATA_URL.match(url)
    if found is None:
        return _link(url, path, notes, "An image")
    said = found[1].lower()
    data = _base64(url, found, path, notes)
    if data is None:
        return None
    seen = next((name for begin, name in _BEGINNINGS.items() if data.startswith(begin)), None)
    media = seen or _ALIASES.get(said, said)
    if media not in IMAGES:
        what = "An image is of a format that Claude does not read"
        detail = f"It is {short(said) or 'of none that it names'}."
        notes.error(path, what, "Make a JPEG, PNG, GIF or WebP of it.", detail)
        return None
    if seen and seen != _ALIASES.get(said, said):
        what = "An image is of another format than its data URL says"
        notes.warn(path, what, detail=f"It goes as {seen}.")
    return {"type": "base64", "media_type": media, "data": data}


def _pdf(url: str, path: Path, notes: Notes) -> Block | None:
    found = _DATA_URL.match(url)
    if found is None:
        notes.error(path, "The data of a file is no data URL", "Write data:application/pdf;base64,…")
        return None
    if found[1].lower() != "application/pdf":
        detail = f"It is {short(found[1]) or 'of no type that it names'}."
        notes.error(path, "A file is no PDF", "Put its text into the prompt.", detail)
        return None
    data = _base64(url, found, path, notes)
    return None if data is None else {"type": "base64", "media_type": "application/pdf", "data": data}


def _base64(url: str, found: re.Match[str], path: Path, notes: Notes) -> str | None:
    """The data behind the comma, in the one spelling that the service takes."""
    data = url[found.end() :]
    if found[3] and not (_BASE64.fullmatch(data) and len(data) % 4 == 0):
        data = _mended("".join(data.split()))
    if not found[3] or not data:
        notes.error(path, "A data URL holds no base64", "Write data:TYPE;base64,…")
        return None
    return data


def _mended(data: str) -> str:
    """Base64 with the letters of URLs, or without its padding, in the usual spelling; empty if it is none."""
    data = data.replace("-", "+").replace("_", "/").rstrip("=")
    data += "=" * (-len(data) % 4)
    try:
        binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        return ""
    return data


def _link(url: str, path: Path, notes: Notes, what: str) -> Block | None:
    scheme = url.partition(":")[0].lower()
    if scheme not in ("https", "http"):
        notes.error(path, f"{what} is neither a data URL nor a link", detail=f"It is “{shown(url)}”.")
        return None
    if scheme == "http":
        notes.warn(path, f"{what} is a link without https", "The service may refuse to fetch it.")
    return {"type": "url", "url": url}


def _with_cache(block: Block, part: dict[str, Any]) -> Block:
    marked = part.get("cache_control")
    return {**block, "cache_control": marked} if isinstance(marked, dict) else block
