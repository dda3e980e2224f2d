"""Rule 1: one launch, at most one batch, whatever the service answers and wherever the line breaks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Played
from tests.fault_proxy import FaultProxy
from tests.launching import (
    CREATE,
    FIVE,
    another_process,
    check_what_is_found,
    give_up,
    posts,
    prepared,
    state_of,
    write_source,
)
from tui.api import Connection
from tui.commands import Drop, Prepare, Send
from tui.errors import DeckError, NoCredential, Uncertain, Unreachable, UsageError
from tui.handlers import Services, compare, run, unfinished
from tui.model import DRAFT, FAILED, SENT, UNCERTAIN
from tui.paths import Paths
from tui.simulator import Gate, Simulator

# The good end


async def test_a_launch_becomes_one_batch(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    launch = await prepared(services, tmp_path)
    assert launch.state == DRAFT
    sent = await run(services, Send(launch.id))
    assert (sent.state, sent.requests) == (SENT, FIVE)
    (batch,) = simulator.account.batches.values()
    assert sent.batch_id == batch.id
    entry = await services.store.batches.get(batch.id)
    assert entry is not None
    assert (entry.launch_id, entry.batch.counts.total) == (launch.id, FIVE)
    assert posts(simulator) == 1
    assert await unfinished(services) == []


async def test_the_body_is_what_the_user_wrote(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    import hashlib

    launch = await prepared(services, tmp_path)
    await run(services, Send(launch.id))
    lines = write_source(tmp_path).read_bytes().splitlines()
    body = b'{"requests":[' + b",".join(lines) + b"]}"
    (entry,) = simulator.log.matching("POST")
    assert (entry.length, entry.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert launch.bytes == len(body)


async def test_a_sent_launch_is_never_sent_again(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    made, _ = await run(services, Prepare((write_source(tmp_path),), "My Tickets"))
    (launch,) = made.launches
    await run(services, Send(launch.id))
    for again in (False, True):
        with pytest.raises(UsageError, match="Launch “My Tickets” was sent already, as batch msgbatch_"):
            await run(services, Send(launch.id, again=again))
    with pytest.raises(UsageError, match="was sent as batch"):
        await run(services, Drop(launch.id))
    assert posts(simulator) == 1


async def test_progress_tells_every_byte_in_order(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    heard: list[tuple[str, int, int]] = []
    launch = await prepared(services, tmp_path, number=400, padding=2000)
    await run(replace(services, on_upload=lambda *news: heard.append(news)), Send(launch.id))
    assert heard[-1] == (launch.id, launch.bytes, launch.bytes)
    assert [news[1] for news in heard] == sorted({news[1] for news in heard})
    assert len(heard) > 3


# Every way the service can answer


DEFINITE: list[tuple[str, dict[str, Any]]] = [
    *((kind, {}) for kind in ("usage_limit", "authentication", "billing", "permission", "not_found")),
    *((kind, {}) for kind in ("method_not_allowed", "rate_limit", "rate_limit_bare", "spend_limit")),
    ("too_large", {}),
    ("status", {"status": 422, "body": b"{}"}),
    ("status", {"status": 413, "body": b"<html>"}),
    *(("status", {"status": code, "headers": {"location": "/elsewhere"}}) for code in (301, 307, 308)),
]
UNCLEAR: list[tuple[str, dict[str, Any]]] = [
    *((kind, {}) for kind in ("conflict", "api_error", "not_implemented", "overloaded", "html", "drop")),
    *(("status", {"status": code, "body": b"{}"}) for code in (408, 502, 503, 504)),
    ("status", {"status": 200, "body": b""}),
    ("status", {"status": 200, "body": b"{}"}),
    ("status", {"status": 200, "body": b"[]"}),
    ("status", {"status": 202, "body": b'{"id": null, "type": "message_batch"}'}),
    ("status", {"status": 200, "body": b"<html>Please log in</html>"}),
]
SPOILT: list[tuple[str, dict[str, Any]]] = [("malformed_json", {}), ("cut", {}), ("cut", {"cut_after": 20})]


def named(case: tuple[str, dict[str, Any]]) -> str:
    kind, options = case
    return "-".join([kind, *(str(options[key]) for key in ("status", "cut_after") if key in options)])


@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
async def test_a_definite_no_is_said_and_can_be_sent_anew(
    services: Services, simulator: Simulator, tmp_path: Path, after_effect: bool
) -> None:
    for case in DEFINITE:
        kind, options = case
        simulator.log.clear()
        simulator.faults.add(CREATE, kind, after_effect=after_effect, **options)
        launch = await prepared(services, tmp_path)
        with pytest.raises(DeckError) as caught:
            await run(services, Send(launch.id))
        assert not isinstance(caught.value, Uncertain), named(case)
        failed = await services.store.launches.get(launch.id)
        assert failed is not None
        assert (failed.state, caught.value.title in failed.problem) == (FAILED, True), named(case)
        assert [entry.method for entry in simulator.log.matching("POST")] == ["POST"], (
            f"{named(case)} was followed"
        )
        assert (await run(services, Send(launch.id))).state == SENT, named(case)
        assert posts(simulator) == 2, named(case)


@pytest.mark.parametrize(
    ("cases", "effect"),
    [(UNCLEAR, False), (UNCLEAR, True), (SPOILT, True)],
    ids=["before", "after", "spoilt"],
)
async def test_an_unclear_end_is_never_repeated(
    services: Services, simulator: Simulator, tmp_path: Path, cases: list[tuple[str, Any]], effect: bool
) -> None:
    for case in cases:
        kind, options = case
        simulator.log.clear()
        before = set(simulator.account.batches)
        simulator.faults.add(CREATE, kind, after_effect=effect and cases is UNCLEAR, **options)
        launch = await prepared(services, tmp_path)
        with pytest.raises(Uncertain):
            await run(services, Send(launch.id))
        assert await state_of(services, launch) == UNCERTAIN, named(case)
        with pytest.raises(Uncertain, match="may have created a batch already"):
            await run(services, Send(launch.id))
        created = set(simulator.account.batches) - before
        assert (posts(simulator), len(created)) == (1, int(effect)), named(case)
        async with another_process(services) as later:
            await check_what_is_found(later, launch, created)
        assert posts(simulator) == 1, named(case)
        await give_up(services, launch)


# Lines that break


@pytest.mark.parametrize("count", [0, 1, 300, 10_000])
async def test_a_request_that_is_cut_creates_nothing_and_is_uncertain(
    played: Played, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    from tui.__main__ import build

    async with FaultProxy(played.url) as proxy:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", proxy.url)
        proxy.on(CREATE, "cut_request", count)
        async with build(paths, Connection()) as services:
            launch = await prepared(services, tmp_path, padding=4000)
            with pytest.raises(Uncertain):
                await run(services, Send(launch.id))
            assert len([1 for each in proxy.happened if each.method == "POST"]) == 1
            assert (await state_of(services, launch), played.simulator.creates) == (UNCERTAIN, 0)
            assert await compare(services, launch.id) == []


@pytest.mark.parametrize(
    ("kind", "count", "creates"),
    [("drop_before", 0, 0), ("drop_after", 0, 1), ("cut_response", 0, 1), ("cut_response", 100, 1)],
)
async def test_an_answer_that_is_cut_leaves_its_batch_as_candidate(
    played: Played,
    paths: Paths,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: Any,
    count: int,
    creates: int,
) -> None:
    from tui.__main__ import build

    async with FaultProxy(played.url) as proxy:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", proxy.url)
        proxy.on(CREATE, kind, count)
        async with build(paths, Connection()) as services:
            launch = await prepared(services, tmp_path)
            with pytest.raises(Uncertain):
                await run(services, Send(launch.id))
            assert (posts(played.simulator), played.simulator.creates) == (creates, creates)
            await check_what_is_found(services, launch, played.simulator.account.batches)
            assert posts(played.simulator) == creates


async def test_silence_is_uncertain(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.api.client.CREATE_SILENCE", 0.2)
    gate = Gate()
    simulator.faults.add(CREATE, "delay", gate=gate, after_effect=True)
    launch = await prepared(services, tmp_path)
    try:
        with pytest.raises(Uncertain):
            await run(services, Send(launch.id))
        assert (posts(simulator), simulator.creates) == (1, 1)
        await check_what_is_found(services, launch, simulator.account.batches)
    finally:
        gate.set()


async def test_where_nobody_listens_nothing_was_sent(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    from tui.__main__ import build

    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{unused_tcp_port}")
    async with build(paths, Connection()) as services:
        launch = await prepared(services, tmp_path)
        with pytest.raises(Unreachable):
            await run(services, Send(launch.id))
        assert await state_of(services, launch) == FAILED


async def test_without_a_credential_nothing_begins(
    played: Played, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.__main__ import build

    monkeypatch.delenv("ANTHROPIC_API_KEY")
    async with build(paths, Connection()) as services:
        launch = await prepared(services, tmp_path)
        with pytest.raises(NoCredential):
            await run(services, Send(launch.id))
        assert await state_of(services, launch) == DRAFT
    assert posts(played.simulator) == 0
