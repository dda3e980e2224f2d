"""The pace of polling, and the statuses it tells while it runs."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tui.api import Api, Connection
from tui.errors import DeckError, NoCredential, SlowedDown, Unauthorized, Unreachable
from tui.model import SyncStatus
from tui.simulator import Gate, Simulator
from tui.store import Store, open_store
from tui.sync import Sync, pace

from .conftest import Played
from .keeping import HOUR, NOW, Clock, api, clock, invent, pages, store, sync
from .network import LIST

__all__ = ["api", "clock", "store", "sync"]


# ── the pace ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("refresh", "live", "focused", "every"),
    [
        (10, True, True, 10),
        (10, False, True, 60),
        (10, True, False, 60),
        (120, True, True, 120),
        (120, False, False, 120),
        (0, True, True, pace.SHORTEST),
    ],
)
def test_the_steady_pace(refresh: float, live: bool, focused: bool, every: float) -> None:
    assert pace.steady(refresh, live=live, focused=focused) == every


def test_failures_wait_ever_longer_and_never_too_long() -> None:
    rng = random.Random(1)
    for failures in range(1, 40):
        waits = [pace.after_failure(10, failures, Unreachable("cut"), rng) for _ in range(50)]
        ceiling = min(10 * 2**failures, 300)
        assert ceiling / 2 <= min(waits) <= max(waits) <= ceiling
        assert len(set(waits)) > 40


@pytest.mark.parametrize(("asked", "low", "high"), [(7, 10, 10), (30, 30, 33), (3600, 300, 300), (0, 10, 10)])
def test_a_wait_that_is_asked_for_is_kept_within_reason(asked: float, low: float, high: float) -> None:
    for seed in range(20):
        wait = pace.after_failure(10, 1, SlowedDown("slow", retry_after=asked), random.Random(seed))
        assert low <= wait <= high


@pytest.mark.parametrize("error", [Unauthorized("no"), NoCredential("none")])
def test_a_refused_credential_is_not_hammered(error: DeckError) -> None:
    assert all(pace.after_failure(5, n, error, random.Random(n)) >= 60 for n in range(1, 9))


# ── running ──────────────────────────────────────────────────────────────────────────────────────────────


class Told:
    """Waits for statuses as they are told."""

    def __init__(self, sync: Sync) -> None:
        self.queue: asyncio.Queue[SyncStatus] = asyncio.Queue()
        sync.on_status = self.queue.put_nowait

    async def next(self, state: str) -> SyncStatus:
        async with asyncio.timeout(5):
            while (status := await self.queue.get()).state != state:
                pass
            return status


@asynccontextmanager
async def running(sync: Sync) -> AsyncIterator[Told]:
    told = Told(sync)
    task = asyncio.create_task(sync.run())
    try:
        yield told
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("kind", "state", "remedy"),
    [
        ("authentication", "unauthorized", "key"),
        ("permission", "unauthorized", "may not"),
        ("drop", "offline", "by itself"),
        ("rate_limit", "slowed", "2 s"),
        ("spend_limit", "slowed", "limit"),
        ("api_error", "failing", "It said"),
        ("html", "failing", "by itself"),
        ("malformed_json", "failing", "ANTHROPIC_BASE_URL"),
        ("not_found", "failing", "base URL"),
    ],
)
async def test_every_failure_has_its_status(
    sync: Sync, simulator: Simulator, clock: Clock, kind: str, state: str, remedy: str
) -> None:
    await sync.poll()
    clock.now += HOUR
    simulator.faults.add(f"GET {LIST}", kind)
    with pytest.raises(DeckError):
        await sync.poll()
    assert sync.status.state == state and remedy in sync.status.remedy and sync.status.problem
    assert sync.status.checked_at == NOW
    assert sync.status.next_at and sync.status.next_at > clock.now and sync.status.every > 0
    await sync.poll()
    assert (sync.status.state, sync.status.problem, sync.status.checked_at) == ("live", "", clock.now)
    assert not sync.status.checking


async def test_without_a_credential_the_store_is_still_shown(
    store: Store, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    sync = Sync(Api(Connection()), store)
    async with running(sync) as told:
        status = await told.next("no-credential")
    assert "ANTHROPIC_API_KEY" in status.remedy and status.every >= 60
    assert sync.account is not None


async def test_running_batches_are_watched_and_waking_is_at_once(
    sync: Sync, store: Store, simulator: Simulator
) -> None:
    changed: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    store.subscribe(changed.put_nowait)
    ids = invent(simulator, 1, live=True)
    async with running(sync) as told, asyncio.timeout(5):
        assert await changed.get() == set(ids)
        await told.next("live")
        assert sync.status.every == 0.05
        simulator.end(ids[0])
        assert await changed.get() == set(ids)  # nobody woke it
        while sync.status.every != 60:
            await told.next("live")
        more = invent(simulator, 1, newest=NOW)
        sync.wake()
        assert await changed.get() == set(more)


async def test_waking_ends_a_long_wait(sync: Sync, simulator: Simulator) -> None:
    simulator.faults.add(f"GET {LIST}", "rate_limit_bare", headers={"retry-after": "3600"})
    async with running(sync) as told:
        status = await told.next("slowed")
        assert status.every == 300
        sync.wake()
        await told.next("live")


async def test_a_machine_that_slept_polls_when_it_wakes(
    sync: Sync, simulator: Simulator, clock: Clock
) -> None:
    async with running(sync) as told:
        first = await told.next("live")
        clock.now += 10 * HOUR
        assert (await told.next("live")).checked_at == clock.now != first.checked_at


async def test_looking_away_and_back(sync: Sync, simulator: Simulator, clock: Clock) -> None:
    invent(simulator, 1, live=True)
    sync.focused = False
    async with running(sync) as told:
        assert (await told.next("live")).every == 60
        clock.now += timedelta(seconds=1)
        sync.focused = True
        while (await told.next("live")).every != 0.05:
            pass


async def test_another_process_is_noticed(
    sync: Sync, store: Store, simulator: Simulator, api: Api, tmp_path: Path
) -> None:
    ids = invent(simulator, 3)
    changed: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    async with running(sync) as told, asyncio.timeout(5):
        await told.next("live")
        store.subscribe(changed.put_nowait)
        async with open_store(store.path) as other:
            await other.batches.label(ids[1], "mine")
        assert await changed.get() == set(ids)


async def test_something_unforeseen_is_a_status_and_a_line_in_the_log(
    sync: Sync, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumble(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(store.batches, "save", stumble)
    async with running(sync) as told:
        status = await told.next("failing")
        monkeypatch.undo()
        sync.wake()
    assert "ZeroDivisionError" in status.problem and "ZeroDivisionError" in caplog.text


async def test_polls_do_not_overlap(sync: Sync, simulator: Simulator) -> None:
    gate = Gate()
    fault = simulator.faults.add(f"GET {LIST}", "delay", gate=gate)
    first = asyncio.create_task(sync.poll())
    await fault.reached.wait()
    assert sync.status.checking
    second = asyncio.create_task(sync.poll())
    await asyncio.sleep(0)
    assert len(pages(simulator)) == 1
    gate.set()
    await asyncio.gather(first, second)
    assert len(pages(simulator)) == 2


async def test_a_cancelled_poll_leaves_no_trace(sync: Sync, store: Store, simulator: Simulator) -> None:
    ids = invent(simulator, 2)
    fault = simulator.faults.add(f"GET {LIST}", "delay", gate=Gate())
    task = asyncio.create_task(sync.poll())
    await fault.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not sync.status.checking
    assert await sync.poll() == set(ids)
