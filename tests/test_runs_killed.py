"""A run that is killed at hundreds of instants, gone on with, and never sent twice."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Played
from tests.running import made_run, posts
from tui.api import Connection
from tui.commands import Adopt, Send, SendRun
from tui.errors import Uncertain
from tui.handlers import Services, compare, recall, run, unfinished
from tui.model import SENT, Run
from tui.paths import Paths
from tui.simulator import Simulator

PARTS = (3, 1, 2)
STATEMENTS = range(1, 72)
"""Kills before the n-th statement that the store executes after the yes, …"""
PIECES = range(1, 27)
"""… before the n-th piece that the transport writes or reads …"""
LINES = range(1, 2_000, 17)
"""… and at the n-th line that our own code of sending reaches."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a POSIX matter")


def send_and_die(environment: Mapping[str, str], folder: Path, run_id: str, what: str, when: int) -> None:
    """The child: go on with a run, and kill itself at an instant; it ends well if that never comes."""
    os.environ.clear()
    os.environ.update(environment)
    asyncio.run(_send_until(folder, run_id, what, when))


class Fuse:
    """Counts instants; the last one is the process's own."""

    def __init__(self, when: int) -> None:
        self.left = when

    def burn(self) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


async def _send_until(folder: Path, run_id: str, what: str, when: int) -> None:
    from tui.__main__ import build

    places = Paths(data=folder / "data", config=folder / "config", log=folder / "log").make()
    async with build(places, Connection()) as services:
        await services.api.load()
        await services.account()
        await _light(Fuse(when), what, services)
        await run(services, SendRun(run_id))


async def _light(fuse: Fuse, what: str, services: Services) -> None:
    if what == "statement":
        await services.store._database._connection.set_trace_callback(lambda _: fuse.burn())
    elif what == "piece":
        _count_pieces(fuse)
    else:
        _count_lines(fuse)


def _count_pieces(fuse: Fuse) -> None:
    """Every reading from and writing to the service, as the event loop's streams see it."""
    from asyncio import selector_events

    from tui.sources import body

    body.LEAST = body.MOST = 300  # many pieces of a small body
    transport: Any = selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
    for name in ("write", "_read_ready"):
        work = getattr(transport, name)

        def counted(self: Any, *arguments: Any, work: Any = work) -> Any:
            fuse.burn()
            return work(self, *arguments)

        setattr(transport, name, counted)


def _count_lines(fuse: Fuse) -> None:
    ours = ("running.py", "sending.py", "marks.py", "upload.py", "launches.py", "runs.py", "client.py")

    def line(frame: Any, event: str, _: Any) -> Any:
        if event == "line":
            fuse.burn()
        return line

    def call(frame: Any, event: str, _: Any) -> Any:
        return line if frame.f_code.co_filename.endswith(ours) else None

    import threading

    threading.settrace(call)
    sys.settrace(call)


@pytest.fixture(scope="module")
def children() -> Any:
    """Processes forked from one that has the SDK loaded already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["anthropic", "httpx2", "aiosqlite", "tui.__main__", __name__])
    return context


def instants() -> Iterator[tuple[str, range]]:
    yield "statement", STATEMENTS
    yield "piece", PIECES
    yield "line", LINES


@pytest.mark.parametrize(("what", "whens"), list(instants()), ids=lambda value: str(value)[:9])
async def test_no_kill_makes_two_batches_of_a_part_nor_one_that_nobody_knows(
    played: Played, tmp_path: Path, children: Any, what: str, whens: range
) -> None:
    survived = 0
    for when in whens:
        folder = tmp_path / f"{what}-{when}"
        places = Paths(data=folder / "data", config=folder / "config", log=folder / "log").make()
        played.simulator.account.batches.clear()
        played.simulator.log.clear()
        creates = played.simulator.creates
        made = await prepare(places)
        code = await killed(children, (dict(os.environ), folder, made.id, what, when))
        assert code in (0, -signal.SIGKILL)
        survived += code == 0
        await check(places, played.simulator, made.id, creates)
    assert survived < len(whens) / 2, "most of the instants are before the end"


async def test_an_older_store_put_back_after_a_kill_changes_nothing_of_that(
    played: Played, tmp_path: Path, children: Any
) -> None:
    for when in range(1, 2_000, 61):
        folder = tmp_path / str(when)
        places = Paths(data=folder / "data", config=folder / "config", log=folder / "log").make()
        played.simulator.account.batches.clear()
        played.simulator.log.clear()
        creates = played.simulator.creates
        made = await prepare(places)
        before = places.state_db.read_bytes()  # closed: all of it is in this file
        assert await killed(children, (dict(os.environ), folder, made.id, "line", when)) is not None
        for path in places.data.glob("state.db*"):
            path.unlink()
        places.state_db.write_bytes(before)
        await check(places, played.simulator, made.id, creates)


async def prepare(places: Paths) -> Run:
    from tui.__main__ import build

    async with build(places, Connection()) as services:
        return await made_run(services, PARTS, padding=400)


async def killed(children: Any, arguments: tuple[Any, ...]) -> int:
    child = children.Process(target=send_and_die, args=arguments)
    await asyncio.to_thread(child.start)
    async with asyncio.timeout(60):
        await asyncio.to_thread(child.join)
    return int(child.exitcode)


async def check(places: Paths, simulator: Simulator, run_id: str, before: int) -> None:
    """What a later program finds, settles, and brings to its end: each part once, none unknown."""
    from tui.__main__ import build

    async with build(places, Connection()) as services:
        await recall(services)  # as every program does that is started later
        await services.sync.poll()
        paid = set(simulator.account.batches)
        found = await services.store.runs.get(run_id)
        assert found is not None
        known, offered = set(found.scope), set()
        for launch, candidates in await unfinished(services):
            with pytest.raises(Uncertain):
                await run(services, Send(launch.id))
            candidates = await compare(services, launch.id)
            offered |= {candidate.batch.id for candidate in candidates}
            if candidates:
                await run(services, Adopt(launch.id, candidates[0].batch.id))
            else:
                await run(services, Send(launch.id, again=True))
        assert paid <= known | offered, "a paid batch is known, or offered for adoption"
        found = await services.store.runs.get(run_id)
        assert found is not None
        if found.waiting:
            await run(services, SendRun(run_id))
        found = await services.store.runs.get(run_id)
        assert found is not None
        assert [launch.state for launch in found.launches] == [SENT] * len(PARTS)
        assert len(set(found.scope)) == len(PARTS) == simulator.creates - before
        assert set(found.scope) == set(simulator.account.batches)
    assert posts(simulator) >= len(PARTS)
