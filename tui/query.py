"""The list's filter, views and orders: `state:ended errors>0 age<2d invoices`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import model
from .model import Entry

Test = Callable[[Entry, datetime], bool]


class QueryError(ValueError):
    """A filter that cannot be understood, in a sentence."""


_TERM = re.compile(r"(?P<field>[a-z]+)(?P<op>:|<=|>=|<|>|=)(?P<value>.*)", re.IGNORECASE)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw]?)")
_UNITS = {"": 86400.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}

NUMBERS: dict[str, Callable[[Entry], int]] = {
    "requests": lambda entry: entry.batch.counts.total,
    "processing": lambda entry: entry.batch.counts.processing,
    "succeeded": lambda entry: entry.batch.counts.succeeded,
    "errors": lambda entry: entry.batch.counts.errored,
    "errored": lambda entry: entry.batch.counts.errored,
    "canceled": lambda entry: entry.batch.counts.canceled,
    "expired": lambda entry: entry.batch.counts.expired,
    "problems": lambda entry: entry.problems,
}
SPANS: dict[str, Callable[[Entry, datetime], timedelta]] = {
    "age": lambda entry, now: now - entry.batch.created_at,
    "took": lambda entry, now: entry.batch.took(now),
    "left": lambda entry, now: time_left(entry, now),
}
TEXTS: dict[str, Callable[[Entry, datetime], str]] = {
    "state": lambda entry, now: state_word(entry, now),
    "id": lambda entry, now: entry.id,
    "name": lambda entry, now: entry.name,
    "source": lambda entry, now: entry.source,
}
HELP = "words in id, name or source · state:ended · errors>0 · requests>=1000 · age<2d · took>3h · !word"


def state_word(entry: Entry, now: datetime) -> str:
    """The state of a row in one word: the API's own, or `archived` or `deleted` where that matters more."""
    if entry.gone_at is not None:
        return "deleted"
    if entry.batch.state == model.ENDED and not entry.batch.has_results(now):
        return "archived"
    return entry.batch.state


def time_left(entry: Entry, now: datetime) -> timedelta:
    """Until the batch expires, while it is live; until its results are thrown away, once it ended."""
    batch = entry.batch
    until = batch.expires_at if batch.is_live and batch.expires_at else batch.results_end_at
    return max(until - now, timedelta())


def parse(text: str) -> Test:
    """Turn a filter into a test; all of its terms must hold. Raises QueryError with the reason."""
    tests = [_term(word) for word in text.split()]
    return lambda entry, now: all(test(entry, now) for test in tests)


def _term(word: str) -> Test:
    if word.startswith("!") and len(word) > 1:
        wanted = _term(word[1:])
        return lambda entry, now: not wanted(entry, now)
    match = _TERM.fullmatch(word)
    if match is None:
        return _plain(word)
    name, op, value = match["field"].lower(), match["op"], match["value"]
    if name in TEXTS and op in ":=":
        return _text(name, value)
    if name in NUMBERS:
        return _number(name, op, value)
    if name in SPANS:
        return _span(name, op, value)
    return _plain(word)


def _plain(word: str) -> Test:
    low = word.casefold()
    return lambda entry, now: low in f"{entry.id} {entry.label} {entry.source}".casefold()


def _text(name: str, value: str) -> Test:
    low, read = value.casefold(), TEXTS[name]
    if name == "state":
        return lambda entry, now: read(entry, now).startswith(low)
    return lambda entry, now: low in read(entry, now).casefold()


def _number(name: str, op: str, value: str) -> Test:
    match = re.fullmatch(r"(\d+)([kKM]?)", value.replace(",", "").replace("_", ""))
    if match is None:
        raise QueryError(f"“{name}{op}{value}”: write a number, as in {name}>0")
    limit = int(match[1]) * {"": 1, "k": 1000, "K": 1000, "M": 1_000_000}[match[2]]
    holds, read = _COMPARE[op], NUMBERS[name]
    return lambda entry, now: holds(read(entry), limit)


def _span(name: str, op: str, value: str) -> Test:
    match = _SPAN.fullmatch(value)
    if match is None or op in ":=":
        raise QueryError(f"“{name}{op}{value}”: write a time, as in {name}<2d, {name}>3h or {name}<30m")
    limit = float(match[1]) * _UNITS[match[2]]
    holds, read = _COMPARE[op], SPANS[name]
    return lambda entry, now: holds(read(entry, now).total_seconds(), limit)


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ":": lambda a, b: a == b,
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class View:
    """A standing filter with a number key."""

    id: str
    title: str
    holds: Callable[[Entry], bool]


VIEWS = (
    View("all", "All", lambda entry: True),
    View("running", "Running", lambda entry: entry.batch.is_live and entry.gone_at is None),
    View("ended", "Ended", lambda entry: not entry.batch.is_live),
    View("attention", "Needs attention", lambda entry: entry.needs_attention),
)

_STATE_ORDER = {"in_progress": 0, "canceling": 1, "ended": 2, "archived": 3, "deleted": 4}

ORDERS: dict[str, Callable[[Entry, datetime], object]] = {
    "state": lambda entry, now: (_STATE_ORDER.get(state_word(entry, now), 9), not entry.needs_attention),
    "name": lambda entry, now: entry.name.casefold(),
    "requests": lambda entry, now: entry.batch.counts.total,
    "processing": lambda entry, now: entry.batch.counts.processing,
    "succeeded": lambda entry, now: entry.batch.counts.succeeded,
    "errored": lambda entry, now: entry.batch.counts.errored,
    "canceled": lambda entry, now: entry.batch.counts.canceled,
    "expired": lambda entry, now: entry.batch.counts.expired,
    "problems": lambda entry, now: entry.problems,
    "created": lambda entry, now: entry.batch.created_at,
    "time": lambda entry, now: entry.batch.took(now),
    "left": time_left,
}
"""Sort keys by column id."""

DESCENDING_FIRST = frozenset(ORDERS) - {"state", "name", "left"}
"""Columns whose largest value is what one wants to see first."""


def choose(
    entries: Iterable[Entry], view: View, test: Test, order: str, descending: bool, now: datetime
) -> list[Entry]:
    """The rows of the list: those of the view that pass the test, in order (newest first among equals)."""
    rows = [entry for entry in entries if view.holds(entry) and test(entry, now)]
    rows.sort(key=lambda entry: entry.batch.created_at, reverse=True)
    if order != "created" or not descending:
        key = ORDERS.get(order, ORDERS["created"])
        rows.sort(key=lambda entry: key(entry, now), reverse=descending)  # type: ignore[arg-type,return-value]
    return rows


def usual_duration(entries: Iterable[Entry], total: int) -> timedelta | None:
    """Median duration of ended batches of a similar size (a factor of four); None below three of them."""
    took = sorted(
        entry.batch.ended_at - entry.batch.created_at
        for entry in entries
        if entry.batch.ended_at
        and entry.batch.cancel_initiated_at is None
        and total / 4 <= entry.batch.counts.total <= total * 4
    )
    return took[len(took) // 2] if len(took) >= 3 else None
