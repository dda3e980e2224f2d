"""How a batch looks as a row of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from .. import text
from ..model import ENDED, IN_PROGRESS, Entry
from ..query import state_word, time_left
from .columns import Cell, Column

COLUMNS = (
    Column("state", "STATE", 13, keep=100),
    Column("name", "NAME", 15, keep=99, flexible=True),
    Column("requests", "REQS", 5, keep=90, align="right"),
    Column("processing", "PROC", 5, keep=10, align="right"),
    Column("succeeded", "OK", 5, keep=80, align="right"),
    Column("errored", "ERR", 5, keep=75, align="right"),
    Column("expired", "EXP", 5, keep=20, align="right"),
    Column("canceled", "CANC", 5, keep=15, align="right"),
    Column("problems", "ISSUES", 7, keep=12, align="right"),
    Column("created", "CREATED", 12, keep=60),
    Column("time", "TIME", 7, keep=70, align="right"),
    Column("left", "LEFT", 7, keep=50, align="right"),
)
"""At 80 cells the last ones to stay are state, name, requests, ok, err, created, time and left."""

LOOKS = {
    "in_progress": ("●", "accent"),
    "canceling": ("◐", "warning"),
    "ended": ("✓", "success"),
    "archived": ("□", "muted"),
    "deleted": ("×", "muted"),
}
"""Sign and tone of each state; the word beside it is the state itself."""


class EntryRows:
    """Entries in the order the list shows them."""

    def __init__(self, entries: Sequence[Entry], now: datetime) -> None:
        self.entries = entries
        self.now = now
        self._places = {entry.id: index for index, entry in enumerate(entries)}

    def __len__(self) -> int:
        return len(self.entries)

    def key(self, index: int) -> str:
        """The batch's id."""
        return self.entries[index].id

    def index(self, key: str) -> int | None:
        """Where this batch stands."""
        return self._places.get(key)

    def cells(self, index: int) -> Mapping[str, Cell]:
        """What the row says."""
        return entry_cells(self.entries[index], self.now)


def state_cell(entry: Entry, now: datetime) -> Cell:
    """Sign and word; an ended batch with problems has another sign than a clean one."""
    word = state_word(entry, now)
    sign, tone = LOOKS.get(word, ("?", "warning"))
    if word == ENDED and entry.problems:
        sign, tone = "!", "error" if not entry.batch.counts.succeeded else "warning"
    return Cell(f"{sign} {text.clean(word)}", tone)


def entry_cells(entry: Entry, now: datetime) -> dict[str, Cell]:
    """The cells of one row; numbers that are nothing are a quiet dot."""
    batch, counts = entry.batch, entry.batch.counts
    faded = "muted" if state_word(entry, now) in ("archived", "deleted") else ""
    return {
        "state": state_cell(entry, now),
        "name": Cell(text.clean(entry.name), faded),
        "requests": Cell(text.compact(counts.total), faded),
        "processing": _number(counts.processing, "accent"),
        "succeeded": _number(counts.succeeded, "success"),
        "errored": _number(counts.errored, "error"),
        "expired": _number(counts.expired, "warning"),
        "canceled": _number(counts.canceled, "warning"),
        "problems": _number(entry.problems if batch.state == ENDED else 0, "warning"),
        "created": Cell(text.moment(batch.created_at, now), faded),
        "time": Cell(text.duration(batch.took(now)), "accent" if batch.is_live else faded),
        "left": _left(entry, now),
    }


def _number(number: int, tone: str) -> Cell:
    return Cell(text.compact(number), tone) if number else Cell("·", "muted")


def _left(entry: Entry, now: datetime) -> Cell:
    """Time to expiry of a live batch, days of results left of an ended one."""
    word = state_word(entry, now)
    if word in ("archived", "deleted"):
        return Cell("–", "muted")
    left = time_left(entry, now)
    urgent = left.total_seconds() < (3 * 3600 if entry.batch.state == IN_PROGRESS else 3 * 86400)
    if entry.batch.is_live:
        return Cell(text.duration(left), "warning" if urgent else "")
    return Cell(f"{left.days}d" if left.days else text.duration(left), "warning" if urgent else "muted")
