"""What was seen while launching at a terminal: words that are true, keys that work, nothing that is lost."""

from __future__ import annotations

import pytest

from tests.app_runs import SIZES, running
from tests.test_app_retry import EXPIRED, asked, ended
from tui.handlers import Services
from tui.screens.dialogs import Confirm
from tui.simulator import Simulator

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
