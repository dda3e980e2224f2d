"""The list kept true: first visits, gaps, cuts, deletions, odd services."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tui.api import Api, Connection
from tui.errors import Refused, ServiceDown, Unreachable
from tui.model import Account, Batch, Counts, Page, SyncStatus
from tui.simulator import Simulator, serve
from tui.store import Store
from tui.sync import Sync
from tui.sync import poll as polling
from tui.sync.walk import Walk

from . import odd_servers
from .conftest import KEY, Played
from .keeping import HOUR, NOW, Clock, api, clock, invent, known, pages, small_pages, store, sync
from .network import LIST

__all__ = ["api", "clock", "small_pages", "store", "sync"]


# ── first visits and what follows ────────────────────────────────────────────────────────────────────────


async def test_the_account_is_known_before_the_sdk_is(store: Store, played: Played) -> None:
    api = Api(Connection())
    account = await Sync(api, store).start()
    assert account.base_url == played.url and not api.loaded
    assert await Sync(Api(Connection()), store).start() == account


async def test_a_first_visit_reads_every_page(
    sync: Sync, store: Store, simulator: Simulator, small_pages: None
) -> None:
    ids = invent(simulator, 10)
    told: list[SyncStatus] = []
    sync.on_status = told.append
    changed = await sync.poll()
    assert changed == set(ids) and await known(sync, store) == ids
    assert [(status.state, status.loaded) for status in told] == [("loading", 4), ("loading", 8), ("live", 0)]
    assert sync.account and sync.account.listed and sync.account.cursor is None
    assert sync.account.organization == simulator.account.organization_id

    told.clear()
    assert await sync.poll() == frozenset()
    assert pages(simulator)[3:] == [""]


async def test_a_cut_first_visit_goes_on_where_it_was(
    sync: Sync, api: Api, store: Store, simulator: Simulator, clock: Clock, small_pages: None
) -> None:
    ids = invent(simulator, 18)
    simulator.faults.add(f"GET {LIST}", "drop", skip=2)
    with pytest.raises(Unreachable):
        await sync.poll()
    assert sync.status.state == "offline" and await known(sync, store) == ids[:8]

    # Another run of the program: one new page on top, then the rest.
    again = Sync(api, store, clock=clock)
    assert not (await again.start()).listed
    simulator.log.clear()
    newer = invent(simulator, 1, newest=NOW)
    await again.poll()
    assert await known(again, store) == newer + ids
    assert pages(simulator) == ["", ids[7], ids[11], ids[15]]


async def test_a_cut_visit_whose_top_has_moved_far_starts_again(
    sync: Sync, store: Store, simulator: Simulator, small_pages: None
) -> None:
    ids = invent(simulator, 10)
    simulator.faults.add(f"GET {LIST}", "api_error", skip=1)
    with pytest.raises(ServiceDown):
        await sync.poll()
    newer = invent(simulator, 6, newest=NOW)
    await sync.poll()
    assert await known(sync, store) == newer + ids


async def test_a_cursor_that_is_gone_starts_again(
    sync: Sync, store: Store, simulator: Simulator, small_pages: None
) -> None:
    ids = invent(simulator, 12)
    simulator.faults.add(f"GET {LIST}", "overloaded", skip=2)
    with pytest.raises(ServiceDown):
        await sync.poll()
    simulator.account.delete(ids[7], NOW)
    with pytest.raises(Refused):
        await sync.poll()
    await sync.poll()
    assert await known(sync, store) == ids[:7] + ids[8:]


async def test_a_gap_is_filled_even_across_a_cut(
    sync: Sync, store: Store, simulator: Simulator, small_pages: None
) -> None:
    old = invent(simulator, 6)
    await sync.poll()
    new = invent(simulator, 10, newest=NOW)
    simulator.faults.add(f"GET {LIST}", "drop", skip=1)
    simulator.log.clear()
    with pytest.raises(Unreachable):
        await sync.poll()
    await sync.poll()
    assert await known(sync, store) == new + old
    simulator.log.clear()
    await sync.poll()
    assert pages(simulator) == [""]


async def test_a_gap_stops_at_known_ground(
    sync: Sync, store: Store, simulator: Simulator, small_pages: None
) -> None:
    old = invent(simulator, 20)
    await sync.poll()
    new = invent(simulator, 6, newest=NOW)
    simulator.log.clear()
    await sync.poll()
    assert len(pages(simulator)) == 2
    assert await known(sync, store) == new + old


async def test_a_batch_of_our_own_is_no_known_ground(
    sync: Sync, store: Store, simulator: Simulator, clock: Clock, api: Api, small_pages: None
) -> None:
    old = invent(simulator, 6)
    await sync.poll()
    new = invent(simulator, 7, newest=NOW)
    assert sync.account
    await store.batches.save(sync.account.id, [await api.retrieve(new[0])], NOW)
    await sync.poll()
    assert await known(sync, store) == new + old


# ── what is gone ─────────────────────────────────────────────────────────────────────────────────────────


async def test_the_list_is_believed_as_far_as_it_went(
    sync: Sync, store: Store, simulator: Simulator, small_pages: None
) -> None:
    ids = invent(simulator, 10, newest=NOW - HOUR)
    await sync.poll()
    simulator.account.delete(ids[1], NOW)
    simulator.account.delete(ids[8], NOW)
    assert await sync.poll() == {ids[1]}
    assert ids[1] not in await known(sync, store) and ids[8] in await known(sync, store)


async def test_a_whole_list_tells_of_every_deletion(sync: Sync, store: Store, simulator: Simulator) -> None:
    ids = invent(simulator, 5, newest=NOW - HOUR)
    await sync.poll()
    for each in ids:
        simulator.account.delete(each, NOW)
    assert await sync.poll() == set(ids)
    assert await known(sync, store) == []


async def test_a_running_batch_beyond_the_page_is_asked_for(
    sync: Sync, store: Store, simulator: Simulator, clock: Clock, small_pages: None
) -> None:
    (old,) = invent(simulator, 1, newest=NOW - 10 * HOUR, live=True)
    invent(simulator, 6)
    await sync.poll()
    simulator.end(old)
    assert await sync.poll() == {old}
    entry = await store.batches.get(old)
    assert entry and not entry.batch.is_live


async def test_one_404_is_no_deletion_but_several_over_minutes_are(
    sync: Sync, store: Store, simulator: Simulator, clock: Clock, small_pages: None
) -> None:
    (old,) = invent(simulator, 1, newest=NOW - 10 * HOUR, live=True)
    invent(simulator, 6)
    await sync.poll()
    simulator.faults.add(f"GET {LIST}/*", "not_found", times=None)
    gone = []
    for _ in range(4):
        gone.append(await sync.poll())
        clock.now += timedelta(seconds=70)
    assert gone == [frozenset(), frozenset(), {old}, frozenset()]


async def test_many_running_batches_below_are_walked_to(
    sync: Sync, store: Store, simulator: Simulator, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FEW", 0)
    old = invent(simulator, 5, newest=NOW - 10 * HOUR, live=True)
    invent(simulator, 6)
    await sync.poll()
    for each in old:
        simulator.end(each)
    simulator.log.clear()
    assert await sync.poll() == set(old)
    assert len(pages(simulator)) == 3 and not simulator.log.matching("GET", f"{LIST}/*")


# ── odd services ─────────────────────────────────────────────────────────────────────────────────────────


async def poll_odd(server: odd_servers.OddServer, store: Store, times: int = 2) -> Sync:
    async with serve(server) as address:
        api = Api(Connection(base_url=address.url))
        sync = Sync(api, store)
        for _ in range(times):
            await sync.poll()
        await api.close()
        return sync


@pytest.mark.parametrize("name", sorted(set(odd_servers.ALL) - {"out_of_order"}))
async def test_odd_lists_end(name: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    server = odd_servers.ALL[name]()
    sync = await poll_odd(server, store)
    assert set(await known(sync, store)) == {batch["id"] for batch in server.batches}
    assert sum(1 for method, path in server.seen if path == LIST) <= 4


async def test_a_cursor_that_stands_still_ends(
    sync: Sync, store: Store, simulator: Simulator, small_pages: None
) -> None:
    ids = invent(simulator, 10)
    simulator.switches.stuck_cursor = True
    await sync.poll()
    await sync.poll()
    assert await known(sync, store) == ids[:4]
    assert len(pages(simulator)) <= 4


async def test_a_gateway_without_a_list_still_keeps_what_runs(
    sync: Sync, store: Store, simulator: Simulator, api: Api
) -> None:
    (running,) = invent(simulator, 1, live=True)
    account = await sync.start()
    await store.batches.save(account.id, [await api.retrieve(running)], NOW)
    simulator.end(running)
    simulator.faults.add(f"GET {LIST}", "method_not_allowed", times=None)
    with pytest.raises(Refused):
        await sync.poll()
    entry = await store.batches.get(running)
    assert entry and not entry.batch.is_live


async def test_another_organisation_is_another_account(
    sync: Sync, store: Store, simulator: Simulator
) -> None:
    first = invent(simulator, 2)
    await sync.poll()
    before, seen = sync.account, list[Account]()
    sync.on_account = seen.append
    simulator.account = type(simulator.account)("another")
    second = invent(simulator, 3)
    await sync.poll()
    assert (
        before
        and sync.account
        and sync.account.id != before.id
        and seen == [replace(sync.account, listed=False)]
    )
    assert await known(sync, store) == second
    assert len(await store.batches.entries(before.id)) == len(first)


def test_a_walk_trusts_only_what_it_understood() -> None:
    def page(*ids: int, **more: object) -> Page:
        batches = tuple(Batch(str(n), "ended", Counts(), NOW - timedelta(minutes=n)) for n in ids)
        return Page(batches, **more)  # type: ignore[arg-type]

    walk = Walk(NOW)
    assert walk.take(page(1, 2, has_more=True, last_id="2")) == "2"
    assert (walk.reliable, walk.complete) == (True, False)
    assert walk.take(page(3, has_more=False)) is None
    assert (walk.reliable, walk.complete) == (True, True)
    for odd in (
        page(2, 1),
        page(1, partial=True),
        page(1, has_more=True),
        page(has_more=True, last_id="9"),
    ):
        walk = Walk(NOW)
        walk.take(odd)
        assert not walk.reliable
