"""What the marks beside drafts know, taken into a store that is older than they are."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

from ..errors import UsageError
from ..model import DRAFT, DROPPED, FAILED, SENT, UNCERTAIN, Launch, Run
from ..paths import MARK
from .endings import to_the_end
from .locks import held
from .services import Services

FORGOTTEN = "It was sent before, but this copy of state.db does not know how that ended."


async def recall(services: Services) -> int:
    """Bring back what the store has forgotten of the account's launches, and say of how many.

    What is being sent at this moment is left to its sender, who knows more.
    """
    names = await asyncio.to_thread(_names, services)
    states = await services.store.launches.states() if names else {}
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
    known = await services.store.launches.get(launch_id)
    account = await services.account()
    if known is None and (mark is None or mark.launch.id != launch_id or not mark.is_of(account)):
        return False
    run = mark.run if mark else Run(launch_id, (), made_at)
    launch = _as_it_is(known, mark.launch if mark else None, made_at)
    return launch is not None and await to_the_end(services.store.runs.recall(account.id, run, launch))


def _as_it_is(known: Launch | None, sent: Launch | None, at: datetime) -> Launch | None:
    """The launch as it must be; None where the store knows all there is to know."""
    if known is not None and known.state in (SENT, DROPPED):
        return None
    if sent is not None and sent.batch_id:
        return sent.to(SENT, problem="")
    if known is not None and known.state not in (DRAFT, FAILED):
        return None
    forgotten = sent or known  # a mark that cannot be read says at least that there was a sending
    if forgotten is None:
        return None
    times = {"sent_at": forgotten.sent_at or at, "first_sent_at": forgotten.first_sent_at or at}
    return forgotten.to(UNCERTAIN, problem=FORGOTTEN, **times)


def _names(services: Services) -> list[str]:
    """The launches that have a mark."""
    try:
        return [name.removesuffix(MARK) for name in os.listdir(services.paths.drafts) if name.endswith(MARK)]
    except OSError:
        return []


def _made_at(mark: Path) -> datetime | None:
    """When a mark was made, whatever has become of it; None where there is none."""
    try:
        return datetime.fromtimestamp(mark.stat().st_mtime, UTC)
    except OSError:
        return None
