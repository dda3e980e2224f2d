"""Sources to drafts, and what becomes of launches that nobody knows the end of."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from .. import sources
from ..commands import Adopt, Check, Done, Drop, Prepare
from ..errors import BadSource, UsageError
from ..model import DRAFT, FAILED, SENDING, SENT, UNFINISHED, Candidate, Draft, Launch, Run
from ..paths import expanded
from ..text import begun, clean, plural
from . import marks
from .endings import in_thread, on_loop, to_the_end
from .known_models import known_models
from .locks import held, is_being_sent
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


async def same_content(services: Services, run: Run) -> list[Run]:
    """Other runs that sent, or may have sent, exactly these requests."""
    account = await services.account()
    known = await services.store.runs.same_content(account.id, run.sha256)
    return [other for other in known if other.id != run.id]


async def unfinished(services: Services) -> list[tuple[Launch, list[Candidate]]]:
    """Launches that nobody knows the end of, each with the batches it may have created, nearest first.

    A launch that some process is still sending is not among them.
    """
    account = await services.account()
    launches = services.store.launches
    found = []
    for launch in await launches.unfinished(account.id):
        if launch.state == SENDING and is_being_sent(services.paths.draft_file(launch.id)):
            continue
        found.append((launch, await launches.candidates(launch, account.id)))
    return found


async def compare(services: Services, launch_id: str) -> list[Candidate]:
    """Ask the service for its newest batches, and give those that an uncertain launch may have created."""
    launch = await known(services, launch_id)
    await services.sync.poll()
    account = await services.account()
    return await services.store.launches.candidates(launch, account.id)


async def adopt(services: Services, command: Adopt) -> Done:
    """Tie a batch to the uncertain launch that created it."""
    with held(services.paths.draft_file(command.launch_id)):
        launch = await known(services, command.launch_id)
        if launch.state not in UNFINISHED:
            raise UsageError(f"This launch is {launch.state}: there is nothing to adopt.")
        entry = await services.store.batches.get(command.batch_id)
        if entry is None:
            raise UsageError(f"No such batch: {command.batch_id}.")
        if entry.launch_id not in (None, launch.id):
            raise UsageError(f"Batch {entry.id} belongs to another launch.")
        account = await services.account()
        # What is saved of the batch is no news: dated back, it neither undoes an answer nor brings it back.
        saving = services.store.launches.sent(launch.id, account.id, entry.batch, entry.batch.created_at)
        await to_the_end(saving)
        marks.name(services.paths.mark_file(launch.id), entry.id)
    return Done(f"Batch {entry.id} is what {describe(launch)} created.")


async def drop(services: Services, command: Drop) -> Done:
    """Give a launch up and remove its draft."""
    with held(services.paths.draft_file(command.launch_id)):
        launch = await known(services, command.launch_id)
        if launch.state == SENT:
            raise UsageError(f"This launch was sent as batch {launch.batch_id}.", "A retry needs its draft.")
        await to_the_end(services.store.launches.drop(launch.id))
        remove(services.paths.draft_file(launch.id))
        marks.remove(services.paths.mark_file(launch.id))
    return Done(
        f"The draft of {describe(launch)} was removed."
        if launch.state in (DRAFT, FAILED)
        else f"{begun(describe(launch))} was given up; a batch it may have created is still listed."
    )


async def known(services: Services, launch_id: str) -> Launch:
    """The launch of this id; UsageError if there is none."""
    launch = await services.store.launches.get(launch_id)
    if launch is None:
        raise UsageError(f"No such launch: {launch_id}.")
    return launch


def describe(launch: Launch, noun: str = "launch") -> str:
    """`launch NAME`, by its own name or its source's."""
    return f"{noun} “{clean(launch.title)}”"


def describe_run(run: Run) -> str:
    """`run NAME`, by its own name or its source's."""
    return describe(run.launches[0], "run")


def remove(draft: Path) -> None:
    """Remove a draft file; that it is no longer there, or cannot be removed, harms nobody."""
    with contextlib.suppress(OSError):
        draft.unlink()
