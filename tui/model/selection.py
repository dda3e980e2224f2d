"""Which results somebody wants to see or take away, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from .results import ErrorGroup

Scope = tuple[str, ...]
"""Batches whose results are looked at together, in this order: one, the parts of a launch, any union."""


@dataclass(frozen=True, slots=True)
class FieldTest:
    """What a field of the answers must be; the empty path stands for how the answer was read."""

    path: str
    value: str | None = None
    """Exactly this text, as the fields view shows it."""
    low: float | None = None
    high: float | None = None
    """A number from `low` to below `high`, or up to it where `last`."""
    last: bool = False
    missing: bool = False
    """The answer was read as data, but has no such field; with the empty path: it could not be read."""


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """What the index can decide; empty fields ask for nothing."""

    outcome: str = ""
    """`succeeded`, `errored`, `canceled`, `expired`, `unreadable`, or `problem`: no whole answer."""
    stop_reason: str = ""
    model: str = ""
    error: ErrorGroup | None = None
    """Results that failed for this reason; its count does not matter."""
    fields: tuple[FieldTest, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is looked for in all that the answers say."""

    text: str
    regex: bool = False
    ignore_case: bool = True


ORDERS = (
    "",
    "custom_id",
    "outcome",
    "stop_reason",
    "error",
    "model",
    "input",
    "output",
    "cache_read",
    "cache_write",
    "length",
    "words",
)
"""What results can be sorted by; the empty one is the order of the file."""


@dataclass(frozen=True, slots=True)
class Order:
    """By which column, and whether the largest comes first."""

    column: str = ""
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which results, and in which order."""

    where: ResultFilter = ResultFilter()
    pattern: Pattern | None = None
    order: Order = Order()
