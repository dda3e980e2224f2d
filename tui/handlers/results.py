"""Results to disk, and from there to where the user wants them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO

from .. import export as files
from ..commands import Done, Download, Export, StopDownload
from ..errors import DeckError, NotAvailable
from ..model import Entry, IndexRow, ResultFilter
from ..paths import expanded
from ..text import clean, plural
from .endings import to_the_end
from .finding import entries
from .services import Services

CHUNK = 2_000
"""Rows written per trip to the thread."""


async def download(services: Services, command: Download) -> Done:
    """Fetch and index the results of these batches; those already here cost nothing."""
    known = await entries(services, command.ids)
    outcomes = await asyncio.gather(*(_fetch(services, entry) for entry in known), return_exceptions=True)
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


async def export(services: Services, command: Export) -> Done:
    """Save the results of a batch, or those with one outcome, as a file of the user's."""
    (entry,) = await entries(services, (command.id,))
    target = expanded(command.path)
    await asyncio.to_thread(files.refuse_at_once, target, overwrite=command.overwrite)
    await _fetch(services, entry)

    def begin() -> files.FileExport:
        return files.FileExport(
            services.paths.result_file(entry.id), target, format=command.format, overwrite=command.overwrite
        )

    number = await _write(services, entry, command.outcome, await asyncio.to_thread(begin))
    return Done(f"Saved {plural(number, 'result')} to {clean(str(target))}.")


async def export_stream(
    services: Services, batch_id: str, stream: BinaryIO, *, format: str = "jsonl", outcome: str = ""
) -> int:
    """Write results to a stream such as stdout, and say how many; a reader that has enough is no error."""
    (entry,) = await entries(services, (batch_id,))
    await _fetch(services, entry)
    writing = files.StreamExport(services.paths.result_file(entry.id), stream, format=format)
    return await _write(services, entry, outcome, writing)


async def _fetch(services: Services, entry: Entry) -> None:
    """Make sure that the whole results are on disk."""
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


async def _write(services: Services, entry: Entry, outcome: str, writing: files.Writing) -> int:
    number = 0
    try:
        async for rows in _chunks(services.store.results.every(entry.id, ResultFilter(outcome=outcome))):
            # To its end even when cancelled: nobody may write to what is being discarded.
            number += await to_the_end(asyncio.to_thread(writing.add, rows))
            if writing.closed:
                break
        await to_the_end(asyncio.to_thread(writing.finish))
    except BaseException:
        writing.discard()
        raise
    return number


async def _chunks(rows: AsyncIterator[IndexRow]) -> AsyncIterator[list[IndexRow]]:
    chunk: list[IndexRow] = []
    async for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
