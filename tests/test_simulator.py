"""The played service does what the docs and the recorded exchanges say, seen through the real client."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import ssl
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import AsyncAnthropic

from tests import odd_servers
from tui.simulator import Gate, ServerThread, Simulator, demo_account, open_demo, serve
from tui.simulator.answers import chunks
from tui.simulator.asgi import Application
from tui.simulator.fates import TEMPERATURE
from tui.simulator.kinds import KINDS
from tui.simulator.texts import HOSTILE, RIGHT_TO_LEFT
from tui.simulator.validate import MOST_BYTES

KEY = "sk-ant-test-never-shown"
BATCHES = "/v1/messages/batches"
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Unused on loopback; without it each client would load all certificates, which takes longer than a test."""
START = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=UTC)
NOW = {"anthropic-version": "2026-10-21", "x-api-key": KEY}


class Clock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def played(clock: Clock) -> Simulator:
    """A simulator on a clock of its own, whose batches run ten minutes."""
    simulator = Simulator(clock)
    simulator.switches.duration = timedelta(minutes=10)
    simulator.switches.dull = True
    return simulator


@asynccontextmanager
async def client_of(
    app: Application, uds: Path | None = None, **options: Any
) -> AsyncIterator[AsyncAnthropic]:
    """The real client, connected to a served application."""
    async with serve(app, uds=uds) as address:
        transport = httpx2.AsyncHTTPTransport(uds=str(uds)) if uds else None
        http = httpx2.AsyncClient(trust_env=False, verify=TLS, transport=transport, timeout=20)
        options = {"api_key": KEY, "max_retries": 0, **options}
        async with AsyncAnthropic(base_url=address.url, http_client=http, **options) as client:
            yield client


@asynccontextmanager
async def raw(app: Application, headers: dict[str, str] | None = None) -> AsyncIterator[httpx2.AsyncClient]:
    """A plain HTTP client, for what the real one hides."""
    async with (
        serve(app) as address,
        httpx2.AsyncClient(
            trust_env=False, verify=TLS, base_url=address.url, headers=NOW if headers is None else headers
        ) as client,
    ):
        yield client


def asking(count: int, **params: object) -> list[Any]:
    """Requests as a caller would write them."""
    usual = {"model": "claude-haiku-5-5", "max_tokens": 300, "messages": [{"role": "user", "content": "Hi"}]}
    return [{"custom_id": f"r-{n}", "params": {**usual, **params}} for n in range(count)]


async def lines_of(client: AsyncAnthropic, id: str) -> list[dict[str, Any]]:
    """The results of a batch as parsed lines, without what the client's models would hide."""
    async with client.messages.batches.with_streaming_response.results(id) as response:
        body = await response.read()
    return [json.loads(line) for line in body.split(b"\n") if line]


class TestLife:
    """The states of a batch, by the clock."""

    async def test_from_creation_to_results(self, played: Simulator, clock: Clock) -> None:
        async with client_of(played) as client:
            batch = await client.messages.batches.create(requests=asking(5))
            assert (batch.processing_status, batch.request_counts.processing) == ("in_progress", 5)
            assert batch.created_at == START and batch.expires_at == START + timedelta(hours=24)
            assert (batch.ended_at, batch.archived_at, batch.results_url) == (None, None, None)
            clock.forward(minutes=9)
            batch = await client.messages.batches.retrieve(batch.id)
            assert batch.request_counts.processing == 5
            clock.forward(minutes=1)
            batch = await client.messages.batches.retrieve(batch.id)
            assert batch.processing_status == "ended" and batch.ended_at == START + timedelta(minutes=10)
            assert batch.request_counts.succeeded == 5
            answers = [each async for each in await client.messages.batches.results(batch.id)]
        assert {each.custom_id for each in answers} == {f"r-{n}" for n in range(5)}
        assert {each.result.type for each in answers} == {"succeeded"}

    async def test_a_unix_socket_works_as_well(self, played: Simulator, tmp_path: Path) -> None:
        uds = tmp_path / "s"
        async with client_of(played, uds) as client:
            batch = await client.messages.batches.create(requests=asking(1))
            played.end(batch.id)
            assert len(await lines_of(client, batch.id)) == 1
        assert not uds.exists()

    def test_the_thread_serves_a_synchronous_client(self, played: Simulator) -> None:
        with ServerThread(played) as server, httpx2.Client(trust_env=False, verify=TLS) as http:
            client = anthropic.Anthropic(api_key=KEY, base_url=server.url, http_client=http, max_retries=0)
            assert client.messages.batches.create(requests=asking(2)).request_counts.processing == 2

    async def test_incremental_counts_move_and_keep_their_sum(self, played: Simulator, clock: Clock) -> None:
        played.switches.incremental_counts = True
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=asking(40))).id
            clock.forward(minutes=5)
            counts = (await client.messages.batches.retrieve(id)).request_counts
        assert (counts.processing, counts.succeeded) == (20, 20)

    async def test_what_takes_over_a_day_expires(self, played: Simulator, clock: Clock) -> None:
        played.switches.duration = timedelta(hours=48)
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=asking(10))).id
            clock.forward(hours=24)
            batch = await client.messages.batches.retrieve(id)
            outcomes = Counter(line["result"]["type"] for line in await lines_of(client, id))
        assert batch.ended_at == batch.expires_at
        assert (batch.request_counts.succeeded, batch.request_counts.expired) == (5, 5)
        assert outcomes == {"succeeded": 5, "expired": 5}

    async def test_results_go_after_29_days(self, played: Simulator, clock: Clock) -> None:
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=asking(1))).id
            clock.forward(days=29)
            batch = await client.messages.batches.retrieve(id)
            assert batch.archived_at == START + timedelta(days=29) and batch.results_url
            with pytest.raises(anthropic.NotFoundError):
                await client.messages.batches.results(id)
            played.switches.archived_results_url = False
            assert (await client.messages.batches.retrieve(id)).results_url is None

    async def test_results_before_the_end_are_not_found(self, played: Simulator) -> None:
        async with raw(played) as http:
            id = (await http.post(BATCHES, json={"requests": asking(1)})).json()["id"]
            reply = await http.get(f"{BATCHES}/{id}/results")
        assert reply.status_code == 404 and reply.json()["error"]["type"] == "not_found_error"


class TestCancelAndDelete:
    """What ends a batch early, and what removes it."""

    async def test_cancel_ends_in_a_mix(self, played: Simulator, clock: Clock) -> None:
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=asking(12))).id
            batch = await client.messages.batches.cancel(id)
            assert (batch.processing_status, batch.cancel_initiated_at) == ("canceling", START)
            assert batch.request_counts.processing == 12 and batch.ended_at is None
            clock.forward(seconds=4)
            again = await client.messages.batches.cancel(id)
            assert (again.processing_status, again.cancel_initiated_at) == ("canceling", START)
            clock.forward(seconds=4)
            batch = await client.messages.batches.retrieve(id)
            outcomes = Counter(line["result"]["type"] for line in await lines_of(client, id))
        assert batch.processing_status == "ended" and batch.ended_at == START + timedelta(seconds=8)
        assert outcomes == {"succeeded": 4, "canceled": 8}
        assert (batch.request_counts.succeeded, batch.request_counts.canceled) == (4, 8)

    async def test_a_cancel_may_come_too_late_for_all(self, played: Simulator, clock: Clock) -> None:
        played.switches.cancel_nothing = True
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=asking(3))).id
            await client.messages.batches.cancel(id)
            clock.forward(seconds=8)
            counts = (await client.messages.batches.retrieve(id)).request_counts
        assert (counts.succeeded, counts.canceled) == (3, 0)

    async def test_what_has_ended_cannot_be_canceled(self, played: Simulator) -> None:
        id = played.invent([("prose", 3)]).id
        async with client_of(played) as client:
            with pytest.raises(anthropic.BadRequestError):
                await client.messages.batches.cancel(id)

    async def test_delete_only_after_the_end(self, played: Simulator) -> None:
        async with client_of(played) as client:
            batches = client.messages.batches
            id = (await batches.create(requests=asking(1))).id
            with pytest.raises(anthropic.BadRequestError):
                await batches.delete(id)
            played.end(id)
            assert (await batches.delete(id)).type == "message_batch_deleted"
            for gone in (batches.retrieve, batches.delete, batches.cancel):
                with pytest.raises(anthropic.NotFoundError):
                    await gone(id)
            assert (await batches.list()).data == []


class TestList:
    """Pages, newest first."""

    async def test_pages_in_both_directions(self, played: Simulator, clock: Clock) -> None:
        ids: list[str] = []
        for _ in range(7):
            ids.insert(0, played.invent([("prose", 1)]).id)
            clock.forward(minutes=1)
        async with client_of(played) as client:
            batches = client.messages.batches
            first = await batches.list(limit=3)
            assert [each.id for each in first.data] == ids[:3] and first.has_more
            assert (first.first_id, first.last_id) == (ids[0], ids[2])
            last = await batches.list(limit=10, after_id=ids[4])
            assert [each.id for each in last.data] == ids[5:] and not last.has_more
            before = await batches.list(limit=3, before_id=ids[5])
            assert [each.id for each in before.data] == ids[2:5] and before.has_more
            top = await batches.list(limit=9, before_id=ids[2])
            assert [each.id for each in top.data] == ids[:2] and not top.has_more
            assert [each.id async for each in batches.list(limit=2)] == ids
            played.switches.stuck_cursor = True
            stuck = await batches.list(limit=3, after_id=ids[2])
            assert [each.id for each in stuck.data] == ids[:3] and stuck.has_more

    async def test_an_empty_page_has_no_ids(self, played: Simulator) -> None:
        async with raw(played) as http:
            page = (await http.get(BATCHES)).json()
        assert page == {"data": [], "has_more": False, "first_id": None, "last_id": None}

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=1001", "limit=x", "after_id=a&before_id=b", "after_id=unknown"]
    )
    async def test_bad_queries_are_refused(self, played: Simulator, query: str) -> None:
        async with raw(played) as http:
            reply = await http.get(f"{BATCHES}?{query}")
        assert reply.status_code == 400 and reply.json()["error"]["type"] == "invalid_request_error"


WRONG_ENVELOPES: list[tuple[object, str]] = [
    ({"requests": []}, "requests: List should have at least 1 item after validation, not 0"),
    ({}, "requests: Field required"),
    ({"requests": {}}, "requests: Input should be a valid list"),
    ([], "Input should be a valid dictionary"),
    ({"requests": [3]}, "requests.0: Input should be a valid dictionary"),
    ({"requests": [{"params": {}}]}, "requests.0.custom_id: Field required"),
    ({"requests": [{"custom_id": "a"}]}, "requests.0.params: Field required"),
    (
        {"requests": [{"custom_id": "a", "params": []}]},
        "requests.0.params: Input should be a valid dictionary",
    ),
    (
        {"requests": [*asking(1), {"custom_id": "x" * 65, "params": {}}]},
        "requests.1.custom_id: String should have at most 64 characters",
    ),
    (
        {"requests": [{"custom_id": "a:b", "params": {}}]},
        "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
    ),
    (
        {"requests": asking(1) * 2},
        "requests.1.custom_id: Value should be unique, but equals requests.0.custom_id",
    ),
    ({"requests": asking(1), "name": "n"}, "name: Extra inputs are not permitted"),
]

WRONG_PARAMS: list[tuple[dict[str, object], str, str]] = [
    ({"temperature": 1}, "invalid_request_error", "temperature: Extra inputs are not permitted"),
    ({"top_k": 5}, "invalid_request_error", "top_k: Extra inputs are not permitted"),
    ({"model": "claude-1"}, "not_found_error", "model: claude-1"),
    ({"max_tokens": 0}, "invalid_request_error", "max_tokens: Input should be greater than or equal to 1"),
    ({"stream": True}, "invalid_request_error", "stream: Not supported in a batch"),
    ({"messages": []}, "invalid_request_error", "messages: at least one message is required"),
    (
        {"messages": [{"role": "system", "content": "s"}]},
        "invalid_request_error",
        "messages.0.role: Input should be 'user' or 'assistant'",
    ),
]


class TestValidation:
    """What is refused at once, and what only shows at the end."""

    @pytest.mark.parametrize(("body", "text"), WRONG_ENVELOPES)
    async def test_wrong_envelopes_are_refused_at_once(
        self, played: Simulator, body: object, text: str
    ) -> None:
        async with raw(played) as http:
            reply = await http.post(BATCHES, json=body)
        assert reply.status_code == 400
        assert reply.json()["error"] == {"type": "invalid_request_error", "message": text}
        assert played.creates == 0

    @pytest.mark.parametrize("body", [b"", b'{"requests":[', b'{"requests":[{"a":1} {}]}', b"\xff\xfe"])
    async def test_what_is_not_json_is_refused(self, played: Simulator, body: bytes) -> None:
        async with raw(played) as http:
            assert (await http.post(BATCHES, content=body)).status_code == 400

    async def test_spaces_and_odd_orders_are_read(self, played: Simulator) -> None:
        async with raw(played) as http:
            for body in (json.dumps({"requests": asking(2)}, indent=3), json.dumps({"requests": asking(1)})):
                assert (await http.post(f"{BATCHES}?beta=true", content=body.encode())).status_code == 200

    async def test_too_many_requests(self, played: Simulator) -> None:
        items = ",".join(f'{{"custom_id":"{n}","params":{{}}}}' for n in range(100_001))
        async with raw(played) as http:
            reply = await http.post(BATCHES, content=f'{{"requests":[{items}]}}'.encode())
        assert reply.json()["error"]["message"].startswith("requests: List should have at most 100000 items")

    async def test_too_many_bytes_meet_the_networks_edge(self, played: Simulator) -> None:
        async with serve(played) as address:
            answer = await answer_to_head(address.url, MOST_BYTES + 1)
        head, body = answer.split(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 413") and b"request-id" not in head
        assert json.loads(body) == {
            "error": {"type": "request_too_large", "message": "Request exceeds the maximum size"}
        }

    async def test_duplicates_pass_if_so_switched(self, played: Simulator) -> None:
        played.switches.accept_duplicates = True
        async with client_of(played) as client:
            batch = await client.messages.batches.create(requests=asking(1) * 2)
        assert batch.request_counts.processing == 2

    @pytest.mark.parametrize(("params", "kind", "text"), WRONG_PARAMS)
    async def test_wrong_params_show_at_the_end(
        self, played: Simulator, params: dict[str, object], kind: str, text: str
    ) -> None:
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=asking(1, **params))).id
            played.end(id)
            batch = await client.messages.batches.retrieve(id)
            (line,) = await lines_of(client, id)
        assert batch.request_counts.errored == 1
        assert line["result"]["error"]["error"] == {"type": kind, "message": text}

    async def test_missing_params_show_at_the_end(self, played: Simulator) -> None:
        requests: Any = [{"custom_id": "a", "params": {"model": "claude-opus-5-5"}}]
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=requests)).id
            played.end(id)
            (line,) = await lines_of(client, id)
        assert line["result"]["error"]["error"]["message"] == "max_tokens: Field required"

    async def test_the_older_version_still_samples(self, played: Simulator) -> None:
        headers = {"anthropic-version": "2023-06-01"}
        async with client_of(played, default_headers=headers) as client:
            id = (await client.messages.batches.create(requests=asking(1, temperature=0.5))).id
            played.end(id)
            assert (await client.messages.batches.retrieve(id)).request_counts.succeeded == 1


async def answer_to_head(url: str, length: int) -> bytes:
    """Claim a length, send no body, and read the answer."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {BATCHES} HTTP/1.1\r\nHost: x\r\nx-api-key: k\r\nContent-Length: {length}\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    size = re.search(rb"content-length: (\d+)", answer)
    assert size is not None
    answer += await reader.readexactly(int(size[1]))
    writer.close()
    await writer.wait_closed()
    return answer


class TestHeaders:
    """Who may come in, and what every reply says."""

    async def test_either_key_header_is_enough(self, played: Simulator) -> None:
        version = {"anthropic-version": "2023-06-01"}
        async with raw(played, version) as http:
            for key in ({"authorization": f"Bearer {KEY}"}, {"x-api-key": KEY}):
                assert (await http.get(BATCHES, headers=key)).status_code == 200
            refused = await http.get(BATCHES)
            assert refused.status_code == 401 and refused.json()["error"]["type"] == "authentication_error"
            assert refused.json()["request_id"] == refused.headers["request-id"]
            played.switches.x_api_key_only = True
            bearer = {"authorization": f"Bearer {KEY}"}
            assert (await http.get(BATCHES, headers=bearer)).status_code == 401

    async def test_replies_name_request_and_organisation(self, played: Simulator) -> None:
        async with raw(played) as http:
            first, second = await http.get(BATCHES), await http.get(BATCHES)
            assert first.headers["request-id"] != second.headers["request-id"]
            assert first.headers["anthropic-organization-id"] == played.account.organization_id
            assert first.headers["anthropic-workspace-id"] == played.account.workspace_id
            assert first.headers["date"] == "Fri, 20 Nov 2026 09:30:00 GMT"
            played.switches.organisation_headers = False
            assert "anthropic-organization-id" not in (await http.get(BATCHES)).headers

    async def test_the_log_knows_everything_but_the_key(self, played: Simulator) -> None:
        async with client_of(played) as client:
            await client.messages.batches.create(requests=asking(2))
            await client.messages.batches.list(limit=5)
        (create,) = played.log.matching("POST", BATCHES)
        assert create.status == 200 and create.length > 100 and len(create.sha256) == 64
        assert create.headers["authorization"] == "Bearer"
        assert played.log.entries[-1].query == {"limit": "5"}
        assert KEY not in repr(played.log.entries)
        assert played.creates == 1

    async def test_the_wire_has_the_fields_in_the_services_order(self, played: Simulator) -> None:
        async with raw(played) as http:
            reply = await http.post(BATCHES, json={"requests": asking(1)})
        assert re.fullmatch(
            r'\{"id":"msgbatch_01[1-9A-HJ-NP-Za-km-z]{22}","type":"message_batch","processing_status":"in_progress",'
            r'"request_counts":\{"processing":1,"succeeded":0,"errored":0,"canceled":0,"expired":0\},'
            r'"ended_at":null,"created_at":"2026-11-20T09:30:00.123456Z","expires_at":"2026-11-21T09:30:00.123456Z",'
            r'"archived_at":null,"cancel_initiated_at":null,"results_url":null\}',
            reply.text,
        )

    async def test_neighbours_and_strangers(self, played: Simulator) -> None:
        async with client_of(played) as client:
            models = [model.id async for model in client.models.list(limit=4)]
            assert "claude-haiku-5-5" in models and len(models) == len(set(models))
            assert (await client.models.retrieve("claude-haiku-4-5")).id == "claude-haiku-4-5-20251001"
            count = await client.messages.count_tokens(
                model="claude-opus-5-5", messages=[{"role": "user", "content": "x" * 400}]
            )
            assert 100 <= count.input_tokens <= 120
        async with raw(played) as http:
            assert (await http.get("/v1/nothing")).status_code == 404
            assert (await http.put(BATCHES)).status_code == 405
            assert (await http.head(BATCHES)).content == b""
            odd = await http.get(BATCHES, headers={"anthropic-beta": "what is this"})
            assert odd.status_code == 400

    async def test_a_gateways_batches(self, played: Simulator) -> None:
        played.switches.uuid_ids = True
        played.switches.results_url = "relative"
        played.switches.omit = frozenset({"archived_at", "first_id"})
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=asking(1))).id
            assert re.fullmatch(r"msgbatch_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id)
            played.end(id)
            assert len([each async for each in await client.messages.batches.results(id)]) == 1
            played.switches.results_url = "foreign"
            batch = await client.messages.batches.retrieve(id)
            assert batch.results_url and not batch.results_url.startswith(str(client.base_url))
            page = await client.messages.batches.list()
        assert "archived_at" not in page.data[0].model_fields_set and page.first_id is None


class TestResults:
    """The file of results, in all its forms."""

    @pytest.fixture
    def batch(self, played: Simulator) -> str:
        """A batch with every kind of answer."""
        fates = [*KINDS, TEMPERATURE, "error:api_error:Internal server error", "canceled", "expired"]
        return played.invent([(fate, 20) for fate in fates]).id

    async def test_every_kind_parses(self, played: Simulator, batch: str) -> None:
        async with client_of(played) as client:
            lines = await lines_of(client, batch)
            parsed = [each async for each in await client.messages.batches.results(batch)]
        assert [line["custom_id"] for line in lines] == [each.custom_id for each in parsed]
        assert len({line["custom_id"] for line in lines}) == len(lines) == 20 * (len(KINDS) + 4)
        types = Counter(line["result"]["type"] for line in lines)
        assert types == {"succeeded": 20 * len(KINDS), "errored": 40, "canceled": 20, "expired": 20}
        messages = [line["result"]["message"] for line in lines if line["result"]["type"] == "succeeded"]
        assert {each["stop_reason"] for each in messages} == {
            "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal",
            "model_context_window_exceeded",
        }  # fmt: skip
        blocks = {block["type"] for each in messages for block in each["content"]}
        assert blocks == {"text", "thinking", "tool_use", "server_tool_use", "holo_sketch"}
        refused = [each for each in messages if each["stop_reason"] == "refusal"]
        assert all(not each["content"] and each["stop_details"]["category"] for each in refused)
        assert len({each["id"] for each in messages}) == len(messages)
        assert {each["usage"]["service_tier"] for each in messages} == {"batch"}
        assert any(each["usage"]["cache_read_input_tokens"] for each in messages)

    async def test_what_is_nasty_is_really_there(self, played: Simulator, batch: str) -> None:
        async with client_of(played) as client:
            texts = json.dumps(await lines_of(client, batch), ensure_ascii=False)
        for nasty in (*HOSTILE, RIGHT_TO_LEFT[-1]):
            assert json.dumps(nasty, ensure_ascii=False)[1:-1] in texts

    async def test_order_is_shuffled_and_always_the_same(self, played: Simulator, batch: str) -> None:
        async with raw(played) as http:
            first, second = [await http.get(f"{BATCHES}/{batch}/results") for _ in range(2)]
        ids = re.findall(rb'\{"custom_id":"([^"]+)"', first.content)
        assert first.content == second.content and ids != sorted(ids)
        assert first.headers["content-type"] == "application/x-jsonl"
        assert first.headers["transfer-encoding"] == "chunked"

    async def test_gzip_length_type_and_last_line(self, played: Simulator, batch: str) -> None:
        switches = played.switches
        async with raw(played) as http:
            switches.results_final_newline = True
            ended = await http.get(f"{BATCHES}/{batch}/results")
            switches.results_final_newline = False
            plain = await http.get(f"{BATCHES}/{batch}/results")
            assert ended.content == plain.content + b"\n"
            switches.results_length, switches.results_type = True, None
            sized = await http.get(f"{BATCHES}/{batch}/results")
            assert int(sized.headers["content-length"]) == len(plain.content)
            assert "content-type" not in sized.headers
            switches.results_gzip = True
            async with http.stream("GET", f"{BATCHES}/{batch}/results") as packed:
                body = b"".join([piece async for piece in packed.aiter_raw()])
            assert packed.headers["content-encoding"] == "gzip"
            assert int(packed.headers["content-length"]) == len(body)
            assert gzip.decompress(body) == plain.content

    async def test_ranges_if_so_switched(self, played: Simulator, batch: str) -> None:
        async with raw(played) as http:
            whole = await http.get(f"{BATCHES}/{batch}/results", headers={"range": "bytes=100-"})
            assert whole.status_code == 200
            played.switches.results_range = True
            part = await http.get(f"{BATCHES}/{batch}/results", headers={"range": "bytes=100-"})
            assert part.status_code == 206 and part.content == whole.content[100:]
            size = len(whole.content)
            assert part.headers["content-range"] == f"bytes 100-{size - 1}/{size}"
            beyond = await http.get(f"{BATCHES}/{batch}/results", headers={"range": f"bytes={size}-"})
            assert beyond.status_code == 416

    async def test_slow_results_are_the_same_results(self, played: Simulator) -> None:
        id = played.invent([("canceled", 2)]).id
        async with raw(played) as http:
            fast = await http.get(f"{BATCHES}/{id}/results")
            played.switches.results_rate = 10_000
            assert (await http.get(f"{BATCHES}/{id}/results")).content == fast.content

    async def test_forced_tools_and_schemas_are_obeyed(self, played: Simulator) -> None:
        schema = {
            "type": "object",
            "properties": {"team": {"enum": ["a", "b"]}, "urgent": {"type": "boolean"}},
        }
        tool = {"name": "route", "input_schema": schema}
        requests = asking(1, tools=[tool], tool_choice={"type": "tool", "name": "route"})
        config = {"format": {"type": "json_schema", "schema": schema}}
        requests += [{**asking(1, output_config=config)[0], "custom_id": "j"}]
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=requests)).id
            played.end(id)
            lines = {line["custom_id"]: line["result"]["message"] for line in await lines_of(client, id)}
        called = lines["r-0"]["content"][0]
        said = json.loads(lines["j"]["content"][0]["text"])
        assert called["name"] == "route" and lines["r-0"]["stop_reason"] == "tool_use"
        for value in (called["input"], said):
            assert value["team"] in ("a", "b") and isinstance(value["urgent"], bool)

    async def test_fates_can_be_chosen(self, played: Simulator) -> None:
        played.switches.fate = lambda index, custom_id: "refusal" if index == 1 else None
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=asking(3))).id
            played.end(id)
            reasons = {line["custom_id"]: line["result"]["message"] for line in await lines_of(client, id)}
        assert [reasons[f"r-{n}"]["stop_reason"] for n in range(3)] == ["end_turn", "refusal", "end_turn"]

    async def test_few_tokens_make_short_answers(self, played: Simulator) -> None:
        async with client_of(played) as client:
            id = (await client.messages.batches.create(requests=asking(5, max_tokens=80))).id
            played.end(id)
            for line in await lines_of(client, id):
                assert line["result"]["message"]["usage"]["output_tokens"] <= 81

    async def test_results_can_be_replaced(self, played: Simulator, batch: str) -> None:
        played.replace_results(batch, [b'{"custom_id":', b'"x"}'])
        async with raw(played) as http:
            assert (await http.get(f"{BATCHES}/{batch}/results")).content == b'{"custom_id":"x"}'

    def test_lines_are_as_long_as_real_ones_and_come_in_pieces(self, played: Simulator) -> None:
        batch = played.invent([("prose", 3000), ("thinking", 500), ("citations", 500)])
        pieces = list(chunks(batch.id, batch.shuffled()))
        lengths = [len(line) for piece in pieces for line in piece.splitlines()]
        assert len(pieces) > 10 and len(lengths) == 4000
        assert 500 < sum(lengths) / len(lengths) < 4000 and max(map(len, pieces)) < 300_000


class TestFaults:
    """What goes wrong, exactly as scripted."""

    @pytest.mark.parametrize(
        ("kind", "error", "code"),
        [
            ("rate_limit", anthropic.RateLimitError, None),
            ("spend_limit", anthropic.RateLimitError, "enforced_spend_limit_reached"),
            ("api_error", anthropic.InternalServerError, None),
            ("overloaded", anthropic.APIStatusError, None),
            ("too_large", anthropic.APIStatusError, None),
            ("html", anthropic.InternalServerError, None),
            ("not_found", anthropic.NotFoundError, None),
            ("usage_limit", anthropic.BadRequestError, None),
            ("method_not_allowed", anthropic.APIStatusError, None),
            ("not_implemented", anthropic.APIStatusError, None),
        ],
    )
    async def test_refusals_come_once_and_without_effect(
        self, played: Simulator, kind: str, error: type[anthropic.APIStatusError], code: str | None
    ) -> None:
        played.faults.add(f"POST {BATCHES}", kind)
        async with client_of(played) as client:
            with pytest.raises(error) as caught:
                await client.messages.batches.create(requests=asking(1))
            assert played.creates == 0
            await client.messages.batches.create(requests=asking(1))
        assert caught.value.error_code == code
        assert ("retry-after" in caught.value.response.headers) is (kind == "rate_limit")
        assert len(played.log.matching("POST", BATCHES)) == 2

    @pytest.mark.parametrize("kind", ["drop", "api_error", "overloaded"])
    async def test_a_create_may_happen_and_still_fail(self, played: Simulator, kind: str) -> None:
        fault = played.faults.add(f"POST {BATCHES}", kind, after_effect=True)
        async with client_of(played) as client:
            with pytest.raises(anthropic.APIError):
                await client.messages.batches.create(requests=asking(1))
            assert len((await client.messages.batches.list()).data) == 1
        assert played.creates == fault.hits == 1

    async def test_a_dropped_create_did_not_happen(self, played: Simulator) -> None:
        played.faults.add(f"POST {BATCHES}", "drop")
        async with client_of(played) as client:
            with pytest.raises(anthropic.APIConnectionError):
                await client.messages.batches.create(requests=asking(1))
        assert played.creates == 0 and played.log.entries[0].status == 0

    async def test_the_clients_own_retries_make_two_batches(self, played: Simulator) -> None:
        played.faults.add(f"POST {BATCHES}", "drop", after_effect=True)
        async with client_of(played, max_retries=1) as client:
            await client.messages.batches.create(requests=asking(1))
        assert played.creates == 2

    async def test_a_create_answered_with_nonsense(self, played: Simulator) -> None:
        played.faults.add(f"POST {BATCHES}", "malformed_json")
        played.faults.add(f"POST {BATCHES}", "cut", cut_after=20)
        async with client_of(played) as client:
            with pytest.raises(json.JSONDecodeError):
                await client.messages.batches.create(requests=asking(1))
            with pytest.raises((anthropic.APIConnectionError, httpx2.HTTPError)):
                await client.messages.batches.create(requests=asking(1))
        assert played.creates == 2

    async def test_results_cut_in_the_middle(self, played: Simulator) -> None:
        id = played.invent([("prose", 50)]).id
        played.faults.add(f"GET {BATCHES}/*/results", "cut", cut_after=5000)
        async with client_of(played) as client:
            taken = 0
            with pytest.raises(httpx2.RemoteProtocolError):
                async for _ in await client.messages.batches.results(id):
                    taken += 1
            assert 0 < taken < 50
            assert len(await lines_of(client, id)) == 50

    async def test_a_blip_of_404(self, played: Simulator) -> None:
        id = played.invent([("prose", 1)]).id
        played.faults.add(f"GET {BATCHES}/*", "not_found", skip=1, times=2)
        found = []
        async with raw(played) as http:
            for _ in range(4):
                found.append((await http.get(f"{BATCHES}/{id}")).status_code)
        assert found == [200, 404, 404, 200]

    async def test_a_reply_that_waits_for_the_test(self, played: Simulator) -> None:
        gate = Gate()
        fault = played.faults.add(f"POST {BATCHES}", "delay", after_effect=True, gate=gate)
        async with client_of(played, timeout=0.2) as client:
            with pytest.raises(anthropic.APITimeoutError):
                await client.messages.batches.create(requests=asking(1))
        gate.set()
        assert played.creates == 1 and fault.reached.is_set()

    async def test_any_status_with_any_body(self, played: Simulator) -> None:
        played.faults.add("*", "status", status=418, headers={"x-should-retry": "false"}, body=b'{"a":1}')
        async with raw(played) as http:
            reply = await http.get(BATCHES)
        assert (reply.status_code, reply.json(), reply.headers["x-should-retry"]) == (418, {"a": 1}, "false")

    @pytest.mark.parametrize(
        ("line", "check"),
        [
            ("malformed", lambda before, after: len(after) == len(before)),
            ("duplicate", lambda before, after: len(after) == len(before) + 1 and after[1] == after[2]),
            ("missing", lambda before, after: after == before[:1] + before[2:]),
            ("blank", lambda before, after: after[2] == b""),
            ("unknown_type", lambda before, after: json.loads(after[1])["result"]["type"] == "postponed"),
            ("unknown_error", lambda before, after: b"gravity_error" in after[1]),
            ("no_custom_id", lambda before, after: "custom_id" not in json.loads(after[1])),
            ("stranger", lambda before, after: b"nobody-asked-for-this" in after[1]),
        ],
    )
    async def test_one_bad_line(
        self, played: Simulator, line: str, check: Callable[[list[bytes], list[bytes]], bool]
    ) -> None:
        played.switches.results_final_newline = False
        id = played.invent([("prose", 4)]).id
        played.faults.add(f"GET {BATCHES}/*/results", "line", line=line)
        async with raw(played) as http:
            after, before = [
                (await http.get(f"{BATCHES}/{id}/results")).content.split(b"\n") for _ in range(2)
            ]
        assert after != before and after[0] == before[0] and check(before, after)

    def test_a_misspelt_fault_is_an_error(self, played: Simulator) -> None:
        with pytest.raises(ValueError, match="no such fault"):
            played.faults.add("*", "flood")


class TestDemo:
    """The account that looks lived in."""

    def test_history_hangs_on_the_anchor_alone(self) -> None:
        first = demo_account(START, [START])
        later = demo_account(START, [START, START + timedelta(hours=2)])
        assert list(later.batches)[: len(first.batches)] == list(first.batches)
        assert first.organization_id == later.organization_id
        assert first.organization_id != demo_account(START, [START], seed=1).organization_id

    def test_it_has_every_state_and_size(self) -> None:
        account = demo_account(START, [START])
        views = [batch.view(START) for batch in account.shown(START)]
        states = Counter(view["processing_status"] for view in views)
        assert 38 <= len(views) <= 48 and states["canceling"] == 1 and states["in_progress"] >= 6
        assert sum(view["archived_at"] is not None for view in views) >= 3
        sizes = {batch.id: len(batch.work) for batch in account.shown(START)}
        large = [batch.status(START) for batch in account.shown(START) if sizes[batch.id] == 100_000]
        assert sorted(large) == ["ended", "in_progress"] and min(sizes.values()) == 3
        for batch in account.shown(START):
            assert sum(batch.counts(START).values()) == sizes[batch.id]
            assert batch.created_at <= START and batch.ended_at > batch.created_at

    def test_things_happen_while_one_watches(self) -> None:
        account = demo_account(START, [START])

        def running(seconds: float) -> int:
            now = START + timedelta(seconds=seconds)
            return sum(not batch.has_ended(now) for batch in account.shown(now))

        assert [running(0) - running(after) for after in (11, 61, 181)] == [1, 3, 5]
        before, after = (len(account.shown(START + timedelta(seconds=s))) for s in (39, 41))
        assert after == before - 1

    def test_every_answer_of_the_history_is_json(self) -> None:
        for batch in demo_account(START, [START]).shown(START):
            if len(batch.work) < 3000:
                body = b"".join(chunks(batch.id, batch.shuffled()))
                assert sum(1 for line in body.split(b"\n") if line and json.loads(line)) == len(batch.work)

    async def test_a_restart_remembers_what_was_done(self, tmp_path: Path) -> None:
        first = open_demo(tmp_path, START)
        first.clock = lambda: START
        gone = next(batch.id for batch in first.account.shown(START) if batch.has_ended(START))
        async with client_of(first) as client:
            kept = await client.messages.batches.create(requests=asking(3))
            stopped = await client.messages.batches.create(requests=asking(9))
            await client.messages.batches.cancel(stopped.id)
            await client.messages.batches.delete(gone)
        later = START + timedelta(hours=1)
        second = open_demo(tmp_path, later)
        second.clock = lambda: later
        async with client_of(second) as client:
            kept = await client.messages.batches.retrieve(kept.id)
            stopped = await client.messages.batches.retrieve(stopped.id)
            with pytest.raises(anthropic.NotFoundError):
                await client.messages.batches.retrieve(gone)
            another = await client.messages.batches.create(requests=asking(1))
            assert len(await lines_of(client, kept.id)) == 3
        assert another.id not in (kept.id, stopped.id)
        assert kept.processing_status == stopped.processing_status == "ended"
        assert stopped.request_counts.canceled == 6

    def test_old_and_broken_journals_are_replaced(self, tmp_path: Path) -> None:
        first = open_demo(tmp_path, START).account.organization_id
        assert open_demo(tmp_path, START + timedelta(hours=23)).account.organization_id == first
        second = open_demo(tmp_path, START + timedelta(hours=25)).account.organization_id
        assert second != first
        journal = tmp_path / "demo-account.jsonl"
        with journal.open("a") as file:
            file.write('{"kind":"ru')
        assert open_demo(tmp_path, START + timedelta(hours=26)).account.organization_id == second
        journal.write_text("what is this\n")
        third = open_demo(tmp_path, START + timedelta(hours=26)).account.organization_id
        assert third != second


class TestServer:
    """The HTTP of it."""

    async def test_it_can_be_started_alone(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tui.simulator", stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            url = (await process.stdout.readline()).decode().split()[0]
            async with httpx2.AsyncClient(trust_env=False, verify=TLS, headers=NOW) as http:
                page = (await http.get(f"{url}{BATCHES}?limit=1000")).json()
        finally:
            process.terminate()
            await process.communicate()
        assert len(page["data"]) > 35

    def test_pipelined_and_expecting_requests(self, played: Simulator) -> None:
        get = f"GET {BATCHES} HTTP/1.1\r\nHost: x\r\nx-api-key: k\r\nanthropic-version: 1\r\n\r\n"
        post = (
            f"POST {BATCHES} HTTP/1.1\r\nHost: x\r\nx-api-key: k\r\nanthropic-version: 1\r\n"
            "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
        )
        with ServerThread(played) as server:
            host, port = server.url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port)), timeout=10) as line:
                line.sendall((get + get + post).encode())
                answer = b""
                while b"100 Continue" not in answer:
                    answer += line.recv(4096)
                line.sendall(b"{}")
                while piece := line.recv(4096):
                    answer += piece
        assert answer.count(b"HTTP/1.1 200") == 2 and b"requests: Field required" in answer

    def test_nonsense_is_answered_with_400(self, played: Simulator) -> None:
        with ServerThread(played) as server:
            host, port = server.url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port)), timeout=10) as line:
                line.sendall(b"\x16\x03\x01 hello\r\n\r\n")
                assert line.recv(4096).startswith(b"HTTP/1.1 400")

    async def test_a_leaving_client_ends_the_stream(self, played: Simulator) -> None:
        id = played.invent([("prose", 20_000)]).id
        async with raw(played) as http:
            async with http.stream("GET", f"{BATCHES}/{id}/results") as reply:
                async for _ in reply.aiter_raw(1000):
                    break
            assert (await http.get(BATCHES)).status_code == 200

    def test_a_thread_that_cannot_listen_says_so(self, played: Simulator, tmp_path: Path) -> None:
        with pytest.raises(OSError, match=r".+"):
            ServerThread(played, uds=tmp_path / "missing" / "s").start()


async def collect(lines: AsyncIterator[Any]) -> list[Any]:
    """All of an asynchronous iterator."""
    return [each async for each in lines]


def kinds_of(errors: Iterable[Any]) -> list[Any]:
    """The innermost error of each result, whatever its nesting."""
    return [error.get("error", error)["type"] for error in errors]


class TestOddServers:
    """The shapes that other programs recorded, through the real client."""

    async def test_2024(self) -> None:
        odd = odd_servers.service_of_2024()
        async with client_of(odd) as client:
            batches = client.messages.batches
            reply = await batches.with_raw_response.retrieve(odd_servers.OLD_RUNNING)
            assert reply.headers["retry-after"] == "10"
            assert "archived_at" not in (await reply.parse()).model_fields_set
            canceled = await batches.cancel(odd_servers.OLD_RUNNING)
            assert (canceled.processing_status, canceled.request_counts.processing) == ("canceling", 2)
        async with raw(odd) as http:
            early = await http.get(f"{BATCHES}/{odd_servers.OLD_RUNNING}/results")
            assert early.status_code == 404 and "request_id" not in early.json()
            late = await http.get(f"{BATCHES}/{odd_servers.OLD}/results")
        assert late.headers["content-type"] == "text/html" and not late.content.endswith(b"\n")
        assert odd_servers.OLD in late.headers["content-disposition"]

    async def test_type_after_message(self) -> None:
        async with raw(odd_servers.type_comes_last()) as http:
            body = (await http.get(f"{BATCHES}/{odd_servers.LATE}/results")).content
        assert body.index(b'"type":"succeeded"') > body.index(b'"usage"') and b'"container":null' in body

    async def test_nulls_as_objects(self) -> None:
        async with raw(odd_servers.nulls_as_objects()) as http:
            assert (await http.get(f"{BATCHES}/{odd_servers.NULLED}")).json()["archived_at"] == {}
            body = (await http.get(f"{BATCHES}/{odd_servers.NULLED}/results")).content
        assert b"custom_id" not in body and b'"stop_sequence":{}' in body

    async def test_relayed_errors(self) -> None:
        async with raw(odd_servers.relayed_errors()) as http:
            body = (await http.get(f"{BATCHES}/{odd_servers.RELAYED}/results")).text
        results = [json.loads(line)["result"] for line in body.splitlines()]
        errors = [result["error"] for result in results if result["type"] == "errored"]
        assert kinds_of(errors) == [
            "invalid_request_error", "invalid_request_error", "overloaded_error", "api_error",
        ]  # fmt: skip
        assert "run:7:item:0" in body and "workerreq_" in body and "specified API usage limits" in body

    async def test_gateway(self) -> None:
        odd = odd_servers.gateway()
        async with client_of(odd) as client:
            page = await client.messages.batches.list(limit=1)
            assert page.has_more and page.last_id is None
            with pytest.raises(anthropic.APIStatusError):
                await client.messages.batches.delete(odd_servers.GATEWAY)
            with pytest.raises(anthropic.APIStatusError):
                await client.messages.batches.cancel(odd_servers.GATEWAY_RUNNING)
            answers = await collect(await client.messages.batches.results(odd_servers.GATEWAY))
            made = await client.messages.batches.create(requests=asking(2))
            assert (await client.messages.batches.retrieve(made.id)).id == made.id
        assert answers[0].custom_id == "ping"

    async def test_nothing_but_a_page(self) -> None:
        async with client_of(odd_servers.out_of_order()) as client:
            with pytest.raises(anthropic.InternalServerError) as caught:
                await client.messages.batches.list()
        assert "Bad gateway" in str(caught.value.body)

    @pytest.mark.parametrize("name", sorted(set(odd_servers.ALL) - {"out_of_order"}))
    async def test_the_real_client_lists_them_all(self, name: str) -> None:
        async with client_of(odd_servers.ALL[name]()) as client:
            page = await client.messages.batches.list()
        assert page.data and all(batch.id.startswith("msgbatch_") for batch in page.data)
