"""What was seen on whole walks from a source to its answers: nothing to do twice, nothing in the way."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from tests.app_runs import Deck, running
from tests.launch_screens import choose, open_launch, take_recipe
from tui.handlers import Services
from tui.handlers.forms import kept_form
from tui.screens.dialogs import Ask, Choose
from tui.screens.launch_state import RECIPE
from tui.widgets.recipe_editor import RecipeEditor


def write_table(folder: Path) -> Path:
    path = folder / "tickets.csv"
    path.write_text("id,body\n1,x\n")
    return path


async def until_kept(deck: Deck, services: Services, ending: str) -> None:
    """Until a path or a recipe of this name is kept for the next start."""
    while True:
        form = await kept_form(services)
        if form.said.endswith(ending) or form.recipe.endswith(ending):
            return
        await deck.pilot.pause(0.01)


# -- what was left, at the next start -----------------------------------------------------------------------


async def test_a_path_from_another_time_is_looked_at_again(services: Services, tmp_path: Path) -> None:
    table = write_table(tmp_path)
    async with running(services) as deck:
        await choose(deck, table)
        await until_kept(deck, services, "tickets.csv")
    async with running(services) as deck:
        await open_launch(deck)
        await deck.until_shown("CSV, 2 columns")


async def test_a_path_from_another_time_gives_way_to_what_is_typed(
    services: Services, tmp_path: Path
) -> None:
    async with running(services) as deck:
        await choose(deck, tmp_path / "nowhere.csv")
        await until_kept(deck, services, "nowhere.csv")
    async with running(services) as deck:
        screen = await choose(deck, write_table(tmp_path))
        assert screen.query_one("#path", Input).value == str(tmp_path / "tickets.csv")
        await deck.until_shown("CSV, 2 columns")


async def test_a_recipe_that_was_only_chosen_is_there_at_the_next_start(
    services: Services, tmp_path: Path
) -> None:
    recipe = tmp_path / "own.toml"
    recipe.write_text('model = "claude-haiku-5-5"\nmax_tokens = 9\nprompt = "{{ body }}"\n')
    async with running(services) as deck:
        screen = await take_recipe(deck, write_table(tmp_path), "summarise")
        await deck.press("ctrl+r")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("end", "up", "enter")
        await deck.until(lambda: isinstance(deck.screen, Ask))
        field = deck.screen.query_one(Input)
        field.value = str(recipe)
        await deck.press("enter")
        await deck.until(lambda: "body" in screen.state.recipe_text)
        await until_kept(deck, services, "own.toml")
    async with running(services) as deck:
        screen = await open_launch(deck)
        await deck.press("enter")
        await deck.until(lambda: screen.state.step == RECIPE)
        await deck.until(lambda: screen.query_one(RecipeEditor).text == recipe.read_text())
        assert deck.screen is screen
