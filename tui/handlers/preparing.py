"""Sources to drafts: checked, or checked and saved as the drafts of a run."""

from __future__ import annotations

import asyncio
import os
import threading
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from .. import sources
from ..commands import Check, Prepare
from ..errors import BadSource
from ..model import DRAFT, Draft, Launch, Run
from ..paths import expanded
from ..text import plural
from .endings import in_thread, on_loop, to_the_end
from .known_models import known_models
from .launches import remove
from .services import Services
from .written import remember_all


async def check(services: Services, command: Check) -> Draft:
    """Read sources and say what would be sent and what is wrong with it; asks nobody."""
    progress = on_loop(services.on_read)
    models = await known_models(services, ask=False)

    def work(stop: threading.Event) -> Draft:
        return sources.check(
            command.sources,
            command.making,
            sample=command.sample,
            models=models,
            stop=stop,
            progress=progress,
        )

    return await in_thread(work)


async def prepare(services: Services, command: Prepare) -> tuple[Run, Draft]:
    """Check sources and save their requests as drafts; BadSource, with the draft, if anything is wrong."""
    account = await services.account()
    models = await known_models(services, ask=services.api.loaded)
    ids = _Ids()
    progress = on_loop(services.on_read)

    def work(stop: threading.Event) -> Draft:
        draft = sources.prepare(
            command.sources,
            lambda number: services.paths.draft_file(ids[number]),
            command.making,
            sample=command.sample,
            models=models,
            stop=stop,
            progress=progress,
        )
        remember_all(draft)
        return draft

    draft = await in_thread(work)
    if not draft.ok:
        raise bad_source(draft)
    run = _run(draft, ids, command.name, services.clock())
    adding = asyncio.ensure_future(services.store.runs.add(account.id, run))
    try:
        await to_the_end(adding)
    except BaseException:
        if adding.cancelled() or adding.exception() is not None:  # else it is kept, and needs its drafts
            for launch in run.launches:
                remove(services.paths.draft_file(launch.id))
            remove(services.paths.origins_file(run.id))
        raise
    return run, draft


class _Ids(dict[int, str]):
    """The id of each part's launch, made when it is asked for; the run is called after part 1."""

    def __missing__(self, number: int) -> str:
        return self.setdefault(number, uuid4().hex)


def _run(draft: Draft, ids: _Ids, name: str, now: datetime) -> Run:
    launches = []
    number = 0
    for part in draft.parts:
        number += not part.sample
        launch = Launch(
            id=ids[0 if part.sample else number],
            state=DRAFT,
            name=name,
            source=os.path.abspath(expanded(Path(draft.source))),
            requests=part.requests,
            bytes=part.bytes,
            sha256=part.sha256,
            created_at=now,
            models=draft.models if len(draft.parts) == 1 else (),
            run_id=ids[1],
            part=0 if part.sample else number,
        )
        launches.append(launch)
    return Run(
        id=ids[1],
        launches=tuple(launches),
        created_at=now,
        sha256=draft.sha256,
        recipe=draft.recipe,
        betas=draft.betas,
        kind=draft.kind,
        loads=draft.loads,
    )


def bad_source(draft: Draft) -> BadSource:
    """The error for a draft with problems: how many, the first in words, and the draft itself."""
    name = Path(draft.source).name
    return BadSource(
        f"{name} cannot be sent: {plural(draft.problem_count, 'problem')}.",
        str(draft.problems[0]) if draft.problems else "",
        draft=draft,
    )
