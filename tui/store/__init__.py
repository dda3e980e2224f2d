"""What we remember: everything one may ask of it is here, and SQL is nowhere else.

    store.accounts   which account a credential reaches, and how far its list has been loaded
    store.batches    the list, labels, and what the server's answers do to them
    store.results    the index of downloaded results: counts, matching lines, rows
    store.fields     the answers read as data: columns, cells, counted values
    store.launches   what was sent, what became of it, and what nobody knows
    store.runs       what belongs together of it: parts, samples, retries
    store.earlier    what all that tells of the next launch: lengths of answers, what was spent today
    store.settings   the interface's own memory

Two kinds of data live in one file: what can be fetched again (batches, the result index) and what cannot
(labels, launches, runs, settings). Several processes may use the file at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .accounts import Accounts
from .batches import Batches
from .database import Database, open_database
from .launches import Launches
from .results import Results
from .runs import Runs
from .settings import Settings

if TYPE_CHECKING:
    from .earlier import Earlier
    from .fields import Fields

__all__ = [
    "Accounts",
    "Batches",
    "Launches",
    "Results",
    "Runs",
    "Settings",
    "Store",
    "open_store",
]


class Store:
    """The open store: its parts, and the news of what changes."""

    def __init__(self, database: Database) -> None:
        self.path = database.path
        self.accounts = Accounts(database)
        self.batches = Batches(database)
        self.results = Results(database)
        self.launches = Launches(database)
        self.runs = Runs(database)
        self.settings = Settings(database)
        self._database = database

    @cached_property
    def earlier(self) -> Earlier:
        """Made when asked for, as `fields` is."""
        from .earlier import Earlier

        return Earlier(self._database)

    @cached_property
    def fields(self) -> Fields:
        """Made when asked for: the first paint needs nothing of what reads answers."""
        from .fields import Fields

        return Fields(self._database)

    def subscribe(self, callback: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Hear the ids of changed batches after each commit, on the event loop; call the answer to stop."""
        return self._database.subscribe(callback)

    def publish(self, ids: Iterable[str]) -> None:
        """Tell the listeners that these batches may have changed: another process wrote them."""
        self._database.publish(ids)

    async def changed_elsewhere(self) -> bool:
        """Whether another connection, of this process or another, has committed since this was last asked."""
        return await self._database.changed_elsewhere()


@asynccontextmanager
async def open_store(path: Path) -> AsyncIterator[Store]:
    """The store in this file, made where there is none; closed at the end whatever happens.

    Raises StoreError where it cannot be used: a newer file, another program's, no permission, no space.
    """
    async with open_database(path) as database:
        yield Store(database)
