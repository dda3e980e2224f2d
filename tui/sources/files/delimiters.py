"""How a text reads as a table: what stands between its cells, and whether it is one at all."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Literal

DELIMITERS = (",", "\t", ";", "|")
NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}

_TABBED = (".tsv", ".tab")
_TABLES = (".csv", *_TABBED)
_MARKDOWN = (".md", ".markdown")
_PROSE = (".txt", ".text")

SURE = 10
"""So many rows of two cells each are no chance."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A way of reading a table."""

    delimiter: str = ","
    quoted: bool = True
    """Whether quotes hold cells together: in some tables with tabs they are just letters."""
    head: tuple[str, ...] = ()
    """The cells of its first row."""
    rows: int = 0
    """Whole rows that were seen, without the first."""
    even: float = 0.0
    """The share of rows that have as many cells as the first."""
    stray: float = 0.0
    """The share of rows with a quote that belongs to no pair."""

    @property
    def fits(self) -> tuple[bool, float, float, int]:
        """How well it fits: several columns, as many in each row, no stray quotes, many columns."""
        return len(self.head) > 1, self.even, -self.stray, len(self.head)


NO_LAYOUT = Layout()


def layout(text: str, name: str, *, whole: bool) -> Layout:
    """The way of reading that fits best; `whole` says whether the text ends with its last row."""
    delimiters = ("\t",) if name.endswith(_TABBED) else DELIMITERS
    ways = [(each, True) for each in delimiters] + [("\t", False)]
    return max((_read(text, *way, whole) for way in ways), key=lambda each: each.fits)


def is_table(found: Layout, name: str) -> bool:
    """Whether a text is a table: because it is called one, or because every row has as many cells.

    What is called prose has to be a table beyond doubt: a comma in each of a few lines is not enough.
    """
    if name.endswith(_TABLES):
        return True
    if name.endswith(_MARKDOWN) or len(found.head) < 2 or found.even < 1:
        return False
    if found.delimiter == "\t":
        return found.rows >= 1
    if found.stray or not name.endswith(_PROSE):
        return not found.stray and found.rows >= 1
    return found.rows >= (SURE if len(found.head) == 2 else 2)


def _read(text: str, delimiter: str, quoted: bool, whole: bool) -> Layout:
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
    records = [cells for cells in reader if cells]
    if not whole and len(records) > 1:
        del records[-1]  # it may be cut
    if not records:
        return Layout(delimiter, quoted)
    width = len(records[0])
    even = sum(len(cells) == width for cells in records) / len(records)
    stray = sum(any(cell.count('"') % 2 for cell in cells) for cells in records) / len(records)
    return Layout(delimiter, quoted, tuple(records[0]), len(records) - 1, even, stray)
