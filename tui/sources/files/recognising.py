"""What a file is, from its beginning: one clear sentence instead of a thousand complaints."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from ...model import FILES, RECORDS, TABLE
from ..basics.items import Finding
from .delimiters import NO_LAYOUT, Layout, is_table, layout
from .shapes import ONE_A_LINE, columns_of, foreign, kind_of
from .splitting import Broken, Splitter
from .tables import names

HEAD = 64 * 1024
LONG_HEAD = 4 << 20
"""Read where the first element does not end in the head."""

SAMPLES = 5
COLUMN_SAMPLES = 100
BOM = b"\xef\xbb\xbf"

LINES = "lines"
ARRAY = "array"
VALUES = "values"
TEXT = "text"

_WRAPPED = (
    (b"\x1f\x8b", "gzip, twice"),
    (b"PK\x03\x04", "zip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ", "xz"),
    (b"BZh", "bzip2"),
)
_OFFICE = (b"[Content_Types].xml", b"mimetypeapplication/")
"""Names at the beginning of documents that are zip files: Word, Excel, PowerPoint, OpenDocument, EPUB."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_MEDIA = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_JSON_NAMES = (".json", ".jsonl", ".ndjson")
_PROSE_NAMES = (".md", ".markdown", ".txt", ".text")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a file is, how to read it, or why not to."""

    kind: str = ""
    """One of KINDS; empty for a file with nothing in it."""
    form: str = TEXT
    """`lines`, `array` or `values` of JSON; `text` for everything else."""
    skip: int = 0
    """Bytes of a byte order mark."""
    layout: Layout = NO_LAYOUT
    """How it reads as a table."""
    columns: tuple[str, ...] = ()
    """Of a table, or of the first records."""
    seen: int = 0
    """JSON values that were whole."""
    unusable: Finding | None = None
    """Why it cannot be read, or is none of ours."""
    at: int = 1
    """The line of that; 0 is the file as a whole."""


def guess(head: bytes, name: str, kind: str = "", *, whole: bool) -> Guess:
    """Judge a file by its first bytes; `whole` says whether they are all there is.

    A kind that the user names is believed, as far as such a file can be read at all.
    """
    if head.startswith(_MEDIA) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return _media(kind)
    unusable = _not_text(head)
    if unusable is not None:
        return Guess(unusable=unusable)
    skip = len(BOM) if head.startswith(BOM) else 0
    text, name = head[skip:], name.lower().removesuffix(".gz")
    if not text.strip():
        return Guess(form=LINES, skip=skip)
    found = _by_content(text, name, whole) if not kind else _as_wanted(text, name, kind, whole)
    return replace(found, skip=skip)


def _by_content(text: bytes, name: str, whole: bool) -> Guess:
    found = _json(text, name, whole) if text.lstrip()[:1] in (b"{", b"[") else None
    return found or _plain(text, name, whole)


def _as_wanted(text: bytes, name: str, kind: str, whole: bool) -> Guess:
    if kind == FILES:
        return Guess(FILES)
    if kind == TABLE:
        found = layout(text.decode("utf-8", "replace"), name, whole=whole)
        return Guess(TABLE, layout=found, columns=names(found.head))
    if text.lstrip()[:1] not in (b"{", b"["):
        what = Finding("It is not JSON", "Name another kind: --kind table, or --kind files.")
        return Guess(kind, unusable=what)
    form = _form(text)
    samples = list(islice(_values(text, form, whole), COLUMN_SAMPLES))
    return Guess(kind, form, columns=tuple(columns_of(samples)), seen=len(samples))


def _media(kind: str) -> Guess:
    if kind in ("", FILES):
        return Guess(FILES)
    return Guess(kind, unusable=Finding("It is a PDF or an image", "Name another kind: --kind files."))


def _not_text(head: bytes) -> Finding | None:
    if head.startswith(b"PK\x03\x04") and any(name in head for name in _OFFICE):
        remedy = "Save it as PDF or as text, a spreadsheet as CSV (UTF-8)."
        return Finding("It is an office document or a book, packed as zip", remedy)
    for magic, kind in _WRAPPED:
        if head.startswith(magic):
            return Finding(f"It is compressed ({kind})", "Unpack it first.")
    halves = head[0:4:2], head[1:4:2]
    every_other = b"\0\0" in halves and any(0 not in half for half in halves)
    if head.startswith(_UTF16) or every_other:
        return Finding("It is UTF-16, not UTF-8", "Save it as UTF-8.")
    if b"\0" in head:
        return Finding("It is a binary file", "A source is text, a PDF or an image: PNG, JPEG, GIF or WebP.")
    return None


def _json(text: bytes, name: str, whole: bool) -> Guess | None:
    """The guess for what begins like JSON; None where it goes on like prose."""
    form = _form(text)
    samples = list(islice(_values(text, form, whole), COLUMN_SAMPLES))
    if not samples and name.endswith(_PROSE_NAMES):
        return None
    few = samples[:SAMPLES]
    kind = kind_of(few)
    columns = tuple(columns_of(samples)) if kind == RECORDS else ()
    return Guess(kind, form, columns=columns, seen=len(samples), unusable=foreign(few))


def _form(text: bytes) -> str:
    if text.lstrip().startswith(b"["):
        return ARRAY
    first, found, _ = text.lstrip().partition(b"\n")
    if first.strip() == b"{" or (not found and len(first) >= LONG_HEAD) or _two_on_a_line(first):
        return VALUES
    return LINES


def _two_on_a_line(line: bytes) -> bool:
    """Whether objects stand side by side with no line feed between them."""
    try:
        text = line.decode("utf-8", "ignore")
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and text[end:].lstrip().startswith("{")


def _values(text: bytes, form: str, whole: bool) -> Iterator[Any]:
    """The values at the beginning that are whole."""
    for raw in _lines(text, whole) if form == LINES else _elements(text, form):
        with contextlib.suppress(ValueError, RecursionError):
            yield json.loads(raw)


def _lines(text: bytes, whole: bool) -> Iterator[bytes]:
    return (line for line in io.BytesIO(text) if line.strip() and (whole or line.endswith(b"\n")))


def _elements(text: bytes, form: str) -> Iterator[bytes]:
    with contextlib.suppress(Broken):
        inside = text.lstrip()[1:] if form == ARRAY else text
        for _, raw, _ in Splitter(array=form == ARRAY).feed(inside):
            yield raw


def _plain(text: bytes, name: str, whole: bool) -> Guess:
    """The guess for text that does not begin like JSON."""
    if name.endswith(_JSON_NAMES):
        what = "a list of prompts" if text.lstrip()[:1] == b'"' else "plain text"
        return Guess(unusable=Finding(f"It seems to be {what}, not a list of requests", ONE_A_LINE))
    found = layout(text.decode("utf-8", "replace"), name, whole=whole)
    return Guess(TABLE, layout=found, columns=names(found.head)) if is_table(found, name) else Guess(FILES)
