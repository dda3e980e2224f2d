"""Waiting while the service takes no more requests: its queue is shared by all batches of the account."""

from __future__ import annotations

import asyncio
import contextlib

from ..errors import DeckError, SlowedDown
from .services import Services

LONGEST = 600.0
"""Seconds after which it is tried again, whatever is known of the queue."""
SLOWEST = 30.0
"""Seconds between two looks at the account's batches."""


async def until_room(
    services: Services, refusal: SlowedDown, stopped: asyncio.Event, refusals: int = 1
) -> None:
    """Wait as long as the service wishes, else until fewer requests are being processed than at the refusal.

    A try costs the upload of a whole batch, so that nothing is tried while the account's batches stand still,
    and each of the `refusals` in a row makes the wait longer: a service may wish for no wait at all for ever.
    Ends at once when it is stopped.
    """
    step, waited = min(services.patience * 2.0 ** min(refusals - 1, 16), SLOWEST), 0.0
    if refusal.retry_after is not None:
        await _pause(stopped, min(max(refusal.retry_after, step), LONGEST))
        return
    before = await _queued(services)
    while waited < LONGEST and not stopped.is_set():
        await _pause(stopped, step)
        waited += step
        step = min(2 * step, SLOWEST)
        with contextlib.suppress(DeckError):
            await services.sync.poll()  # on the command line nobody else does
        if not before or await _queued(services) < before:
            return


async def _queued(services: Services) -> int:
    """Requests of the account's batches that are being processed, as far as the list tells."""
    account = await services.account()
    return sum(batch.counts.processing for batch in await services.store.batches.live(account.id))


async def _pause(stopped: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopped.wait()
