"""The parts of a message's content as blocks of the Messages API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..basics.items import Path, short
from .media import Block, document, image
from .notes import Notes, rest, says

TEXTS = frozenset({"text", "input_text", "output_text", "refusal"})
NATIVE = frozenset(
    {
        "image",
        "document",
        "search_result",
        "thinking",
        "redacted_thinking",
        "tool_use",
        "tool_result",
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
        "container_upload",
    }
)
"""Blocks of the Messages API itself (SDK, `MessageContentParam`): they stay as they are."""

_MEDIA: dict[str, Callable[[dict[str, Any], Path, Notes], Block | None]] = {
    "image_url": image,
    "input_image": image,
    "file": document,
    "input_file": document,
}
_KNOWN = TEXTS | NATIVE | _MEDIA.keys()
USER = _KNOWN
ASSISTANT = TEXTS | NATIVE - {"image", "document"}
SYSTEM = TEXTS
"""What may be in the content of each role."""

_REMEDIES = {
    "input_audio": "Claude does not listen: give what is said as text.",
    "audio": "Claude does not listen: give what is said as text.",
    "video_url": "Claude watches no video: give images of it.",
}
_TEXT = frozenset({"type", "text", "cache_control", "citations"})
_OUTPUT = frozenset({"type", "text"})
_REFUSAL = frozenset({"type", "refusal"})


def content(value: object, path: Path, notes: Notes, may: frozenset[str] = USER) -> str | list[Block]:
    """The content of a message: a string as it is, a list of parts, of types it may have, as blocks."""
    if isinstance(value, str):
        return value
    if value is None:
        notes.error(path, "A message has no content")
        return ""
    if not isinstance(value, list):
        notes.wrong(path, "content", "a string or a list", value)
        return ""
    found = [_block(part, (*path, number), notes, may) for number, part in enumerate(value)]
    return [block for block in found if block is not None]


def _block(part: object, path: Path, notes: Notes, may: frozenset[str]) -> Block | None:
    if isinstance(part, str):
        return words(part)
    if not isinstance(part, dict):
        notes.wrong(path, "A part of content", "an object", part)
        return None
    named = part.get("type")
    if not isinstance(named, str):
        notes.error(path, "Each part of content needs a type")
    elif named not in may:
        here = " here" if named in _KNOWN else ""
        remedy = _REMEDIES.get(named, "Take it out.")
        notes.error(path, f"A part of type {short(named)} has no counterpart{here}", remedy)
    elif named in TEXTS:
        return _text(part, named, path, notes)
    elif named in _MEDIA:
        return _MEDIA[named](part, path, notes)
    else:
        return part
    return None


def _text(part: dict[str, Any], named: str, path: Path, notes: Notes) -> Block | None:
    key = "refusal" if named == "refusal" else "text"
    value = part.get(key)
    if not isinstance(value, str):
        notes.wrong((*path, key), f"The {key} of a part", "a string", value)
        return None
    known = {"text": _TEXT, "input_text": _TEXT, "refusal": _REFUSAL}.get(named, _OUTPUT)
    rest(part, known, path, notes, f"a part of type {named}")
    block = words(value)
    if block is None or known is not _TEXT:
        return block
    return block | {name: part[name] for name in ("cache_control", "citations") if says(part.get(name))}


def words(value: str) -> Block | None:
    """A text as a block; None for an empty one, which says nothing and which the service refuses."""
    return {"type": "text", "text": value} if value else None
