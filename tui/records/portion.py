"""Some lines of a results file as the index stores them: what each has of its own, and what many share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..model import IndexRow
from ..text import sound

Kind = tuple[str, str, str, str, str, bool, str, bool]
"""What many lines share: outcome, stop reason, model, error type, error message, whether it is a problem,
where it was computed, whether its prompt was a long one."""

Row = tuple[int, int, int, int, str, int, int, int, int, int, int, bytes]
"""What a line has of its own: line, number of its kind, offset, length, custom_id, counts, first words.

These go from process to process into SQLite: as bytes in UTF-8 they are never decoded on their way."""

WIDTH = 12
"""How many values make a row."""

Counts = tuple[int, int, int, int, int, int]
"""Tokens: input, output, cached for five minutes, cached for an hour, read from the cache; web searches."""

NOTHING: Counts = (0, 0, 0, 0, 0, 0)


Tallies = dict[int, list[int]]
"""By the number of each kind: lines of it, and the sums of their counts."""


class Kinds(dict[Kind, int]):
    """The number of each kind of line in one file, from 0 on; a new kind gets the next one."""

    def __init__(self, known: Iterable[Kind] = ()) -> None:
        super().__init__()
        self.names: list[Kind] = []
        """The kinds by their numbers."""
        self.know(known)

    def know(self, kinds: Iterable[Kind]) -> None:
        """Give numbers to these kinds, in this order."""
        for kind in kinds:
            _ = self[kind]

    def __missing__(self, kind: Kind) -> int:
        number = self[kind] = len(self.names)
        self.names.append(kind)
        return number


class Portion(NamedTuple):
    """Lines that follow one another. They come by the hundred thousand: no row is an object of its own."""

    values: list[Any]
    """Those of one row after those of the other."""
    tallies: Tallies
    kinds: Kinds

    @classmethod
    def of(cls, rows: Iterable[IndexRow], kinds: Kinds) -> Portion:
        """The same of rows that were made elsewhere."""
        portion = cls([], {}, kinds)
        for each in rows:
            texts = (
                each.outcome,
                each.stop_reason,
                each.model,
                each.error_type,
                each.error_message,
                each.geo,
            )
            outcome, stop, model, error_type, message, geo = map(sound, texts)
            number = kinds[outcome, stop, model, error_type, message, each.is_problem, geo, each.is_long]
            written = (each.cache_write_5m, each.cache_write_1h, each.cache_read)
            counts = (each.input_tokens, each.output_tokens, *written, each.searches)
            tally(portion.tallies, number, counts)
            place = (each.line, number, each.offset, each.length, sound(each.custom_id))
            portion.values.extend((*place, *counts, sound(each.first_words).encode()))
        return portion

    @property
    def lines(self) -> int:
        """How many there are."""
        return len(self.values) // WIDTH

    @property
    def end(self) -> int:
        """Where the line after the last one begins, if that one ends with a line feed."""
        _, _, offset, length, *_ = self.values[-WIDTH:]
        return int(offset + length + 1)

    def rows(self) -> Iterator[Row]:
        """The rows one by one."""
        each = iter(self.values)
        return zip(*[each] * WIDTH, strict=True)

    def index_rows(self) -> list[IndexRow]:
        """The rows as readers know them."""
        return [_index_row(row, self.kinds.names[row[1]]) for row in self.rows()]


class Found(NamedTuple):
    """What one indexer tells another."""

    values: list[Any]
    """Those of its rows, one after the other."""
    tallies: Tallies
    kinds: list[Kind]
    """Those of the rows that are new."""
    line: int
    """Number of the next row."""
    offset: int
    """Where its line begins."""
    pending: int
    """How much of that has been looked at."""


def tally(tallies: Tallies, number: int, counts: Counts) -> None:
    """Count one more line of a kind."""
    sums = tallies.get(number)
    if sums is None:
        tallies[number] = [1, *counts]
        return
    given, written, short, long, read, searches = counts
    sums[0] += 1
    sums[1] += given
    sums[2] += written
    if short or long or read or searches:
        sums[3] += short
        sums[4] += long
        sums[5] += read
        sums[6] += searches


def _index_row(row: Row, kind: Kind) -> IndexRow:
    line, _, offset, length, custom_id, given, written, short, long, read, searches, words = row
    outcome, stop_reason, model, error_type, error_message, _, geo, _ = kind
    place = (line, offset, length, custom_id)
    shared = (outcome, stop_reason, error_type, error_message, model)
    return IndexRow(*place, *shared, given, written, short, long, read, words.decode(), geo, searches)
