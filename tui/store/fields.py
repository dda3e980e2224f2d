"""The answers read as data: who writes them, and what screens ask: columns, cells, counted values."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, TypeVar

import msgspec

from ..model import ResultFilter, Scope, file_of, line_of, ref_of
from ..records.cells import Cell, is_derived
from ..records.facets import Facet, FieldColumn, FieldRange, FieldValue, edges
from . import field_sql as sql
from . import result_sql
from .database import Database, Row, bound, marks, portions
from .failures import in_words
from .field_sql import field_condition
from .field_writer import FieldWriter
from .reader import EVERYTHING, ResultReader
from .superseding import Hidden, but, lines
from .tallying import tallied

__all__ = ["FieldReader", "FieldWriter", "Fields", "Reading", "field_condition"]

T = TypeVar("T")

TOP = 50
BINS = 12
_SAMPLE = 2_000  # cells, which tell whether most are different
_MOST_COUNTED = 20_000  # different cells in memory

_ABSENT = FieldColumn("", 0, 0, 0)


class Reading(NamedTuple):
    """One answer: how it was read, and its cells by path."""

    how: str
    cells: dict[str, Cell]


class Fields:
    """What the answers of every batch say as data."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def writer(self) -> FieldWriter:
        """Writes what answers say, in worker threads, within `with`."""
        return FieldWriter(self._database.path)

    def reader(self) -> FieldReader:
        """Reads it in bulk, in a worker thread, within `with`."""
        return FieldReader(self._database.path)

    async def columns(self, scope: Scope, *, derived: bool = False) -> list[FieldColumn]:
        """The fields the answers have, in order of first appearance; `derived`: with what is in lists."""
        return await self._read(lambda reader: reader.columns(scope, derived=derived))

    async def readings(self, scope: Scope) -> dict[str, int]:
        """In how many results each way of reading ended, the most frequent first."""
        return await self._read(lambda reader: reader.readings(scope))

    async def cells(self, refs: Sequence[int], *, derived: bool = False) -> dict[int, Reading]:
        """These answers; those not yet read are left out."""
        return await self._read(lambda reader: reader.cells(refs, derived=derived))

    async def facet(
        self,
        scope: Scope,
        where: ResultFilter,
        path: str,
        *,
        top: int = TOP,
        bins: int = BINS,
        within: Sequence[int] | None = None,
    ) -> Facet:
        """A field over all results that pass, and are among `within` where that is given (refs)."""
        return await self._read(
            lambda reader: reader.facet(scope, where, path, top=top, bins=bins, within=within)
        )

    async def _read(self, ask: Callable[[FieldReader], T]) -> T:
        def work() -> T:
            with self.reader() as reader:
                return ask(reader)

        return await asyncio.to_thread(work)


class FieldReader(ResultReader):
    """Reads what answers say, on a connection of its own; every method blocks. Use it in one thread."""

    def columns(self, scope: Scope, *, derived: bool = False) -> list[FieldColumn]:
        """The fields of a scope's answers, in order of first appearance."""
        columns = self._columns(scope, self._superseding.hidden(scope))
        return [each for each in columns if derived or not each.derived]

    def _columns(self, scope: Scope, hidden: Hidden) -> list[FieldColumn]:
        found: dict[str, FieldColumn] = {}
        for file in self.files(scope):
            query = "SELECT path, place, cells, numbers FROM result_column WHERE file = ? ORDER BY place"
            hidden_cells, hidden_numbers = self._hidden_cells(file.id, hidden)
            for path, number, cells, numbers in self._rows(query, [file.id]):
                before = found.get(path, _ABSENT)
                place = before.place if before.path else len(found)
                cells += before.cells - hidden_cells[str(number)]
                numbers += before.numbers - hidden_numbers[str(number)]
                found[path] = FieldColumn(path, cells, numbers, place)
        return [each for each in found.values() if each.cells]

    def _hidden_cells(self, file: int, hidden: Hidden) -> tuple[Counter[str], Counter[str]]:
        """How many cells superseded lines have in each column of their file, and how many numbers."""
        if file not in hidden:
            return Counter(), Counter()
        query = f"SELECT cells FROM result_data WHERE file = ? AND line IN ({lines(hidden[file])})"
        return tallied(text for (text,) in self._rows(query, [file]))

    def readings(self, scope: Scope) -> dict[str, int]:
        """How the results were read, counted."""
        hidden = self._superseding.hidden(scope)
        counts: Counter[str] = Counter()
        for file in self.files(scope):
            query = "SELECT how, count(*) FROM result_data AS data WHERE data.file = ?"
            query += but(file.id, hidden)
            counts.update(dict(self._rows(f"{query} GROUP BY how", [file.id])))
        return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))

    def cells(self, refs: Sequence[int], *, derived: bool = False) -> dict[int, Reading]:
        """These answers' cells by path."""
        by_file: dict[int, list[int]] = {}
        for ref in refs:
            by_file.setdefault(file_of(ref), []).append(line_of(ref))
        found: dict[int, Reading] = {}
        for file, numbers in by_file.items():
            paths = self._paths(file, derived)
            for part in portions(numbers):
                query = f"SELECT line, how, cells FROM result_data WHERE file = ? AND line IN ({marks(part)})"
                for line, how, text in self._rows(query, [file, *part]):
                    found[ref_of(file, line)] = Reading(how, _by_path(text, paths))
        return {ref: found[ref] for ref in refs if ref in found}

    def facet(
        self,
        scope: Scope,
        where: ResultFilter,
        path: str,
        *,
        top: int = TOP,
        bins: int = BINS,
        within: Sequence[int] | None = None,
    ) -> Facet:
        """A field's values or ranges, counted; where results change meanwhile, as of one moment."""
        hidden = self._superseding.hidden(scope)  # which may have to be written down
        self._rows("BEGIN", [])
        try:
            column = next((each for each in self._columns(scope, hidden) if each.path == path), _ABSENT)
            self._collect(scope, where, path, within, hidden)
            return self._counted(path, column.is_numeric, top, bins)
        finally:
            self._connection.rollback()

    def _paths(self, file: int, derived: bool) -> dict[str, str]:
        rows = self._rows("SELECT place, path FROM result_column WHERE file = ?", [file])
        return {str(place): path for place, path in rows if derived or not is_derived(path)}

    def _collect(
        self, scope: Scope, where: ResultFilter, path: str, within: Sequence[int] | None, hidden: Hidden
    ) -> None:
        """The cells to be counted, in temporary tables, which are gone with the transaction."""
        self._rows(sql.LINES, [])
        also = ""
        if within is not None:
            self._rows("CREATE TEMP TABLE chosen (ref INTEGER PRIMARY KEY)", [])
            with in_words(self._path):
                self._connection.executemany(
                    "INSERT OR IGNORE INTO chosen VALUES (?)", ((ref,) for ref in within)
                )
            also = " AND data.file << 32 | data.line IN (SELECT ref FROM temp.chosen)"
        for file in self.files(scope):
            condition, values = self._chosen(file.id, where)
            query = sql.pick(self._place(file.id, path)) + condition + also + but(file.id, hidden)
            with in_words(self._path):
                self._count(query, values)
        self._rows(sql.ELEMENTS if is_derived(path) else sql.CELLS, [])

    def _count(self, query: str, values: Sequence[object]) -> None:
        """Add what the query finds to the cells: counted here where much is the same, else as it comes."""
        found = self._connection.execute(query, bound(values))
        counts = Counter(found.fetchmany(_SAMPLE))
        if len(counts) > _SAMPLE // 2:
            self._connection.execute(
                f"INSERT INTO temp.line SELECT type, value, 1 FROM ({query})", bound(values)
            )
            return
        while rows := found.fetchmany(_SAMPLE):
            counts.update(rows)
            if len(counts) > _MOST_COUNTED:
                self._connection.executemany(sql.ADD, _flat(counts))
                counts.clear()
        self._connection.executemany(sql.ADD, _flat(counts))

    def _place(self, file: int, path: str) -> str:
        rows = self._rows("SELECT place FROM result_column WHERE file = ? AND path = ?", [file, path])
        return sql.column(rows[0][0] if rows else None)

    def _chosen(self, file: int, where: ResultFilter) -> sql.Condition:
        """The condition that chooses lines of `result_data` of one file."""
        condition = " AND data.file = ?"
        values: list[object] = [file]
        for test in where.fields:
            more, its = sql.holds(test, self._place(file, test.path))
            condition, values = f"{condition} AND {more}", [*values, *its]
        rest = replace(where, fields=())
        if rest != EVERYTHING:
            more, its = result_sql.lines(file, rest)
            condition, values = f"{condition} AND data.line IN ({more})", [*values, *its]
        return condition, values

    def _counted(self, path: str, is_numeric: bool, top: int, bins: int) -> Facet:
        ((total, present),) = self._rows(sql.TOTALS, [])
        numbers, low, high, has_fractions = self._rows(sql.NUMBERS, [])[0]
        # Few different numbers say more one by one: stars from 1 to 5.
        has_ranges = is_numeric and numbers > bins
        rows = self._rows(sql.VALUES, [not has_ranges, top])
        distinct, cells = rows[0][2:] if rows else (0, 0)
        values = [FieldValue(text, number) for text, number, _, _ in rows]
        others = cells - sum(each.count for each in values)
        if is_numeric and not has_ranges:
            values.sort(key=_by_size)
        if not has_ranges:
            return Facet(path, total, total - present, tuple(values), others, distinct)
        ranges = self._ranges(edges(low, high, bins, whole=not has_fractions))
        return Facet(path, total, total - present, tuple(values), others, distinct + numbers, ranges)

    def _ranges(self, bounds: list[float]) -> tuple[FieldRange, ...]:
        ((*below, numbers),) = self._rows(*sql.below(bounds[1:-1]))
        counts = [high - low for low, high in pairwise((0, *below, numbers))]
        pairs = list(pairwise(bounds))
        return tuple(
            FieldRange(low, high, number, pair == len(pairs))
            for pair, ((low, high), number) in enumerate(zip(pairs, counts, strict=True), 1)
        )


def _flat(counts: Counter[Row]) -> Iterator[Row]:
    return ((*cell, number) for cell, number in counts.items())


def _by_size(value: FieldValue) -> tuple[bool, float, int, str]:
    try:
        return False, float(value.text), 0, value.text
    except ValueError:
        return True, 0.0, -value.count, value.text


def _by_path(text: str, paths: dict[str, str]) -> dict[str, Cell]:
    cells: dict[str, Cell] = msgspec.json.decode(text)
    return {paths[place]: cell for place, cell in cells.items() if place in paths}
