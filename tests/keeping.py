"""What the tests of polling share: a standing clock, a poller on the played service, invented batches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui.api import Api
from tui.simulator import Simulator
from tui.store import Store
from tui.sync import Sync
from tui.sync import poll as polling

from .network import LIST, api, store

__all__ = ["api", "store"]

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(simulator: Simulator) -> Clock:
    simulator.clock = Clock()
    return simulator.clock


@pytest.fixture
async def sync(api: Api, store: Store, clock: Clock) -> Sync:
    return Sync(api, store, clock=clock, refresh=0.05, glance=0.02)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten batches are a long list."""
    monkeypatch.setattr(polling, "PAGE", 4)


def invent(
    simulator: Simulator, number: int, *, newest: datetime = NOW - HOUR, live: bool = False
) -> list[str]:
    """That many batches, a minute apart, newest first."""
    ends_at = simulator.clock() + HOUR if live else None
    moments = [newest - timedelta(minutes=n) for n in range(number)]
    return [simulator.invent([("prose", 2)], created_at=at, ends_at=ends_at).id for at in moments]


async def known(sync: Sync, store: Store) -> list[str]:
    assert sync.account
    return [e.id for e in await store.batches.entries(sync.account.id) if e.gone_at is None]


def pages(simulator: Simulator) -> list[str]:
    """The cursors of the list requests so far; `` for the first page."""
    return [entry.query.get("after_id", "") for entry in simulator.log.matching("GET", LIST)]
