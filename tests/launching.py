"""What the tests of launches share: sources, launches, and a look at what a later program finds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tui.commands import Adopt, Drop, Prepare
from tui.errors import StoreError
from tui.handlers import Services, compare, run, unfinished
from tui.model import SENT, Launch
from tui.simulator import Gate, Simulator
from tui.store import open_store
from tui.sync import Sync

CREATE = "POST /v1/messages/batches"
FIVE = 5


def write_source(folder: Path, number: int = FIVE, padding: int = 0) -> Path:
    """A source of good requests."""
    path = folder / "tickets.jsonl"
    message = {"role": "user", "content": "Classify this." + "x" * padding}
    params = {"model": "claude-haiku-5-5", "max_tokens": 64, "messages": [message]}
    requests = ({"custom_id": f"ticket-{n}", "params": params} for n in range(number))
    path.write_text("".join(json.dumps(request) + "\n" for request in requests), encoding="utf-8")
    return path


async def prepared(services: Services, folder: Path, **size: int) -> Launch:
    """A launch that is ready to be sent."""
    made, _ = await run(services, Prepare((write_source(folder, **size),), "tickets"))
    (launch,) = made.launches
    assert isinstance(launch, Launch)
    return launch


async def state_of(services: Services, launch: Launch) -> str:
    found = await services.store.launches.get(launch.id)
    assert found is not None
    return found.state


def posts(simulator: Simulator) -> int:
    return len(simulator.log.matching("POST", "/v1/messages/batches"))


@asynccontextmanager
async def another_process(services: Services) -> AsyncIterator[Services]:
    """The same folders, opened a second time, as a program started later would; only the client is shared."""
    async with open_store(services.paths.state_db) as store:
        sync = Sync(services.api, store)
        yield replace(services, store=store, sync=sync)


async def give_up(services: Services, launch: Launch) -> None:
    if await state_of(services, launch) != SENT:
        await run(services, Drop(launch.id))


async def check_what_is_found(services: Services, launch: Launch, created: Collection[str]) -> None:
    """A program started later shows the launch, and its batch as the candidate if there is one."""
    ((found, _),) = await unfinished(services)
    assert found.id == launch.id
    candidates = await compare(services, launch.id)
    assert {candidate.batch.id for candidate in candidates} == set(created)
    if not candidates:
        return
    await run(services, Adopt(launch.id, candidates[0].batch.id))
    adopted = await services.store.launches.get(launch.id)
    assert adopted is not None
    assert (adopted.state, adopted.batch_id) == (SENT, candidates[0].batch.id)
    assert await unfinished(services) == []


def refuses(*_: object, **__: object) -> NoReturn:
    raise StoreError("The disk is full.", "Make room.")


class WatchedGate(Gate):
    """A gate that tells when somebody stands before it."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = Gate()

    async def wait(self) -> None:
        self.reached.set()
        await super().wait()


async def stopped_at(work: Awaitable[Any], gate: Gate) -> None:
    """Start the work, cancel it when the gate is reached."""
    task = asyncio.ensure_future(work)
    await gate.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
