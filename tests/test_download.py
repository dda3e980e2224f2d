"""Results from the service to disk and index: the good way, cut lines, restarts."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tui.api import Api, Connection
from tui.errors import ServiceError, Unreachable
from tui.handlers import Services
from tui.model import Batch, Counts, DownloadProgress, ResultFile, utc_now
from tui.paths import Paths
from tui.simulator import Gate, Simulator, serve
from tui.store import Store
from tui.store.writer import ResultWriter
from tui.sync import Downloads

from . import odd_servers
from .conftest import KEY, Played
from .fault_proxy import FaultProxy
from .fetching import (
    FAST,
    RESULTS,
    api,
    asked,
    body,
    check,
    downloads,
    invent,
    known,
    line,
    pieces,
    small_steps,
    store,
    through,
)

__all__ = ["api", "downloads", "small_steps", "store"]


# ── the good way ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_download(downloads: Downloads, store: Store, paths: Paths, simulator: Simulator) -> None:
    data = body(500)
    batch = invent(simulator, data, 500)
    told: list[DownloadProgress] = []
    touched: list[frozenset[str]] = []
    downloads.on_progress = told.append
    store.subscribe(touched.append)
    file = await downloads.fetch(batch)
    assert file == await check(store, paths, batch, data)
    assert (file.lines, file.missing, file.attention) == (500, 0, 0)
    assert [told[0].state, told[1].state, told[-1].state] == ["waiting", "running", "done"]
    assert (told[-1].bytes, told[-1].lines, told[-1].expected) == (len(data), 500, 500)
    assert touched and set(touched) == {frozenset({batch.id})}
    assert downloads.progress[batch.id] == told[-1]

    assert await downloads.fetch(batch) == file
    assert asked(simulator) == 1


async def test_who_comes_later_joins(downloads: Downloads, simulator: Simulator) -> None:
    batch = invent(simulator, body(50), 50)
    task = downloads.start(batch)
    assert downloads.start(batch) is task
    files = await asyncio.gather(downloads.fetch(batch), downloads.fetch(batch), task)
    assert files[0] == files[1] == files[2] and asked(simulator) == 1


async def test_two_side_by_side(downloads: Downloads, simulator: Simulator) -> None:
    batches = [invent(simulator, body(5), 5) for _ in range(3)]
    gate = Gate()
    faults = [
        simulator.faults.add(f"GET /v1/messages/batches/{batch.id}/results", "delay", gate=gate)
        for batch in batches
    ]
    tasks = [downloads.start(batch) for batch in batches]
    await faults[0].reached.wait()
    await faults[1].reached.wait()
    assert asked(simulator) == 2 and downloads.progress[batches[2].id].state == "waiting"
    gate.set()
    assert [file.lines for file in await asyncio.gather(*tasks)] == [5, 5, 5]


@pytest.mark.parametrize("name", sorted(odd_servers.ALL))
async def test_odd_results(name: str, store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    server = odd_servers.ALL[name]()
    async with serve(server) as address:
        api = Api(Connection(base_url=address.url))
        downloads = Downloads(api, store, paths, patience=FAST)
        for batch_id, data in server.results.items():
            batch = known(batch_id, len(data.splitlines()))
            await downloads.fetch(batch)
            assert (await check(store, paths, batch, data)).missing == 0
        await downloads.close()
        await api.close()


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", line(0), line(0) + b"\r\n" + line(1) + b"\r\n", b"\n" + line(0)]
)
async def test_shapes_of_files(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator, data: bytes
) -> None:
    number = data.count(b"custom_id")
    batch = replace(invent(simulator, data, max(number, 1)), counts=Counts(succeeded=number))
    assert (await downloads.fetch(batch)).lines == number
    await check(store, paths, batch, data)


@pytest.mark.parametrize("batch_id", ["../../escape", "/etc/x", "a b\x1b[31m", "x" * 300])
async def test_no_id_leads_out_of_the_folder(
    downloads: Downloads, paths: Paths, simulator: Simulator, batch_id: str
) -> None:
    with pytest.raises(ServiceError):
        await downloads.fetch(known(batch_id, 1))
    assert {path.parent for path in paths.data.rglob("*.part")} <= {paths.results}
    assert not (paths.data.parent / "escape").exists()


# ── cuts and restarts ────────────────────────────────────────────────────────────────────────────────────


async def test_cut_lines_are_gone_on_with_and_rows_never_vanish(
    played: Played, store: Store, paths: Paths, small_steps: None
) -> None:
    data = body(400)
    batch = invent(played.simulator, data, 400)
    async with FaultProxy(played.url) as proxy, through(proxy, store, paths) as downloads:
        for count in range(1, 13):
            proxy.on(RESULTS, "cut_response", count * len(data) // 14)
        told: list[DownloadProgress] = []
        downloads.on_progress = told.append
        await downloads.fetch(batch)
        assert len(proxy.happened) == 13
    await check(store, paths, batch, data)
    lines = [progress.lines for progress in told]
    assert lines == sorted(lines) and max(progress.attempt for progress in told) == 13
    assert any(progress.state == "waiting" and "cut" in progress.problem for progress in told)


async def test_cuts_without_headway_end(downloads: Downloads, simulator: Simulator) -> None:
    batch = invent(simulator, body(10), 10)
    simulator.faults.add(RESULTS, "drop", times=None)
    with pytest.raises(Unreachable):
        await downloads.fetch(batch)
    assert asked(simulator) == 8 and downloads.progress[batch.id].state == "failed"


async def test_another_order_the_second_time(
    played: Played, store: Store, paths: Paths, small_steps: None
) -> None:
    first = body(300)
    lines = first.splitlines(keepends=True)
    second = b"".join(lines[:100] + lines[:99:-1])
    batch = invent(played.simulator, first, 300)
    async with FaultProxy(played.url) as proxy, through(proxy, store, paths) as downloads:
        proxy.on(RESULTS, "cut_response", len(first) * 2 // 3)
        gate = asyncio.Event()
        held = proxy.on(RESULTS, "pass", gate=gate)
        task = downloads.start(batch)
        await held.reached.wait()
        played.simulator.replace_results(batch.id, pieces(second))
        gate.set()
        await task
    await check(store, paths, batch, second)


async def interrupted(
    store: Store, paths: Paths, simulator: Simulator, api: Api, batch: Batch, after: int
) -> None:
    """A download that was killed when some lines were indexed."""
    simulator.switches.results_rate = 2_000_000
    enough = asyncio.Event()

    def look(progress: DownloadProgress) -> None:
        if progress.lines >= after:
            enough.set()

    downloads = Downloads(api, store, paths, on_progress=look)
    downloads.start(batch)
    async with asyncio.timeout(5):
        await enough.wait()
    await downloads.close()
    simulator.switches.results_rate = None


DAMAGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "more than indexed": lambda path: path.write_bytes(path.read_bytes() + b'{"custom_id":"half'),
    "less than indexed": lambda path: os.truncate(path, path.stat().st_size // 2),
    "gone": lambda path: path.unlink(),
    "empty": lambda path: os.truncate(path, 0),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "another end": lambda path: path.write_bytes(path.read_bytes()[:-500] + b"?" * 500),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_restart_after_a_kill(
    downloads: Downloads,
    store: Store,
    paths: Paths,
    simulator: Simulator,
    api: Api,
    small_steps: None,
    damage: str,
) -> None:
    data = body(2_000)
    batch = invent(simulator, data, 2_000)
    await interrupted(store, paths, simulator, api, batch, 100)
    partly = await store.results.file(batch.id)
    assert partly and not partly.complete and 100 <= partly.lines < 2_000
    DAMAGES[damage](paths.result_part(batch.id))
    await downloads.fetch(batch)
    await check(store, paths, batch, data)


KILLED = """
import asyncio, sys
from pathlib import Path
from tests.fetching import known
from tui.api import Api, Connection
from tui.paths import Paths
from tui.store import open_store
from tui.sync import Downloads

async def main(data, batch_id):
    paths = Paths(Path(data), Path(data), Path(data)).make()
    async with open_store(paths.state_db) as store:
        say = lambda progress: print(progress.lines, flush=True)
        await Downloads(Api(Connection()), store, paths, on_progress=say).fetch(known(batch_id, 4000))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_real_kill(downloads: Downloads, store: Store, paths: Paths, simulator: Simulator) -> None:
    data = body(4_000)
    batch = invent(simulator, data, 4_000)
    simulator.switches.results_rate = 1_000_000
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(paths.data), batch.id, stdout=subprocess.PIPE
    )
    assert process.stdout
    while int(await process.stdout.readline()) < 200:
        pass
    process.kill()
    await process.wait()
    simulator.switches.results_rate = None
    partly = await store.results.file(batch.id)
    assert partly and 200 <= partly.lines < 4_000
    lines: list[int] = []
    downloads.on_progress = lambda progress: lines.append(progress.lines)
    await downloads.fetch(batch)
    await check(store, paths, batch, data)
    assert min(lines[2:]) >= partly.lines


async def test_a_kill_between_the_renaming_and_the_last_commit(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator
) -> None:
    data = body(300)
    batch = invent(simulator, data, 300)
    paths.result_file(batch.id).write_bytes(data)
    paths.result_file(batch.id).chmod(0o600)
    # Even when the service no longer has them.
    old = replace(batch, created_at=utc_now() - timedelta(days=40))
    assert (await downloads.fetch(old)).lines == 300
    await check(store, paths, batch, data)
    assert asked(simulator) == 0


async def test_a_whole_file_that_somebody_changed(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator
) -> None:
    data = body(300)
    batch = invent(simulator, data, 300)
    await downloads.fetch(batch)
    os.truncate(paths.result_file(batch.id), len(data) // 2)
    await downloads.fetch(batch)
    await check(store, paths, batch, data)
    paths.result_file(batch.id).unlink()
    await downloads.fetch(batch)
    await check(store, paths, batch, data)
    assert asked(simulator) == 3


async def test_the_end_of_a_download_is_news_of_its_own(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last lines and their completeness come at different moments; whoever watches must hear of both."""
    batch = simulator.invent([("prose", 3)])
    await services.sync.poll()
    entry = await services.store.batches.get(batch.id)
    assert entry is not None
    heard: list[frozenset[str]] = []
    heard_at_the_end: list[int] = []
    finish = ResultWriter.finish

    def finished(self: ResultWriter, **what: Any) -> ResultFile:
        file = finish(self, **what)
        asyncio.run_coroutine_threadsafe(_nothing(), loop).result()  # let all news so far be heard
        heard_at_the_end.append(len(heard))
        return file

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(ResultWriter, "finish", finished)
    services.store.subscribe(heard.append)
    await services.downloads.fetch(entry.batch)
    assert heard[heard_at_the_end[0] :] == [frozenset({batch.id})]


async def _nothing() -> None: ...
