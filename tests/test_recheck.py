"""Deletions below the first page of a long list are noticed within the hour, at a few calls' cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.keeping import HOUR, NOW, Clock, api, clock, invent, known, pages, small_pages, store, sync
from tests.network import LIST
from tui.api import Api
from tui.errors import ServiceDown
from tui.simulator import Simulator
from tui.store import Store
from tui.sync import Sync, recheck

__all__ = ["api", "clock", "small_pages", "store", "sync"]


@pytest.fixture
async def ids(sync: Sync, simulator: Simulator, small_pages: None) -> list[str]:
    """Ten batches on three pages, all known."""
    found = invent(simulator, 10)
    await sync.poll()
    return found


def without(ids: list[str], *gone: str) -> list[str]:
    return [each for each in ids if each not in gone]


async def test_once_an_hour_the_list_is_walked_through(
    sync: Sync, store: Store, simulator: Simulator, clock: Clock, ids: list[str]
) -> None:
    simulator.account.delete(ids[5], NOW)
    simulator.account.delete(ids[9], NOW)
    simulator.log.clear()
    clock.now += timedelta(minutes=59)
    assert await sync.poll() == frozenset() and pages(simulator) == [""]
    clock.now += timedelta(minutes=1)
    simulator.log.clear()
    assert await sync.poll() == {ids[5], ids[9]}
    assert pages(simulator) == ["", ids[3]]
    assert await known(sync, store) == without(ids, ids[5], ids[9])
    simulator.log.clear()
    await sync.poll()
    assert pages(simulator) == [""], "not before the next hour"


async def test_it_takes_a_few_pages_a_poll(
    sync: Sync,
    store: Store,
    simulator: Simulator,
    clock: Clock,
    ids: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recheck, "AT_ONCE", 1)
    simulator.account.delete(ids[5], NOW)
    simulator.account.delete(ids[9], NOW)
    clock.now += HOUR
    new = invent(simulator, 1, newest=NOW)
    assert await sync.poll() == {ids[5], *new}
    assert await sync.poll() == {ids[9]}
    assert await known(sync, store) == new + without(ids, ids[5], ids[9])


async def test_another_run_knows_when_it_was(
    sync: Sync, store: Store, api: Api, simulator: Simulator, clock: Clock, ids: list[str]
) -> None:
    clock.now += HOUR
    simulator.account.delete(ids[9], NOW)
    command = Sync(api, store, clock=clock)
    assert await command.poll() == {ids[9]}
    simulator.log.clear()
    await Sync(api, store, clock=clock).poll()
    assert pages(simulator) == [""]
    clock.now -= HOUR / 2  # a clock that was set back must not mean never again
    await Sync(api, store, clock=clock).poll()
    assert len(pages(simulator)) > 2


async def test_trouble_on_the_way_marks_nothing_as_gone(
    sync: Sync, store: Store, simulator: Simulator, clock: Clock, ids: list[str]
) -> None:
    clock.now += HOUR
    simulator.account.delete(ids[9], NOW)
    simulator.faults.add(f"GET {LIST}", "overloaded", skip=2)
    with pytest.raises(ServiceDown):
        await sync.poll()
    assert await known(sync, store) == ids
    assert await sync.poll() == {ids[9]}, "gone on with"


async def test_a_cursor_that_is_gone_waits_for_the_next_hour(
    sync: Sync, store: Store, simulator: Simulator, clock: Clock, ids: list[str]
) -> None:
    clock.now += HOUR
    simulator.faults.add(f"GET {LIST}", "overloaded", skip=2)
    with pytest.raises(ServiceDown):
        await sync.poll()
    simulator.account.delete(ids[7], NOW)
    assert await sync.poll() == frozenset()
    clock.now += HOUR
    assert await sync.poll() == {ids[7]}
    assert await known(sync, store) == without(ids, ids[7])


async def test_a_stuck_cursor_costs_one_call(
    sync: Sync, store: Store, simulator: Simulator, clock: Clock, ids: list[str]
) -> None:
    simulator.switches.stuck_cursor = True
    clock.now += HOUR
    simulator.log.clear()
    assert await sync.poll() == frozenset()
    assert len(pages(simulator)) == 2
    assert await known(sync, store) == ids
