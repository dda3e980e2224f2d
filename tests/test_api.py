"""The service in our own words: what is asked, what is understood, with which credential."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.api import Api, Connection, convert, neighbours
from tui.errors import (
    NotFound,
    Refused,
    ServiceDown,
    SlowedDown,
    Unreachable,
    UsageError,
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


# ── beside batches ───────────────────────────────────────────────────────────────────────────────────────


ASKED = {
    "model": "claude-haiku-5-5",
    "max_tokens": 5,
    "metadata": {"user_id": "u"},
    "stop_sequences": ["x"],
    "system": "Be brief.",
    "messages": [{"role": "user", "content": "Zoë \ud800"}],
}


async def test_tokens_are_counted_of_what_may_be_counted(api: Api, simulator: Simulator) -> None:
    few = await api.count_tokens(ASKED)
    more = await api.count_tokens({**ASKED, "system": "Be brief." * 100}, ["some-beta-2026-01-01"])
    assert 0 < few < more - 200
    plain, with_beta = simulator.log.matching("POST", "/v1/messages/count_tokens")
    assert (plain.status, with_beta.status) == (200, 200)  # max_tokens would have been refused
    assert "anthropic-beta" not in plain.headers
    assert with_beta.headers["anthropic-beta"] == "some-beta-2026-01-01"
    assert plain.headers["content-type"] == "application/json"


async def test_a_model_that_cannot_be_counted(api: Api, simulator: Simulator) -> None:
    with pytest.raises(NotFound):
        await api.count_tokens({**ASKED, "model": "gpt-4o"})
    for fault, error in (("overloaded", ServiceDown), ("rate_limit", SlowedDown), ("drop", Unreachable)):
        before = len(simulator.log)
        simulator.faults.add("POST /v1/messages/count_tokens", fault)
        with pytest.raises(error):
            await api.count_tokens(ASKED)
        assert len(simulator.log) == before + 1  # nothing is repeated here


@pytest.mark.parametrize("body", [b"{}", b"[1]", b'{"input_tokens": "7"}', b'{"input_tokens": true}', b"<"])
async def test_a_count_that_is_none(api: Api, simulator: Simulator, body: bytes) -> None:
    simulator.faults.add("POST /v1/messages/count_tokens", "status", status=200, body=body)
    with pytest.raises(ServiceDown, match="not the API's"):
        await api.count_tokens(ASKED)


async def test_all_models_retired_ones_too(api: Api, simulator: Simulator) -> None:
    models = await api.models()
    by_id = {model.id: model for model in models}
    assert models[0].id == "claude-fable-5-2" and len(by_id) == len(models)
    haiku = by_id["claude-haiku-4-5-20251001"]
    assert (haiku.max_tokens, haiku.max_input_tokens, haiku.lifecycle) == (64_000, 200_000, "active")
    assert by_id["claude-sonnet-4-5-20250929"].retires_at == "2026-11-30T00:00:00Z"
    assert by_id["claude-opus-4-1-20250805"].lifecycle == "retired"
    assert all(model.batch for model in models)
    (asked,) = simulator.log.matching("GET", "/v1/models")
    assert asked.query["limit"] == "1000"


async def test_models_come_in_pages(api: Api, simulator: Simulator) -> None:
    whole = [model.id for model in await api.models()]

    def page(ids: list[str], more: bool) -> bytes:
        return json.dumps({"data": [{"id": id} for id in ids], "has_more": more, "last_id": ids[-1]}).encode()

    simulator.faults.add("GET /v1/models", "status", status=200, body=page(["new", whole[2]], True))
    assert [model.id for model in await api.models()] == ["new", whole[2], *whole[3:]]
    assert simulator.log.entries[-1].query["after_id"] == whole[2]


async def test_a_service_that_knows_no_filter(api: Api, simulator: Simulator) -> None:
    simulator.faults.add(
        "GET /v1/models", "status", status=400, body=b'{"error": {"message": "lifecycle: unknown"}}'
    )
    models = await api.models()
    assert "retired" not in {model.lifecycle for model in models} and len(models) > 10
    assert "lifecycle[]" not in simulator.log.entries[-1].query


async def test_a_gateway_that_ignores_the_cursor(api: Api, simulator: Simulator) -> None:
    body = b'{"data": [{"id": "a"}, {"id": "b"}], "has_more": true}'
    simulator.faults.add("GET /v1/models", "status", status=200, body=body, times=None)
    assert [model.id for model in await api.models()] == ["a", "b"]
    assert len(simulator.log.matching("GET", "/v1/models")) == 2


def test_models_of_gateways_and_of_2024() -> None:
    entries = [
        {
            "type": "model",
            "id": "claude-2.1",
            "display_name": "Claude 2.1",
            "created_at": "2023-11-21T00:00:00Z",
        },
        {"id": "mine", "object": "model", "max_tokens": None, "lifecycle": None, "capabilities": None},
        {"id": "talk", "capabilities": {"batch": {"supported": False}}, "max_tokens": 8192.0},
        {"id": ""},
        {"id": 7},
        "x",
    ]
    page = neighbours.model_page({"data": entries})
    assert [model.id for model in page.models] == ["claude-2.1", "mine", "talk"]
    assert [model.batch for model in page.models] == [True, True, False]
    assert [model.max_tokens for model in page.models] == [0, 0, 8192]
    assert page.models[0].lifecycle == "" and not page.has_more and page.last_id == "talk"
    nothings: list[object] = [{}, [], {"data": None}]
    for nonsense in nothings:
        with pytest.raises(ValueError):
            neighbours.model_page(nonsense)


async def test_a_batch_with_betas(api: Api, simulator: Simulator) -> None:
    await api.create(Requests(2), betas=("output-300k-2026-03-24", "b-2026-01-01", "b-2026-01-01"))
    assert simulator.log.entries[-1].headers["anthropic-beta"] == "output-300k-2026-03-24,b-2026-01-01"
    await api.create(Requests(2))
    assert "anthropic-beta" not in simulator.log.entries[-1].headers


@pytest.mark.parametrize("name", ["", "a b", "a\r\nx-api-key: b", "a,b", "ü"])
async def test_what_no_header_can_carry_is_not_sent(api: Api, simulator: Simulator, name: str) -> None:
    for asking in (api.create(Requests(1), [name]), api.count_tokens(ASKED, [name])):
        with pytest.raises(UsageError, match="no name of a beta"):
            await asking
    assert len(simulator.log) == 0


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
