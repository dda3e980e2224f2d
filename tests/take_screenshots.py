"""Makes the README's pictures: `python -m tests.take_screenshots [NAME …]`. Same seed, same pictures.

The program itself is driven, against the demo's account at a fixed moment, and says what it draws as SVG.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.app_runs import Deck
from tui import handlers
from tui.__main__ import build
from tui.api import Connection
from tui.app import DeckApp
from tui.commands import Prepare, Retry, SendRun
from tui.config import Settings
from tui.model import Entry, Making, Recipe
from tui.paths import Paths
from tui.screens.batch import BatchScreen
from tui.screens.batches import BatchesScreen
from tui.screens.compare import CompareScreen
from tui.screens.fields import FieldsScreen
from tui.screens.run import RunScreen
from tui.simulator import Simulator, demo_account, serve
from tui.widgets.virtual_table import VirtualTable

NOW = datetime(2026, 11, 20, 14, 2, 30, tzinfo=UTC)
TARGET = Path(__file__).parent.parent / "screenshots"
REQUESTS = (
    '{"custom_id": "ticket-000001", "params": {"model": "claude-haiku-5-5", "max_tokens": 256, '
    '"messages": [{"role": "user", "content": "My invoice shows the wrong VAT number."}]}}\n'
    '{"custom_id": "ticket-000002", "params": {"model": "claude-haiku-5-5", "max_tokens": 0, '
    '"messages": [{"role": "user", "content": "Cannot log in since yesterday."}]}}\n'
    '{"custom_id": "ticket 3", "params": {"model": "claude-haiku-5-5", "max_tokens": 256, "temperature": 0, '
    '"messages": [{"role": "user", "content": "Where is my parcel?"}]}}\n'
)


TICKETS = (
    "My invoice shows the wrong VAT number.",
    "Cannot log in since yesterday.",
    "Where is my parcel?",
    "I was charged twice for the same order.",
    "Please cancel my subscription.",
    "The app crashes when I open the map.",
)


async def the_list(deck: Deck) -> None:
    """As it opens."""


async def one_batch(deck: Deck) -> None:
    """The largest of the ended batches, with its results on disk."""
    entries = deck.home.entries.values()
    largest = max((e for e in entries if not e.batch.is_live), key=lambda e: e.batch.counts.total)
    screen = await _fetched(deck, largest.id)
    await deck.press("right_square_bracket")
    await deck.until(lambda: screen.browser.reading.shown is not None)


async def one_answer(deck: Deck) -> None:
    """A single answer, read in full."""
    found = next(e for e in deck.home.entries.values() if e.label.startswith("proofs"))
    await _fetched(deck, found.id)
    await deck.press("enter")


async def the_fields(deck: Deck) -> None:
    """A classification run as data."""
    await _fetched(deck, _tickets(deck)[0].id)
    await deck.press("f")
    await deck.until(lambda: isinstance(deck.screen, FieldsScreen) and deck.screen.part >= 1.0)
    await deck.until_shown("category", "refund", "%")


async def two_compared(deck: Deck) -> None:
    """Two runs over the same tickets, and how one field changed."""
    for entry in _tickets(deck)[:2]:
        assert deck.table.move_to_key(entry.id)
        await deck.press("space")
    await deck.press("c")
    await deck.until(lambda: isinstance(deck.screen, CompareScreen) and deck.screen.part >= 1.0)
    await deck.press("tab")
    deck.screen.query_one("#values", VirtualTable).move_to_key("category")
    await deck.press("enter")
    await deck.until_shown("most frequent changes", "differ in category")


def _tickets(deck: Deck) -> list[Entry]:
    entries = [e for e in deck.home.entries.values() if e.label.startswith("tickets") and not e.batch.is_live]
    return sorted(entries, key=lambda entry: entry.batch.created_at, reverse=True)


async def checked(deck: Deck) -> None:
    """A file with mistakes, before anything is sent."""
    path = Path("requests.jsonl")
    await asyncio.to_thread(path.write_text, REQUESTS)
    await deck.press("n")
    await deck.until(lambda: deck.screen.focused is not None and deck.screen.focused.id == "path")
    await deck.type(str(path))
    await deck.until_shown("requests, ready-made")
    await deck.press("enter")
    await deck.until_shown("problems")


async def a_recipe(deck: Deck) -> None:
    """How requests are made of a table, and the first of them."""
    await asyncio.to_thread(_write_table)
    await deck.press("n")
    await deck.until(lambda: deck.screen.focused is not None and deck.screen.focused.id == "path")
    await deck.type("tickets.csv")
    await deck.until_shown("CSV, 2 columns")
    await deck.press("enter")
    await deck.until_shown("Put texts into classes")
    await deck.press("enter")
    await deck.until_shown("request of row 1", "tools  classify")


def _write_table() -> None:
    rows = [f"T-{number:03},{said}" for number, said in enumerate(TICKETS * 7, 1)]
    Path("tickets.csv").write_text("\n".join(["ticket_id,text", *rows]) + "\n")


async def one_run(deck: Deck) -> None:
    """A table launched as two batches, what expired tried again, and all of it read as one."""
    services = deck.app.services
    await asyncio.to_thread(_write_table)
    asked = Recipe("claude-haiku-5-5", 200, "Classify: {{ text }}", custom_id="{{ ticket_id }}")
    making = Making(override=asked, most_requests=24)
    run, _ = await handlers.run(services, Prepare((Path("tickets.csv"),), "tickets, November", making))
    run = await handlers.run(services, SendRun(run.id))
    await deck.press("L")
    await deck.until_shown("tickets, November")
    await deck.press("enter")
    await deck.until(lambda: isinstance(deck.screen, RunScreen) and _all_here(deck.screen))
    run = await handlers.run(services, Retry(run.id, ("expired",)))
    await handlers.run(services, SendRun(run.id))
    deck.app.desk.runs.publish(run.id)
    await deck.until_shown("retry 1")
    await deck.until(lambda: isinstance(deck.screen, RunScreen) and _all_here(deck.screen))
    await deck.pilot.pause(0.5)


def _all_here(screen: RunScreen) -> bool:
    return bool(screen.whole and screen.whole.results and screen.whole.results.complete)


def _fate(position: int, custom_id: str) -> str | None:
    """Some tickets expire the first time."""
    return "expired" if custom_id.startswith("T-") and position % 9 == 4 and position > 5 else None


async def _fetched(deck: Deck, batch_id: str) -> BatchScreen:
    screen = await deck.open(batch_id)
    await deck.until(lambda: screen.entry and screen.entry.results and screen.entry.results.complete)
    await deck.until(lambda: screen.browser.reading.shown is not None)
    return screen


PICTURES: dict[str, tuple[tuple[int, int], Callable[[Deck], Awaitable[None]]]] = {
    "list": ((110, 28), the_list),
    "list-80x24": ((80, 24), the_list),
    "batch": ((130, 36), one_batch),
    "answer": ((90, 26), one_answer),
    "fields": ((120, 30), the_fields),
    "compare": ((120, 30), two_compared),
    "recipe": ((120, 34), a_recipe),
    "check": ((90, 22), checked),
    "run": ((110, 30), one_run),
}


async def take(
    name: str, size: tuple[int, int], pose: Callable[[Deck], Awaitable[None]], folder: Path
) -> None:
    """One picture, of a program of its own."""
    account = demo_account(NOW, [NOW], seed=7)
    simulator = Simulator(clock=lambda: NOW, seed=7, account=account)
    simulator.switches.duration, simulator.switches.fate = timedelta(), _fate
    places = Paths(data=folder / name, config=folder / "config", log=folder / "log").make()
    async with (
        serve(simulator, uds=folder / f"{name}.sock") as address,
        build(places, Connection(uds=address.uds, demo_key=True), clock=lambda: NOW) as services,
    ):
        for batch_id, label in account.names.items():
            await services.store.batches.label(batch_id, label)
        app = DeckApp(services, Settings(), demo=True)
        async with app.run_test(size=size) as pilot:
            deck = Deck(app, pilot)
            await deck.until(lambda: isinstance(app.screen, BatchesScreen))
            await deck.until_polled()
            await deck.until(lambda: deck.home.entries)
            await pose(deck)
            await pilot.pause()
            svg = app.export_screenshot(title="batchdeck")
            # Viewers that fold blanks would shift the columns.
            target = TARGET / f"{name}.svg"
            await asyncio.to_thread(target.write_text, svg.replace("<svg ", '<svg xml:space="preserve" ', 1))
            app.workers.cancel_all()


async def main() -> None:
    """All pictures, one after the other."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        for picture, (size, pose) in PICTURES.items():
            if not sys.argv[1:] or picture in sys.argv[1:]:
                await take(picture, size, pose, Path(name))


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    asyncio.run(main())
