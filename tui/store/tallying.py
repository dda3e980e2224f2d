"""Cells of the answers counted by the columns they are in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from ..records.cells import REST, Cell

_NUMBERS = frozenset((int, float))


def tallied(texts: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """How many of these lines of `result_data.cells` have each column, and in how many it is a number."""
    cells: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for text in texts:
        found: dict[str, Cell] = msgspec.json.decode(text)
        cells.update(found.keys())
        numbers.update(place for place, cell in found.items() if _is_number(cell))
    return cells, numbers


def _is_number(cell: Cell) -> bool:
    """Whether a cell is a number, or a list of nothing else."""
    if type(cell) is list:
        return all(type(each) in _NUMBERS or each == REST for each in cell)
    return type(cell) in _NUMBERS
