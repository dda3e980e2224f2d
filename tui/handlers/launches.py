"""What becomes of launches that nobody knows the end of, and what else is said of launches."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from ..commands import Adopt, Done, Drop
from ..errors import UsageError
from ..model import DRAFT, FAILED, SENDING, SENT, UNFINISHED, Candidate, Launch, Run
from ..paths import Paths
from ..text import begun, clean
from .endings import to_the_end
from .locks import held, is_being_sent
from .recalling import recalled
from .services import Services


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
        is_news = await recalled(services, command.launch_id)  # the store may be older than its end
        launch = await known(services, command.launch_id)
        is_right = is_news and launch.batch_id == command.batch_id
        if launch.state not in UNFINISHED and not is_right:
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
        from . import marks  # and what they are read with: a look at what is unfinished needs neither

        naming = asyncio.to_thread(marks.name, services.paths.mark_file(launch.id), entry.id)
        await to_the_end(naming)
    return Done(f"Batch {entry.id} is what {describe(launch)} created.")


async def drop(services: Services, command: Drop) -> Done:
    """Give a launch up and remove its draft."""
    with held(services.paths.draft_file(command.launch_id)):
        await recalled(services, command.launch_id)  # what was sent is not given up by an older store
        launch = await known(services, command.launch_id)
        if launch.state == SENT:
            raise UsageError(f"This launch was sent as batch {launch.batch_id}.", "A retry needs its draft.")
        await to_the_end(services.store.launches.drop(launch.id))
        await to_the_end(asyncio.to_thread(_clear, services.paths, launch.id))  # 256 MB take a while
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


def _clear(paths: Paths, launch_id: str) -> None:
    """Remove a draft and its mark."""
    remove(paths.draft_file(launch_id))
    remove(paths.mark_file(launch_id))


def remove(file: Path) -> None:
    """Remove a draft or what lies beside it; that it is not there, or cannot be removed, harms nobody."""
    with contextlib.suppress(OSError):
        file.unlink()
