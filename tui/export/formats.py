"""From a line of results to the bytes of an export."""

from __future__ import annotations

import csv
import io
from typing import Protocol

from ..model import IndexRow
from ..records import ResultView, parse_result

COLUMNS = (
    "custom_id",
    "outcome",
    "stop_reason",
    "text",
    "error_type",
    "error_message",
    "model",
    "input_tokens",
    "output_tokens",
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula, in the full-width forms it also reads."""


class Format(Protocol):
    """How one kind of export looks."""

    head: bytes

    def line(self, row: IndexRow, raw: bytes) -> bytes:
        """One result, its line break included."""
        ...


class Jsonl:
    """The lines as the service sent them."""

    head = b""

    def line(self, row: IndexRow, raw: bytes) -> bytes:
        """The very bytes."""
        return raw + b"\n"


class Csv:
    """A table for spreadsheets: one row a result, the answer's text in a cell."""

    def __init__(self) -> None:
        self._buffer = io.StringIO(newline="")
        self._writer = csv.writer(self._buffer)
        self.head = self._row(COLUMNS)

    def line(self, row: IndexRow, raw: bytes) -> bytes:
        """The row's fields, with the whole text and message out of the line itself."""
        view = parse_result(raw)
        cells = (
            row.custom_id,
            row.outcome,
            row.stop_reason,
            _text(view),
            view.error_type or row.error_type,
            view.error_message or row.error_message,
            row.model,
        )
        return self._row((*map(guarded, cells), row.input_tokens, row.output_tokens))

    def _row(self, cells: tuple[object, ...]) -> bytes:
        self._writer.writerow(cells)
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        # An escaped lone surrogate is a legal JSON string, but nothing that UTF-8 can carry.
        return text.encode("utf-8", "backslashreplace")


def _text(view: ResultView) -> str:
    """What it says; of an answer that only calls tools, the calls."""
    said = "".join(block.text for block in view.blocks if block.kind == "text")
    return said or "\n".join(
        f"{block.title} {block.text}".strip() for block in view.blocks if block.kind == "tool_use"
    )


def guarded(cell: str) -> str:
    """The cell with an apostrophe before anything a spreadsheet would compute."""
    return "'" + cell if cell.lstrip(" ").startswith(_FORMULA) else cell


FORMATS: dict[str, type[Jsonl] | type[Csv]] = {"jsonl": Jsonl, "csv": Csv}
"""The formats by their names."""
