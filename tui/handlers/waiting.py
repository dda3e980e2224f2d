"""Waiting for batches to end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from ..errors import TryAgain
from ..model import Entry
from ..text import plural
from .finding import entries
from .services import Services, nobody_listens


async def wait(
    services: Services,
    ids: Sequence[str],
    *,
    timeout: float | None = None,  # noqa: ASYNC109 – the user's own limit, with words for its end
    on_change: Callable[[Entry], None] = nobody_listens,
) -> list[Entry]:
    """Poll until none of these batches is live any more, and give them; TryAgain when the time is up.

    It polls by itself, so nobody else needs to run `Sync.run`. `on_change` hears of every batch at first, and
    again whenever it differs. What will pass (a cut line, a busy service) is waited out; the rest is raised.
    """
    wanted = tuple(dict.fromkeys(ids))
    watch = _Watch(services, wanted, on_change)
    await watch.look()
    try:
        async with asyncio.timeout(timeout):
            await watch.until_ended()
    except TimeoutError:
        raise TryAgain(
            f"{plural(len(watch.live), 'batch')} of {len(wanted)} still running when the time was up.",
            "Wait again, or cancel.",
        ) from None
    return [watch.seen[id] for id in wanted]


class _Watch:
    """What was last seen of the batches."""

    def __init__(self, services: Services, ids: tuple[str, ...], on_change: Callable[[Entry], None]) -> None:
        self._services = services
        self._ids = ids
        self._on_change = on_change
        self.seen: dict[str, Entry] = {}

    @property
    def live(self) -> list[Entry]:
        """Those that still run."""
        return [entry for entry in self.seen.values() if entry.batch.is_live and entry.gone_at is None]

    async def until_ended(self) -> None:
        """Poll, at the pace that the sync's status sets."""
        while self.live:
            with contextlib.suppress(TryAgain):  # the status says it, and sets a calmer pace
                await self._services.sync.poll()
            await self.look()
            if self.live:
                await asyncio.sleep(self._services.sync.status.every)

    async def look(self) -> None:
        """Take in what the store says now."""
        for entry in await entries(self._services, self._ids):
            if self.seen.get(entry.id) != entry:
                self.seen[entry.id] = entry
                self._on_change(entry)
