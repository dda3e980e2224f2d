"""One result to read: its answer as blocks, its error, its usage, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..model import CANCELED, EXPIRED, SUCCEEDED, UNREADABLE, IndexRow
from .advice import advice
from .blocks import LONGEST_JSON, Block, indented, read
from .partial import completed
from .shapes import Unreadable, contents, fault, identifier, loads, result_of, table, text


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
    is_cut: bool = False
    """Only the beginning of a long line was looked at."""


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


_CUT_AT_ONCE = Block("json", "{}")
"""What is left of a block that was cut before it said anything."""


def parse_beginning(head: bytes, row: IndexRow) -> ResultView:
    """A result of which only the first bytes were read; what stands after them the index knows."""
    view = parse_result(completed(head))
    if view.outcome == UNREADABLE and row.outcome != UNREADABLE:
        view = replace(view, blocks=(Block("notice", "The beginning of this line says nothing by itself."),))
    blocks = tuple(block for block in view.blocks if block != _CUT_AT_ONCE)
    counted = (
        ("input_tokens", row.input_tokens),
        ("cache_creation_input_tokens", row.cache_write_5m + row.cache_write_1h),
        ("cache_read_input_tokens", row.cache_read),
        ("output_tokens", row.output_tokens),
    )
    return replace(
        view,
        blocks=blocks,
        custom_id=row.custom_id,
        outcome=row.outcome,
        model=row.model,
        stop_reason=row.stop_reason,
        error_type=row.error_type,
        error_message=row.error_message,
        usage=counted,
        advice=advice(row.outcome, row.stop_reason, row.error_type, row.error_message, not row.first_words),
        is_cut=True,
    )


def pretty(raw: bytes, limit: int) -> str:
    """JSON with line breaks and indents, cut after `limit` characters; other bytes as text."""
    try:
        return indented(loads(raw), limit)
    except Unreadable:
        return raw[: limit * 4].decode("utf-8", "replace")[:limit]


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
        yield from read(block)
    details = table(answer.get("stop_details"))
    said = [text(details.get(key)) for key in ("category", "explanation")]
    if any(said):
        yield Block("notice", " – ".join(part for part in said if part), text(details.get("type")))


def _error(error: Any, kind: str, message: str) -> Iterator[Block]:
    if kind or message:
        yield Block("error", message, kind)
    elif error:
        yield Block("json", indented(error), "error")


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
    return Block("json", indented(result), outcome)


def _request_id(result: dict[str, Any]) -> str:
    error = table(result.get("error"))
    return identifier(error.get("request_id")) or identifier(table(error.get("error")).get("request_id"))


def _counts(usage: Any, prefix: str = "") -> Iterator[tuple[str, int]]:
    for name, value in table(usage).items():
        if isinstance(value, dict) and not prefix:
            yield from _counts(value, f"{text(name)}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18:
            yield prefix + text(name), int(value)
