"""From what a user types to a batch."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import NotFound, UsageError
from ..model import Entry
from .services import Services

PREFIX = "msgbatch_"


async def entries(services: Services, ids: tuple[str, ...]) -> list[Entry]:
    """The batches of these ids in that order, each once; UsageError if one is unknown."""
    wanted = tuple(dict.fromkeys(ids))
    known = {entry.id: entry for entry in await services.store.batches.some(wanted)}
    unknown = [id for id in wanted if id not in known]
    if unknown:
        raise UsageError(f"No such batch: {', '.join(unknown[:5])}.", "See `batchdeck list`.")
    return [known[id] for id in wanted]


async def ask_for(services: Services, ids: Iterable[str]) -> list[str]:
    """Ask the service for batches that the store never saw, as those of a run that came back to a lost store.

    Gives the ids of those that the service does not know, either.
    """
    account = await services.account()
    unseen = await services.store.batches.never_seen(ids)
    return [batch_id for batch_id in unseen if await _ask(services, account.id, batch_id) is None]


async def resolve_id(services: Services, text: str) -> Entry:
    """The batch with this id or label, or the only one whose id, label or source contains the text.

    A whole id that the store does not know is asked for at the service.
    """
    wanted = text.strip()
    account = await services.account()
    everything = await services.store.batches.entries(account.id)
    for matches in _matches(everything, wanted):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UsageError(
                f"“{wanted}” could be {len(matches)} batches: {_some(matches)}.", "Give more of the id."
            )
    if wanted.startswith(PREFIX):
        found = await _ask(services, account.id, wanted)
        if found is not None:
            return found
    raise UsageError(f"No batch matches “{wanted}”.", "See `batchdeck list`.")


def _matches(everything: list[Entry], wanted: str) -> list[list[Entry]]:
    """Ever looser readings of the text: the id, a label, part of anything."""
    folded = wanted.casefold()
    if not folded:
        return []
    bare = folded.removeprefix(PREFIX)
    return [
        [entry for entry in everything if entry.id == wanted],
        [entry for entry in everything if entry.label.casefold() == folded],
        [entry for entry in everything if any(bare in name.casefold() for name in _names(entry))],
    ]


def _names(entry: Entry) -> tuple[str, str, str]:
    return entry.id.removeprefix(PREFIX), entry.label, entry.source


def _some(matches: list[Entry]) -> str:
    shown = ", ".join(entry.id for entry in matches[:5])
    return shown + (" …" if len(matches) > 5 else "")


async def _ask(services: Services, account_id: int, batch_id: str) -> Entry | None:
    asked_at = services.clock()
    await services.api.load()
    try:
        batch = await services.api.retrieve(batch_id)
    except NotFound:
        return None
    await services.store.batches.save(account_id, [batch], asked_at)
    return await services.store.batches.get(batch.id)
