"""Writes what the answers say as data, from the worker threads that read them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from ..records.cells import MORE, REST, Cell
from ..text import sound
from .database import BUSY_SECONDS, Row
from .failures import in_words

MOST_COLUMNS = 1_000
"""Different fields of one file; answers with keys of their own each would make millions."""

_NUMBERS = {int, float}
_encode = msgspec.json.Encoder().encode

Entry = tuple[str, dict[str, Cell]]
"""How an answer was read, and its cells by path."""


class Standing(NamedTuple):
    """How far the answers of a batch have been read."""

    file: int
    """The store's number of the results file; 0 where there is none."""
    done: int
    """Lines read so far, from the first on."""
    lines: int
    """Lines that are indexed."""


class FieldWriter:
    """A connection of its own; every method blocks. One thread at a time may use it, within `with`.

    Whatever was read of a file that meanwhile was begun anew, removed, or read on by somebody else is not
    written: `add` says so, and `standing` tells where things are.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection

    def __enter__(self) -> Self:
        with in_words(self._path):
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
            )
            # What a power cut takes is read from the file again.
            self._connection.execute("PRAGMA synchronous = NORMAL")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def standing(self, batch_id: str) -> Standing:
        """How far this batch's answers have been read."""
        rows = self._rows(
            "SELECT id, (SELECT coalesce(max(line) + 1, 0) FROM result_data WHERE file = result_file.id),"
            " lines FROM result_file WHERE batch_id = ?",
            sound(batch_id),
        )
        return Standing(*rows[0]) if rows else Standing(0, 0, 0)

    def pending(self, standing: Standing, limit: int) -> list[Row]:
        """Line, offset and length of the next lines to be read."""
        return self._rows(
            "SELECT line, offset, length FROM result_line WHERE file = ? AND line >= ? ORDER BY line LIMIT ?",
            *(standing.file, standing.done, limit),
        )

    def add(self, batch_id: str, standing: Standing, entries: Iterable[Entry]) -> bool:
        """Keep what the lines after `standing` say; whether that was still wanted."""
        # As long as nobody has read on from here, the columns are those of now.
        columns = _Columns(self._rows("SELECT path, place FROM result_column WHERE file = ?", standing.file))
        rows = [
            (standing.file, line, how, columns.encoded(cells))
            for line, (how, cells) in enumerate(entries, standing.done)
        ]
        with self._transaction():
            now = self.standing(batch_id)
            if now[:2] != standing[:2] or now.lines < now.done + len(rows):
                return False
            self._connection.executemany("INSERT INTO result_data VALUES (?, ?, ?, ?)", rows)
            self._connection.executemany(
                "INSERT INTO result_column VALUES (?, ?, ?, ?, ?) ON CONFLICT (file, path)"
                " DO UPDATE SET cells = cells + excluded.cells, numbers = numbers + excluded.numbers",
                ((standing.file, *changed) for changed in columns.changed()),
            )
        return True

    def _rows(self, query: str, *values: object) -> list[Row]:
        with in_words(self._path):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with in_words(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                self._connection.rollback()


class _Column:
    """A column of a file, and what is new in it."""

    __slots__ = ("cells", "key", "numbers", "place")

    def __init__(self, place: int) -> None:
        self.place = place
        self.key = str(place)
        self.cells = 0
        self.numbers = 0


class _Shape:
    """Answers with the same fields and kinds of values: what they add to their columns is reckoned once."""

    __slots__ = ("columns", "keys", "kinds", "lists", "times")

    def __init__(self, columns: list[_Column], kinds: tuple[type, ...]) -> None:
        self.columns = columns
        self.keys = [column.key for column in columns]
        self.kinds = kinds
        self.lists = [place for place, kind in enumerate(kinds) if kind is list]
        self.times = 0


class _Columns:
    """The columns of a file, as they grow."""

    def __init__(self, known: Sequence[Row]) -> None:
        self._columns = {path: _Column(place) for path, place in known}
        self._shapes: dict[tuple[object, ...], _Shape] = {}

    def changed(self) -> Iterator[tuple[str, int, int, int]]:
        """Path, place, and how many cells and numbers are new."""
        for shape in self._shapes.values():
            for column, kind in zip(shape.columns, shape.kinds, strict=True):
                column.cells += shape.times
                column.numbers += shape.times * (kind is int or kind is float)
        self._shapes.clear()
        for path, column in self._columns.items():
            if column.cells:
                yield path, column.place, column.cells, column.numbers

    def encoded(self, cells: dict[str, Cell]) -> str:
        """The cells by the numbers of their columns, as JSON; what has no column is counted as one field."""
        values = cells.values()
        signature = (*cells, *map(type, values))
        shape = self._shapes.get(signature) or self._shape(cells, signature)
        if shape is None:
            return self._some(cells)
        shape.times += 1
        for place in shape.lists:
            shape.columns[place].numbers += _all_numbers(cells[signature[place]])  # type: ignore[index]
        return _encode(dict(zip(shape.keys, values, strict=True))).decode()

    def _shape(self, cells: dict[str, Cell], signature: tuple[object, ...]) -> _Shape | None:
        """The columns of answers such as this one; None where there is no room for all of them."""
        found = [self._columns.get(path) or self._new(path) for path in cells]
        columns = [column for column in found if column is not None]
        if len(columns) < len(found):
            return None
        shape = self._shapes[signature] = _Shape(columns, tuple(map(type, cells.values())))
        return shape

    def _some(self, cells: dict[str, Cell]) -> str:
        named: dict[str, Cell] = {}
        left_out = 0
        for path, cell in cells.items():
            column = self._columns.get(path) or self._new(path)
            if column is None:
                left_out += 1
                continue
            named[column.key] = cell
            column.cells += 1
            kind = type(cell)
            column.numbers += kind is int or kind is float or (kind is list and _all_numbers(cell))
        if left_out and (more := self._columns.get(MORE) or self._new(MORE)):
            before = named.get(more.key)
            more.cells += before is None
            more.numbers += before is None
            named[more.key] = left_out + (before if isinstance(before, int) else 0)
        return _encode(named).decode()

    def _new(self, path: str) -> _Column | None:
        if len(self._columns) >= MOST_COLUMNS and path != MORE:
            return None
        self._columns[path] = column = _Column(len(self._columns))
        return column


def _all_numbers(cell: Cell) -> bool:
    if type(cell) is not list:
        return False
    kinds = set(map(type, cell))
    return kinds <= _NUMBERS or all(type(each) in _NUMBERS or each == REST for each in cell)
