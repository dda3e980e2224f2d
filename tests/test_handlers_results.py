"""Results fetched; which batch is meant; waiting; work that comes to its own end."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.handling import BATCHES, asked, ended, polled, running
from tui.commands import (
    Check,
    Done,
    Download,
    Label,
    Prepare,
    StopDownload,
)
from tui.errors import (
    NotAvailable,
    TryAgain,
    Unauthorized,
    UsageError,
)
from tui.handlers import Services, resolve_id, run, wait
from tui.handlers.endings import in_thread, on_loop, to_the_end
from tui.model import ENDED, IN_PROGRESS, Entry
from tui.simulator import Simulator
from tui.simulator.moments import utc_now

# Results


async def test_results_are_fetched_once(services: Services, simulator: Simulator) -> None:
    ids = (ended(simulator), ended(simulator))
    await polled(services)
    assert await run(services, Download(ids)) == Done("The results of 2 batches are here.")
    await run(services, Download(ids))
    assert len(asked(simulator, "GET", f"{BATCHES}/*/results")) == 2


async def test_results_that_cannot_be_had(services: Services, simulator: Simulator) -> None:
    live, good = running(simulator), ended(simulator)
    old = simulator.invent([("prose", 1)], created_at=utc_now() - timedelta(days=40)).id
    await polled(services)
    with pytest.raises(NotAvailable, match="has not ended yet"):
        await run(services, Download((live,)))
    done = await run(services, Download((good, live, old)))
    assert done.severity == "warning"
    assert done.message.startswith(f"The results of 1 of 3 batches are here. Not those of {live}: ")
    await services.store.batches.gone([old], utc_now())
    with pytest.raises(NotAvailable, match="no longer has batch"):
        await run(services, Download((old,)))


async def test_a_download_can_be_stopped(services: Services, simulator: Simulator) -> None:
    batch_id = ended(simulator, ("prose", 400))
    await polled(services)
    simulator.switches.results_rate = 1000
    going = asyncio.Event()
    services.downloads.on_progress = lambda progress: going.set() if progress.bytes else None
    downloading = asyncio.ensure_future(run(services, Download((batch_id,))))
    await going.wait()
    await run(services, StopDownload((batch_id,)))
    with pytest.raises(NotAvailable, match="stopped"):
        await downloading


# Which batch is meant


async def test_ids_are_resolved(services: Services, simulator: Simulator) -> None:
    first, second = ended(simulator), ended(simulator)
    await polled(services)
    await run(services, Label(first, "Nightly Run"))
    await run(services, Label(second, "nightly run 2"))
    for text in (first, first[-8:], first[-8:].lower(), "nightly run", f" {first} ", "NIGHTLY RUN"):
        assert (await resolve_id(services, text)).id == first, text
    assert (await resolve_id(services, "run 2")).id == second
    with pytest.raises(UsageError, match=f"could be 2 batches: .*{first}"):
        await resolve_id(services, "nightly")
    for text in ("", "  ", "nothing like it", "%", "_"):
        with pytest.raises(UsageError):
            await resolve_id(services, text)
    assert asked(simulator, "GET") == [BATCHES]


async def test_a_whole_id_is_asked_for(services: Services, simulator: Simulator) -> None:
    batch_id = ended(simulator)
    assert (await resolve_id(services, batch_id)).id == batch_id
    with pytest.raises(UsageError, match="No batch matches"):
        await resolve_id(services, "msgbatch_nothing")
    simulator.faults.add("*", "drop", times=None)
    with pytest.raises(TryAgain):
        await resolve_id(services, "msgbatch_other")


# Waiting


async def test_waiting_polls_until_the_end(services: Services, simulator: Simulator) -> None:
    services.sync.refresh = 0.001
    done, live = ended(simulator), running(simulator)
    await polled(services)
    simulator.faults.add(f"GET {BATCHES}", "overloaded", times=2, skip=1)
    seen: list[tuple[str, str]] = []

    def changed(entry: Entry) -> None:
        seen.append((entry.id, entry.batch.state))
        if len(seen) == 2:
            asyncio.get_running_loop().call_later(0.05, simulator.end, live)

    entries = await wait(services, [live, done, live], timeout=30, on_change=changed)
    assert [each.id for each in entries] == [live, done]
    assert all(each.batch.state == ENDED for each in entries)
    assert seen == [(live, IN_PROGRESS), (done, ENDED), (live, ENDED)]


async def test_waiting_for_what_has_ended_asks_nobody(services: Services, simulator: Simulator) -> None:
    batch_id = ended(simulator)
    await polled(services)
    simulator.log.clear()
    await wait(services, [batch_id], timeout=0.0001)
    assert len(simulator.log) == 0


async def test_waiting_has_an_end(services: Services, simulator: Simulator) -> None:
    services.sync.refresh = 0.001
    batch_id = running(simulator)
    await polled(services)
    with pytest.raises(TryAgain, match="1 batch of 1 still running when the time was up"):
        await wait(services, [batch_id], timeout=0.05)


async def test_waiting_ends_with_a_batch_that_is_deleted(services: Services, simulator: Simulator) -> None:
    batch_id = running(simulator)
    await polled(services)
    await services.store.batches.gone([batch_id], utc_now())
    (found,) = await wait(services, [batch_id])
    assert found.gone_at is not None


async def test_waiting_does_not_sit_out_a_wrong_key(services: Services, simulator: Simulator) -> None:
    batch_id = running(simulator)
    await polled(services)
    simulator.faults.add("*", "authentication", times=None)
    with pytest.raises(Unauthorized):
        await wait(services, [batch_id])


# Sources


async def test_a_check_tells_its_progress_on_the_loop(services: Services, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"custom_id":1}\n' * 150_000)
    heard: list[tuple[threading.Thread, int, int]] = []
    told = replace(services, on_read=lambda *news: heard.append((threading.current_thread(), *news)))
    draft = await run(told, Check((tmp_path / "a.jsonl",)))
    assert draft.problem_count == 300_000
    assert {each[0] for each in heard} == {threading.current_thread()}
    assert heard[-1][1] == heard[-1][2] == 150_000 * 16


async def test_a_cancelled_preparation_leaves_nothing(services: Services, tmp_path: Path) -> None:
    params = b'{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"c"}]}'
    lines = (b'{"custom_id":"%d","params":%b}\n' % (number, params) for number in range(100_000))
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))
    reading = asyncio.Event()
    told = replace(services, on_read=lambda *_: reading.set())
    preparing = asyncio.ensure_future(run(told, Prepare((tmp_path / "a.jsonl",))))
    await reading.wait()
    preparing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await preparing
    assert list(services.paths.drafts.iterdir()) == []


# Work that comes to its own end


async def test_work_goes_to_its_end_though_cancelled_twice() -> None:
    going, done = asyncio.Event(), []

    async def work() -> int:
        await going.wait()
        done.append(1)
        return 5

    waiting = asyncio.ensure_future(to_the_end(work()))
    for _ in range(2):
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
    assert not waiting.done()
    going.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done == [1]
    assert await to_the_end(work()) == 5


async def test_a_thread_is_told_to_stop_and_waited_for() -> None:
    entered, left = threading.Event(), threading.Event()

    def work(stop: threading.Event) -> None:
        entered.set()
        stop.wait()
        left.set()
        raise ValueError("nobody is there to hear it")

    waiting = asyncio.ensure_future(in_thread(work))
    await asyncio.to_thread(entered.wait)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert left.is_set()


async def test_a_callback_from_a_thread_runs_on_the_loop() -> None:
    heard: list[threading.Thread] = []
    call = on_loop(lambda: heard.append(threading.current_thread()))
    await asyncio.to_thread(call)
    await asyncio.sleep(0)
    assert heard == [threading.current_thread()]
