"""What the marks beside drafts know, taken into a store that is older than they are."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DeckError, UsageError
from ..model import DRAFT, DROPPED, FAILED, SENT, UNCERTAIN, Account, Launch, Run
from ..paths import MARK
from .endings import to_the_end
from .locks import held
from .services import Services

if TYPE_CHECKING:
    from .marks import Mark

FORGOTTEN = "It was sent before, but this copy of state.db does not know how that ended."


async def recall(services: Services, *, ask: bool = False) -> int:
    """Bring back what the store has forgotten of the account's launches, and say of how many.

    What is being sent at this moment is left to its sender, who knows more. `ask`: where the store does not
    even know whose credential this is, the service is asked.
    """
    names = await asyncio.to_thread(_names, services)
    states = await services.store.launches.states() if names else {}
    if ask and not states.keys() >= set(names) and not (await services.account()).organization:
        with suppress(DeckError):  # who cannot be told apart waits for the next time
            await services.sync.poll()
    found = 0
    for launch_id in names:
        if states.get(launch_id) not in (SENT, DROPPED):
            try:
                with held(services.paths.draft_file(launch_id)):
                    found += await recalled(services, launch_id)
            except UsageError:
                continue
    return found


async def recalled(services: Services, launch_id: str) -> bool:
    """Bring back what the store has forgotten of a launch, if anything; whoever asks holds its draft."""
    made_at = await asyncio.to_thread(_made_at, services.paths.mark_file(launch_id))
    if made_at is None:
        return False
    from . import marks  # and what they are read with: most starts have no use for it

    mark = await asyncio.to_thread(marks.read, services.paths.mark_file(launch_id))
    if mark is not None and mark.launch.id != launch_id:  # put there by hand: it says no more than its place
        mark = None
    known = await services.store.launches.get(launch_id)
    account = await services.account()
    if known is None and (mark is None or not mark.is_of(account)):
        return False
    return await _taken(services, account, known, mark, made_at)


async def _taken(
    services: Services, account: Account, known: Launch | None, mark: Mark | None, made_at: datetime
) -> bool:
    """Make the store know what a mark knows; False where it knows it all, or more."""
    if known is not None and known.state in (SENT, DROPPED):
        return False
    sent = mark.launch if mark else None
    run = mark.run if mark else Run(known.run_id if known else "", (), made_at)
    if sent is not None and sent.batch_id:
        named = sent.to(SENT, problem="")
        if await to_the_end(services.store.runs.recall(account.id, run, named)):
            return True
        if known is None:  # without a draft in the store nobody can send it
            return False
    launch = _unclear(known, sent, made_at)
    return launch is not None and await to_the_end(services.store.runs.recall(account.id, run, launch))


def _unclear(known: Launch | None, sent: Launch | None, at: datetime) -> Launch | None:
    """The launch with an unclear end; None where the store has that already."""
    if known is not None and known.state not in (DRAFT, FAILED):
        return None
    forgotten = sent or known  # a mark that cannot be read says at least that there was a sending
    if forgotten is None:
        return None
    times = {"sent_at": forgotten.sent_at or at, "first_sent_at": forgotten.first_sent_at or at}
    return forgotten.to(UNCERTAIN, batch_id=None, problem=FORGOTTEN, **times)


def _names(services: Services) -> list[str]:
    """The launches that have a mark."""
    try:
        return [name.removesuffix(MARK) for name in os.listdir(services.paths.drafts) if name.endswith(MARK)]
    except OSError:
        return []


def _made_at(mark: Path) -> datetime | None:
    """When a mark was made, whatever has become of it; None where there is none."""
    try:
        made_at = mark.stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(min(max(made_at, 0), time.time()), UTC)  # no calendar has every number
