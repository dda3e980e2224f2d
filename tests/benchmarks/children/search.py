"""One search within a running program: `search FOLDER BATCH_ID text|regex exact|caseless PATTERN`."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any, cast

from tests.benchmarks.children.telling import gaps, tell
from tui import paths
from tui.handlers import Services
from tui.handlers.searching import search
from tui.model import Pattern
from tui.store import Store, open_store


class Bare:
    """As much of the services as a search needs."""

    def __init__(self, store: Store, places: paths.Paths) -> None:
        self.store = store
        self.paths = places


async def main(folder: Path, batch_id: str, kind: str, case: str, text: str) -> None:
    """Search, from the wish to the last word, line numbers included: the first one of this process."""
    places = paths.find(folder)
    async with open_store(places.state_db) as store:
        services = cast(Services, Bare(store, places))
        pattern = Pattern(text, kind == "regex", case == "caseless")
        measured = await _once(services, batch_id, pattern)
        async with gaps() as watched:  # in a second search: whoever watches a loop all the time slows it down
            await _once(services, batch_id, pattern)
        tell(**measured, gap=watched.longest)


async def _once(services: Services, batch_id: str, pattern: Pattern) -> dict[str, Any]:
    first: float | None = None
    hits = 0
    start = time.perf_counter()
    async for found in search(services, (batch_id,), pattern):
        hits += len(found.refs)
        if hits and first is None:
            first = time.perf_counter() - start
    return {"seconds": time.perf_counter() - start, "first": first, "hits": hits}


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
