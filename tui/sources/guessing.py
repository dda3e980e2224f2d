"""What a file seems to be, from its beginning: one clear sentence instead of a thousand complaints."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .diagnosis import Finding
from .splitting import Broken, Splitter

HEAD = 64 * 1024
SAMPLES = 5
BOM = b"\xef\xbb\xbf"

ONE_A_LINE = 'Write one {"custom_id": …, "params": {…}} on each line.'

LINES = "lines"
ARRAY = "array"
VALUES = "values"

_WRAPPED = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ", "xz"),
    (b"BZh", "bzip2"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Guess:
    """How to read a file, or why not to."""

    form: str = LINES
    skip: int = 0
    """Bytes of a byte order mark."""
    finding: Finding | None = None


def guess(head: bytes, name: str) -> Guess:
    """Judge a file by its first bytes."""
    skip = len(BOM) if head.startswith(BOM) else 0
    text = head[skip:].lstrip()
    finding = _not_text(head) or (_plain(text, name) if text else None)
    if finding is not None:
        return Guess(finding=finding)
    form = _form(text)
    return Guess(form, skip, _foreign(list(islice(_objects(head[skip:], form), SAMPLES))))


def _not_text(head: bytes) -> Finding | None:
    for magic, kind in _WRAPPED:
        if head.startswith(magic):
            return Finding(f"It is compressed ({kind})", "Unpack it first.")
    if head.startswith(_UTF16) or b"\0\0" in (head[0:4:2], head[1:4:2]):
        return Finding("It is UTF-16, not UTF-8", "Save it as UTF-8.")
    if b"\0" in head or head.startswith(b"%PDF-"):
        return Finding("It is a binary file", "A source is a text file: " + ONE_A_LINE)
    return None


def _plain(text: bytes, name: str) -> Finding | None:
    """Text that does not even begin like JSON."""
    if text[:1] in b"{[":
        return None
    first = text.split(b"\n", 1)[0]
    if text[:1] == b'"' and not name.endswith((".csv", ".tsv")):
        return Finding("It seems to be a list of prompts, not of requests", ONE_A_LINE)
    if name.endswith((".csv", ".tsv")) or b"\t" in first or first.count(b",") > 2:
        return Finding(
            "It seems to be a table, not a list of requests", "Make a request of each row. " + ONE_A_LINE
        )
    return Finding("It seems to be plain text, not a list of requests", ONE_A_LINE)


def _form(text: bytes) -> str:
    if text.startswith(b"["):
        return ARRAY
    first = text.split(b"\n", 1)[0].strip()
    if first == b"{" or _two_on_a_line(first):
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


def _objects(head: bytes, form: str) -> Iterator[Any]:
    """The values at the beginning that are whole."""
    if form == LINES:
        whole = (
            line for line in io.BytesIO(head) if line.strip() and (line.endswith(b"\n") or len(head) < HEAD)
        )
    else:
        whole = (raw for _, raw in _feed(head, form))
    for raw in whole:
        try:
            yield json.loads(raw)
        except (ValueError, RecursionError):
            return


def _feed(head: bytes, form: str) -> Iterator[tuple[int, bytes]]:
    try:
        inside = head.lstrip()[1:] if form == ARRAY else head
        yield from Splitter(array=form == ARRAY).feed(inside)
    except Broken:
        return


def _foreign(samples: list[Any]) -> Finding | None:
    """The same well-known shape in every sample, if it is not ours."""
    shapes = {_shape(sample) for sample in samples}
    if len(shapes) != 1:
        return None
    (shape,) = shapes
    return Finding(f"It seems to be {shape[0]}, not a list of requests", shape[1]) if shape else None


def _shape(value: Any) -> tuple[str, str] | None:
    if isinstance(value, str):
        return "a list of prompts", ONE_A_LINE
    if not isinstance(value, dict) or {"custom_id", "params"} <= value.keys():
        return None
    keys = value.keys()
    if {"method", "url", "body"} <= keys:
        return (
            "an OpenAI batch",
            "Move body to params, drop method and url, set max_tokens and a Claude model.",
        )
    if "recordId" in keys and "modelInput" in keys:
        return (
            "an Amazon Bedrock batch",
            "Rename recordId to custom_id and modelInput to params, and name a model.",
        )
    if "custom_id" in keys and ("result" in keys or "response" in keys):
        return "the results of a batch", "Give the file that its requests were in."
    if isinstance(value.get("requests"), list):
        return "the body of a request", "Keep the list in “requests” alone."
    if "messages" in keys and "params" not in keys:
        return "a list of Messages requests", "Wrap each in params. " + ONE_A_LINE
    if "custom_id" not in keys and "params" not in keys:
        return "a list of records", "Make a request of each. " + ONE_A_LINE
    return None
