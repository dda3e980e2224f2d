"""The result index read in bulk: for lists, search, exports, fields and comparisons."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain, filterfalse
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from ..model import (
    SUCCEEDED,
    IndexRow,
    Order,
    ResultFilter,
    Scope,
    Summary,
    file_of,
    line_of,
    ref_of,
)
from ..text import sound
from . import result_sql as sql
from . import superseding
from .database import BUSY_SECONDS, Row, bound, marks, portions
from .failures import in_words
from .summing import summed
from .superseding import Hidden, Superseding

EVERYTHING = ResultFilter()
FILE_ORDER = Order()


class FileOf(NamedTuple):
    """A results file of a scope."""

    id: int
    """The store's number of it."""
    batch_id: str
    lines: int
    complete: bool


class ResultReader:
    """A connection of its own; every method blocks. Use it in one thread, within `with`.

    A scope with several batches of a run that was tried again is read as one: for each custom_id the newest
    success counts, or else the newest line; the others are left out. A single batch shows all its lines.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection
        self._found: Scope | None = None

    def __enter__(self) -> Self:
        with in_words(self._path):
            self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
        self._superseding = Superseding(self._path, self._connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def files(self, scope: Scope) -> list[FileOf]:
        """The results files that are here of these batches, in their order."""
        rows = self._rows(
            f"SELECT id, batch_id, lines, complete FROM result_file WHERE batch_id IN ({marks(scope)})",
            list(scope),
        )
        place = {sound(batch_id): number for number, batch_id in enumerate(scope)}
        rows.sort(key=lambda row: place.get(row[1], 0))
        return [FileOf(number, batch_id, lines, bool(whole)) for number, batch_id, lines, whole in rows]

    def summary(self, scope: Scope) -> Summary:
        """Counts of everything lists and headings tell, from sums kept while indexing."""
        hidden = self._superseding.hidden(scope)
        kinds = self._rows(*sql.kinds([each.id for each in self.files(scope)]))
        return summed(kinds, self._hidden_kinds(hidden))

    def refs(self, scope: Scope, where: ResultFilter = EVERYTHING, order: Order = FILE_ORDER) -> array[int]:
        """The results that pass, in order: the scope's batches one after the other, or sorted."""
        hidden = self._superseding.hidden(scope)
        found = self._passing(self.files(scope), where, order)
        if hidden:
            found = array("Q", filterfalse(self._hidden_refs(hidden).__contains__, found))
        return found

    def _passing(self, files: Sequence[FileOf], where: ResultFilter, order: Order) -> array[int]:
        if order.column:
            return array("Q", _flat(self._rows(*sql.sorted_refs([each.id for each in files], where, order))))
        found = array("Q")
        for each in files:
            base = ref_of(each.id, 0)
            if where == EVERYTHING:
                found.extend(range(base, base + each.lines))
            else:
                found.extend(map(base.__or__, _flat(self._rows(*sql.lines(each.id, where)))))
        if order.reverse:
            found.reverse()
        return found

    def _hidden_refs(self, hidden: Hidden) -> set[int]:
        found: set[int] = set()
        for file, these in hidden.items():
            found.update(map(ref_of(file, 0).__or__, _flat(self._rows(superseding.lines(these), []))))
        return found

    def _hidden_kinds(self, hidden: Hidden) -> dict[int, int]:
        """How many lines of each kind are superseded."""
        return dict(chain.from_iterable(self._rows(superseding.kinds(each), []) for each in hidden.values()))

    def rows(self, refs: Sequence[int]) -> list[IndexRow]:
        """These results in this order; those that do not exist are left out."""
        found: dict[int, IndexRow] = {}
        for part in portions(refs):
            found.update(self._some(part))
        return [found[ref] for ref in refs if ref in found]

    def _some(self, refs: Sequence[int]) -> dict[int, IndexRow]:
        by_file: dict[int, list[int]] = {}
        for ref in refs:
            by_file.setdefault(file_of(ref), []).append(line_of(ref))
        return {
            row.ref: row
            for file, lines in by_file.items()
            for row in map(IndexRow._make, self._rows(*sql.rows(file, lines)))
        }

    def offsets(self, file: int) -> array[int]:
        """Where each line of a file begins, by its number."""
        query = "SELECT offset FROM result_line WHERE file = ? ORDER BY line"
        return array("Q", _flat(self._rows(query, [file])))

    def find(self, scope: Scope, custom_ids: Iterable[str]) -> dict[str, int]:
        """The result of each custom_id: the newest success of the scope, or else the last line there is."""
        if self._found != scope:
            self._gather(scope)
        found: dict[str, int] = {}
        for part in portions(map(sound, custom_ids)):
            query = f"SELECT custom_id, ref FROM temp.newest WHERE custom_id IN ({marks(part)})"
            found.update(self._rows(query, part))
        return found

    def _gather(self, scope: Scope) -> None:
        """One line for each custom_id, in a temporary table that SQLite keeps on disk when it is large."""
        self._rows("DROP TABLE IF EXISTS temp.newest", [])
        self._rows("CREATE TEMP TABLE newest (custom_id TEXT PRIMARY KEY, ref INTEGER) WITHOUT ROWID", [])
        files = [each.id for each in self.files(scope)]
        files = superseding.in_order(files, self._superseding.attempts(scope))
        for is_success in (False, True):
            for file in files:
                self._rows(
                    "INSERT OR REPLACE INTO temp.newest SELECT custom_id, result_line.file << 32 | line"
                    " FROM result_line JOIN result_kind ON result_kind.id = kind"
                    " WHERE result_line.file = ? AND (outcome = ?) = ? ORDER BY line",
                    [file, SUCCEEDED, is_success],
                )
        self._found = scope

    def _rows(self, query: str, values: Sequence[object]) -> list[Row]:
        with in_words(self._path):
            return self._connection.execute(query, bound(values)).fetchall()


def _flat(rows: Iterable[Row]) -> Iterable[int]:
    return chain.from_iterable(rows)
