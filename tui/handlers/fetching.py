"""Results to disk: made sure of before anything is done with them."""

from __future__ import annotations

import asyncio

from ..errors import NotAvailable
from ..model import Entry
from .services import Services


async def fetch(services: Services, entry: Entry) -> None:
    """Make sure that the whole results of a batch are on disk."""
    if entry.results is not None and entry.results.complete:
        there = await asyncio.to_thread(services.paths.result_file(entry.id).exists)
        if there:
            return
    if entry.gone_at is not None:
        raise NotAvailable(f"The server no longer has batch {entry.id}, and its results were not saved.")
    if entry.batch.is_live:
        raise NotAvailable(f"Batch {entry.id} has not ended yet: there are no results.", "Wait for its end.")
    await services.api.load()
    await services.downloads.fetch(entry.batch)
