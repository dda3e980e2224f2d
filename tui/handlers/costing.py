"""What results cost: per batch, per model and in all, from the sums that the index keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..model import ModelUsage
from ..pricing import Cost, ModelCost, Prices, by_model, cost, load
from .services import Services

FILE = "prices.toml"
"""The user's own prices, in the configuration folder."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What the results of a scope cost."""

    total: Cost
    models: tuple[ModelCost, ...]
    """Those without a price first, then the dearest."""
    batches: tuple[tuple[str, Cost], ...]
    """Each batch of the scope, in its order."""
    prices: Prices
    file: Path
    """Where the user's own prices are, or would be."""


class _Loaded:
    """The prices read last, and the state of the file they were read from."""

    prices: Prices | None = None
    state: tuple[Path, int, int] | None = None


async def prices(services: Services) -> Prices:
    """The prices that count now, read once, and again when the user's file has changed."""
    return await asyncio.to_thread(_current, services.paths.config / FILE)


def _current(file: Path) -> Prices:
    state = _state(file)
    known = _Loaded.prices
    if known is None or _Loaded.state != state:
        known = _Loaded.prices = load(file)
        _Loaded.state = state
    return known


def _state(file: Path) -> tuple[Path, int, int]:
    try:
        found = file.stat()
    except (OSError, ValueError):
        return file, 0, -1
    return file, found.st_mtime_ns, found.st_size


async def costs(services: Services, scope: Sequence[str]) -> Costs:
    """What the results of these batches cost, as far as they are here."""
    rates = await prices(services)
    used: list[ModelUsage] = []
    batches = []
    for batch_id in scope:
        usage = (await services.store.results.summary((batch_id,))).usage
        used += usage
        batches.append((batch_id, cost(usage, rates)))
    return Costs(
        total=sum((each for _, each in batches), Cost()),
        models=by_model(used, rates),
        batches=tuple(batches),
        prices=rates,
        file=services.paths.config / FILE,
    )
