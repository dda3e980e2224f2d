"""Ten thousand batches, measured from within: reading, filtering, ordering, and the app's event loop."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

from tests.benchmarks.children.telling import gaps, tell
from tests.benchmarks.invented import batches
from tui import paths
from tui.__main__ import build
from tui.api import Connection
from tui.app import DeckApp
from tui.config import Settings
from tui.handlers import Services
from tui.model import Entry, utc_now
from tui.screens.batches import BatchesScreen
from tui.screens.list_state import ListState

FILTER = "errors>3 state:ended 1"


async def main(folder: Path, number: int) -> None:
    """Measure one after the other."""
    async with build(paths.find(folder).make(), Connection()) as services:
        account = await services.sync.start()
        await services.store.batches.save(account.id, batches(number), utc_now())
    async with build(paths.find(folder), Connection()) as services:
        account = await services.sync.start()
        start = time.perf_counter()
        entries = await services.store.batches.entries(account.id)
        first = time.perf_counter() - start
        start = time.perf_counter()
        await services.store.batches.entries(account.id)
        again = time.perf_counter() - start
        tell(first=first, again=again, **_choosing(entries), **await _in_the_app(services))


def _choosing(entries: list[Entry]) -> dict[str, float]:
    """The list's filter and orders, and the same by the shortest Python."""
    now = utc_now()
    state = ListState()
    ordered = ListState(order="errored")
    state.filter_by(FILTER)
    return {
        "filter": _seconds(lambda: state.rows(entries, now)),
        "plain_filter": _seconds(
            lambda: [
                e for e in entries if e.batch.counts.errored > 3 and e.batch.state == "ended" and "1" in e.id
            ]
        ),
        "sort": _seconds(lambda: ordered.rows(entries, now)),
        "plain_sort": _seconds(lambda: sorted(entries, key=attrgetter("batch.counts.errored"), reverse=True)),
    }


def _seconds(work: Callable[[], object], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return sorted(taken)[times // 2]


async def _in_the_app(services: Services) -> dict[str, float]:
    """The worst time in which the loop stood still: while filtering, ordering, and with every row new."""
    app = DeckApp(services, Settings())
    found: dict[str, float] = {}
    async with app.run_test(size=(120, 40)) as pilot:
        while not (isinstance(app.screen, BatchesScreen) and app.screen.entries):
            await pilot.pause(0.01)
        home = app.screen
        await pilot.pause(0.1)
        for name, text in (("filter_gap", FILTER), ("clear_gap", "")):
            async with gaps() as watched:
                home.state.filter_by(text)
                home.show()
                await pilot.pause()
            found[name] = watched.longest
        async with gaps() as watched:
            await pilot.press("S")
        found["sort_gap"] = watched.longest
        async with gaps() as watched:
            services.store.publish(home.entries)
            await pilot.pause()
            while [worker for worker in app.workers if worker.group == "load"]:
                await pilot.pause(0.01)
        found["reload_gap"] = watched.longest
        app.workers.cancel_all()
    return found


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
