"""What a reviewer with servers of his own found: answers, clocks and results that nobody had thought of."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli_runs import Run, requests
from tests.fetching import api, body, check, downloads, invent, store
from tests.launching import posts, prepared, state_of
from tests.running import CREATE, made_run
from tui.commands import Retry, Send, SendRun
from tui.errors import TryAgain, Uncertain, UsageError
from tui.handlers import Services, compare, queueing, run, unfinished
from tui.model import SENT, UNCERTAIN, Batch, utc_now
from tui.paths import Paths
from tui.simulator import Simulator
from tui.store import Store
from tui.sync import Downloads

__all__ = ["api", "downloads", "store"]


# ── a service that refuses for now ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("headers", [{"retry-after": "0"}, {"retry-after-ms": "1"}, {}])
async def test_each_refusal_in_a_row_makes_the_wait_longer(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    waits: list[float] = []

    async def noted(stopped: asyncio.Event, seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(queueing, "_pause", noted)
    simulator.faults.add(CREATE, "status", status=429, headers=headers, times=5)
    made = await made_run(services, (1,))
    sent = await run(services, SendRun(made.id))
    assert (sent.state, posts(simulator), waits) == (SENT, 6, [5, 10, 20, 30, 30])


# ── batches that may be it ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hours", [-14, -1, 1, 14])
async def test_a_wrong_clock_or_a_slow_upload_hides_no_batch(
    services: Services, simulator: Simulator, tmp_path: Path, hours: int
) -> None:
    simulator.faults.add(CREATE, "drop", after_effect=True)
    launch = await prepared(services, tmp_path)
    wrong = replace(services, clock=lambda: utc_now() - timedelta(hours=hours))
    with pytest.raises(Uncertain):
        await run(wrong, Send(launch.id))
    (candidate,) = await compare(services, launch.id)
    assert [candidate.batch.id] == list(simulator.account.batches)
    assert abs(candidate.after - timedelta(hours=hours)) < timedelta(minutes=5)


def test_what_nobody_asked_the_service_is_not_said_of_it(
    run: Run, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add(CREATE, "drop", after_effect=True)
    simulator.faults.add("GET /v1/messages/batches", "overloaded", times=None)
    outcome = run("launch", str(requests(tmp_path)), "--yes")
    (launch,) = run("info", "--json").json["unfinished"]
    look = f"batchdeck launch --resume {launch['launch_id']}"
    assert outcome.code == 4
    assert "No batch of the account" not in outcome.err
    assert f"{look}\n" in outcome.err
    simulator.faults.clear()
    (batch_id,) = simulator.account.batches
    looked = run(*look.split()[1:])
    assert looked.code == 4
    assert f"{look} --adopt {batch_id}" in looked.err


async def test_a_batch_of_another_launch_given_again(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a gateway does that answers from its cache."""
    sent = await run(services, Send((await prepared(services, tmp_path)).id))
    entry = await services.store.batches.get(sent.batch_id)
    assert entry is not None

    async def cached(*_: object) -> Batch:
        return entry.batch

    monkeypatch.setattr(services.api, "create", cached)
    second = await prepared(services, tmp_path)
    with pytest.raises(Uncertain, match="already belongs") as caught:
        await run(services, Send(second.id))
    assert "Choose" not in caught.value.hint
    assert await state_of(services, second) == UNCERTAIN
    ((found, _),) = await unfinished(services)
    assert str(sent.batch_id) in found.problem


async def test_an_answer_that_is_little_more_than_an_id_names_it(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add(CREATE, "status", status=200, body=b'{"id": "msgbatch_1", "created_at": null}')
    launch = await prepared(services, tmp_path)
    with pytest.raises(Uncertain, match="msgbatch_1"):
        await run(services, Send(launch.id))
    ((found, _),) = await unfinished(services)
    assert "msgbatch_1" in found.problem


async def test_what_waits_is_said_with_the_command_to_go_on(services: Services) -> None:
    made = await made_run(services, (1,))
    with pytest.raises(UsageError, match=f"batchdeck launch --resume {made.id}"):
        await run(services, Retry(made.id))


# ── results that are none ────────────────────────────────────────────────────────────────────────────────

PAGE = b"<html>\n<body>\nSign in\n</body>\n</html>\n"
ERROR = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n'


@pytest.mark.parametrize("junk", [b"", b"\n\n", PAGE, ERROR], ids=["empty", "blank", "page", "error"])
async def test_an_answer_without_any_result_is_not_all_there_is(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator, junk: bytes
) -> None:
    """Taken for the results, it would make every request a missing one, to be paid for again."""
    batch = invent(simulator, junk, 3)
    with pytest.raises(TryAgain, match="no results"):
        await downloads.fetch(batch)
    data = body(3)
    simulator.replace_results(batch.id, [data])
    file = await downloads.fetch(batch)
    assert (file.lines, file.missing, file.attention) == (3, 0, 0)
    await check(store, paths, batch, data)


@pytest.mark.parametrize("tail", [b"\0" * 100, b'{"custom_id":"r3","result":{"ty'], ids=["nul", "torn"])
async def test_a_file_that_always_ends_within_a_line_is_taken_in_the_end(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator, tail: bytes
) -> None:
    """It was asked for without end: what came of the line was taken for progress each time."""
    data = body(3)
    batch = invent(simulator, data + tail, 4)
    async with asyncio.timeout(20):
        file = await downloads.fetch(batch)
    assert (file.complete, file.lines, file.attention) == (True, 4, 1)
    assert paths.result_file(batch.id).read_bytes() == data + tail


async def test_answers_that_grow_are_not_taken_for_all_there_is(
    downloads: Downloads, store: Store, paths: Paths, simulator: Simulator
) -> None:
    data, ends = body(40), iter(range(1, 9))
    batch = invent(simulator, data, 40)
    fetch = downloads._in_thread

    async def growing(transfer: Any) -> Any:
        end = next(ends) * len(data) // 8 - 7 if downloads.progress[batch.id].attempt < 7 else len(data)
        simulator.replace_results(batch.id, [data[:end]])
        return await fetch(transfer)

    downloads._in_thread = growing  # type: ignore[method-assign]
    file = await downloads.fetch(batch)
    assert (file.lines, file.missing, file.attention) == (40, 0, 0)
    await check(store, paths, batch, data)
