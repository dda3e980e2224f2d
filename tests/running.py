"""What the tests of runs share: runs of several parts, made without a source, and what became of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

from tests.launching import CREATE as CREATE
from tests.launching import posts as posts
from tui.handlers import Services
from tui.model import DRAFT, Launch, Run, utc_now
from tui.paths import open_private
from tui.sources import DraftBody


def request(name: str, padding: int = 0) -> bytes:
    """One good request on a line of its own."""
    message = {"role": "user", "content": "Say a word." + "x" * padding}
    params = {"model": "claude-haiku-5-5", "max_tokens": 64, "messages": [message]}
    return json.dumps({"custom_id": name, "params": params}, separators=(",", ":")).encode() + b"\n"


def made_launch(services: Services, run_id: str, launch_id: str, part: int, data: bytes) -> Launch:
    """A launch with its draft on disk."""
    path = services.paths.draft_file(launch_id)
    with open_private(path) as file:
        file.write(data)
    return Launch(
        id=launch_id,
        state=DRAFT,
        name="tickets",
        source="/somewhere/tickets.jsonl",
        requests=data.count(b"\n"),
        bytes=DraftBody(path).length,
        sha256=hashlib.sha256(data).hexdigest(),
        created_at=utc_now(),
        run_id=run_id,
        part=part,
    )


async def made_run(
    services: Services, sizes: Sequence[int] = (2, 2, 1), *, sample: int = 0, padding: int = 0
) -> Run:
    """A run whose parts have so many requests each; with a sample that goes first."""
    ids = [uuid4().hex for _ in sizes]
    launches = []
    number = 0
    for part, size in enumerate(([sample] if sample else []) + list(sizes), 0 if sample else 1):
        data = b"".join(request(f"r-{number + each}", padding) for each in range(size))
        number += size
        launch_id = ids[part - 1] if part else uuid4().hex
        launches.append(made_launch(services, ids[0], launch_id, part, data))
    run = Run(ids[0], tuple(launches), utc_now(), sha256=uuid4().hex)
    await services.store.runs.add((await services.account()).id, run)
    known = await services.store.runs.get(run.id)
    assert known == run
    return run


@dataclass
class Heard:
    """What a run told while it was sent."""

    services: Services
    problems: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_waiting(self, run_id: str) -> str:
        """Until the run says what it waits for."""
        async with asyncio.timeout(20):
            while True:
                self.news.clear()
                run = await self.services.store.runs.get(run_id)
                if run is not None and run.problem:
                    return run.problem
                await self.news.wait()


@asynccontextmanager
async def impatient(services: Services) -> AsyncIterator[tuple[Services, Heard]]:
    """The same services, which wait for hundredths of a second, and tell what happens."""
    heard = Heard(services)
    yield replace(services, patience=0.01, on_run=lambda _: heard.news.set()), heard
