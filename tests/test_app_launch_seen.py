"""What was seen while launching at a terminal: words that are true, keys that work, nothing that is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app_runs import SIZES, running
from tests.launch_screens import choose
from tests.test_app_retry import EXPIRED, asked, ended
from tui.handlers import Services
from tui.screens.dialogs import Choose, Confirm
from tui.simulator import Simulator


def write_table(folder: Path, columns: str = "id,body") -> Path:
    path = folder / "tickets.csv"
    path.write_text(f"{columns}\n" + ",".join("x" for _ in columns.split(",")) + "\n")
    return path


# -- the retry dialog ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["9" * 5000, "१२", "0"], ids=["long", "foreign", "zero"])
async def test_a_length_that_is_none_is_refused(services: Services, simulator: Simulator, typed: str) -> None:
    made = await ended(services, simulator, EXPIRED)
    async with running(services) as deck:
        dialog = await asked(deck, made)
        await deck.press("tab", "tab")
        await deck.type(typed)
        await deck.press("enter")
        await deck.until_shown("max_tokens must be a whole number")
        assert deck.screen is dialog


async def test_a_length_may_be_written_as_in_a_launch(services: Services, simulator: Simulator) -> None:
    made = await ended(services, simulator, EXPIRED)
    async with running(services) as deck:
        await asked(deck, made)
        await deck.press("tab", "tab")
        await deck.type("1,024")
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Confirm))


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_chosen_groups_are_told_by_a_sign(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    wordy = "error:invalid_request_error:" + "a reason that takes several lines " * 8
    made = await ended(services, simulator, wordy, EXPIRED)
    async with running(services, size) as deck:
        await asked(deck, made)
        await deck.until_shown("[x]      1 × expired", "[ ]      1 × errored", "would fa")
        await deck.press("space", "down", "space")
        await deck.until_shown("[ ]      1 × expired", "[x]      1 × errored", "1 request chosen")


# -- the recipe ---------------------------------------------------------------------------------------------


async def test_a_recipe_written_without_choosing_one_is_not_lost(services: Services, tmp_path: Path) -> None:
    async with running(services) as deck:
        screen = await choose(deck, write_table(tmp_path))
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("escape")
        await deck.until(lambda: deck.screen is screen)
        await deck.press(*"model")
        await deck.until_shown("── recipe: yours", "1  model")
        await deck.press("ctrl+r")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("home", "enter")
        await deck.until_shown("── recipe: classify")
        await deck.press("ctrl+r")
        await deck.until_shown("yours, as you left it")
        await deck.press("end", "enter")
        await deck.until_shown("── recipe: yours", "1  model")
