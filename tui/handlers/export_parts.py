"""What an export needs from elsewhere before its work begins: hits of a search, prices, fields, requests."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from ..commands import Export
from ..export import Extras, Field, Value
from ..model import OUTCOMES, IndexRow
from ..pricing import line_cost
from ..records.fields import READ, extract, flatten
from .attaching import requests_of
from .costing import prices
from .export_job import RequestFile
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
