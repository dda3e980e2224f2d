"""Keeping the list true for as long as the program runs: poll, wait at the right pace, poll."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ..api import Api
from ..errors import DeckError, ServiceDown
from ..model import Account, SyncStatus, utc_now
from ..store import Store
from . import pace
from .poll import Poller
from .status import remedy_of, state_of

GLANCE = 5.0
"""Seconds between looks at what another process wrote into the store, and at the clock."""

log = logging.getLogger(__name__)


class Sync:
    """One account's list, kept true. Views learn of changes from the store, of the state from `on_status`."""

    def __init__(
        self,
        api: Api,
        store: Store,
        *,
        refresh: float = 10.0,
        clock: Callable[[], datetime] = utc_now,
        rng: random.Random | None = None,
        on_status: Callable[[SyncStatus], None] = lambda status: None,
        on_account: Callable[[Account], None] = lambda account: None,
        glance: float = GLANCE,
    ) -> None:
        self.refresh = refresh
        self.status = SyncStatus()
        self.on_status = on_status
        self.on_account = on_account
        self._api = api
        self._store = store
        self._clock = clock
        self._rng = rng or random.Random()
        self._glance = glance
        self._poller: Poller | None = None
        self._polling = asyncio.Lock()
        self._woken = asyncio.Event()
        self._focused = True
        self._failures = 0
        self._failure_pause = 0.0
        self._live = False
        self._asked = 0.0

    @property
    def account(self) -> Account | None:
        """The account whose batches are shown; None until `start`."""
        return self._poller.account if self._poller else None

    @property
    def focused(self) -> bool:
        """Whether somebody looks at the screen; if not, polling takes its time."""
        return self._focused

    @focused.setter
    def focused(self, value: bool) -> None:
        if value and not self._focused:
            self._focused = True
            if self._left() <= 0:
                self.wake()
        self._focused = value

    async def start(self) -> Account:
        """Which account the credential last reached, from the store alone: enough for the first paint."""
        if self._poller is None:
            fingerprint = self._api.fingerprint(await self._store.accounts.salt())
            account = await self._store.accounts.resolve(fingerprint, self._api.base_url)
            self._poller = Poller(
                self._api,
                self._store,
                account,
                clock=self._clock,
                on_account=self._account_changed,
                on_loaded=self._loaded,
            )
        return self._poller.account

    async def run(self) -> None:
        """Poll for ever, at the right pace; ends by being cancelled."""
        await self.start()
        while True:
            self._woken.clear()
            try:
                await self.poll()
            except DeckError:
                pass  # the status says it
            except Exception as error:
                # A poll that trips over something unforeseen must not end the program, nor go unheard.
                log.exception("a poll failed in an unforeseen way")
                title = f"A poll failed in an unforeseen way ({type(error).__name__})."
                self._failed(ServiceDown(title, "The log says more."))
            await self._rest()

    async def poll(self) -> frozenset[str]:
        """One poll, now; gives the ids that changed or raises one of our errors, and the status follows."""
        async with self._polling:
            await self.start()
            assert self._poller is not None
            self._asked = time.monotonic()
            self.status = replace(self.status, checking=True)
            try:
                await self._api.load()
                changed = await self._poller.poll()
                self._live = bool(await self._store.batches.live(self._poller.account.id))
            except DeckError as error:
                self._failed(error)
                raise
            finally:
                self.status = replace(self.status, checking=False)
            self._succeeded()
            return changed

    def wake(self) -> None:
        """Poll at once, whatever the pace says."""
        self._woken.set()

    async def _rest(self) -> None:
        """Wait for the next poll's time, a wake, or the clock to say that the machine slept through it."""
        while not self._woken.is_set() and (left := self._left()) > 0:
            if self.status.next_at is not None and self._clock() >= self.status.next_at:
                return
            try:
                async with asyncio.timeout(min(left, self._glance)):
                    await self._woken.wait()
            except TimeoutError:
                await self._look_elsewhere()

    async def _look_elsewhere(self) -> None:
        """Another process on the same store may have launched or fetched something."""
        try:
            if await self._store.changed_elsewhere() and (account := self.account) is not None:
                entries = await self._store.batches.entries(account.id)
                self._live = any(entry.batch.is_live and not entry.gone_at for entry in entries)
                self._store.publish(entry.id for entry in entries)
        except DeckError as error:
            log.warning("the store cannot be read: %s", error.title)

    def _every(self) -> float:
        if self._failures:
            return self._failure_pause
        return pace.steady(self.refresh, live=self._live, focused=self._focused)

    def _left(self) -> float:
        return self._asked + self._every() - time.monotonic()

    def _succeeded(self) -> None:
        self._failures = 0
        now = self._clock()
        self._tell(SyncStatus("live", checked_at=now, next_at=self._due(now), every=self._every()))

    def _failed(self, error: DeckError) -> None:
        self._failures += 1
        self._failure_pause = pace.after_failure(self.refresh, self._failures, error, self._rng)
        self._tell(
            SyncStatus(
                state_of(error),
                checked_at=self.status.checked_at,
                next_at=self._due(self._clock()),
                problem=error.title,
                remedy=remedy_of(error),
                every=self._every(),
            )
        )

    def _due(self, now: datetime) -> datetime:
        return now + timedelta(seconds=max(self._left(), 0.0))

    def _loaded(self, number: int) -> None:
        self._tell(replace(self.status, state="loading", loaded=number, problem="", remedy="", next_at=None))

    def _account_changed(self, account: Account) -> None:
        self.on_account(account)

    def _tell(self, status: SyncStatus) -> None:
        if status != self.status:
            self.status = status
            self.on_status(status)
