"""What a retry is about: a run, or a batch of no run, that has ended and whose results are here."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from ..errors import NotAvailable, NotFound, TryAgain, UsageError
from ..model import Entry, Run
from ..text import plural
from .attaching import Requests, place
from .fetching import fetch
from .finding import ask_for, entries
from .launches import describe_run
from .running import SETTLE
from .services import Services
from .written import has_sum


@dataclass(frozen=True, slots=True)
class Tried:
    """Batches that tried the same requests, the oldest attempt first."""

    run: Run | None
    entries: tuple[Entry, ...]
    files: dict[str, Requests]
    """Where the requests of a batch are, by its id, as far as one is known."""

    @property
    def scope(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(entry.id for entry in self.entries)

    @property
    def source(self) -> str:
        """What their requests were made from."""
        if self.run is not None:
            return self.run.source
        return str(next((requests.path for requests in self.files.values()), ""))


async def run_of(services: Services, id: str) -> Run | None:
    """The run of this id, or that of this launch or batch."""
    runs = services.store.runs
    return await runs.get(id) or await runs.of_launch(id) or await runs.of_batch(id)


async def tried(services: Services, id: str) -> Tried:
    """What there is to be tried again; UsageError while it is not settled what became of all of it.

    As long as one batch runs or waits to be sent, nobody knows which of its requests will have an answer: to
    send them again might pay for them twice.
    """
    run = await run_of(services, id)
    if run is not None:
        _refuse_unsettled(run)
        await ask_for(services, run.scope)
    ids = run.scope if run is not None else (id,)
    known = await _known(services, run, ids)
    for entry in known:
        await _refuse_live(services, entry)
    known = await _known(services, run, ids)  # as they are now
    await asyncio.gather(*(_fetch(services, entry) for entry in known))
    known = await _known(services, run, ids)  # with what was fetched
    places = [await place(services, entry.id) for entry in known]
    files = {requests.batch_id: requests for requests in places if requests is not None}
    return Tried(run, tuple(known), files)


def refuse_changed(found: Tried) -> None:
    """UsageError where a file is no longer what was sent: others would be asked, or fewer, unseen."""
    for requests in found.files.values():
        if not requests.sha256 or not requests.path.is_file():
            continue  # nobody knows what it was, or it is gone: whoever reads it says so
        with suppress(OSError):
            if not has_sum(requests.path, requests.sha256):
                raise requests.changed()


async def _known(services: Services, run: Run | None, ids: tuple[str, ...]) -> list[Entry]:
    """The batches that are not forgotten, in the order of the run."""
    if run is None:
        return await entries(services, ids)
    found = {entry.id: entry for entry in await services.store.batches.some(ids)}
    if not found and not ids:
        raise UsageError(f"Nothing of {describe_run(run)} was sent.", "Launch it first.")
    if not found:
        raise UsageError(f"The batches of {describe_run(run)} are no longer known, nor their results.")
    return [found[batch_id] for batch_id in ids if batch_id in found]


def _refuse_unsettled(run: Run) -> None:
    if run.unfinished:
        raise UsageError(f"Of {describe_run(run)} nobody knows whether a batch was created.", SETTLE)
    if run.waiting:
        drafts = plural(len(run.waiting), "draft")
        waits = "waits" if len(run.waiting) == 1 else "wait"
        raise UsageError(
            f"{drafts} of {describe_run(run)} {waits} to be sent.",
            f"Send or drop what waits first: L in the app, or `batchdeck launch --resume {run.id}`.",
        )


async def _refuse_live(services: Services, entry: Entry) -> None:
    """UsageError where a batch still runs, as far as the service can be asked."""
    if entry.batch.is_live and entry.gone_at is None:
        with suppress(TryAgain, NotFound):
            await _ask(services, entry)
        now = await services.store.batches.get(entry.id)
        if now is not None and now.batch.is_live and now.gone_at is None:
            raise UsageError(
                f"Batch {entry.id} still runs: what becomes of its requests is not known yet.",
                "Wait until it has ended, or cancel it.",
            )


async def _fetch(services: Services, entry: Entry) -> None:
    try:
        await fetch(services, entry)
    except NotAvailable as error:
        if entry.gone_at is None:
            raise
        raise NotAvailable(
            error.title, "Forget that batch, and what else there is can be tried again."
        ) from error


async def _ask(services: Services, entry: Entry) -> None:
    await services.api.load()
    account = await services.account()
    asked_at = services.clock()
    batch = await services.api.retrieve(entry.id)
    await services.store.batches.save(account.id, [batch], asked_at)
