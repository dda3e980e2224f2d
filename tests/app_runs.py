"""Driving the app in tests: a pilot, what is on the screen, and waiting for what is to come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from tui.app import DeckApp
from tui.config import Settings
from tui.handlers import Services
from tui.screens.batch import BatchScreen
from tui.screens.batches import BatchesScreen
from tui.widgets.virtual_table import VirtualTable

PATIENCE = 20.0
"""Seconds after which a test gives up; nothing waits for them to pass."""

SIZES = [(60, 15), (80, 24), (160, 50)]


class Deck:
    """The running app, as a test sees it."""

    def __init__(self, app: DeckApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> Screen[Any]:
        return self.app.screen

    @property
    def home(self) -> BatchesScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, BatchesScreen))

    @property
    def table(self) -> VirtualTable:
        return self.screen.query_one(VirtualTable)

    @property
    def notices(self) -> list[str]:
        return [f"{notice.title} {notice.message}".strip() for notice in self.app._notifications]

    def lines(self) -> list[str]:
        """What stands on the terminal, line by line."""
        return [
            "".join(segment.text for segment in strip)
            for strip in self.app.screen._compositor.render_strips()
        ]

    def text(self) -> str:
        """What stands on the terminal."""
        return "\n".join(self.lines())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Put text into the field that has the focus, as a paste does."""
        from textual.events import Paste

        assert self.screen.focused is not None
        self.screen.focused.post_message(Paste(text))
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the app work until this holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def until_shown(self, *words: str) -> None:
        """Let the app work until these words stand on the screen."""
        try:
            await self.until(lambda: all(word in self.text() for word in words))
        except TimeoutError:
            raise AssertionError(f"{words} never appeared:\n{self.text()}") from None

    async def until_polled(self) -> None:
        """Let the first poll come through."""
        await self.until(lambda: self.app.services.sync.status.state == "live")

    async def open(self, batch_id: str) -> BatchScreen:
        """Open a batch from the list, by the keyboard."""
        assert self.table.move_to_key(batch_id)
        await self.press("enter")
        await self.until(lambda: isinstance(self.screen, BatchScreen) and self.screen.is_mounted)
        assert isinstance(self.screen, BatchScreen)
        return self.screen


@asynccontextmanager
async def running(
    services: Services, size: tuple[int, int] = (120, 40), settings: Settings | None = None
) -> AsyncIterator[Deck]:
    """The app over these services, notices switched on: markup errors hide in them otherwise."""
    app = DeckApp(services, settings or Settings())
    async with app.run_test(size=size, notifications=True) as pilot:
        deck = Deck(app, pilot)
        await deck.until(lambda: isinstance(app.screen, BatchesScreen) and app.screen.is_mounted)
        yield deck
        app.workers.cancel_all()
