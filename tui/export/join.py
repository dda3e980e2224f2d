"""The user's own table with the answers as new columns, its rows and their order as they are.

A row finds its answer by its number, where its custom_id was made here, or else by its column of custom_ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ..errors import StoreError, UsageError
from ..text import clean
from .bodies import Pair
from .cells import COST, OF_THE_ANSWER, TOKENS, Cells, Extras
from .lines import Gathered
from .place import Out
from .source import Record, Source

MISSING = "missing"
"""In place of an outcome: no result has the row's custom_id."""
FILTERED = "filtered"
"""In place of an outcome: it has a result, but not one of those that were asked for."""

PORTION = 250
SAMPLE = 200
"""Rows from which the key column is guessed."""
_LONGEST_KEY = 300
_USUAL = ("custom_id", "id")


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a join reaches the results."""

    find: Callable[[Iterable[str]], Mapping[str, int]]
    """The refs of custom_ids."""
    lines: Callable[[Sequence[int]], Iterator[Pair]]
    """Results with their lines, by refs."""
    is_chosen: Callable[[int], bool]
    """Whether a result is one of those that were asked for."""
    used: Callable[[int], None]
    """Hears of each result that a row got."""


Made = Iterable[tuple[int, str]]
"""Numbers of rows, from 1 and ascending, whose custom_ids were made here, with those."""


@dataclass(slots=True)
class Joined:
    """What a join came to."""

    rows: int = 0
    answered: int = 0
    missing: int = 0
    filtered: int = 0


def key_column(source: Source, wanted: str, find: Callable[[Iterable[str]], Mapping[str, int]]) -> int:
    """Which column holds custom_ids: the one asked for, or the one where most are found."""
    if wanted:
        return _named(source, wanted)
    hits = _hits(source, find)
    for name in _USUAL:
        found = [n for n, cell in enumerate(source.head) if cell.strip().casefold() == name]
        if len(found) == 1 and (hits[found[0]] or (name == _USUAL[0] and not hits)):
            return found[0]
    best = hits.most_common(2)
    if not best:
        raise UsageError(f"No column of {source.name} holds custom_ids of these results.", _columns(source))
    if len(best) > 1 and best[0][1] == best[1][1]:
        names = " and ".join(f"“{clean(source.head[n])}”" for n, _ in best)
        raise UsageError(
            f"{names} of {source.name} both hold custom_ids.", "Say which one with --key COLUMN."
        )
    return best[0][0]


def _hits(source: Source, find: Callable[[Iterable[str]], Mapping[str, int]]) -> Counter[int]:
    """How many of the first rows have a known custom_id, by column."""
    rows = [[_key(cell) for cell in record.cells] for record in source.sample(SAMPLE)]
    known = find({cell for row in rows for cell in row if 0 < len(cell) <= _LONGEST_KEY})
    within = range(len(source.head))
    return Counter(n for row in rows for n, cell in enumerate(row) if n in within and cell in known)


def _named(source: Source, wanted: str) -> int:
    found = [number for number, name in enumerate(source.head) if name == wanted]
    if len(found) != 1:
        count = "no column" if not found else f"{len(found)} columns"
        raise UsageError(f"{source.name} has {count} “{clean(wanted)}”.", _columns(source))
    return found[0]


def _columns(source: Source) -> str:
    names = ", ".join(clean(name)[:40] for name in source.head[:12])
    return f"Name the column with --key; there are {names}{' …' if len(source.head) > 12 else ''}."


def _key(cell: str) -> str:
    return cell.strip()


class Joining:
    """Writes the rows of a source, each with its answer.

    `key`: the number of the column of custom_ids, for rows that are not among the `made`; None: it has none.
    """

    def __init__(
        self, source: Source, key: int | None, lookup: Lookup, extras: Extras, made: Made = ()
    ) -> None:
        self.done = Joined()
        self._source = source
        self._key = key
        self._numbers = _Numbers(made)
        self._lookup = lookup
        self._cells = Cells(extras, source.delimiter)
        self._names = _new_names(source.head, (*OF_THE_ANSWER, *TOKENS, COST, *extras.columns))
        # UTF-8 where the source's own encoding could not hold every answer.
        self._encoding = source.encoding if source.encoding.startswith("utf") else "utf-8"

    def write(self, out: Out, told: Callable[[int], None]) -> None:
        """Write everything; `told` hears of the rows so far."""
        records = self._source.records()
        head = next(each for each in records if each.cells)
        gathered = Gathered(out)
        gathered.add(self._source.bom)
        gathered.add(self._encoded(self._row(head, [self._cells.text(name) for name in self._names])))
        while (some := list(islice(records, PORTION))) and not out.closed:
            for row in self._portion(some):
                gathered.add(self._encoded(row))
            told(self.done.rows)
        if not out.closed and self._numbers.has_more:
            raise UsageError(
                f"{self._source.name} has fewer rows than when it was launched.",
                "Join the file as it was, or name its column of custom_ids with --key.",
            )
        gathered.flush()

    def _encoded(self, row: str) -> bytes:
        return row.encode(self._encoding, "backslashreplace")

    def _portion(self, records: Sequence[Record]) -> Iterator[str]:
        ids = [self._numbers.custom_id(each) or self._id(each) for each in records]
        refs = self._lookup.find(set(ids) - {""})
        wanted = [refs.get(each) for each in ids]
        pairs = self._lookup.lines([ref for ref in wanted if ref is not None and self._lookup.is_chosen(ref)])
        for record, ref in zip(records, wanted, strict=True):
            if not record.cells:
                yield record.text + record.end
                continue
            self.done.rows += 1
            yield self._row(record, self._answer(ref, pairs))

    def _id(self, record: Record) -> str:
        return (
            _key(record.cells[self._key]) if self._key is not None and self._key < len(record.cells) else ""
        )

    def _answer(self, ref: int | None, pairs: Iterator[Pair]) -> list[str]:
        empty = [""] * (len(self._names) - 1)
        if ref is None:
            self.done.missing += 1
            return [MISSING, *empty]
        if not self._lookup.is_chosen(ref):
            self.done.filtered += 1
            return [FILTERED, *empty]
        row, raw = next(pairs, (None, b""))
        if row is None or row.ref != ref:
            raise StoreError("The results have changed while they were saved.", "Try again.")
        self.done.answered += 1
        self._lookup.used(ref)
        return self._cells.of(row, raw)

    def _row(self, record: Record, new: Sequence[str]) -> str:
        own, delimiter = record.text, self._source.delimiter
        if not self._source.quoted:
            # Answers need quotes: then so do cells in which a quote is just a letter.
            own = delimiter.join(map(self._cells.quoted, record.cells))
        short = self._source.width - len(record.cells)
        return own + delimiter * max(short, 0) + delimiter + delimiter.join(new) + record.end


class _Numbers:
    """Finds the custom_ids that were made for rows, while the rows come in their order."""

    def __init__(self, made: Made) -> None:
        self._made = iter(made)
        self._next: tuple[int, str] | None = None
        self._row = 0

    def custom_id(self, record: Record) -> str:
        """That of the next record, if it was made; rows without anything in them have no number."""
        if not is_row(record):
            return ""
        self._row += 1
        while self._next is None or self._next[0] < self._row:
            self._next = next(self._made, None)
            if self._next is None:
                return ""
        row, custom_id = self._next
        return custom_id if row == self._row else ""

    @property
    def has_more(self) -> bool:
        """Whether custom_ids are left that were made for rows behind the last."""
        is_ahead = self._next is not None and self._next[0] > self._row
        return is_ahead or next(self._made, None) is not None


def is_row(record: Record) -> bool:
    """Whether a record is more than white space: such lines are not counted where requests are made."""
    return len(record.cells) > 1 or (bool(record.cells) and bool(record.cells[0].strip()))


def _new_names(head: Sequence[str], names: Iterable[str]) -> list[str]:
    """Our columns' names, with a number where the source has one of that name."""
    taken = {name.strip().casefold() for name in head}
    found = []
    for name in names:
        free, number = name, 1
        while free.casefold() in taken:
            number += 1
            free = f"{name}_{number}"
        taken.add(free.casefold())
        found.append(free)
    return found
