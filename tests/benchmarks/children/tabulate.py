"""Our reading of answers as data, from within: `tabulate FOLDER SOURCE`."""

from __future__ import annotations

import asyncio
import resource
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from tests.benchmarks.children.telling import gaps, tell
from tui import paths
from tui.handlers import Services
from tui.handlers.tabulating import tabulate
from tui.model import FieldTest, ResultFilter
from tui.paths import Paths
from tui.records import Indexer
from tui.store import Store, open_store

BATCH = "msgbatch_measured"
SCOPE = (BATCH,)


async def main(folder: Path, source: Path) -> None:
    """Index, which is measured elsewhere; then read, and count."""
    found = paths.find(folder).make()
    try:
        async with open_store(found.state_db) as store:
            await asyncio.to_thread(_index, store, found, source)
            await _measure(cast("Services", SimpleNamespace(store=store, paths=found)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(services: Services) -> None:
    before, stored, lines = _peak(), services.paths.state_db.stat().st_size, 0
    start = time.perf_counter()
    async with gaps() as watched:
        async for told in tabulate(services, SCOPE):
            lines = told.lines
    seconds = time.perf_counter() - start
    grown = _peak() - before
    stored = services.paths.state_db.stat().st_size - stored
    async with gaps() as counting:
        words = await _timed(services, "label")
        numbers = await _timed(services, "score")
        where = ResultFilter(outcome="succeeded", fields=(FieldTest("label", value="mixed"),))
        filtered = await _timed(services, "tags[]", where)
    tell(
        seconds=seconds,
        lines=lines,
        gap=watched.longest,
        grown=grown,
        stored=stored / 1e6,
        words=words,
        numbers=numbers,
        filtered=filtered,
        facet_gap=counting.longest,
    )


async def _timed(services: Services, path: str, where: ResultFilter | None = None) -> float:
    start = time.perf_counter()
    facet = await services.store.fields.facet(SCOPE, where or ResultFilter(), path)
    assert facet.values or facet.ranges
    return time.perf_counter() - start


def _index(store: Store, found: Paths, source: Path) -> None:
    target = found.result_file(BATCH)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    indexer = Indexer()
    with store.results.writer(BATCH) as writer, target.open("rb") as file:
        while block := file.read(1 << 20):
            writer.add(indexer.feed(block))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
