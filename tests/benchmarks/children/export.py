"""An export from within: `export FOLDER ID FORMAT TARGET`, of results that are downloaded already."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from tests.benchmarks.children.telling import tell
from tui import paths
from tui.__main__ import build
from tui.api import Connection
from tui.commands import Export
from tui.handlers import exporting
from tui.model import ENDED, Batch, Counts, utc_now


async def main(folder: Path, batch_id: str, format: str, target: Path) -> None:
    """Save everything."""
    async with build(paths.find(folder).make(), Connection()) as services:
        account = await services.account()
        batch = Batch(batch_id, ENDED, Counts(), utc_now())
        await services.store.batches.save(account.id, [batch], utc_now())
        command = Export((batch_id,), target, format, overwrite=True)
        start = time.perf_counter()
        await exporting.export(services, command)
        tell(seconds=time.perf_counter() - start, bytes=target.stat().st_size)  # noqa: ASYNC240


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])))
