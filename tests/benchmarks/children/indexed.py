"""Index results that lie in a data folder already: `indexed FOLDER BATCH_ID`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.benchmarks.children.telling import tell
from tui import paths
from tui.records import Indexer
from tui.store import open_store


async def main(folder: Path, batch_id: str) -> None:
    """Read the file once, and say how many lines it has."""
    places = paths.find(folder)
    file = places.result_file(batch_id)
    async with open_store(places.state_db) as store:
        indexer = Indexer()
        with store.results.writer(batch_id) as writer, file.open("rb") as source:
            while block := source.read(1 << 20):
                writer.add(indexer.feed(block))
            writer.finish(complete=True, missing=0, bytes=file.stat().st_size)
    tell(lines=indexer.line)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
