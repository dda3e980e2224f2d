"""What the tests of downloads share: impatient downloads, invented results, a thorough last look."""

from __future__ import annotations

import json
import random
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from tui.api import Api, Connection
from tui.model import Batch, Counts, ResultFile, utc_now
from tui.paths import Paths
from tui.records import read_line
from tui.simulator import Simulator
from tui.store import Store
from tui.sync import Downloads, transfer

from .fault_proxy import FaultProxy
from .network import api, store

__all__ = ["api", "store"]

RESULTS = "GET /v1/messages/batches/*/results"
FAST = 0.002
"""Seconds of patience: the waits between attempts shrink with it."""


@pytest.fixture
async def downloads(api: Api, store: Store, paths: Paths) -> AsyncIterator[Downloads]:
    made = Downloads(api, store, paths, patience=FAST, rng=random.Random(1))
    yield made
    await made.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "download"]


@asynccontextmanager
async def through(proxy: FaultProxy, store: Store, paths: Paths) -> AsyncIterator[Downloads]:
    api = Api(Connection(base_url=proxy.url))
    made = Downloads(api, store, paths, patience=FAST)
    try:
        yield made
    finally:
        await made.close()
        await api.close()


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every piece is committed at once."""
    monkeypatch.setattr(transfer, "MOST_ROWS", 1)


def line(n: int, size: int = 300) -> bytes:
    message = {
        "model": "m",
        "content": [{"type": "text", "text": f"{n} " + "x" * size}],
        "stop_reason": "end_turn",
    }
    return json.dumps({"custom_id": f"r{n}", "result": {"type": "succeeded", "message": message}}).encode()


def body(number: int, *, size: int = 300, order: random.Random | None = None) -> bytes:
    numbers = list(range(number))
    if order:
        order.shuffle(numbers)
    return b"".join(line(n, size) + b"\n" for n in numbers)


def pieces(data: bytes, size: int = 10_000) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def invent(simulator: Simulator, data: bytes, number: int) -> Batch:
    made = simulator.invent([("prose", number)], created_at=utc_now() - timedelta(hours=1))
    simulator.replace_results(made.id, pieces(data))
    return known(made.id, number)


def known(batch_id: str, number: int) -> Batch:
    return Batch(batch_id, "ended", Counts(succeeded=number), utc_now() - timedelta(hours=1))


async def check(store: Store, paths: Paths, batch: Batch, data: bytes) -> ResultFile:
    """File and index are whole, and agree line by line."""
    path = paths.result_file(batch.id)
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not paths.result_part(batch.id).exists()
    file = await store.results.file(batch.id)
    assert file and file.complete and file.bytes == len(data)
    rows = await store.results.rows(await store.results.refs((batch.id,)))
    assert [row.line for row in rows] == list(range(file.lines))
    for row in rows:
        raw = read_line(path, row.offset, row.length)
        assert json.loads(raw).get("custom_id", "") == row.custom_id
    return file


def asked(simulator: Simulator) -> int:
    return len(simulator.log.matching("GET", "*/results"))
