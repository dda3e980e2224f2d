"""Downloads that are not all, not there, without room, or no longer wanted."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import resource
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tui.api import Api, Connection
from tui.errors import NotAvailable, StoreError, Unauthorized
from tui.model import utc_now
from tui.paths import Paths, open_private
from tui.simulator import Gate, Simulator
from tui.store import Store
from tui.sync import Downloads

from .conftest import KEY
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
    small_steps,
    store,
)

__all__ = ["api", "downloads", "small_steps", "store"]


# ── is it all? ───────────────────────────────────────────────────────────────────────────────────────────


async def test_fewer_lines_than_requests_are_asked_for_again_then_missing(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator
) -> None:
    data = body(7)
    batch = invent(simulator, data, 10)
    file = await downloads.fetch(batch)
    assert (file.lines, file.missing, asked(simulator)) == (7, 3, 4)
    await check(store, paths, batch, data)


async def test_a_cut_that_only_the_last_line_tells(
    store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server without lengths: the end of the connection is the end of the results."""
    data, answers = body(20), 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answers
        answers += 1
        await reader.readuntil(b"\r\n\r\n")
        end = len(data) if answers == 3 else len(data) - 40 * answers
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + data[:end])
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    api = Api(Connection(base_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    downloads = Downloads(api, store, paths, patience=FAST)
    async with server:
        file = await downloads.fetch(known("msgbatch_1", 20))
    assert (file.lines, file.missing, answers) == (20, 0, 3)
    await api.close()


@pytest.mark.parametrize(
    "kind", ["malformed", "duplicate", "missing", "blank", "unknown_type", "no_custom_id"]
)
async def test_spoilt_lines_do_not_spoil_the_rest(
    downloads: Downloads, simulator: Simulator, kind: str
) -> None:
    made = simulator.invent([("prose", 30)], created_at=utc_now() - timedelta(hours=1))
    simulator.faults.add(RESULTS, "line", line=kind, times=None)
    file = await downloads.fetch(known(made.id, 30))
    assert file.complete and abs(file.lines - 30) <= 1
    assert file.missing == (1 if kind == "missing" else 0)


# ── what the service says ────────────────────────────────────────────────────────────────────────────────


async def test_single_404s_pass(downloads: Downloads, simulator: Simulator) -> None:
    batch = invent(simulator, body(5), 5)
    simulator.faults.add(RESULTS, "not_found", times=3)
    assert (await downloads.fetch(batch)).lines == 5


async def test_404s_that_stay_mean_not_available(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator
) -> None:
    batch = invent(simulator, body(5), 5)
    simulator.faults.add(RESULTS, "not_found", times=None)
    with pytest.raises(NotAvailable) as caught:
        await downloads.fetch(batch)
    assert caught.value.request_id and asked(simulator) == 4
    assert not list(paths.results.iterdir()) and await store.results.file(batch.id) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"created_at": utc_now() - timedelta(days=30)}, "no longer keeps"),
        ({"archived_at": utc_now() - timedelta(days=1)}, "no longer keeps"),
        ({"state": "in_progress"}, "still runs"),
    ],
)
async def test_what_cannot_be_had_is_not_asked_for(
    downloads: Downloads, simulator: Simulator, changes: dict[str, object], words: str
) -> None:
    batch = invent(simulator, body(5), 5)
    with pytest.raises(NotAvailable, match=words):
        await downloads.fetch(replace(batch, **changes))  # type: ignore[arg-type]
    assert asked(simulator) == 0


async def test_a_refused_credential_ends_it_at_once(downloads: Downloads, simulator: Simulator) -> None:
    batch = invent(simulator, body(5), 5)
    simulator.faults.add(RESULTS, "authentication", times=None)
    with pytest.raises(Unauthorized):
        await downloads.start(batch)
    assert asked(simulator) == 1 and "bearer" in downloads.progress[batch.id].problem


@pytest.mark.parametrize("kind", ["overloaded", "api_error", "html", "rate_limit_bare", "drop"])
async def test_trouble_passes(downloads: Downloads, simulator: Simulator, kind: str) -> None:
    batch = invent(simulator, body(5), 5)
    simulator.faults.add(RESULTS, kind, times=2, headers={"retry-after-ms": "5"})
    assert (await downloads.fetch(batch)).lines == 5


# ── the disk, other processes, impatience ────────────────────────────────────────────────────────────────


async def test_no_room_is_said_and_gone_on_from(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator
) -> None:
    data = body(3_000)
    batch = invent(simulator, data, 3_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
    try:
        with pytest.raises(StoreError, match="larger file"):
            await downloads.fetch(batch)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    kept = await store.results.file(batch.id)
    assert kept and kept.lines > 0
    await downloads.fetch(batch)
    await check(store, paths, batch, data)


@pytest.mark.parametrize("wanted", [50, 60])
async def test_what_the_disk_says_at_last_is_heard(
    downloads: Downloads, paths: Paths, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, wanted: int
) -> None:
    """No file gets its name before its bytes are safe; the system says only once that they are not."""

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    batch = invent(simulator, body(50), wanted)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        with pytest.raises(StoreError, match="cannot be written"):
            await downloads.fetch(batch)
    assert not paths.result_file(batch.id).exists() and asked(simulator) == 1
    assert (await downloads.fetch(batch)).lines == 50


async def test_a_folder_that_cannot_be_used(downloads: Downloads, paths: Paths, simulator: Simulator) -> None:
    batch = invent(simulator, body(5), 5)
    paths.results.rmdir()
    paths.results.write_text("in the way")
    with pytest.raises(StoreError):
        await downloads.fetch(batch)


async def test_a_link_is_not_followed(
    downloads: Downloads, paths: Paths, simulator: Simulator, tmp_path: Path
) -> None:
    batch = invent(simulator, body(5), 5)
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    paths.result_part(batch.id).symlink_to(precious)
    with pytest.raises(StoreError):
        await downloads.fetch(batch)
    assert precious.read_text() == "keep me"


async def test_another_process_at_work_is_waited_for(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator
) -> None:
    batch = invent(simulator, body(50), 50)
    waiting = asyncio.Event()
    downloads.on_progress = lambda progress: waiting.set() if "Another" in progress.problem else None
    with open_private(paths.result_part(batch.id)) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        task = downloads.start(batch)
        await waiting.wait()
        assert asked(simulator) == 0
    assert (await task).lines == 50


@pytest.mark.parametrize("when", ["before the answer", "within the answer"])
async def test_stopping_is_quick_and_keeps_what_came(
    downloads: Downloads, store: Store, simulator: Simulator, small_steps: None, when: str
) -> None:
    batch = invent(simulator, body(200), 200)
    there = asyncio.Event()
    if when == "before the answer":
        fault = simulator.faults.add(RESULTS, "delay", gate=Gate())
        task = asyncio.create_task(downloads.fetch(batch))
        await fault.reached.wait()
    else:
        simulator.switches.results_rate = 20_000
        downloads.on_progress = lambda progress: there.set() if progress.lines >= 5 else None
        task = asyncio.create_task(downloads.fetch(batch))
        await there.wait()
    downloads.stop(batch.id)
    async with asyncio.timeout(2):
        with pytest.raises(NotAvailable, match="stopped"):
            await task
    assert downloads.progress[batch.id].state == "stopped"
    kept = await store.results.file(batch.id)
    assert when == "before the answer" or (kept and kept.lines >= 5)


async def test_who_waits_no_longer_does_not_stop_the_download(
    downloads: Downloads, simulator: Simulator
) -> None:
    batch = invent(simulator, body(20), 20)
    gate = Gate()
    fault = simulator.faults.add(RESULTS, "delay", gate=gate)
    waiting = asyncio.create_task(downloads.fetch(batch))
    await fault.reached.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    assert (await downloads.fetch(batch)).lines == 20 and asked(simulator) == 1


async def test_the_loop_stays_free(downloads: Downloads, simulator: Simulator) -> None:
    data = body(5_000, size=2_000)
    batch = invent(simulator, data, 5_000)
    gaps: list[float] = []

    async def beat() -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.005)
            gaps.append(loop.time() - before - 0.005)

    beating = asyncio.create_task(beat())
    await downloads.fetch(batch)
    beating.cancel()
    assert max(gaps) < 0.2
