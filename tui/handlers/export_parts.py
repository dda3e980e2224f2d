"""What an export needs from elsewhere before its work begins: hits of a search, prices, fields, requests."""

from __future__ import annotations

import asyncio
import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from ..commands import Export
from ..export import Extras, Field, Value
from ..model import OUTCOMES, Entry, IndexRow, Run
from ..paths import Paths
from ..pricing import line_cost
from ..records.fields import READ, extract, flatten
from ..text import clean
from .attaching import requests_of
from .costing import prices
from .export_job import MadeIds, RequestFile
from .searching import search
from .services import Services
from .tabulating import tabulate


class Hits(NamedTuple):
    """What a full-text search has found."""

    refs: array[int]
    untold: int = 0
    """Results of which the regular expression could not tell in time."""


async def read_as_data(services: Services, command: Export) -> None:
    """Read every answer as data, where columns or the choice of results depend on it."""
    if command.fields or command.selection.where.fields:
        async for _ in tabulate(services, command.ids):
            pass


async def hits(services: Services, command: Export) -> Hits | None:
    """Search what the results say, where that was asked for."""
    pattern = command.selection.pattern
    if pattern is None:
        return None
    refs, untold = array("Q"), 0
    async for found in search(services, command.ids, pattern):
        refs.extend(found.refs)
        untold += found.undecided
    return Hits(refs, untold)


async def extras(services: Services, command: Export) -> Extras:
    """What tables have beyond the results: prices and fields."""
    if command.format not in ("csv", "parquet"):
        return Extras(guard=command.guard)
    rates = await prices(services)

    def cost(row: IndexRow) -> Decimal | None:
        # What cannot be read, or is new to us, may have been billed: nobody knows.
        amounts = line_cost(row, rates) if row.outcome in OUTCOMES else None
        return None if amounts is None else amounts.total

    fields = await _fields(services, command) if command.fields else ()
    return Extras(cost, fields, read_fields, command.guard)


async def _fields(services: Services, command: Export) -> list[Field]:
    """The columns that fields become, every answer having been read."""
    columns = await services.store.fields.columns(command.ids)
    return [Field(each.path, "int" if each.numbers else "bool") for each in columns]


def read_fields(raw: bytes) -> Mapping[str, Value]:
    """The fields of one answer by path, whole; none where it cannot be read as data."""
    extracted = extract(raw)
    return flatten(extracted.data, full=True) if extracted.how in READ else {}


async def requests(services: Services, command: Export) -> Mapping[str, RequestFile]:
    """The requests of each batch, as far as they are known."""
    if not command.requests:
        return {}
    known = {batch_id: await requests_of(services, batch_id) for batch_id in command.ids}
    return {batch_id: requests for batch_id, requests in known.items() if requests is not None}


async def made_ids(services: Services, command: Export, entries: Sequence[Entry]) -> MadeIds | None:
    """The custom_ids that were made for the rows of a table, where a run is joined with its own source."""
    runs = {entry.run_id for entry in entries}
    if command.join is None or command.key or len(runs) != 1:
        return None
    run = await services.store.runs.get(runs.pop())
    return None if run is None else await asyncio.to_thread(_made_ids, services.paths, run, command.join)


def _made_ids(paths: Paths, run: Run, source: Path) -> MadeIds | None:
    try:
        if not paths.origins_file(run.id).exists() or not os.path.samefile(run.source, source):
            return None
        changed = source.stat().st_mtime > run.created_at.timestamp()
    except OSError:
        return None

    def rows() -> Iterator[tuple[int, str]]:
        from ..sources import origins

        return ((origin.row, origin.custom_id) for origin in origins(paths.draft_file(run.id)))

    name = clean(source.name)
    return MadeIds(
        rows, f"{name} was changed after it was launched: look whether the rows fit" if changed else ""
    )
