"""What the tests of handlers share: batches at the played service, and what is known of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tui.commands import (
    Refresh,
)
from tui.handlers import Services, run
from tui.model import Entry
from tui.simulator import Simulator
from tui.simulator.moments import utc_now

BATCHES = "/v1/messages/batches"


def running(simulator: Simulator, size: int = 10) -> str:
    now = utc_now()
    return simulator.invent([("prose", size)], created_at=now, ends_at=now + timedelta(hours=1)).id


def ended(simulator: Simulator, *mix: tuple[str, int]) -> str:
    return simulator.invent(mix or [("prose", 5)], created_at=utc_now() - timedelta(hours=1)).id


async def entry(services: Services, batch_id: str) -> Entry:
    found = await services.store.batches.get(batch_id)
    assert found is not None
    return found


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


async def polled(services: Services) -> None:
    await run(services, Refresh())


def asked(simulator: Simulator, method: str, path: str = "*") -> list[str]:
    return [each.path for each in simulator.log.matching(method, path)]
