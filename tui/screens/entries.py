"""The list's rows in memory: all of them once, then only what changed."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Entry
from .desk import Desk


class Entries:
    """The account's batches by id, as the store last said."""

    def __init__(self, desk: Desk) -> None:
        self.by_id: dict[str, Entry] = {}
        self._desk = desk
        self._account = 0
        self._stale: set[str] = set()

    def note(self, ids: Iterable[str]) -> None:
        """These changed; they stay stale until they were really read."""
        self._stale.update(ids)

    async def load(self) -> None:
        """Read everything."""
        self._account = self._desk.account_id()
        self._stale.clear()
        found = await self._desk.store.batches.entries(self._account)
        self.by_id = {entry.id: entry for entry in found}

    async def catch_up(self) -> None:
        """Read what changed; everything, should the account turn out to be another one."""
        if self._desk.account_id() != self._account:
            await self.load()
            return
        ids = frozenset(self._stale)
        found = {entry.id: entry for entry in await self._desk.store.batches.some(ids)}
        for batch_id in ids - found.keys():
            self.by_id.pop(batch_id, None)
        self.by_id.update(found)
        self._stale -= ids
