"""Columns of a table, and how many of them fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

GAP = 1
"""Blank cells between two columns; one more where there is room to spare."""
GUTTER = 2
"""Cells at the left edge for the cursor's sign and the mark."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a row under a column: clean text, and a tone (`success`, `warning`, `error`, …)."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `keep` says how long it stays when space gets scarce (the lowest goes first)."""

    id: str
    title: str
    width: int
    """In cells; of a flexible column the least it can live with."""
    keep: int = 0
    align: str = "left"
    flexible: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A column with its place on the line."""

    column: Column
    x: int
    width: int
    gap: int
    """Blank cells behind it."""


def place(columns: Sequence[Column], width: int) -> tuple[Placed, ...]:
    """Drop the least important columns until the rest fits; the flexible one takes what is left over."""
    chosen = list(columns)
    while len(chosen) > 1 and _needed(chosen) > width:
        chosen.remove(min(chosen, key=lambda column: column.keep))
    spare = width - _needed(chosen)
    gap = GAP + 1 if spare > 2 * len(chosen) else GAP
    spare -= (gap - GAP) * (len(chosen) - 1)
    placed = []
    x = GUTTER
    for column in chosen:
        wide = column.width + (spare if column.flexible else 0)
        wide = max(min(wide, width - x), 1)
        placed.append(Placed(column, x, wide, gap))
        x += wide + gap
    return tuple(placed)


def _needed(columns: Sequence[Column]) -> int:
    return GUTTER + sum(column.width for column in columns) + GAP * (len(columns) - 1)


def fit(text: str, width: int, align: str = "left") -> str:
    """Clean text in exactly `width` cells, cut with an ellipsis where it is longer."""
    # No cell is wider than its characters are many times two: a long text is cut before it is measured.
    if len(text) > width:
        text = text[: width + 1]
    length = cell_len(text)
    if length > width:
        text = set_cell_size(text, width - 1) + "…" if width > 1 else "…"
        return set_cell_size(text, width)
    pad = " " * (width - length)
    return pad + text if align == "right" else text + pad
