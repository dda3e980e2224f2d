"""What the answers of many results have in common: columns, their values with counts, ranges of numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .cells import is_derived


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """One field that answers of a scope have."""

    path: str
    cells: int
    """Answers that have it."""
    numbers: int
    """Answers in which it is a number."""
    place: int
    """Its number in the order of first appearance."""

    @property
    def is_numeric(self) -> bool:
        """Whether most of its cells are numbers."""
        return self.numbers * 2 >= self.cells > 0

    @property
    def derived(self) -> bool:
        """Whether it tells what is in a list: such a column can be counted, but has no cell of its own."""
        return is_derived(self.path)


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value, as text, and how many answers have it."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class FieldRange:
    """How many answers have a number from `low` to below `high`, or up to it where `last`."""

    low: float
    high: float
    count: int
    last: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """One field over many answers; of a list each answer counts once for each of its elements."""

    path: str
    total: int = 0
    """Answers that were read as data."""
    missing: int = 0
    """Those of them without this field."""
    values: tuple[FieldValue, ...] = ()
    """The most frequent first; few different numbers by their size. Beside ranges: what is no number."""
    others: int = 0
    """Cells with values that are not among these."""
    distinct: int = 0
    """Different values in all."""
    ranges: tuple[FieldRange, ...] = ()
    """For columns of many different numbers, ascending, without gaps."""


def edges(low: float, high: float, most: int, *, whole: bool) -> list[float]:
    """Round edges of at most so many ranges that hold all from low to high; `whole`: of whole numbers."""
    for multiple, power in _steps(low, high, most, whole):
        first = math.floor(_divided(low, multiple, power))
        last = max(math.ceil(_divided(high, multiple, power)), first + 1)
        if last - first <= most:
            return [_times(number * multiple, power) for number in range(first, last + 1)]
    return [low, high]


def _steps(low: float, high: float, most: int, whole: bool) -> Iterator[tuple[int, int]]:
    """Steps of 1, 2 and 5 times a power of ten, from one that is too small upwards."""
    smallest = high / most - low / most  # not the other way round, which may be infinite
    power = math.floor(math.log10(smallest)) if smallest > 0 else 0
    power = max(power, -300, 0 if whole else -300)
    for exponent in range(power, power + 3):
        yield from ((multiple, exponent) for multiple in (1, 2, 5))


def _divided(number: float, multiple: int, power: int) -> float:
    return number / _times(multiple, power)


def _times(number: int, power: int) -> float:
    # By way of the decimal writing: 3 × 10⁻¹ is then 0.3, and not 0.30000000000000004.
    return float(f"{number}e{power}")
