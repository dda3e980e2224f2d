"""Another attempt of a run in the store: all of its launches, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..errors import StoreError
from ..model import DRAFT, REQUESTS, SENT, Account, Draft, Entry, Launch, Run
from . import marks
from .endings import to_the_end
from .launches import remove
from .marks import Mark
from .retry_scope import Tried
from .services import Services


async def keep(services: Services, found: Tried, draft: Draft, ids: Mapping[int, str]) -> str:
    """Keep the launches of another attempt in one go, with the run if that is a new one; the run's id.

    `ids` has those of the launches, by the number of their part.
    """
    account = await services.account()
    if found.run is not None:
        launches = list(_launches(services, found.run, draft, ids))
        await _surely(services, services.store.runs.add_attempt(account.id, launches), launches)
        return found.run.id
    (entry,) = found.entries
    run = _elsewhere(entry, found.files[entry.id].path)
    launches = list(_launches(services, run, draft, ids))
    whole = Run(run.id, (*run.launches, *launches), run.created_at, kind=REQUESTS)
    await _surely(services, services.store.runs.add(account.id, whole), launches)
    await _mark(services, whole, account)
    services.store.publish([entry.id])
    return run.id


def _launches(services: Services, run: Run, draft: Draft, ids: Mapping[int, str]) -> Iterable[Launch]:
    for number, part in enumerate(draft.parts, 1):
        yield Launch(
            id=ids[number],
            state=DRAFT,
            name=run.name,
            source=run.source,
            requests=part.requests,
            bytes=part.bytes,
            sha256=part.sha256,
            created_at=services.clock(),
            models=draft.models if len(draft.parts) == 1 else (),
            run_id=run.id,
            part=number,
            attempt=run.attempts + 1,
        )


def _elsewhere(entry: Entry, source: Path) -> Run:
    """The run of a batch that was launched elsewhere; the user's file stands for its draft."""
    launch = Launch(
        id=uuid4().hex,
        state=SENT,
        name=entry.label,
        source=str(source),
        requests=entry.batch.counts.total,
        bytes=0,
        sha256="",
        created_at=entry.batch.created_at,
        sent_at=entry.batch.created_at,
        batch_id=entry.id,
    )
    return Run(launch.id, (launch,), launch.created_at)


async def _mark(services: Services, run: Run, account: Account) -> None:
    """Leave a mark of the batch that this run tries again, if that can be: a lost store reads both as one."""
    first = run.launches[0]
    with suppress(StoreError):
        await asyncio.to_thread(marks.put, services.paths.mark_file(first.id), Mark.of(first, run, account))


async def _surely(services: Services, adding: Coroutine[Any, Any, None], launches: Sequence[Launch]) -> None:
    """Add launches to the store to the end; if that fails, their drafts go, too."""
    task = asyncio.ensure_future(adding)
    try:
        await to_the_end(task)
    except BaseException:
        if task.cancelled() or task.exception() is not None:
            for launch in launches:
                remove(services.paths.draft_file(launch.id))
        raise
