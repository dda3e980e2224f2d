"""What can be done with batches: refresh, cancel, delete, forget, label."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from ..commands import Cancel, Delete, Done, Forget, Label, Refresh
from ..errors import DeckError, NotFound, UsageError
from ..model import Entry
from ..text import plural
from .finding import entries
from .services import Services

LONGEST_LABEL = 200


async def refresh(services: Services, _: Refresh) -> Done:
    """Poll the account now."""
    await services.api.load()
    changed = await services.sync.poll()
    return Done(f"{plural(len(changed), 'batch')} changed." if changed else "Nothing has changed.")


async def cancel(services: Services, command: Cancel) -> Done:
    """Ask the service to stop working on these batches; its answers are batches, and saved like any other."""
    known = await entries(services, command.ids)
    account = await services.account()
    await services.api.load()

    async def one(entry: Entry) -> None:
        asked_at = services.clock()
        batch = await services.api.cancel(entry.id)
        await services.store.batches.save(account.id, [batch], asked_at)

    return await _each(known, one, "Cancelling", "cancel")


async def delete(services: Services, command: Delete) -> Done:
    """Delete ended batches on the server; what was downloaded of them stays until it is forgotten."""
    known = await entries(services, command.ids)
    live = [entry.id for entry in known if entry.batch.is_live and entry.gone_at is None]
    if live:
        raise UsageError(
            f"Only ended batches can be deleted, not {', '.join(live[:5])}.",
            "Cancel first, and wait for the end.",
        )
    await services.api.load()

    async def one(entry: Entry) -> None:
        with contextlib.suppress(NotFound):  # it is gone already, which is what was wanted
            await services.api.delete(entry.id)
        await services.store.batches.gone([entry.id], services.clock())
        if entry.results is None or not entry.results.complete:
            await _forget(services, entry.id)

    return await _each(known, one, "Deleted", "delete")


async def forget(services: Services, command: Forget) -> Done:
    """Remove batches that the server no longer has from the list, saved results included."""
    known = await entries(services, command.ids)
    there = [entry.id for entry in known if entry.gone_at is None]
    if there:
        raise UsageError(
            f"The server still has {', '.join(there[:5])}: forgotten, it would come back.", "Delete it first."
        )
    for entry in known:
        await _forget(services, entry.id)
    return Done(f"Forgot {plural(len(known), 'batch')}.")


async def label(services: Services, command: Label) -> Done:
    """Give a batch a local name, or take it away."""
    await entries(services, (command.id,))
    text = " ".join(command.text.split())[:LONGEST_LABEL]
    await services.store.batches.label(command.id, text)
    return Done(f"{command.id} is now called “{text}”." if text else f"{command.id} has no label any more.")


async def _forget(services: Services, batch_id: str) -> None:
    """Row and index first, file last: what is left after a kill is a file that nothing points to."""
    services.downloads.stop(batch_id)
    await services.store.batches.forget([batch_id])
    for path in (services.paths.result_file(batch_id), services.paths.result_part(batch_id)):
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def _each(
    known: Sequence[Entry], one: Callable[[Entry], Awaitable[None]], done: str, verb: str
) -> Done:
    """Do it to one after the other; a refusal of one does not keep the next from its turn.

    If none could be done, the first error is raised as it is.
    """
    failures: list[tuple[Entry, DeckError]] = []
    for entry in known:
        try:
            await one(entry)
        except DeckError as error:
            failures.append((entry, error))
    if len(failures) == len(known) and failures:
        raise failures[0][1]
    if not failures:
        return Done(f"{done} {known[0].id}." if len(known) == 1 else f"{done} {plural(len(known), 'batch')}.")
    entry, first = failures[0]
    return Done(
        f"{done} {len(known) - len(failures)} of {plural(len(known), 'batch')}. "
        f"Could not {verb} {entry.id}: {first}",
        "warning",
    )
