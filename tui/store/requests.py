"""Where each request of a draft or of a user's file is, and which file belongs to which batch."""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from ..errors import NotAvailable, StoreError
from ..records.requests import Place, custom_id_of, params_of
from ..text import clean, sound
from .convert import instant
from .database import BUSY_SECONDS, portions
from .failures import in_words

PORTION = 10_000
"""Requests indexed in one transaction: others must be able to write in between."""
UNFINISHED = -1
"""In place of the size of a file whose index is being made."""


class Known(NamedTuple):
    """An indexed file of requests."""

    id: int
    path: str
    size: int
    mtime_ns: int
    requests: int
    """As many as there are; those of a repeated custom_id, too."""
    sha256: str
    """Of its bytes as they were indexed."""

    def is_of(self, status: os.stat_result) -> bool:
        """Whether a file seems to be as it was indexed."""
        return (self.size, self.mtime_ns) == (status.st_size, status.st_mtime_ns)


class Attached(NamedTuple):
    """The file that the user says has the requests of a batch."""

    path: str
    sha256: str
    """Of what it was when it was attached; empty where nobody summed it then."""


class RequestIndex:
    """The index, on a connection of its own; every method blocks. Use it in one thread, within `with`.

    Say `store.publish` on the loop after what was attached or detached.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection

    def __enter__(self) -> RequestIndex:
        with in_words(self._path):
            self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
            # An index that lost its last moments in a power cut is made again from the file.
            self._connection.execute("PRAGMA synchronous = NORMAL")
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def attachment(self, batch_id: str) -> Attached | None:
        """The file that the user says has the batch's requests."""
        with in_words(self._path):
            query = "SELECT path, sha256 FROM attachment WHERE batch_id = ?"
            row = self._connection.execute(query, (sound(batch_id),)).fetchone()
        return Attached(*row) if row else None

    def attach(self, batch_id: str, path: str, sha256: str, at: datetime) -> None:
        """Remember the file of a batch, as it is now."""
        with in_words(self._path):
            self._connection.execute(
                "INSERT OR REPLACE INTO attachment (batch_id, path, sha256, attached_at) VALUES (?, ?, ?, ?)",
                (sound(batch_id), path, sha256, instant(at)),
            )

    def detach(self, batch_id: str) -> bool:
        """Forget the file of a batch; False where there was none."""
        with in_words(self._path):
            query = "DELETE FROM attachment WHERE batch_id = ?"
            return self._connection.execute(query, (sound(batch_id),)).rowcount > 0

    def known(self, path: str) -> Known | None:
        """What the index says of a file, if it is whole and says of which bytes it is."""
        with in_words(self._path):
            row = self._connection.execute(
                "SELECT id, path, size, mtime_ns, requests, sha256 FROM request_file"
                " WHERE path = ? AND size != ? AND sha256 != ''",
                (sound(path), UNFINISHED),
            ).fetchone()
        return Known(*row) if row else None

    def forget(self, path: str) -> None:
        """Throw the index of a file away."""
        with in_words(self._path):
            files = self._connection.execute("SELECT id FROM request_file WHERE path = ?", (sound(path),))
            for (file,) in files.fetchall():
                self._connection.execute("DELETE FROM request_file WHERE id = ?", (file,))
                self._connection.execute("DELETE FROM request_line WHERE file = ?", (file,))

    def write(self, path: str, status: os.stat_result, sha256: str, places: Iterable[Place]) -> Known:
        """Index a file anew; of a custom_id that repeats, the last request counts."""
        self.forget(path)
        with in_words(self._path):
            row = self._connection.execute(
                "INSERT INTO request_file (path, size, mtime_ns, requests) VALUES (?, ?, 0, 0) RETURNING id",
                (sound(path), UNFINISHED),
            ).fetchone()
        file, count = int(row[0]), 0
        try:
            for portion in portions(places, PORTION):
                self._add(file, portion)
                count += len(portion)
        except BaseException:
            with suppress(StoreError):
                self.forget(path)
            raise
        known = Known(file, sound(path), status.st_size, status.st_mtime_ns, count, sha256)
        self._finish(known)
        return known

    def _add(self, file: int, portion: Sequence[Place]) -> None:
        with in_words(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO request_line VALUES (?, ?, ?, ?)",
                    ((file, sound(place.custom_id), place.offset, place.length) for place in portion),
                )
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def _finish(self, known: Known) -> None:
        with in_words(self._path):
            ended = self._connection.execute(
                "UPDATE request_file SET size = ?, mtime_ns = ?, requests = ?, sha256 = ? WHERE id = ?",
                (known.size, known.mtime_ns, known.requests, known.sha256, known.id),
            )
        if ended.rowcount != 1:
            raise StoreError("Another batchdeck is reading the same file of requests.", "Try again.")

    def first(self, file: int, number: int) -> list[tuple[int, int]]:
        """Offset and length of the first requests of a file."""
        query = "SELECT offset, length FROM request_line WHERE file = ? ORDER BY offset LIMIT ?"
        with in_words(self._path):
            return self._connection.execute(query, (file, number)).fetchall()

    def distinct(self, file: int) -> int:
        """Custom_ids of a file, each counted once."""
        return self._number("SELECT count(*) FROM request_line WHERE file = ?", file)

    def results(self, batch_id: str) -> tuple[int, int]:
        """Number of the batch's results file, 0 without one, and of its different custom_ids."""
        file = self._number(
            "SELECT coalesce(max(id), 0) FROM result_file WHERE batch_id = ?", sound(batch_id)
        )
        return file, self._number("SELECT count(DISTINCT custom_id) FROM result_line WHERE file = ?", file)

    def matching(self, file: int, results: int) -> int:
        """Different custom_ids of a results file that have a request in this file."""
        return self._number(
            "SELECT count(*) FROM (SELECT DISTINCT custom_id FROM result_line WHERE file = ?) AS one"
            " JOIN request_line ON request_line.file = ? AND request_line.custom_id = one.custom_id",
            results,
            file,
        )

    def unanswered(self, file: int, results: Sequence[int]) -> list[str]:
        """Custom_ids of a file that have a line in none of these results files, in the file's order."""
        marks = ", ".join("?" * len(results))
        with in_words(self._path):
            rows = self._connection.execute(
                "SELECT custom_id FROM request_line WHERE file = ? AND custom_id NOT IN"
                f" (SELECT custom_id FROM result_line WHERE file IN ({marks})) ORDER BY offset",
                (file, *results),
            )
            return [row[0] for row in rows]

    def _number(self, query: str, *values: object) -> int:
        with in_words(self._path):
            row = self._connection.execute(query, values).fetchone()
        return int(row[0])


class RequestFile:
    """The requests of one file by custom_id; every method blocks, for one thread at a time.

    The file stays open, so that a hundred thousand requests cost a hundred thousand reads and no more.
    """

    def __init__(self, store: Path, known: Known) -> None:
        self.path = Path(known.path)
        self.requests = known.requests
        self._store = store
        self._known = known
        self._close: Callable[[], object] = lambda: None
        self._handle: IO[bytes] | None = None
        self._connection: sqlite3.Connection | None = None

    def read(self, custom_id: str) -> bytes | None:
        """The params of a request as JSON, or None where there is none of this id."""
        request = self.line(custom_id)
        return None if request is None else params_of(request)

    def line(self, custom_id: str) -> bytes | None:
        """A whole request as it stands in the file; NotAvailable where another stands there by now."""
        handle, connection = self._opened()
        with in_words(self._store):
            row = connection.execute(
                "SELECT offset, length FROM request_line WHERE file = ? AND custom_id = ?",
                (self._known.id, sound(custom_id)),
            ).fetchone()
        if row is None:
            return None
        handle.seek(row[0])
        request = handle.read(row[1])
        if sound(custom_id_of(request)) != sound(custom_id):
            raise changed(self._known)
        return request

    def close(self) -> None:
        """Let go of the file; it is opened again when it is read again."""
        self._close()
        self._handle = self._connection = None

    def _opened(self) -> tuple[IO[bytes], sqlite3.Connection]:
        if self._handle is None or self._connection is None:
            handle = open_known(self._known)
            with in_words(self._store):
                # Opened on one thread and closed on another, but never used by two at once.
                connection = sqlite3.connect(self._store, timeout=BUSY_SECONDS, check_same_thread=False)
            self._handle, self._connection = handle, connection
            self._close = weakref.finalize(self, _close_both, handle, connection)
        return self._handle, self._connection


def _close_both(handle: IO[bytes], connection: sqlite3.Connection) -> None:
    handle.close()
    connection.close()


def open_known(known: Known) -> IO[bytes]:
    """The indexed file, to be read; NotAvailable where it is gone, or not as it was indexed."""
    shown = clean(known.path)
    try:
        handle = open(known.path, "rb")  # noqa: SIM115 - it stays open
    except OSError as error:
        raise NotAvailable(
            f"The requests in {shown} cannot be read: {error.strerror or error}.", "Attach the file again."
        ) from error
    if not known.is_of(os.fstat(handle.fileno())):
        handle.close()
        raise changed(known)
    return handle


def changed(known: Known) -> NotAvailable:
    """Why a file cannot be read by its index."""
    return NotAvailable(f"{clean(known.path)} has changed since its requests were read.", "Try again.")
