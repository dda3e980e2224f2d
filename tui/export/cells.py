"""What a table has of each result, and cells that no spreadsheet computes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..model import IndexRow
from .said import said

OF_THE_ANSWER = ("outcome", "stop_reason", "text", "error_type", "error_message", "model")
TOKENS = (
    "input_tokens",
    "output_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_read_tokens",
)
COST = "cost_usd"
COLUMNS = ("custom_id", *OF_THE_ANSWER, *TOKENS, COST)
"""The columns of every table of results; those of fields come after them."""

FIELD = "field."
"""Before the path of a field: no column of ours begins so, whatever answers call their fields."""

Value = str | int | float | bool | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula, in the full-width forms it also reads."""
_DOUBTFUL = frozenset((*_FORMULA, " "))


class Field(NamedTuple):
    """A field of the answers that becomes a column."""

    path: str
    kind: str = "str"
    """For tables with types: the narrowest of `int`, `float`, `bool` and `str` that its values may be."""


def no_cost(row: IndexRow) -> Decimal | None:
    """Stand in where nobody knows prices."""
    del row
    return None


def no_fields(raw: bytes) -> Mapping[str, Value]:
    """Stand in where nobody asked for fields."""
    del raw
    return {}


@dataclass(frozen=True, slots=True)
class Extras:
    """What a table has beyond the result itself."""

    cost: Callable[[IndexRow], Decimal | None] = no_cost
    """What a result cost, None where that is not known."""
    fields: Sequence[Field] = ()
    read: Callable[[bytes], Mapping[str, Value]] = no_fields
    """The fields of an answer, by path."""
    guard: bool = True
    """Whether what a spreadsheet would compute gets an apostrophe before it."""

    @property
    def columns(self) -> list[str]:
        """The names of the columns that fields become."""
        return [FIELD + field.path for field in self.fields]

    def values(self, raw: bytes) -> list[Value]:
        """The fields of an answer, in the columns' order."""
        found = self.read(raw) if self.fields else {}
        return [found.get(field.path) for field in self.fields]


class Cells:
    """Makes the cells of one result, as text ready for a delimited file."""

    def __init__(self, extras: Extras, delimiter: str = ",") -> None:
        self._extras = extras
        self._special = re.compile(f'["\r\n{re.escape(delimiter)}]').search
        self._few: dict[str, str] = {}

    def text(self, cell: str) -> str:
        """A cell of foreign text: guarded where that is wanted, quoted where it must be."""
        if cell[:1] in _DOUBTFUL and self._extras.guard:
            cell = guarded(cell)
        return self.quoted(cell)

    def quoted(self, cell: str) -> str:
        """A cell as it is, in quotes where a reader needs them."""
        if not self._special(cell):
            return cell
        escaped = cell.replace('"', '""')
        return f'"{escaped}"'

    def of(self, row: IndexRow, raw: bytes) -> list[str]:
        """Everything but the custom_id: the answer, tokens, cost and fields."""
        words = said(raw)
        cost = self._extras.cost(row)
        return [
            self._common(row.outcome),
            self._common(row.stop_reason),
            self.text(words.cell),
            self._common(words.error_type or row.error_type),
            self.text(words.error_message or row.error_message),
            self._common(row.model),
            str(row.input_tokens),
            str(row.output_tokens),
            str(row.cache_write_5m),
            str(row.cache_write_1h),
            str(row.cache_read),
            "" if cost is None else f"{cost.normalize():f}",
            *(self._value(value) for value in self._extras.values(raw)),
        ]

    def _common(self, word: str) -> str:
        """A cell that thousands of rows share."""
        if word not in self._few:
            if len(self._few) > 1_000:  # foreign words: they may differ in every row after all
                self._few.clear()
            self._few[word] = self.text(word)
        return self._few[word]

    def _value(self, value: Value) -> str:
        if isinstance(value, str):
            return self.text(value)
        return plain(value)


def plain(value: Value) -> str:
    """A value as JSON writes it, a string as it is; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def guarded(cell: str) -> str:
    """The cell with an apostrophe before anything a spreadsheet would compute."""
    return "'" + cell if cell.lstrip(" ").startswith(_FORMULA) else cell
