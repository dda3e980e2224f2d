"""From what stands on the command line to batches, asking the service where the store does not know."""

from __future__ import annotations

from collections.abc import Sequence

from .. import handlers
from ..commands import Refresh
from ..errors import NotFound, ReadOnly, ServiceError, TryAgain, UsageError
from ..handlers import Services
from ..handlers.finding import ask_for
from ..model import Entry, Run
from ..text import clean
from .terminal import complain, say

SHORTEST = 6
"""Characters of a run's id that may stand for it."""


def forbid(services: Services, title: str) -> None:
    """Refuse under --read-only, before anything is read, asked or loaded."""
    if services.read_only:
        raise ReadOnly(
            f"{title} is not possible: batchdeck was started with --read-only.",
            "Start it without --read-only.",
        )


async def refresh(services: Services) -> int:
    """Poll once; where the service is out of reach, say so and give the exit code for it."""
    try:
        await handlers.run(services, Refresh())
    except TryAgain as error:
        complain(error)
        say("What follows is what is known locally.")
        return error.exit_code
    return 0


async def find(services: Services, text: str) -> Entry:
    """The batch that is meant; where the store does not know it, the list is loaded first."""
    wanted = text.strip().lstrip("…")
    try:
        return await handlers.resolve_id(services, wanted)
    except UsageError:
        await handlers.run(services, Refresh())
    return await handlers.resolve_id(services, wanted)


async def find_all(services: Services, texts: Sequence[str]) -> list[Entry]:
    """The batches that are meant, each once, in the order asked for; a run stands for all of its batches."""
    found: dict[str, Entry] = {}
    for text in texts:
        run = await _run_of(services, text.strip())
        if run is not None and run.scope:
            known = await _known(services, run)
            found |= {id: known[id] for id in run.scope if id in known and id not in found}
            continue
        entry = await find(services, text)
        found.setdefault(entry.id, entry)
    return list(found.values())


async def _known(services: Services, run: Run) -> dict[str, Entry]:
    """The batches of a run that were not forgotten; of those that nobody knows it is said."""
    unknown = await ask_for(services, run.scope)
    known = {entry.id: entry for entry in await services.store.batches.some(run.scope)}
    if unknown and not known:
        raise UsageError(f"The service knows no batch of {run.title}.", "See `batchdeck runs`.")
    for batch_id in unknown:
        say(f"The service does not know batch {batch_id} of {clean(run.title)}: it is left out.")
    return known


async def find_run(services: Services, text: str) -> Run:
    """The run that is meant: by its id or the beginning of it, its name, or one of its batches."""
    wanted = text.strip()
    run = await _run_of(services, wanted, single=True)
    if run is None:
        entry = await find(services, wanted)
        run = await services.store.runs.of_batch(entry.id)
    if run is None:
        raise UsageError(f"“{wanted}” was not launched from here.", "See `batchdeck runs`.")
    return run


async def _run_of(services: Services, wanted: str, *, single: bool = False) -> Run | None:
    """The run of this id or name; of one batch alone only if `single`, for its batch is meant then."""
    account = await services.account()
    runs = await services.store.runs.all(account.id)
    for matches in (
        [run for run in runs if run.id == wanted],
        [run for run in runs if run.name == wanted],
        [run for run in runs if len(wanted) >= SHORTEST and run.id.startswith(wanted)],
    ):
        if len(matches) == 1 and (single or len(matches[0].launches) > 1 or matches[0].id == wanted):
            return matches[0]
    return None


async def refreshed(services: Services, entry: Entry) -> Entry:
    """The batch as the service describes it now; NotFound counts as one miss, not as a deletion."""
    if entry.gone_at is not None:
        return entry
    await services.api.load()
    account = await services.account()
    asked_at = services.clock()
    try:
        batch = await services.api.retrieve(entry.id)
    except NotFound:
        await services.store.batches.missed(entry.id, asked_at)
        raise
    await services.store.batches.save(account.id, [batch], asked_at)
    return await again(services, entry)


async def again(services: Services, entry: Entry) -> Entry:
    """The batch as the store has it now."""
    found = await services.store.batches.get(entry.id)
    if found is None:
        raise ServiceError(f"Batch {entry.id} is no longer in the list.")
    return found
