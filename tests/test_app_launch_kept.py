"""What was typed on the way to a launch is there when the program is opened again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app_runs import running
from tests.launch_screens import check, choose, launch, open_launch, take_recipe, until_kept
from tests.launching import write_source
from tui.commands import KeepForm
from tui.handlers import Services, run
from tui.handlers.forms import LONGEST, NAME, kept_form
from tui.model import Form
from tui.screens.launch_state import RECIPE, LaunchState
from tui.simulator import Simulator
from tui.widgets.recipe_editor import RecipeEditor

FORM = Form(
    said="a�.csv",
    picked={"a�.csv": "/tmp/a\udcff.csv"},
    name="Zoë’s [red]tickets[/]",
    kind="table",
    recipe="classify",
    texts={"classify": 'prompt = "{{ body }}"\n'},
    model="claude-haiku-5-5",
    max_tokens="1,024",
    mapping="gpt-4o=claude-haiku-5-5",
    maps_ids=True,
)


async def test_a_form_comes_back_as_it_was(services: Services) -> None:
    assert await kept_form(services) == Form()
    await run(services, KeepForm(FORM))
    assert await kept_form(services) == FORM
    state = LaunchState()
    state.restore(FORM)
    assert state.form == FORM
    assert state.picked == {"a�.csv": Path("/tmp/a\udcff.csv")}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"said": 1}', '{"later": true}', "[" * 100_000])
async def test_a_form_that_cannot_be_read_is_an_empty_one(services: Services, text: str) -> None:
    await services.store.settings.set(NAME, text)
    assert await kept_form(services) == Form()


async def test_a_form_that_is_too_long_is_not_kept(services: Services) -> None:
    await run(services, KeepForm(FORM))
    await run(services, KeepForm(Form(texts={"": "x" * LONGEST})))
    assert await kept_form(services) == Form()


async def test_what_was_typed_outlives_the_program(services: Services, tmp_path: Path) -> None:
    table = tmp_path / "tickets.csv"
    table.write_text("id,body\n1,x\n")
    async with running(services) as deck:
        screen = await take_recipe(deck, table, "summarise")
        await deck.until(lambda: isinstance(screen.focused, RecipeEditor))
        await deck.type("# mine")
        await deck.until(lambda: "# mine" in screen.state.recipe_text)
        await deck.press("escape", "escape")
        await deck.until(lambda: deck.screen is not screen)
        await until_kept(deck, services, lambda form: "# mine" in form.texts.get("summarise", ""))
    async with running(services) as deck:
        screen = await open_launch(deck)
        assert screen.state.said == str(table)
        await deck.until(lambda: screen.state.look is not None)
        await deck.press("enter")
        await deck.until(lambda: screen.state.step == RECIPE)
        await deck.until(lambda: "# mine" in screen.query_one(RecipeEditor).text)


async def test_what_was_left_gives_way_to_what_is_typed(services: Services, tmp_path: Path) -> None:
    await run(services, KeepForm(Form(said="/somewhere/else.csv")))
    async with running(services) as deck:
        screen = await choose(deck, write_source(tmp_path))
        await deck.until(lambda: screen.state.look is not None)
        assert screen.state.said == str(write_source(tmp_path))


async def test_it_is_kept_while_one_types(services: Services, tmp_path: Path) -> None:
    async with running(services) as deck:
        await choose(deck, tmp_path / "somewhere.jsonl")
        await until_kept(deck, services, lambda form: form.said.endswith("somewhere.jsonl"))


async def test_of_what_was_sent_nothing_has_to_be_typed_again(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    async with running(services) as deck:
        screen = await check(deck, write_source(tmp_path))
        await until_kept(deck, services, lambda form: form != Form())
        await launch(deck)
        await deck.until(lambda: simulator.creates == 1 and deck.screen is not screen)
        await until_kept(deck, services, lambda form: form == Form())
