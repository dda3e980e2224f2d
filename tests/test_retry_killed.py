"""A retry that is killed on the way: no attempt by halves, and nothing that is not swept."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection as Pipe
from typing import Any

import pytest

from tests.retrying import again, ids_of, new_launches, tried_once
from tui import sources
from tui.api import Connection
from tui.commands import Retry
from tui.errors import StoreError, UsageError
from tui.handlers import Services, retrying, sweep
from tui.model import DRAFT, Run
from tui.paths import Paths
from tui.simulator import Simulator

MARKS = ("written", "prepared", "kept")


def retry_and_die(environment: Mapping[str, str], places: Paths, id: str, mark: str, pipe: Pipe) -> None:
    """The child: prepare a retry, and stand still at the mark until the kill comes."""
    os.environ.clear()
    os.environ.update(environment)

    def passing(here: str) -> None:
        if here == mark:
            pipe.send(here)
            pipe.recv()  # never comes

    def prepare(*arguments: Any, **named: Any) -> Any:
        passing("written")
        found = real(*arguments, **named)
        passing("prepared")
        return found

    real = sources.prepare
    sources.prepare = prepare
    asyncio.run(_retry(places, id, passing))


async def _retry(places: Paths, id: str, passing: Any) -> None:
    from tui.__main__ import build

    async with build(places, Connection()) as services:
        await retrying.retry(services, Retry(id))
        passing("kept")


@pytest.fixture(scope="module")
def children() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["anthropic", "aiosqlite", "tui.__main__", __name__])
    return context


async def die(children: Any, services: Services, made: Run, mark: str) -> None:
    """Retry in another process, which is killed at the mark."""
    ours, theirs = multiprocessing.Pipe()
    child = children.Process(
        target=retry_and_die, args=(dict(os.environ), services.paths, made.id, mark, theirs)
    )
    await asyncio.to_thread(child.start)
    theirs.close()
    try:
        async with asyncio.timeout(30):
            assert await asyncio.to_thread(ours.recv) == mark
        with pytest.raises(UsageError, match=r"working on the same run|waits to be sent"):
            await again(services, made.id)
    finally:
        child.kill()
    await asyncio.to_thread(child.join)
    assert child.exitcode == -9
    ours.close()


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a POSIX matter")
@pytest.mark.parametrize("mark", MARKS)
async def test_a_killed_retry_is_whole_or_nothing(
    services: Services, simulator: Simulator, children: Any, mark: str
) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired", "r-3": "expired"}, (5,))
    await retrying.groups(services, made.id)
    await die(children, services, made, mark)
    found = await services.store.runs.get(made.id)
    assert found is not None
    named = {services.paths.draft_file(launch.id) for launch in found.launches}
    left = set(services.paths.drafts.glob("*.jsonl*")) - named
    assert named <= set(services.paths.drafts.glob("*.jsonl"))
    if mark == "kept":
        assert left == set()
        assert [(each.attempt, each.state) for each in new_launches(found)] == [(2, DRAFT)]
        return
    assert found == made and 1 <= len(left) <= 2
    for path in left:
        os.utime(path, (1, 1))
    assert await sweep(services) == len(left)
    assert ids_of(services, await again(services, made.id)) == ["r-0", "r-3"]


async def test_a_retry_that_is_cancelled_leaves_nothing(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (5,))
    reached, loop = asyncio.Event(), asyncio.get_running_loop()
    real = sources.prepare

    def held(*arguments: Any, stop: Any, **named: Any) -> Any:
        loop.call_soon_threadsafe(reached.set)
        stop.wait(30)
        return real(*arguments, stop=stop, **named)

    monkeypatch.setattr(sources, "prepare", held)
    retry = asyncio.ensure_future(again(services, made.id))
    await reached.wait()
    retry.cancel()
    with pytest.raises(asyncio.CancelledError):
        await retry
    assert [path.name for path in services.paths.drafts.glob("*.jsonl*")] == [f"{made.id}.jsonl"]
    assert await services.store.runs.get(made.id) == made


async def test_a_cancel_while_it_is_noted_keeps_drafts_and_launches_together(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (5,))
    reached, go_on = asyncio.Event(), asyncio.Event()
    real = services.store.runs.add_attempt

    async def held(*arguments: Any) -> None:
        reached.set()
        await go_on.wait()
        await real(*arguments)

    monkeypatch.setattr(services.store.runs, "add_attempt", held)
    retry = asyncio.ensure_future(again(services, made.id))
    await reached.wait()
    retry.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await retry
    found = await services.store.runs.get(made.id)
    assert found is not None and ids_of(services, found) == ["r-0"]


async def test_a_store_that_refuses_the_attempt(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await tried_once(services, simulator, {"r-0": "expired"}, (5,))

    async def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(services.store.runs, "add_attempt", full)
    with pytest.raises(StoreError, match="disk is full"):
        await again(services, made.id)
    assert [path.name for path in services.paths.drafts.glob("*.jsonl*")] == [f"{made.id}.jsonl"]
