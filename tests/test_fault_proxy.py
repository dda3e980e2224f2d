"""The proxy breaks the line exactly where its script says."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import AsyncAnthropic

from tests.fault_proxy import FaultProxy
from tui.simulator import Simulator, serve

BATCHES = "/v1/messages/batches"
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Unused on loopback; without it each client would load all certificates, which takes longer than a test."""
REQUESTS: Any = [
    {
        "custom_id": "a",
        "params": {
            "model": "claude-haiku-5-5",
            "max_tokens": 9,
            "messages": [{"role": "user", "content": "?"}],
        },
    }
]


@pytest.fixture
def played() -> Simulator:
    """A simulator whose batches end at once."""
    simulator = Simulator()
    simulator.switches.duration = timedelta(0)
    simulator.switches.dull = True
    return simulator


@asynccontextmanager
async def through(
    played: Simulator, uds: Path | None = None
) -> AsyncIterator[tuple[FaultProxy, AsyncAnthropic]]:
    """A proxy before the simulator, and the real client before the proxy."""
    async with (
        serve(played, uds=uds) as address,
        FaultProxy(uds or address.url) as proxy,
        AsyncAnthropic(
            api_key="k",
            base_url=proxy.url,
            max_retries=0,
            http_client=httpx2.AsyncClient(trust_env=False, verify=TLS, timeout=10),
        ) as client,
    ):
        yield proxy, client


@pytest.mark.parametrize("unix", [False, True])
async def test_all_passes_unless_scripted(played: Simulator, tmp_path: Path, unix: bool) -> None:
    async with through(played, tmp_path / "s" if unix else None) as (proxy, client):
        batch = await client.messages.batches.create(requests=REQUESTS)
        assert len((await client.messages.batches.list()).data) == 1
    assert [(each.method, each.kind, each.status) for each in proxy.happened] == [
        ("POST", "pass", 200),
        ("GET", "pass", 200),
    ]
    assert proxy.happened[0].forwarded > 100 and batch.id in played.account.batches


async def test_dropped_before_the_effect(played: Simulator) -> None:
    async with through(played) as (proxy, client):
        proxy.on(f"POST {BATCHES}", "drop_before")
        with pytest.raises(anthropic.APIConnectionError):
            await client.messages.batches.create(requests=REQUESTS)
        await client.messages.batches.create(requests=REQUESTS)
    assert played.creates == 1 and proxy.happened[0].status is None


async def test_dropped_after_the_effect(played: Simulator) -> None:
    async with through(played) as (proxy, client):
        proxy.on(f"POST {BATCHES}", "drop_after")
        with pytest.raises(anthropic.APIConnectionError):
            await client.messages.batches.create(requests=REQUESTS)
    assert played.creates == 1 and proxy.happened[0].status == 200


async def test_a_request_cut_in_the_middle_has_no_effect(played: Simulator) -> None:
    async with through(played) as (proxy, client):
        proxy.on(f"POST {BATCHES}", "cut_request", 30)
        with pytest.raises(anthropic.APIConnectionError):
            await client.messages.batches.create(requests=REQUESTS)
        await client.messages.batches.list()
    assert played.creates == 0 and proxy.happened[0].forwarded == 30


async def test_a_response_cut_in_the_middle(played: Simulator) -> None:
    id = played.invent([("prose", 40)]).id
    async with through(played) as (proxy, client):
        proxy.on(f"GET {BATCHES}/*/results", "cut_response", 9000)
        with pytest.raises(httpx2.RemoteProtocolError):
            async for _ in await client.messages.batches.results(id):
                pass
    assert proxy.happened[-1].returned == 9000


async def test_a_corrupted_line_is_the_only_one(played: Simulator) -> None:
    id = played.invent([("prose", 10)]).id
    async with through(played) as (proxy, client):
        proxy.on(f"GET {BATCHES}/*/results", "corrupt_line", 3)
        async with client.messages.batches.with_streaming_response.results(id) as reply:
            lines = (await reply.read()).rstrip(b"\n").split(b"\n")
    assert [line[:1] for line in lines] == [b"{", b"{", b"#", *[b"{"] * 7]
    assert json.loads(lines[0]) and len(lines) == 10


async def test_a_gate_holds_the_request_back(played: Simulator) -> None:
    gate = asyncio.Event()
    async with through(played) as (proxy, client):
        held = proxy.on(f"POST {BATCHES}", "pass", gate=gate)
        create = asyncio.create_task(client.messages.batches.create(requests=REQUESTS))
        await held.reached.wait()
        assert played.creates == 0
        gate.set()
        await create
    assert played.creates == 1


async def test_a_chunked_upload_passes_whole(played: Simulator) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"requests":['
        yield json.dumps(REQUESTS[0]).encode() + b"]}"

    async with through(played) as (_, client):
        headers = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
        url = str(client.base_url).rstrip("/") + BATCHES
        async with httpx2.AsyncClient(trust_env=False, verify=TLS, headers=headers) as http:
            assert (await http.post(url, content=body())).status_code == 200
