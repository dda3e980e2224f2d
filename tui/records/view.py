"""One result to read: its answer as blocks, its error, its usage, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model import CANCELED, EXPIRED, SUCCEEDED, UNREADABLE
from ..text import sound
from .advice import advice
from .shapes import Unreadable, contents, fault, identifier, loads, result_of, table, text

LONGEST_JSON = 200_000
"""Characters of pretty-printed JSON in one block; more is nobody's reading."""


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a result, in the order it was sent; raw text, to be cleaned before it is shown."""

    kind: str
    """`text`, `thinking`, `tool_use`, `citations`, `error`, `json` (unknown to us) or `notice` (our words)"""
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ResultView:
    """A result ready to be shown; what it lacks is empty."""

    custom_id: str = ""
    outcome: str = UNREADABLE
    model: str = ""
    stop_reason: str = ""
    blocks: tuple[Block, ...] = ()
    error_type: str = ""
    error_message: str = ""
    request_id: str = ""
    usage: tuple[tuple[str, int], ...] = ()
    """Every count of the answer's usage as named by the API, nested ones with a dot."""
    advice: str = ""
    """What to do next, in a sentence; empty for a whole answer."""


def read_line(path: Path, offset: int, length: int, limit: int | None = None) -> bytes:
    """The bytes of one line, at most `limit` of them; fewer where the file has become shorter."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length if limit is None else min(length, limit))


def parse_result(raw: bytes) -> ResultView:
    """One line of results taken apart; never raises, whatever the bytes are."""
    try:
        custom_id, result = result_of(loads(raw))
    except Unreadable as problem:
        return _unreadable(raw, str(problem))
    outcome = text(result.get("type"))
    answer = table(result.get("message"))
    stop_reason = text(answer.get("stop_reason"))
    error_type, error_message = fault(result.get("error"))
    blocks = [*_answer(answer), *_error(result.get("error"), error_type, error_message)]
    if not blocks:
        blocks = [_notice(outcome, result)]
    is_empty = not any(map(_is_answer, blocks))
    return ResultView(
        custom_id=custom_id,
        outcome=outcome,
        model=text(answer.get("model")),
        stop_reason=stop_reason,
        blocks=tuple(blocks),
        error_type=error_type,
        error_message=error_message,
        request_id=_request_id(result),
        usage=tuple(_counts(answer.get("usage"))),
        advice=advice(outcome, stop_reason, error_type, error_message, is_empty),
    )


def pretty(raw: bytes, limit: int) -> str:
    """JSON with line breaks and indents, cut after `limit` characters; other bytes as text."""
    try:
        return _pretty(loads(raw), limit)
    except Unreadable:
        return raw[: limit * 4].decode("utf-8", "replace")[:limit]


def _pretty(value: Any, limit: int = LONGEST_JSON) -> str:
    pieces: list[str] = []
    room = limit
    try:
        for piece in json.JSONEncoder(ensure_ascii=False, indent=2).iterencode(value):
            pieces.append(piece[:room])
            room -= len(piece)
            if room <= 0:
                break
    except (ValueError, RecursionError):
        # Numbers of thousands of digits and thousands of levels are legal JSON that Python will not write.
        pieces.append(" …")
    return sound("".join(pieces))


def _unreadable(raw: bytes, problem: str) -> ResultView:
    return ResultView(
        blocks=(
            Block("notice", f"This line cannot be read as a result: {problem}."),
            Block("json", pretty(raw, LONGEST_JSON), "as received"),
        ),
        error_message=problem,
        advice=advice(UNREADABLE, "", "", "", False),
    )


def _answer(answer: dict[str, Any]) -> Iterator[Block]:
    for block in contents(answer.get("content")):
        yield from _content(block)
    details = table(answer.get("stop_details"))
    said = [text(details.get(key)) for key in ("category", "explanation")]
    if any(said):
        yield Block("notice", " – ".join(part for part in said if part), text(details.get("type")))


def _content(block: dict[str, Any]) -> Iterator[Block]:
    kind = text(block.get("type"))
    if kind in ("text", "") and isinstance(block.get("text"), str):
        yield Block("text", text(block["text"]))
        if cited := _citations(block.get("citations")):
            yield Block("citations", cited)
    elif kind == "thinking":
        yield Block("thinking", text(block.get("thinking")) or "(not shown by the service)")
    elif kind == "redacted_thinking":
        yield Block("thinking", "(encrypted by the service)")
    elif kind.endswith("tool_use"):
        yield Block("tool_use", _pretty(block.get("input")), text(block.get("name")))
    else:
        yield Block("json", _pretty(block), kind)


def _citations(value: Any) -> str:
    lines = []
    for number, citation in enumerate(contents(value), 1):
        names = ("title", "document_title", "source", "url")
        places = list(dict.fromkeys(filter(None, (text(citation.get(name)) for name in names))))
        quote = text(citation.get("cited_text")).strip()
        where = " · ".join(places) or text(citation.get("type"))
        parts = (f"{number}.", where, _span(citation), f"“{quote}”" if quote else "")
        lines.append(" ".join(part for part in parts if part))
    return "\n".join(lines)


def _span(citation: dict[str, Any]) -> str:
    """The pages of a citation, which people look up; character positions help nobody."""
    first, after = citation.get("start_page_number"), citation.get("end_page_number")
    if not isinstance(first, int):
        return ""
    # API documentation: the end of a page range is the page after its last.
    last = after - 1 if isinstance(after, int) else first
    return f"(page {first})" if last <= first else f"(pages {first}–{last})"


def _error(error: Any, kind: str, message: str) -> Iterator[Block]:
    if kind or message:
        yield Block("error", message, kind)
    elif error:
        yield Block("json", _pretty(error), "error")


def _is_answer(block: Block) -> bool:
    if block.kind == "json":
        return block.title not in ("text", "")  # a text block without its text is shown, but says nothing
    return block.kind not in ("thinking", "notice") and bool(block.text.strip())


def _notice(outcome: str, result: dict[str, Any]) -> Block:
    if outcome == SUCCEEDED:
        return Block("notice", "The answer is empty.")
    if outcome == CANCELED:
        return Block("notice", "This request was canceled before the model worked on it.")
    if outcome == EXPIRED:
        return Block("notice", "This request was not processed within the batch's 24 hours.")
    return Block("json", _pretty(result), outcome)


def _request_id(result: dict[str, Any]) -> str:
    error = table(result.get("error"))
    return identifier(error.get("request_id")) or identifier(table(error.get("error")).get("request_id"))


def _counts(usage: Any, prefix: str = "") -> Iterator[tuple[str, int]]:
    for name, value in table(usage).items():
        if isinstance(value, dict) and not prefix:
            yield from _counts(value, f"{text(name)}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18:
            yield prefix + text(name), int(value)
