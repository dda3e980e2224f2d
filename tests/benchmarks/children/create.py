"""Our upload from within, the SDK being loaded already: `create DRAFT`."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from tests.benchmarks.children.telling import gaps, tell
from tui.api import Api, Connection
from tui.sources import DraftBody


async def main(draft: Path) -> None:
    """Send once."""
    api = Api(Connection())
    await api.load()
    async with gaps() as watched:
        start = time.perf_counter()
        await api.create(DraftBody(draft))
        seconds = time.perf_counter() - start
    await api.close()
    tell(seconds=seconds, gap=watched.longest)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
