"""Results fetched, and no longer fetched."""

from __future__ import annotations

import asyncio

from ..commands import Done, Download, StopDownload
from ..errors import DeckError
from ..text import plural
from .exporting import export as export
from .exporting import export_stream as export_stream
from .fetching import fetch
from .finding import entries
from .services import Services


async def download(services: Services, command: Download) -> Done:
    """Fetch and index the results of these batches; those already here cost nothing."""
    known = await entries(services, command.ids)
    outcomes = await asyncio.gather(*(fetch(services, entry) for entry in known), return_exceptions=True)
    failures = []
    for entry, outcome in zip(known, outcomes, strict=True):
        if isinstance(outcome, DeckError):
            failures.append((entry, outcome))
        elif isinstance(outcome, BaseException):
            raise outcome
    if len(failures) == len(known) and failures:
        raise failures[0][1]
    if not failures:
        return Done(f"The results of {plural(len(known), 'batch')} are here.")
    entry, error = failures[0]
    return Done(
        f"The results of {len(known) - len(failures)} of {plural(len(known), 'batch')} are here. "
        f"Not those of {entry.id}: {error}",
        "warning",
    )


async def stop_download(services: Services, command: StopDownload) -> Done:
    """Stop fetching; what has arrived stays."""
    for batch_id in command.ids:
        services.downloads.stop(batch_id)
    return Done("The download was stopped.")
