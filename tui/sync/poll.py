"""One poll: what the list says goes into the store, page by page, and so that a cut does no harm."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from ..api import Api
from ..errors import NotFound, Refused
from ..model import Account, Batch, Page
from ..store import Store
from .recheck import Recheck
from .status import not_offered
from .walk import Walk

PAGE = 1000
"""Batches per page, the most the service gives (API documentation)."""
FEW = 3
"""So many running batches below the first page are cheaper to ask for one by one than to page down to."""
DEEPEST = 10
"""Pages walked for the sake of running batches far down the list."""
SINGLES = 20
"""Batches asked for one by one in a single poll."""


class Poller:
    """Polls one account at a time; raises what the service or the store raises."""

    def __init__(
        self,
        api: Api,
        store: Store,
        account: Account,
        *,
        clock: Callable[[], datetime],
        on_account: Callable[[Account], None] = lambda account: None,
        on_loaded: Callable[[int], None] = lambda number: None,
    ) -> None:
        self.account = account
        self._api = api
        self._store = store
        self._clock = clock
        self._on_account = on_account
        self._on_loaded = on_loaded
        self._recheck = Recheck(store, clock, lambda cursor: api.list(after=cursor, limit=PAGE))
        self._turn = 0

    async def poll(self) -> frozenset[str]:
        """One look at the service; gives the ids of batches that changed."""
        walk = Walk(self._clock())
        try:
            page = await self._api.list(limit=PAGE)
        except (NotFound, Refused) as error:
            if not_offered(error):
                # A gateway without a list may still know the batches we do.
                await self._one_by_one(await self._store.batches.live(self.account.id))
            raise
        await self._recognise(page)
        was_listed = self.account.listed
        changed = await self._from_the_top(page, walk)
        changed |= await self._conclude(walk)
        if was_listed:
            changed |= await self._recheck.go_on(self.account, page, walk.asked_at)
        else:
            await self._recheck.note(self.account)
        return frozenset(changed)

    async def _recognise(self, page: Page) -> None:
        """The answer's headers tell whose batches these are: the credential may reach another account now."""
        names = (page.organization or self.account.organization, page.workspace or self.account.workspace)
        if names == (self.account.organization, self.account.workspace):
            return
        fingerprint = self._api.fingerprint(await self._store.accounts.salt())
        self.account = await self._store.accounts.identify(
            self.account, fingerprint, page.organization, page.workspace
        )
        self._on_account(self.account)

    async def _from_the_top(self, page: Page, walk: Walk) -> set[str]:
        """Save the newest page and whatever else is needed to know the whole list."""
        account = self.account
        grounded = await self._is_known(page)
        cursor = walk.take(page)
        if cursor is None:
            changed = await self._save(page, walk.asked_at)
            await self._progress(None, listed=True)
        elif grounded and account.listed:
            changed = await self._save(page, walk.asked_at)
            changed |= await self._down_to_the_running(cursor, walk)
        elif grounded and account.cursor:
            # The first visit was cut: from where it ended, the list goes on.
            changed = await self._save(page, walk.asked_at)
            changed |= await self._to_the_end(account.cursor, Walk(walk.asked_at))
        else:
            # A first visit, or more is new than one page holds. The cursor is noted before the page is
            # saved: should this be cut, the saved page does not pass for known ground.
            await self._progress(cursor, listed=False)
            changed = await self._save(page, walk.asked_at)
            changed |= await self._to_the_end(cursor, walk, until_known=account.listed)
        return changed

    async def _to_the_end(self, cursor: str, walk: Walk, *, until_known: bool = False) -> set[str]:
        """Walk on, noting the place after each page so that a cut costs one page at most."""
        changed: set[str] = set()
        following: str | None = cursor
        while following is not None:
            self._on_loaded(len(walk.listed))
            asked_at = self._clock()
            page = await self._next(following)
            known = until_known and await self._is_known(page)
            following = walk.take(page)
            changed |= await self._save(page, asked_at)
            if known:
                break
            if following is not None:
                await self._progress(following, listed=False)
        await self._progress(None, listed=True)
        return changed

    async def _next(self, cursor: str) -> Page:
        try:
            return await self._api.list(after=cursor, limit=PAGE)
        except (NotFound, Refused):
            # The batch that was the cursor may be gone; without it there is no going on from there.
            await self._progress(None, listed=False)
            raise

    async def _down_to_the_running(self, cursor: str, walk: Walk) -> set[str]:
        """Walk until every running batch has been seen, if they are many and not too far down."""
        changed: set[str] = set()
        following: str | None = cursor
        for _ in range(DEEPEST):
            if following is None or len(await self._unseen(walk)) <= FEW:
                break
            page = await self._api.list(after=following, limit=PAGE)
            following = walk.take(page)
            changed |= await self._save(page, walk.asked_at)
        return changed

    async def _conclude(self, walk: Walk) -> set[str]:
        """Believe the list as far as it went; ask for running batches beyond it by their ids."""
        unseen = await self._unseen(walk)
        changed: set[str] = set()
        if walk.reliable and (walk.complete or walk.oldest is not None):
            oldest = None if walk.complete else walk.oldest
            changed |= await self._store.batches.absent(self.account.id, walk.listed, oldest, walk.asked_at)
        return changed | await self._one_by_one(batch for batch in unseen if not walk.covers(batch))

    async def _unseen(self, walk: Walk) -> list[Batch]:
        running = await self._store.batches.live(self.account.id)
        return [batch for batch in running if batch.id not in walk.listed]

    async def _one_by_one(self, batches: Iterable[Batch]) -> set[str]:
        """Ask for single batches; a 404 counts, and only several of them over minutes mean deletion."""
        waiting = sorted(batches, key=lambda batch: batch.id)
        start = self._turn % len(waiting) if len(waiting) > SINGLES else 0
        self._turn = start + SINGLES
        changed: set[str] = set()
        for batch in (waiting[start:] + waiting[:start])[:SINGLES]:
            asked_at = self._clock()
            try:
                found = await self._api.retrieve(batch.id)
            except NotFound:
                if await self._store.batches.missed(batch.id, asked_at):
                    changed.add(batch.id)
                continue
            changed |= await self._store.batches.save(self.account.id, [found], asked_at)
        return changed

    async def _is_known(self, page: Page) -> bool:
        """Whether the page reaches batches that earlier polls saw: its oldest one tells.

        Any newer one does not: it may be a batch of ours, saved when it was launched.
        """
        return bool(page.batches) and await self._store.batches.get(page.batches[-1].id) is not None

    async def _save(self, page: Page, asked_at: datetime) -> set[str]:
        return set(await self._store.batches.save(self.account.id, page.batches, asked_at))

    async def _progress(self, cursor: str | None, *, listed: bool) -> None:
        if (self.account.cursor, self.account.listed) != (cursor, listed):
            await self._store.accounts.progress(self.account.id, cursor=cursor, listed=listed)
            self.account = replace(self.account, cursor=cursor, listed=listed)
