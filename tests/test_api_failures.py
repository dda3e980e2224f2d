"""Every way a question to the service can fail, and above all: a create is never sent twice."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator

import pytest

from tui.api import Api, client
from tui.errors import (
    DeckError,
    NotFound,
    Refused,
    ServiceDown,
    SlowedDown,
    StoreError,
    Unauthorized,
    Uncertain,
    Unreachable,
)
from tui.simulator import Gate, Simulator

from .conftest import Played
from .fault_proxy import FaultProxy
from .network import LIST, ONE, Requests, api, key, reaching, read

__all__ = ["api", "key"]


# ── every kind of no ─────────────────────────────────────────────────────────────────────────────────────

KINDS: list[tuple[str, type[DeckError], type[DeckError], str]] = [
    ("rate_limit", SlowedDown, SlowedDown, "2 s"),
    ("rate_limit_bare", SlowedDown, SlowedDown, "usually passes"),
    ("spend_limit", SlowedDown, SlowedDown, "spending limit"),
    ("usage_limit", Refused, Refused, "spending limit"),
    ("authentication", Unauthorized, Unauthorized, "Check the key"),
    ("billing", Refused, Refused, "billing"),
    ("permission", Unauthorized, Unauthorized, "may not do this"),
    ("not_found", NotFound, NotFound, "base URL"),
    ("method_not_allowed", Refused, Refused, "Not Allowed"),
    ("too_large", Refused, Refused, "256 MB"),
    ("conflict", Refused, Uncertain, "under way"),
    ("api_error", ServiceDown, Uncertain, "HTTP 500"),
    ("not_implemented", Refused, Uncertain, "does not offer"),
    ("overloaded", ServiceDown, Uncertain, "overloaded"),
    ("html", ServiceDown, Uncertain, "HTTP 502"),
    ("drop", Unreachable, Uncertain, "was cut"),
    ("malformed_json", ServiceDown, Uncertain, "answer"),
]


@pytest.mark.parametrize(("kind", "asked", "created", "words"), KINDS, ids=[kind[0] for kind in KINDS])
async def test_each_fault_has_its_error(
    api: Api,
    simulator: Simulator,
    kind: str,
    asked: type[DeckError],
    created: type[DeckError],
    words: str,
) -> None:
    simulator.faults.add(f"GET {LIST}", kind)
    with pytest.raises(DeckError) as caught:
        await api.list()
    assert type(caught.value) is asked
    assert re.search(words, str(caught.value)), str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__context__ is None
    await api.list()

    simulator.faults.add(f"POST {LIST}", kind)
    with pytest.raises(DeckError) as caught:
        await api.create(Requests())
    assert type(caught.value) is created
    assert caught.value.__cause__ is None and caught.value.__context__ is None
    assert len([entry for entry in simulator.log.entries if entry.method == "POST"]) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "9", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
async def test_the_wait_that_is_asked_for(
    api: Api, simulator: Simulator, headers: dict[str, str], seconds: float | None
) -> None:
    simulator.faults.add(f"GET {LIST}", "rate_limit_bare", headers=headers)
    with pytest.raises(SlowedDown) as caught:
        await api.list()
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(api: Api, simulator: Simulator, status: int) -> None:
    for method in ("GET", "POST"):
        simulator.faults.add(
            f"{method} {LIST}", "status", status=status, headers={"location": "http://elsewhere.invalid/"}
        )
    with pytest.raises(Refused, match=r"elsewhere\.invalid"):
        await api.list()
    with pytest.raises(Refused, match=r"elsewhere\.invalid"):
        await api.create(Requests())
    batch = simulator.invent([("prose", 1)])
    simulator.faults.add(
        f"GET {ONE}/results", "status", status=status, headers={"location": "http://elsewhere.invalid/"}
    )
    with pytest.raises(Refused, match=r"elsewhere\.invalid"):
        await asyncio.to_thread(read, api, batch.id)


HOSTILE_BODIES = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"12",
    b'{"error":null}',
    b'{"error":"just text"}',
    b'{"error":{"message":null}}',
    b'{"error":{"message":{"a":1},"details":"x"}}',
    b'{"error":{"message":"\\u001b]52;c;SGk=\\u0007 [/red] \\ud800"}}',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"error":{"message":"' + b"x" * 100_000 + b'"}}',
]


@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=range(len(HOSTILE_BODIES)))
@pytest.mark.parametrize("status", [400, 401, 404, 418, 429, 500, 599])
async def test_error_bodies_of_any_kind(api: Api, simulator: Simulator, status: int, body: bytes) -> None:
    simulator.faults.add(f"GET {LIST}", "status", status=status, body=body)
    with pytest.raises(DeckError) as caught:
        await api.list()
    assert caught.value.title and len(str(caught.value)) < 1_000
    assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", str(caught.value))


@pytest.mark.parametrize("body", [*HOSTILE_BODIES, b'{"data":null}', b'{"id":null}'])
async def test_successes_of_any_kind(api: Api, simulator: Simulator, body: bytes) -> None:
    simulator.faults.add(f"GET {LIST}", "status", status=200, body=body)
    with pytest.raises(ServiceDown):
        await api.list()
    simulator.faults.add(f"POST {LIST}", "status", status=200, body=body)
    with pytest.raises(Uncertain):
        await api.create(Requests())


async def test_a_server_that_only_drips(
    api: Api, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.05)
    gate = Gate()
    simulator.faults.add(f"GET {LIST}", "delay", gate=gate)
    with pytest.raises(Unreachable, match="took too long"):
        await api.list()
    gate.set()


# ── nothing but one POST ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "cut_request", "cut_response"])
async def test_a_cut_line_leaves_a_create_uncertain(
    played: Played, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FaultProxy(played.url) as proxy, reaching(proxy.url) as api:
        proxy.on(f"POST {LIST}", kind, 20)  # type: ignore[arg-type]
        with pytest.raises(Uncertain, match=r"unknown|most likely"):
            await api.create(Requests(50))
        assert [happening.method for happening in proxy.happened] == ["POST"]
    assert played.simulator.creates == (0 if kind in ("drop_before", "cut_request") else 1)


async def test_nobody_there_is_a_definite_no(key: None) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        async with reaching(f"http://127.0.0.1:{bound.getsockname()[1]}") as api:
            body = Requests()
            with pytest.raises(Unreachable, match="cannot be reached"):
                await api.create(body)
            assert body.reads == 0


async def test_a_refusing_proxy_is_a_definite_no(key: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server, reaching("https://api.example.invalid") as api:
        with pytest.raises(Unreachable, match="proxy refused"):
            await api.create(Requests())


async def test_a_draft_that_cannot_be_read_creates_nothing(api: Api, simulator: Simulator) -> None:
    class Broken(Requests):
        def chunks(self) -> Iterator[bytes]:
            yield self.data[:30]
            raise OSError(5, "Input/output error")

    with pytest.raises(StoreError, match=r"Input/output error\. Nothing was created"):
        await api.create(Broken())
    assert simulator.creates == 0


async def test_a_draft_of_another_length_is_uncertain_but_creates_nothing(
    api: Api, simulator: Simulator
) -> None:
    class Shrunk(Requests):
        @property
        def length(self) -> int:
            return len(self.data) + 100

    with pytest.raises(Uncertain):
        await api.create(Shrunk())
    assert simulator.creates == 0


async def test_a_cancelled_create_says_so(api: Api, simulator: Simulator) -> None:
    gate = Gate()
    fault = simulator.faults.add(f"POST {LIST}", "delay", gate=gate, after_effect=True)
    task = asyncio.create_task(api.create(Requests()))
    await fault.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    assert len(simulator.log.matching("POST", LIST)) == 1


async def test_a_large_body_leaves_the_loop_free(played: Played) -> None:
    class Large(Requests):
        def __init__(self) -> None:
            super().__init__(1)
            self.data = b" " * 20_000_000 + self.data
            self.piece = 256 * 1024

    gaps: list[float] = []

    async def beat() -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.001)
            gaps.append(loop.time() - before)

    async with reaching(played.url) as api:
        await api.load()
        beating = asyncio.create_task(beat())
        created = await api.create(Large())
        beating.cancel()
    assert created.counts.total == 1
    assert max(gaps) < 0.25
