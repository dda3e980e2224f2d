"""What the tests of the launch screen share: the way through its steps, by the keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.app_runs import PATIENCE, Deck
from tui.handlers import Services
from tui.handlers.forms import kept_form
from tui.model import Form
from tui.screens.dialogs import Choose, Confirm
from tui.screens.launch import LaunchScreen
from tui.screens.launch_state import SEND


async def open_launch(deck: Deck) -> LaunchScreen:
    """The screen, with the focus in the path."""
    await deck.press("n")
    await deck.until(lambda: isinstance(deck.screen, LaunchScreen) and deck.screen.focused is not None)
    screen = deck.screen
    assert isinstance(screen, LaunchScreen)
    return screen


async def choose(deck: Deck, path: Path | str) -> LaunchScreen:
    """Name a source."""
    screen = await open_launch(deck)
    await deck.type(str(path))
    return screen


async def check(deck: Deck, path: Path | str) -> LaunchScreen:
    """Name a file of requests, and let it be checked."""
    screen = await choose(deck, path)
    await deck.press("enter")
    await deck.until(lambda: screen.state.draft is not None)
    return screen


async def take_recipe(deck: Deck, path: Path | str, recipe: str) -> LaunchScreen:
    """Name a source that needs a recipe, and take a ready one."""
    screen = await choose(deck, path)
    await deck.press("enter")
    await deck.until(lambda: isinstance(deck.screen, Choose))
    dialog = deck.screen
    assert isinstance(dialog, Choose)
    for _ in range([value for value, _ in dialog.options].index(recipe)):
        await deck.press("down")
    await deck.press("enter")
    await deck.until(lambda: deck.screen is screen and bool(screen.state.recipe_text))
    return screen


async def reckoned(deck: Deck) -> LaunchScreen:
    """From a check to the cost."""
    screen = deck.screen
    assert isinstance(screen, LaunchScreen)
    if screen.state.step != SEND:
        await deck.until(lambda: screen.state.draft is not None)
        await deck.press("ctrl+g")
    await deck.until(lambda: screen.state.step == SEND and screen.state.estimate is not None)
    return screen


async def launch(deck: Deck) -> None:
    """From a check to a yes."""
    await reckoned(deck)
    await deck.press("L")
    await deck.until(lambda: isinstance(deck.screen, Confirm))
    await deck.press("y")


async def until_kept(deck: Deck, services: Services, holds: Callable[[Form], bool]) -> None:
    """Let the app work until what is kept is like this."""
    async with asyncio.timeout(PATIENCE):
        while not holds(await kept_form(services)):
            await deck.pilot.pause(0.01)
