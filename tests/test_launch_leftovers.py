"""What earlier attempts and kills leave behind: two attempts' batches are both looked for, orphans go."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.keeping import NOW
from tests.launching import CREATE, prepared, write_source
from tui.commands import Adopt, Send
from tui.errors import Uncertain
from tui.handlers import Services, compare, run, sweep
from tui.handlers.locks import sending_lock
from tui.model import UNCERTAIN, Batch, Counts, Launch
from tui.simulator import Simulator
from tui.sources import prepare
from tui.store import Store, open_store

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def launch(services: Services, tmp_path: Path) -> Launch:
    return await prepared(services, tmp_path)


def created(minutes: float) -> Batch:
    return Batch(f"msgbatch_{minutes}", "in_progress", Counts(processing=5), NOW + minutes * MINUTE)


async def attempt(store: Store, launch: Launch, minutes: float, *, again: bool) -> None:
    assert await store.launches.start(launch.id, NOW + minutes * MINUTE, again=again)
    await store.launches.uncertain(launch.id, "cut")


async def test_both_attempts_may_have_created_a_batch(services: Services, launch: Launch) -> None:
    store, account = services.store, await services.account()
    await attempt(store, launch, 0, again=False)
    await attempt(store, launch, 90, again=True)
    await attempt(store, launch, 120, again=True)
    batches = [created(minutes) for minutes in (-3, -1, 1, 50, 121, 149, 151)]
    await store.batches.save(account.id, batches, NOW)
    known = await store.launches.get(launch.id)
    assert known is not None and known.state == UNCERTAIN
    assert (known.first_sent_at, known.sent_at) == (NOW, NOW + 120 * MINUTE)
    found = await store.launches.candidates(known, account.id)
    assert {each.batch: each.after / MINUTE for each in found} == {
        created(-1): -1,
        created(1): 1,
        created(50): 50,
        created(121): 1,  # counted from the nearest attempt
        created(149): 29,
    }


async def test_an_attempt_that_surely_failed_is_not_looked_for(services: Services, launch: Launch) -> None:
    store = services.store
    assert await store.launches.start(launch.id, NOW, again=False)
    await store.launches.failed(launch.id, "refused")
    await attempt(store, launch, 60, again=False)
    known = await store.launches.get(launch.id)
    assert known is not None and known.first_sent_at == known.sent_at == NOW + 60 * MINUTE


async def test_the_first_attempts_batch_is_found_hours_later(
    services: Services, simulator: Simulator, launch: Launch
) -> None:
    simulator.faults.add(CREATE, "drop", after_effect=True)
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    later = timedelta(hours=3)
    simulator.faults.add(CREATE, "drop")
    async with open_store(services.paths.state_db) as store:
        await attempt(store, launch, (services.clock() + later - NOW) / MINUTE, again=True)
    (candidate,) = await compare(services, launch.id)
    assert [candidate.batch.id] == list(simulator.account.batches)
    await run(services, Adopt(launch.id, candidate.batch.id))


def aged(path: Path, minutes: int) -> Path:
    """A file last written so long ago."""
    path.touch()
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - minutes * 60))
    return path


async def test_drafts_without_a_launch_are_removed(
    services: Services, launch: Launch, tmp_path: Path
) -> None:
    drafts = services.paths.drafts
    await asyncio.to_thread(prepare, [write_source(tmp_path)], lambda _: drafts / "orphan.jsonl")
    gone = [aged(drafts / "orphan.jsonl", 61), aged(drafts / "cut.jsonl.part", 61)]
    held = aged(drafts / "held.jsonl", 61)
    kept = [
        aged(services.paths.draft_file(launch.id), 61),
        aged(drafts / "fresh.jsonl", 59),
        aged(drafts / "fresh.jsonl.part", 0),
        aged(drafts / "notes.txt", 6000),
        held,
    ]
    (drafts / "folder.jsonl").mkdir()
    (drafts / "link.jsonl").symlink_to(tmp_path / "tickets.jsonl")
    with sending_lock(held):
        assert await sweep(services) == 2
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in [*kept, drafts / "folder.jsonl", drafts / "link.jsonl"])
    assert await sweep(services) == 1 and not held.exists()


async def test_nothing_to_sweep_is_no_trouble(services: Services) -> None:
    services.paths.drafts.rmdir()
    assert await sweep(services) == 0
