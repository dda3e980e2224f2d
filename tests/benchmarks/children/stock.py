"""Fill a data folder: `stock FOLDER NUMBER` saves so many batches, with labels, for the account in use."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.benchmarks.children.telling import tell
from tests.benchmarks.invented import batches, label
from tui import paths
from tui.__main__ import build
from tui.api import Connection
from tui.model import utc_now


async def main(folder: Path, number: int) -> None:
    """Save, label, and say where the database is."""
    places = paths.find(folder).make()
    async with build(places, Connection()) as services:
        account = await services.sync.start()
        made = batches(number)
        await services.store.batches.save(account.id, made, utc_now())
        for index, batch in enumerate(made[:200]):
            await services.store.batches.label(batch.id, label(index))
    tell(database=str(places.state_db))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
