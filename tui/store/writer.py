"""Writes the index of a results file, from the worker thread that downloads it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from types import TracebackType

from ..errors import StoreError
from ..model import CANCELED, ERRORED, EXPIRED, IndexRow, ResultFile
from ..text import sound
from .convert import RESULT_FIELDS, to_result_file
from .database import BUSY_SECONDS, bound
from .failures import in_words
from .result_sql import OF_A_FILE

_COUNTED = frozenset({ERRORED, CANCELED, EXPIRED})
"""Outcomes that the batch's own counts tell; any other problem is known from the lines only."""

_INSERT = f"INSERT INTO result_line VALUES ({', '.join('?' * 13)})"
_KIND_FIELDS = "outcome, stop_reason, model, error_type, error_message, problem"

_COUNT = (
    "UPDATE result_kind SET lines = lines + ?, input_tokens = input_tokens + ?,"
    " output_tokens = output_tokens + ? WHERE id = ?"
)

Kind = tuple[str, str, str, str, str, bool]
"""What many lines share: outcome, stop reason, model, error type, error message, whether it is a problem."""


class ResultWriter:
    """The index of one batch's results, on a connection of its own; every method blocks.

    Use it in one thread, within `with`. Another process may work on the same batch: the second to write is
    told, instead of mixing its lines into the first one's.
    """

    def __init__(self, path: Path, batch_id: str) -> None:
        self._path = path
        self._batch_id = sound(batch_id)
        self._connection: sqlite3.Connection
        self._file = ResultFile(self._batch_id)
        self._id = 0
        self._kinds: dict[Kind, int] | None = None

    def __enter__(self) -> ResultWriter:
        with in_words(self._path):
            self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            with in_words(self._path):
                # An index that lost its last moments in a power cut is made again from the file.
                self._connection.execute("PRAGMA synchronous = NORMAL")
            with self._transaction():
                self._load()
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def resume(self) -> tuple[int, int]:
        """Bytes indexed so far, up to and with the line feed of the last line, and the number of lines."""
        return self._file.bytes, self._file.lines

    def add(self, rows: Sequence[IndexRow], end: int | None = None) -> None:
        """Add the next lines in one transaction; `end`: where the line after them begins, if known better."""
        if not rows:
            return
        if rows[0].line != self._file.lines:
            raise ValueError(f"line {rows[0].line} does not follow {self._file.lines} lines")
        last = rows[-1]
        with self._transaction():
            self._check()
            attention = self._insert(rows)
            self._update(
                complete=False,
                lines=last.line + 1,
                bytes=last.offset + last.length + 1 if end is None else end,
                attention=self._file.attention + attention,
                missing=0,
            )

    def clear(self) -> None:
        """Forget every line: the file is written anew from its beginning."""
        with self._transaction():
            self._check()
            for table, column in OF_A_FILE:
                self._connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (self._id,))
            self._load()

    def finish(self, *, complete: bool, missing: int, bytes: int) -> ResultFile:
        """Say that the file has all it will have, or why not; what is now known of it."""
        with self._transaction():
            self._check()
            file = self._file
            self._update(complete, file.lines, bytes, file.attention, missing)
        return self._file

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        before = self._file
        with in_words(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                self._file, self._kinds = before, None
                raise

    def _load(self) -> None:
        """Find what is there of this batch, or make a place for it."""
        self._connection.execute(
            "INSERT INTO result_file (batch_id) VALUES (?) ON CONFLICT DO NOTHING", (self._batch_id,)
        )
        self._id, *fields = self._connection.execute(
            f"SELECT id, {RESULT_FIELDS} FROM result_file WHERE batch_id = ?", (self._batch_id,)
        ).fetchone()
        self._file, self._kinds = to_result_file(fields), None

    def _check(self) -> None:
        """Nobody else may have written here since."""
        row = self._connection.execute(
            "SELECT lines, bytes FROM result_file WHERE id = ?", (self._id,)
        ).fetchone()
        if row != (self._file.lines, self._file.bytes):
            raise StoreError(
                "Another batchdeck is working on the results of this batch.",
                "Wait until it is done, then reload.",
            )

    def _update(self, complete: bool, lines: int, bytes: int, attention: int, missing: int) -> None:
        self._connection.execute(
            "UPDATE result_file SET complete = ?, lines = ?, bytes = ?, attention = ?, missing = ?"
            " WHERE id = ?",
            (complete, lines, bytes, attention, missing, self._id),
        )
        self._file = ResultFile(self._batch_id, complete, lines, bytes, attention, missing)

    def _insert(self, rows: Sequence[IndexRow]) -> int:
        """Insert the lines, and count them with their kinds; how many of them need attention."""
        if self._kinds is None:
            self._kinds = self._read_kinds()
        numbers = []
        sums: dict[Kind, list[int]] = {}
        for row in rows:
            kind = (
                row.outcome,
                row.stop_reason,
                row.model,
                row.error_type,
                row.error_message,
                row.is_problem,
            )
            number = self._kinds.get(kind)
            if number is None:
                number = self._kinds[kind] = self._new_kind(kind)
            numbers.append(number)
            total = sums.get(kind)
            if total is None:
                total = sums[kind] = [0, 0, 0, number]
            total[0] += 1
            total[1] += row.total_input
            total[2] += row.output_tokens
        self._connection.executemany(_INSERT, map(_values, repeat(self._id), numbers, rows))
        self._connection.executemany(_COUNT, sums.values())
        return sum(total[0] for kind, total in sums.items() if kind[-1] and kind[0] not in _COUNTED)

    def _read_kinds(self) -> dict[Kind, int]:
        query = f"SELECT {_KIND_FIELDS}, id FROM result_kind WHERE file = ?"
        return {row[:-1]: row[-1] for row in self._connection.execute(query, (self._id,))}

    def _new_kind(self, kind: Kind) -> int:
        cursor = self._connection.execute(
            f"INSERT INTO result_kind (file, {_KIND_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            bound((self._id, *kind)),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid


def _values(file: int, kind: int, row: IndexRow) -> tuple[object, ...]:
    return (
        file,
        row.line,
        kind,
        row.offset,
        row.length,
        sound(row.custom_id),
        row.input_tokens,
        row.output_tokens,
        row.cache_write_5m,
        row.cache_write_1h,
        row.cache_read,
        row.searches,
        sound(row.first_words),
    )
