"""Writes the index of a results file, from the worker thread that downloads it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import StoreError
from ..model import CANCELED, ERRORED, EXPIRED, IndexRow, ResultFile, ref_of
from ..records.portion import WIDTH, Kind, Kinds, Portion
from ..text import sound
from .convert import RESULT_FIELDS, to_result_file
from .database import BUSY_SECONDS
from .failures import in_words
from .result_sql import OF_A_FILE

SELDOM = 8_000
"""Pages of 4 kB that wait before they are copied to their place: those that change with each commit are then
copied once instead of each time."""

AT_ONCE = 80
"""Lines that one statement inserts: the more, the less each of them costs. Some SQLites take 999 values."""

_COUNTED = frozenset({ERRORED, CANCELED, EXPIRED})
"""Outcomes that the batch's own counts tell; any other problem is known from the lines only."""

_KIND = "outcome, stop_reason, model, error_type, error_message, problem, geo, long"
_SUMS = ("input_tokens", "output_tokens", "cache_write_5m", "cache_write_1h", "cache_read", "searches")

_COUNT = (
    f"UPDATE result_kind SET lines = lines + ?, {', '.join(f'{name} = {name} + ?' for name in _SUMS)}"
    " WHERE id = ?"
)


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
        self.kinds = Kinds()
        """The numbers of the kinds of lines: what comes to `add` is made with them, until `clear`."""

    def __enter__(self) -> ResultWriter:
        with in_words(self._path):
            self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            with in_words(self._path):
                # An index that lost its last moments in a power cut is made again from the file.
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.execute(f"PRAGMA wal_autocheckpoint = {SELDOM}")
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

    def add(self, lines: Portion | Sequence[IndexRow], end: int | None = None) -> None:
        """Add the next lines in one transaction; `end`: where the line after them begins, if known better."""
        portion = lines if isinstance(lines, Portion) else Portion.of(lines, self.kinds)
        if not portion.values:
            return
        if portion.values[0] != self._file.lines:
            raise ValueError(f"line {portion.values[0]} does not follow {self._file.lines} lines")
        if portion.kinds is not self.kinds:
            raise ValueError("these lines were made with the kinds of another file")
        with self._transaction():
            self._check()
            attention = self._insert(portion)
            self._update(
                complete=False,
                lines=self._file.lines + portion.lines,
                bytes=portion.end if end is None else end,
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
        before = self._file, self._id, self.kinds
        with in_words(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                self._file, self._id, self.kinds = before
                raise

    def _load(self) -> None:
        """Find what is there of this batch, or make a place for it."""
        self._connection.execute(
            "INSERT INTO result_file (batch_id) VALUES (?) ON CONFLICT DO NOTHING", (self._batch_id,)
        )
        self._id, *fields = self._connection.execute(
            f"SELECT id, {RESULT_FIELDS} FROM result_file WHERE batch_id = ?", (self._batch_id,)
        ).fetchone()
        self._file = to_result_file(fields)
        kinds = self._connection.execute(
            f"SELECT {_KIND} FROM result_kind WHERE file = ? ORDER BY id", (self._id,)
        )
        self.kinds = Kinds((*texts, bool(problem), geo, bool(long)) for *texts, problem, geo, long in kinds)

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

    @property
    def _base(self) -> int:
        """The id of the file's first kind: every file has room for as many kinds as lines."""
        return ref_of(self._id, 0)

    def _insert(self, portion: Portion) -> int:
        """Insert the lines, and count them with their kinds; how many of them need attention."""
        many = self._connection.executemany
        first = self._base
        known = self._connection.execute(
            "SELECT count(*) FROM result_kind WHERE file = ?", (self._id,)
        ).fetchone()[0]
        many(
            f"INSERT INTO result_kind (id, file, {_KIND}) VALUES (?, {self._id}{', ?' * 8})",
            ((first + number, *portion.kinds.names[number]) for number in range(known, len(portion.kinds))),
        )
        self._insert_lines(portion.values)
        many(_COUNT, [(*sums, first + number) for number, sums in portion.tallies.items()])
        return sum(
            sums[0]
            for number, sums in portion.tallies.items()
            if _needs_attention(portion.kinds.names[number])
        )

    def _insert_lines(self, values: list[Any]) -> None:
        row = f"({self._id}, ?, {self._base} + ?{', ?' * (WIDTH - 3)}, CAST(? AS TEXT))"
        start = 0
        for lines in (AT_ONCE, 1):
            size = lines * WIDTH
            end = len(values) - (len(values) - start) % size
            self._connection.executemany(
                f"INSERT INTO result_line VALUES {', '.join([row] * lines)}",
                (values[place : place + size] for place in range(start, end, size)),
            )
            start = end


def _needs_attention(kind: Kind) -> bool:
    """Whether lines of this kind are problems that the batch's own counts do not tell."""
    outcome, _, _, _, _, is_problem, _, _ = kind
    return is_problem and outcome not in _COUNTED
