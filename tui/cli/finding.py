"""From what stands on the command line to batches, asking the service where the store does not know."""

from __future__ import annotations

from collections.abc import Sequence

from .. import handlers
from ..commands import Refresh
from ..errors import NotFound, ReadOnly, ServiceError, UsageError
from ..handlers import Services
from ..model import Entry


def forbid(services: Services, title: str) -> None:
    """Refuse under --read-only, before anything is read, asked or loaded."""
    if services.read_only:
        raise ReadOnly(
            f"{title} is not possible: batchdeck was started with --read-only.",
            "Start it without --read-only.",
        )


async def find(services: Services, text: str) -> Entry:
    """The batch that is meant; where the store does not know it, the list is loaded first."""
    wanted = text.strip().lstrip("…")
    try:
        return await handlers.resolve_id(services, wanted)
    except UsageError:
        await handlers.run(services, Refresh())
    return await handlers.resolve_id(services, wanted)


async def find_all(services: Services, texts: Sequence[str]) -> list[Entry]:
    """The batches that are meant, each once, in the order asked for."""
    found: dict[str, Entry] = {}
    for text in texts:
        entry = await find(services, text)
        found.setdefault(entry.id, entry)
    return list(found.values())


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
