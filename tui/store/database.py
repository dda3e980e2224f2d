"""The one connection: reads, and transactions that either happen whole or not at all."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Sequence,
    Sized,
)
from contextlib import asynccontextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar, cast

import aiosqlite

from ..errors import StoreError
from ..text import sound
from .failures import in_words, store_error
from .migrations import APPLICATION_ID, MIGRATIONS

BUSY_SECONDS = 5.0
"""How long a write waits for another process to finish its own."""

T = TypeVar("T")
Row = tuple[Any, ...]
Listener = Callable[[frozenset[str]], None]

# It logs every statement with its parameters at debug level: labels, paths, first words.
logging.getLogger("aiosqlite").setLevel(logging.WARNING)


class Database:
    """A connection to the store's file, with errors in words and listeners that hear of changes."""

    def __init__(self, path: Path, connection: aiosqlite.Connection) -> None:
        self.path = path
        self._connection = connection
        self._lock = asyncio.Lock()
        self._listeners: list[Listener] = []
        self._version = 0

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with the ids of changed batches after each commit; returns the way out."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def publish(self, ids: Iterable[str]) -> None:
        """Tell the listeners that these batches have changed."""
        changed = frozenset(ids)
        for listener in tuple(self._listeners) if changed else ():
            try:
                listener(changed)
            except Exception as error:
                # What was committed stays committed: a listener's mistake must not look like a failed write.
                what = {"message": "a listener to the store failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(what)

    async def rows(self, sql: str, *values: object) -> list[Row]:
        """All rows of a query; waits for a running transaction, so that nobody sees half of one."""
        async with self._lock:
            return await _rows(self._connection, self.path, sql, values)

    async def row(self, sql: str, *values: object) -> Row | None:
        """The first row of a query."""
        rows = await self.rows(sql, *values)
        return rows[0] if rows else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """The only way to write: begins at once, is durable at the end, rolls back on any exception.

        A cancelled task must not leave half a write behind for the next one to commit: what is still in the
        connection's queue when the cancel comes runs before the rollback, which is put behind it.
        """
        async with self._lock:
            try:
                with in_words(self.path):
                    await self._connection.execute("BEGIN IMMEDIATE")
                transaction = Transaction(self._connection, self.path)
                yield transaction
            except BaseException:
                await _surely(self._connection.rollback())
                raise
            await _surely(self._commit(transaction.changed))

    async def changed_elsewhere(self) -> bool:
        """Whether another connection has committed since this was last asked."""
        row = await self.row("PRAGMA data_version")
        before, self._version = self._version, int(row[0]) if row else 0
        return self._version != before

    async def _commit(self, changed: Collection[str]) -> None:
        try:
            with in_words(self.path):
                await self._connection.execute("COMMIT")
        except StoreError:
            await self._connection.rollback()
            raise
        self.publish(changed)


class Transaction:
    """What may be done within a transaction; `changed` collects the ids of changed batches."""

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self.changed: set[str] = set()

    async def rows(self, sql: str, *values: object) -> list[Row]:
        """All rows of a query."""
        return await _rows(self._connection, self._path, sql, values)

    async def row(self, sql: str, *values: object) -> Row | None:
        """The first row of a query."""
        rows = await self.rows(sql, *values)
        return rows[0] if rows else None

    async def execute(self, sql: str, *values: object) -> int:
        """Run a statement; the number of rows it changed."""
        with in_words(self._path):
            cursor = await self._connection.execute(sql, bound(values))
            return cursor.rowcount

    async def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row of values."""
        with in_words(self._path):
            await self._connection.executemany(sql, [bound(row) for row in rows])


def bound(values: Sequence[object]) -> list[object]:
    """Values SQLite takes: lone surrogates would not pass, wherever they came from."""
    return [sound(value) if type(value) is str else value for value in values]


def marks(values: Sized) -> str:
    """`?, ?, ?`: one place for each value."""
    return ", ".join("?" * len(values))


def portions(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """The values, so many at a time: SQLite takes a limited number in one statement."""
    iterator = iter(values)
    while part := list(islice(iterator, size)):
        yield part


async def converted(rows: Sequence[Row], make: Callable[[Row], T], size: int = 500) -> list[T]:
    """Each row made into something, with a breath for the event loop in between."""
    made: list[T] = []
    for start in range(0, len(rows), size):
        if start:
            await asyncio.sleep(0)
        made += map(make, rows[start : start + size])
    return made


async def _rows(
    connection: aiosqlite.Connection, path: Path, sql: str, values: Sequence[object]
) -> list[Row]:
    # One call into the connection's thread: a cursor left open in between would hold an old snapshot, and the
    # next write would fail as soon as another process had committed.
    with in_words(path):
        return cast("list[Row]", await connection.execute_fetchall(sql, bound(values)))


async def _surely(work: Coroutine[Any, Any, None]) -> None:
    """Wait for work to end even when cancelled meanwhile; the cancel is passed on afterwards."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled


@asynccontextmanager
async def open_database(path: Path) -> AsyncIterator[Database]:
    """The database in a file, made or brought up to date where needed, closed at the end whatever happens."""
    _prepare(path)
    with in_words(path):
        connection = await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
    try:
        with in_words(path):
            await _begin(connection, path)
        database = Database(path, connection)
        await database.changed_elsewhere()
        yield database
    finally:
        await _surely(connection.close())


def _prepare(path: Path) -> None:
    """Make the file before SQLite does: nobody but its user may read it, and its companions copy its mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))
    except OSError as error:
        raise store_error(error, path) from error


async def _begin(connection: aiosqlite.Connection, path: Path) -> None:
    await _version(connection, path)  # before anything is changed in a file that is not ours
    await _write_ahead(connection)
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "cache_size = -8000"):
        await connection.execute(f"PRAGMA {pragma}")
    await connection.execute("BEGIN IMMEDIATE")
    try:
        await _migrate(connection, path)
    except BaseException:
        await _surely(connection.rollback())
        raise
    await connection.execute("COMMIT")


async def _write_ahead(connection: aiosqlite.Connection) -> None:
    # Two processes that open a new file at once: the second is refused without the usual patience.
    patience = BUSY_SECONDS
    while True:
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or patience <= 0:
                raise
        await asyncio.sleep(0.05)
        patience -= 0.05


async def _migrate(connection: aiosqlite.Connection, path: Path) -> None:
    version = await _version(connection, path)
    for statement in chain.from_iterable(MIGRATIONS[version:]):
        await connection.execute(statement)
    if version < len(MIGRATIONS):
        await connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        await connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


async def _version(connection: aiosqlite.Connection, path: Path) -> int:
    """How many steps the file has taken; raises StoreError where it is not ours to touch."""
    # One statement, one moment: another process may be filling the file.
    rows = await connection.execute_fetchall(
        "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_user_version, pragma_application_id"
    )
    version, application, tables = next(iter(rows))
    if application != APPLICATION_ID and (application or tables):
        raise StoreError(f"{path} belongs to another program.", "Choose another place with --data-dir.")
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path} was written by a newer batchdeck.",
            "Update batchdeck, or choose another place with --data-dir.",
        )
    return int(version)
