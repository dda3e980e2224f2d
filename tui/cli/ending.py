"""`wait`, `cancel` and `delete`: how batches come to their end."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from .. import handlers
from ..commands import Cancel, Delete, Done
from ..errors import TryAgain
from ..handlers import Services
from ..model import ENDED, Entry
from ..text import count, plural
from . import output
from .finding import find_all, forbid
from .looking import state_of
from .narrator import Narrator
from .terminal import complain, confirm, put, say

MOST_NAMED = 10
"""Batches that a question names one by one."""


async def wait(services: Services, options: Namespace) -> int:
    """Wait for batches to end; 0 when every request of all of them succeeded."""
    found = await find_all(services, options.ids)
    seen = {entry.id: entry for entry in found}

    def changed(entry: Entry) -> None:
        seen[entry.id] = entry
        say(_standing(entry))

    services.sync.on_status = Narrator(tells_troubles=True).status
    try:
        await handlers.wait(services, list(seen), timeout=options.timeout, on_change=changed)
        in_time = True
    except TryAgain as error:  # the only thing that is not waited out: the time is up
        complain(error)
        in_time = False
    entries = list(seen.values())
    if options.json:
        output.print_json(output.batches(entries))
    else:
        for entry in entries:
            put(f"{entry.id} {state_of(entry)}")
    return 0 if in_time and all(map(_all_succeeded, entries)) else 1


def _all_succeeded(entry: Entry) -> bool:
    counts = entry.batch.counts
    return entry.batch.state == ENDED and entry.gone_at is None and counts.succeeded == counts.total > 0


def _standing(entry: Entry) -> str:
    counts = entry.batch.counts
    parts = [
        f"{count(getattr(counts, name))} {name}"
        for name in ("processing", "succeeded", "errored", "canceled", "expired")
        if getattr(counts, name)
    ]
    label = f" ({entry.label or entry.source})" if entry.label or entry.source else ""
    return f"{entry.id}{label}: {state_of(entry)}; {', '.join(parts) or 'no requests'}"


async def cancel(services: Services, options: Namespace) -> int:
    """Ask the service to stop working on batches."""
    forbid(services, Cancel.title)
    found = await find_all(services, options.ids)
    question = f"{_named(found)}\nCancel {plural(len(found), 'batch')}?"
    if not await confirm(question, yes=options.yes, what="Cancelling"):
        say("Nothing was canceled.")
        return 1
    done: Done = await handlers.run(services, Cancel(tuple(entry.id for entry in found)))
    say(done.message)
    if options.json:
        output.print_json(output.batches(await _now(services, found)))
    return _code(done)


async def _now(services: Services, found: Sequence[Entry]) -> list[Entry]:
    """The same batches as the store has them now."""
    fresh = {entry.id: entry for entry in await services.store.batches.some([e.id for e in found])}
    return [fresh.get(entry.id, entry) for entry in found]


async def delete(services: Services, options: Namespace) -> int:
    """Delete ended batches and their results on the server."""
    forbid(services, Delete.title)
    found = await find_all(services, options.ids)
    unsaved = sum(1 for entry in found if not (entry.results and entry.results.complete))
    loss = f" The results of {plural(unsaved, 'batch')} are not saved here." if unsaved else ""
    question = f"{_named(found)}\nDelete {plural(len(found), 'batch')} with all results at the service?{loss}"
    if not await confirm(question, yes=options.yes, what="Deleting"):
        say("Nothing was deleted.")
        return 1
    done: Done = await handlers.run(services, Delete(tuple(entry.id for entry in found)))
    say(done.message)
    return _code(done)


def _code(done: Done) -> int:
    return 0 if done.severity == "information" else 1


def _named(found: Sequence[Entry]) -> str:
    """The batches a question is about, one per line."""
    lines = [_standing(entry) for entry in found[:MOST_NAMED]]
    if len(found) > MOST_NAMED:
        lines.append(f"… and {count(len(found) - MOST_NAMED)} more")
    return "\n".join(lines)
