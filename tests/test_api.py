"""The service in our own words: what is asked, what is understood, with which credential."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.api import Api, Connection, convert
from tui.errors import (
    NotFound,
    Refused,
    ServiceDown,
)
from tui.model import ENDED, IN_PROGRESS, Counts
from tui.simulator import Simulator, serve

from . import odd_servers
from .conftest import KEY, Played
from .network import LIST, Requests, api, key, reaching, read

__all__ = ["api", "key"]


# ── what is asked and understood ─────────────────────────────────────────────────────────────────────────


async def test_a_batch_from_creation_to_deletion(api: Api, simulator: Simulator) -> None:
    body = Requests(4)
    created = await api.create(body)
    assert (created.state, created.counts.total) == (IN_PROGRESS, 4)
    sent = simulator.log.entries[-1]
    assert sent.headers["content-length"] == str(body.length)
    assert "transfer-encoding" not in sent.headers
    assert sent.headers["user-agent"].startswith("batchdeck/")

    assert (await api.retrieve(created.id)).id == created.id
    page = await api.list()
    assert [batch.id for batch in page.batches] == [created.id]
    assert page.organization == simulator.account.organization_id
    assert page.workspace == simulator.account.workspace_id

    assert (await api.cancel(created.id)).cancel_initiated_at is not None
    with pytest.raises(Refused, match="still being processed"):
        await api.delete(created.id)
    simulator.end(created.id)
    lines = (await asyncio.to_thread(read, api, created.id)).splitlines()
    assert {json.loads(line)["custom_id"] for line in lines} == {"r0", "r1", "r2", "r3"}

    await api.delete(created.id)
    with pytest.raises(NotFound) as caught:
        await api.retrieve(created.id)
    assert caught.value.request_id.startswith("req_")
    assert simulator.creates == 1


async def test_pages_follow_the_cursor(api: Api, simulator: Simulator) -> None:
    now = datetime.now(UTC)
    made = [simulator.invent([("prose", 1)], created_at=now - timedelta(hours=n)).id for n in range(5)]
    first = await api.list(limit=2)
    second = await api.list(limit=2, after=first.last_id)
    third = await api.list(limit=2, after=second.last_id)
    assert [[b.id for b in page.batches] for page in (first, second, third)] == [
        made[:2],
        made[2:4],
        made[4:],
    ]
    assert [page.has_more for page in (first, second, third)] == [True, True, False]


async def test_results_never_follow_the_address_in_the_batch(api: Api, simulator: Simulator) -> None:
    simulator.switches.results_url = "foreign"
    batch = simulator.invent([("prose", 3)])
    assert "elsewhere.invalid" in ((await api.retrieve(batch.id)).results_url or "")
    assert len((await asyncio.to_thread(read, api, batch.id)).splitlines()) == 3


@pytest.mark.parametrize("switch", ["results_gzip", "results_length"])
async def test_results_come_decoded(api: Api, simulator: Simulator, switch: str) -> None:
    batch = simulator.invent([("prose", 50)])
    plain = await asyncio.to_thread(read, api, batch.id)
    setattr(simulator.switches, switch, True)
    assert await asyncio.to_thread(read, api, batch.id) == plain


@pytest.mark.parametrize("name", sorted(odd_servers.ALL))
async def test_odd_services(name: str, key: None) -> None:
    server = odd_servers.ALL[name]()
    async with serve(server) as address, reaching(address.url) as api:
        if name == "out_of_order":
            with pytest.raises(ServiceDown, match="502"):
                await api.list()
            return
        page = await api.list()
        assert [batch.id for batch in page.batches] == [batch["id"] for batch in server.batches]
        assert not page.partial
        for known in page.batches:
            assert await api.retrieve(known.id) == known
            assert known.counts.total == sum(
                next(b for b in server.batches if b["id"] == known.id)["request_counts"].values()
            )
        for batch_id, body in server.results.items():
            assert await asyncio.to_thread(read, api, batch_id) == body


async def test_a_gateway_that_offers_less(key: None) -> None:
    async with serve(odd_servers.gateway()) as address, reaching(address.url) as api:
        page = await api.list()
        assert page.last_id == odd_servers.GATEWAY
        with pytest.raises(Refused, match="does not offer") as caught:
            await api.delete(odd_servers.GATEWAY)
        assert caught.value.status == 405
        with pytest.raises(Refused) as caught:
            await api.cancel(odd_servers.GATEWAY_RUNNING)
        assert caught.value.status == 501


async def test_ids_stay_one_part_of_the_path(api: Api, simulator: Simulator) -> None:
    for hostile in ("../../v1/models", "..", ".", "a/b?c#d", "[/]\x1b", "ü", "%2e%2e"):
        with pytest.raises((NotFound, Refused)):
            await api.retrieve(hostile)
        assert simulator.log.entries[-1].path.startswith(LIST + "/")


async def test_over_a_unix_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    simulator = Simulator()
    batch = simulator.invent([("prose", 2)])
    async with serve(simulator, uds=tmp_path / "s") as address:
        api = Api(Connection(uds=address.uds, demo_key=True))
        assert api.base_url == "http://simulator"
        assert [found.id for found in (await api.list()).batches] == [batch.id]
        assert (await asyncio.to_thread(read, api, batch.id)).count(b"\n") >= 1
        await api.close()
    assert all(KEY not in str(entry.headers) for entry in simulator.log.entries)


async def test_the_workspace_goes_along(played: Played) -> None:
    async with reaching(played.url, workspace="wrkspc_01Other") as api:
        await api.list()
    assert played.simulator.log.entries[-1].headers["anthropic-workspace-id"] == "wrkspc_01Other"


# ── recorded shapes ──────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_of_2024() -> None:
    batch = convert.batch(
        {
            "id": "msgbatch_01Old",
            "type": "message_batch",
            "processing_status": "ended",
            "request_counts": {"processing": 0, "succeeded": 2, "errored": 0, "canceled": 0, "expired": 0},
            "ended_at": "2024-10-10T01:55:12.022622+00:00",
            "created_at": "2024-10-10T01:53:45.563766+00:00",
            "expires_at": "2024-10-11T01:53:45.563766+00:00",
            "cancel_initiated_at": None,
            "results_url": "https://api.anthropic.com/v1/messages/batches/msgbatch_01Old/results",
        }
    )
    assert (batch.state, batch.counts, batch.archived_at) == (ENDED, Counts(succeeded=2), None)
    assert batch.created_at == datetime(2024, 10, 10, 1, 53, 45, 563766, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [None, [], "x", 3, {}, {"id": ""}, {"id": 7}, {"id": "a"}, {"id": "a", "created_at": "yesterday"}],
)
def test_what_is_no_batch(value: object) -> None:
    with pytest.raises(ValueError):
        convert.batch(value)


@pytest.mark.parametrize(
    ("counts", "total"),
    [
        (None, 0),
        ({}, 0),
        ([], 0),
        ({"succeeded": 3.0, "errored": "2", "canceled": None, "expired": True}, 3),
        ({"processing": -4, "succeeded": float("nan"), "errored": float("inf"), "expired": 1}, 1),
    ],
)
def test_counts_of_careless_gateways(counts: object, total: int) -> None:
    made = convert.batch({"id": "a", "created_at": 1_760_000_000, "request_counts": counts})
    assert made.counts.total == total


@pytest.mark.parametrize(
    "when", ["2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", 1e30, -1, {}, True, "", float("nan")]
)
def test_times_that_are_none(when: object) -> None:
    assert convert.moment(when) is None


def test_an_entry_that_makes_no_sense_is_left_out_and_said() -> None:
    good = {"id": "msgbatch_1", "created_at": "2026-11-22T10:00:00Z", "processing_status": "ended"}
    page = convert.page({"data": [good, {"id": None}, "?"], "has_more": 1, "last_id": 5})
    assert [batch.id for batch in page.batches] == ["msgbatch_1"]
    assert page.partial and not page.has_more and page.last_id is None
    nothings: list[object] = [{}, {"data": None}, [], {"data": {"a": 1}}]
    for nonsense in nothings:
        with pytest.raises(ValueError):
            convert.page(nonsense)
