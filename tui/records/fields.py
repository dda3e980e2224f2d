"""One line of results read as data: a tool's input, or the JSON in what the answer says."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from ..model import SUCCEEDED
from .cells import flatten, indexed, is_derived
from .readings import (
    BROKEN,
    CUT,
    HOWS,
    LONGEST_TEXT,
    NO_ANSWER,
    READ,
    TOO_LONG,
    TOOL,
    Extracted,
    lenient,
    read_text,
    whole,
)
from .shapes import Unreadable, contents, result_of, table, text

__all__ = [
    "HOWS",
    "LONGEST_LINE",
    "READ",
    "TOO_LONG",
    "Extracted",
    "extract",
    "flatten",
    "indexed",
    "is_derived",
    "read_text",
]

LONGEST_LINE = 16_000_000
"""Bytes of a line; decoding more at once would hold up the screen."""

_CUT_STOPS = ("max_tokens", "model_context_window_exceeded")


class Block(msgspec.Struct, gc=False):
    """One content block, as far as data can be in it."""

    type: str | None = ""
    text: str | None = None
    input: msgspec.Raw = msgspec.Raw(b"")


class Message(msgspec.Struct, gc=False):
    """The answer of a succeeded result."""

    stop_reason: str | None = None
    content: list[Block] | None = None


class _Result(msgspec.Struct, gc=False):
    type: str
    message: Message | None = None


class _Line(msgspec.Struct, gc=False):
    result: _Result


_typed = msgspec.json.Decoder(_Line)


def extract(raw: bytes) -> Extracted:
    """The data in one line of results; never raises, whatever the bytes are."""
    if len(raw) > LONGEST_LINE:
        return Extracted(TOO_LONG)
    try:
        message = _message(raw)
    except (Unreadable, ValueError, RecursionError) as problem:
        return Extracted(NO_ANSWER, reason=str(problem))
    if message is None:
        return Extracted(NO_ANSWER)
    is_cut = message.stop_reason in _CUT_STOPS
    blocks = message.content or []
    return _tool(blocks, is_cut) or read_text(_said(blocks), is_cut=is_cut)


def _message(raw: bytes) -> Message | None:
    try:
        result = _typed.decode(raw).result
        return result.message if result.type == SUCCEEDED else None
    except (ValueError, RecursionError):
        _, result_data = result_of(lenient.decode(raw.decode("utf-8-sig", "replace").strip()))
    if result_data["type"] != SUCCEEDED:
        return None
    answer = table(result_data.get("message"))
    blocks = [
        Block(text(each.get("type")), text(each.get("text")), msgspec.Raw(_again(each.get("input"))))
        for each in contents(answer.get("content"))
    ]
    return Message(text(answer.get("stop_reason")), blocks)


def _again(value: Any) -> bytes:
    # Lone surrogates are kept by this encoder as the escapes they came as.
    return json.dumps(value).encode() if isinstance(value, dict) else b""


def _tool(blocks: list[Block], is_cut: bool) -> Extracted | None:
    for block in blocks:
        raw = bytes(block.input) if block.type == "tool_use" else b""
        if raw.startswith(b"{"):
            if is_cut and block is blocks[-1]:
                return Extracted(CUT, reason="the tool's input may not be whole")
            if len(raw) > LONGEST_TEXT:
                return Extracted(TOO_LONG)
            data = whole(raw.decode("utf-8", "replace"))
            return Extracted(TOOL, data) if isinstance(data, dict) else Extracted(BROKEN)
    return None


def _said(blocks: list[Block]) -> str:
    """Its text: blocks next to each other are one text cut up for citations, others are apart."""
    if len(blocks) == 1 and blocks[0].type in ("text", "", None):
        return blocks[0].text or ""
    return "".join((each.text or "") if each.type in ("text", "", None) else "\n" for each in blocks)
