"""What the tests of the network share: a loaded client, a store, a body of requests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tui.api import Api, Connection
from tui.paths import Paths
from tui.store import Store, open_store

from .conftest import KEY, Played

LIST = "/v1/messages/batches"
ONE = f"{LIST}/*"


class Requests:
    """A body of small requests, as a draft would give it."""

    def __init__(self, number: int = 3, piece: int = 64) -> None:
        params = {
            "model": "claude-haiku-5-5",
            "max_tokens": 5,
            "messages": [{"role": "user", "content": "hi"}],
        }
        requests = [{"custom_id": f"r{n}", "params": params} for n in range(number)]
        self.data = json.dumps({"requests": requests}, separators=(",", ":")).encode()
        self.piece = piece
        self.reads = 0

    @property
    def length(self) -> int:
        return len(self.data)

    def chunks(self) -> Iterator[bytes]:
        self.reads += 1
        for start in range(0, len(self.data), self.piece):
            yield self.data[start : start + self.piece]


@pytest.fixture
async def api(played: Played) -> AsyncIterator[Api]:
    made = Api(Connection())
    await made.load()
    yield made
    await made.close()


@asynccontextmanager
async def reaching(url: str, **more: object) -> AsyncIterator[Api]:
    made = Api(Connection(base_url=url, **more))  # type: ignore[arg-type]
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def read(api: Api, batch_id: str) -> bytes:
    with api.results(batch_id) as stream:
        return b"".join(stream.chunks())


@pytest.fixture
async def store(paths: Paths) -> AsyncIterator[Store]:
    async with open_store(paths.state_db) as opened:
        yield opened
