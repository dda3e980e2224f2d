"""Everything that one line of results says, as decoded texts: what a search looks at.

Texts and thoughts of the answer, names and inputs of tools, what is cited and where from, errors with their
types, the custom_id; of a line that is no result, the line itself. Not the API's own words around it
(`end_turn`, model names, counts), nor what nobody can read (ids, signatures, encrypted parts).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from ...text import sound
from ..shapes import Fault, Unreadable, contents, fault, identifier, result_of, table

_CITED = ("cited_text", "title", "document_title", "source", "url")
_PLAIN = frozenset(("text", "thinking", "redacted_thinking", "", None))
_OPAQUE = frozenset(("type", "id", "tool_use_id", "file_id", "container_id", "signature", "data"))


class _Citation(msgspec.Struct, gc=False):
    cited_text: str | None = None
    title: str | None = None
    document_title: str | None = None
    source: str | None = None
    url: str | None = None


class _Content(msgspec.Struct, gc=False):
    type: str | None = ""
    text: str | None = None
    thinking: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw(b"")
    citations: list[_Citation] | None = None


class _StopDetails(msgspec.Struct, gc=False):
    explanation: str | None = None


class _Message(msgspec.Struct, gc=False):
    content: list[_Content] | None = None
    stop_details: _StopDetails | None = None


class _Result(msgspec.Struct, gc=False):
    type: str
    message: _Message | None = None
    error: Fault | None = None


class _Line(msgspec.Struct, gc=False):
    custom_id: str
    result: _Result


class _Unusual(Exception):
    """The fast way cannot take this line; the thorough one can."""


_decode = msgspec.json.Decoder(_Line).decode
_decode_input = msgspec.json.Decoder(float_hook=str).decode  # a number is found as it is written


def said(raw: bytes) -> list[str]:
    """The texts of a line; never raises, whatever the bytes are."""
    try:
        return _typed(_decode(raw))
    except (ValueError, RecursionError, _Unusual):  # all of msgspec's errors, and bytes that are not UTF-8
        pass
    try:
        return [sound(each) for each in _lenient(raw) if each]
    except Unreadable:
        return [raw.decode("utf-8", "replace")]


def _typed(line: _Line) -> list[str]:
    texts = [line.custom_id]
    message, error = line.result.message, line.result.error
    if message is not None:
        for block in message.content or ():
            if block.text is not None and block.type == "text" and block.citations is None:
                texts.append(block.text)  # nearly all there are
            else:
                texts += _block(block)
        if message.stop_details is not None:
            texts.append(message.stop_details.explanation or "")
    if error is not None:
        texts += (error.inner.type or "", error.inner.message or "")
    return [each for each in texts if each]


def _block(block: _Content) -> Iterator[str]:
    if block.type not in _PLAIN:
        if not (block.type or "").endswith("tool_use"):
            raise _Unusual
        yield block.name or ""
        yield from _everything(_decode_input(block.input)) if block.input else ()
    yield block.text or ""
    yield block.thinking or ""
    for citation in block.citations or ():
        yield from (getattr(citation, name) or "" for name in _CITED)


def _lenient(raw: bytes) -> Iterator[str]:
    custom_id, result = result_of(_loads(raw))
    yield custom_id
    message = table(result.get("message"))
    for block in contents(message.get("content")):
        yield from _unusual_block(block)
    yield identifier(table(message.get("stop_details")).get("explanation"))
    yield from fault(result.get("error"))


def _loads(raw: bytes) -> Any:
    """As `shapes.loads`, but numbers stay as they are written."""
    try:
        return json.loads(
            raw.decode("utf-8-sig", "replace"),
            strict=False,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
        )
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None


def _unusual_block(block: dict[str, Any]) -> Iterator[str]:
    kind = identifier(block.get("type"))
    if kind.endswith("tool_use"):
        yield identifier(block.get("name"))
        yield from _everything(block.get("input"))
    elif kind not in _PLAIN:
        yield from _values(block)
        return
    yield identifier(block.get("text"))
    yield identifier(block.get("thinking"))
    for citation in contents(block.get("citations")):
        yield from (identifier(citation.get(name)) for name in _CITED)


def _everything(value: Any) -> Iterator[str]:
    """Every text, number and key within; without recursion, for inputs may be as deep as they like."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            yield from each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, int) and not isinstance(each, bool):
            yield str(each)


def _values(block: dict[str, Any]) -> Iterator[str]:
    """The texts and numbers of a block that is not known, or that a server tool returned."""
    waiting: list[Any] = [block]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += (part for key, part in each.items() if not _is_opaque(key))
        elif isinstance(each, list):
            waiting += each


def _is_opaque(key: str) -> bool:
    return key in _OPAQUE or key.startswith("encrypted_")
