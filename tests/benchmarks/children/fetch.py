"""Our download from within: `fetch FOLDER ID NUMBER [app]`, the SDK being loaded already."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tests.benchmarks.children.telling import gaps, tell
from tui import paths
from tui.__main__ import build
from tui.api import Connection
from tui.app import DeckApp
from tui.config import Settings
from tui.handlers import Services
from tui.model import Batch, Counts, utc_now
from tui.screens.batches import BatchesScreen


async def main(folder: Path, batch_id: str, number: int, in_app: bool) -> None:
    """Fetch everything, with its whole index."""
    batch = Batch(batch_id, "ended", Counts(succeeded=number), utc_now() - timedelta(hours=1))
    async with build(paths.find(folder).make(), Connection()) as services:
        await services.api.load()
        await (_beside_the_app if in_app else _alone)(services, batch)


async def _alone(services: Services, batch: Batch) -> None:
    start = time.perf_counter()
    file = await services.downloads.fetch(batch)
    tell(seconds=time.perf_counter() - start, bytes=file.bytes, lines=file.lines)


async def _beside_the_app(services: Services, batch: Batch) -> None:
    """The same while the list is on the screen and polls; what it takes beyond the app that does nothing."""
    app = DeckApp(services, Settings())
    async with app.run_test(size=(120, 40)) as pilot:
        while not (isinstance(app.screen, BatchesScreen) and app.screen.entries):
            await pilot.pause(0.01)
        await pilot.pause(0.2)
        start = time.perf_counter()
        with most_memory() as more:
            async with gaps() as watched:
                file = await services.downloads.fetch(batch)
        seconds = time.perf_counter() - start
        tell(seconds=seconds, gap=watched.longest, lines=file.lines, more=more[0])
        app.workers.cancel_all()


@contextmanager
def most_memory() -> Iterator[list[float]]:
    """Watch how many MB this process and its children take at most beyond what they took before."""
    ended = threading.Event()
    before = _resident()
    most = [0.0]

    def watch() -> None:
        while not ended.wait(0.02):
            most[0] = max(most[0], _resident() - before)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def _resident() -> float:
    """MB in memory, where the system tells of it (Linux)."""
    own = Path("/proc/self")
    children = [name for each in own.glob("task/*/children") for name in each.read_text().split()]
    found = 0.0
    for folder in (own, *(Path("/proc") / name for name in children)):
        try:
            if folder is not own and (folder / "cmdline").read_bytes() == (own / "cmdline").read_bytes():
                continue  # just born: until it becomes a program of its own, its memory is ours
            pages = int((folder / "statm").read_text().split()[1])
        except (OSError, IndexError):
            continue  # it has just ended
        found += pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return found


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), "app" in sys.argv[4:]))
