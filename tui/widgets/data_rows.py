"""Answers read as data, as rows; and the values of one column with their counts, as rows of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .. import text
from ..model import FieldTest, IndexRow
from ..records.facets import Facet, FieldColumn
from .columns import Cell, Column
from .field_words import how_words
from .result_rows import outcome_cell

BAR = 12
"""Cells of the longest bar."""
MOST_COLUMNS = 24
"""Columns drawn at once; the window moves along with the chosen one."""
WIDEST = 24
_EIGHTHS = " ▏▎▍▌▋▊▉█"

CUSTOM_ID = Column("\0custom_id", "CUSTOM_ID", 16, keep=1_000)
HOW = Column("\0how", "READ AS", 11, keep=950)
"""Their ids are no field's path."""

FACET_COLUMNS = (
    Column("value", "VALUE", 12, keep=3, flexible=True),
    Column("count", "COUNT", 8, keep=2, align="right"),
    Column("share", "", 5, keep=1, align="right"),
    Column("bar", "", BAR, keep=0),
)


class DataRow(NamedTuple):
    """One answer: its place in the index, how it was read, and what by path."""

    row: IndexRow
    how: str
    values: Mapping[str, object]


def data_columns(columns: Sequence[FieldColumn], chosen: int, *, say_how: bool) -> list[Column]:
    """custom_id, and as many fields as may be drawn, beginning so that the chosen one is among them."""
    first = max(0, chosen - MOST_COLUMNS // 2)
    shown = columns[first : first + MOST_COLUMNS]
    return [
        CUSTOM_ID,
        *([HOW] if say_how else []),
        *(
            Column(
                column.path,
                text.clean(column.path),
                min(max(len(column.path), 10), WIDEST),
                # Of too many the farthest from the chosen one go first.
                keep=900 - abs(first + place - chosen) * 2 - (first + place < chosen),
                align="right" if column.numbers * 2 > column.cells else "left",
                flexible=place == len(shown) - 1,
            )
            for place, column in enumerate(shown)
        ),
    ]


def data_cells(row: DataRow) -> dict[str, Cell]:
    """The cells of one answer; one that could not be read says so in its first field."""
    cells = {path: Cell(said(value), _tone(value)) for path, value in row.values.items()}
    cells[CUSTOM_ID.id] = Cell(text.clean(row.row.custom_id), "" if row.values else "muted")
    is_lacking = not row.values and row.row.is_problem
    cells[HOW.id] = (
        outcome_cell(row.row)
        if is_lacking
        else Cell(how_words(row.how), "muted" if row.values else "warning")
    )
    return cells


def said(value: object) -> str:
    """A value as a cell shows it, on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return " · ".join(said(each) for each in value)
    return text.clean(str(value))


def _tone(value: object) -> str:
    return "muted" if value is None else "accent" if isinstance(value, bool | int | float) else ""


class FacetRow(NamedTuple):
    """A value or a range of values, how often it occurs, and what choosing it means."""

    said: str
    number: int
    test: FieldTest | None


class FacetRows:
    """The rows of one column's values."""

    def __init__(self, facet: Facet) -> None:
        self.facet = facet
        self.rows = _facet_rows(facet)
        self._most = max((row.number for row in self.rows), default=1) or 1
        # Of a list each element counts: the whole is then more than the answers.
        self._whole = max(facet.total, sum(row.number for row in self.rows)) or 1

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> str:
        """Its number: values come and go while answers arrive."""
        return str(index)

    def index(self, key: str) -> int | None:
        """The row with this number."""
        place = int(key)
        return place if place < len(self.rows) else None

    def cells(self, index: int) -> Mapping[str, Cell]:
        """Value, count, share and a bar."""
        row = self.rows[index]
        return {
            "value": Cell(row.said, "" if row.test and not row.test.missing else "muted"),
            "count": Cell(text.count(row.number)),
            "share": Cell(f"{row.number / self._whole:.0%}", "muted"),
            "bar": Cell(bar(row.number / self._most), "accent"),
        }


def bar(part: float) -> str:
    """A bar of this part of the full length; what is there at all is never invisible."""
    eighths = round(part * BAR * 8) or (1 if part > 0 else 0)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def _facet_rows(facet: Facet) -> list[FacetRow]:
    path = facet.path
    rows = [
        FacetRow(
            f"{each.low:g} … {each.high:g}",
            each.count,
            FieldTest(path, low=each.low, high=each.high, last=each.last),
        )
        for each in facet.ranges
    ]
    rows += [
        FacetRow(said(each.text) or "(empty)", each.count, FieldTest(path, each.text))
        for each in facet.values
    ]
    if facet.others:
        rows.append(FacetRow("other values", facet.others, None))
    if facet.missing:
        rows.append(FacetRow("(no such field)", facet.missing, FieldTest(path, missing=True)))
    return rows
