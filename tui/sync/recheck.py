"""Deletions far down a long list: once an hour it is walked to its end, a few pages a poll.

A poll asks for the first page only. What is deleted below it would stay in the list for ever, so the rest is
looked through now and then. When that last began is kept in the store: a command that polls just once takes
its part in it too, and no hour sees two walks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from ..errors import NotFound, Refused
from ..model import Account, Page
from ..store import Store
from .walk import Walk

EVERY = timedelta(hours=1)
AT_ONCE = 5
"""Pages walked in a single poll: ten thousand batches are through in two."""


class Recheck:
    """One walk at a time; only its first page is the poll's own."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], ask: Callable[[str], Awaitable[Page]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._ask = ask
        self._account_id = 0
        self._walk: Walk | None = None
        self._cursor: str | None = None

    async def note(self, account: Account) -> None:
        """The whole list has just been seen, or its walk begins now."""
        await self._store.settings.set(_name(account), self._clock().isoformat())

    async def go_on(self, account: Account, top: Page, asked_at: datetime) -> set[str]:
        """Walk on after a poll got the list's `top`, if it is time to; the ids of what changed."""
        if self._account_id != account.id or not top.has_more:
            self._account_id, self._walk = account.id, None
        if self._walk is None:
            if not (top.has_more and await self._is_due(account)):
                return set()
            await self.note(account)
            self._walk = Walk(asked_at)
            self._cursor = self._walk.take(top)
        return await self._some_pages(account, self._walk)

    async def _some_pages(self, account: Account, walk: Walk) -> set[str]:
        changed: set[str] = set()
        for _ in range(AT_ONCE):
            if self._cursor is None:
                break
            asked_at = self._clock()
            try:
                page = await self._ask(self._cursor)
            except (NotFound, Refused):  # the batch that was the cursor may be gone: next time
                self._walk = None
                return changed
            self._cursor = walk.take(page)
            changed |= await self._store.batches.save(account.id, page.batches, asked_at)
        if walk.reliable:
            oldest = None if walk.complete else walk.oldest
            changed |= await self._store.batches.absent(account.id, walk.listed, oldest, walk.asked_at)
        if self._cursor is None:
            self._walk = None
        return changed

    async def _is_due(self, account: Account) -> bool:
        text = await self._store.settings.get(_name(account))
        try:
            last = datetime.fromisoformat(text or "")
            return not timedelta() <= self._clock() - last < EVERY
        except (ValueError, TypeError):
            return True


def _name(account: Account) -> str:
    return f"walked list {account.id}"
