"""What was seen on whole walks from a source to its answers: nothing to do twice, nothing in the way."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from tests.app_runs import SIZES, running
from tests.launch_screens import check, choose, launch, open_launch, take_recipe, until_kept
from tests.launching import CREATE, write_source
from tui.commands import Drop, Prepare, Send, SendRun, StopRun
from tui.config import Spending
from tui.errors import Uncertain
from tui.handlers import Services, run
from tui.messages import Wanted
from tui.model import ENDED, IN_PROGRESS, SENT, Batch, Counts, Entry, Launch, Run, utc_now
from tui.screens.batch import BatchScreen
from tui.screens.dialogs import Ask, Choose
from tui.screens.help import HelpScreen
from tui.screens.launch_progress import ProgressStep
from tui.screens.launch_state import RECIPE
from tui.simulator import Gate, Simulator
from tui.widgets.recipe_editor import RecipeEditor
from tui.widgets.run_words import launch_lines


def write_table(folder: Path) -> Path:
    path = folder / "tickets.csv"
    path.write_text("id,body\n1,x\n")
    return path


# -- what was left, at the next start -----------------------------------------------------------------------


async def test_a_path_from_another_time_is_looked_at_again(services: Services, tmp_path: Path) -> None:
    table = write_table(tmp_path)
    async with running(services) as deck:
        await choose(deck, table)
        await until_kept(deck, services, lambda form: form.said.endswith("tickets.csv"))
    async with running(services) as deck:
        await open_launch(deck)
        await deck.until_shown("CSV, 2 columns")


async def test_a_path_from_another_time_gives_way_to_what_is_typed(
    services: Services, tmp_path: Path
) -> None:
    async with running(services) as deck:
        await choose(deck, tmp_path / "nowhere.csv")
        await until_kept(deck, services, lambda form: form.said.endswith("nowhere.csv"))
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
        await until_kept(deck, services, lambda form: form.recipe.endswith("own.toml"))
    async with running(services) as deck:
        screen = await open_launch(deck)
        await deck.press("enter")
        await deck.until(lambda: screen.state.step == RECIPE)
        await deck.until(lambda: screen.query_one(RecipeEditor).text == recipe.read_text())
        assert deck.screen is screen


# -- launches with an unclear end ---------------------------------------------------------------------------


async def test_a_choice_names_its_launch_and_stays_chosen(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add(CREATE, "drop", times=2)
    launches = []
    for name in ("first", "second"):
        made, _ = await run(services, Prepare((write_source(tmp_path),), name))
        launches += made.launches
        with pytest.raises(Uncertain):
            await run(services, Send(launches[-1].id))
    async with running(services) as deck:
        await deck.until_polled()
        await deck.press("u")
        await deck.until_shown("first", "second")
        choices = deck.screen.query_one(OptionList)
        await deck.press("end", "up")
        await deck.press("enter")
        await deck.until_shown("Send it again?", "first")
        details = [str(line.render()) for line in deck.screen.query("VerticalScroll Static").results(Static)]
        assert details[0] == "first"
        await deck.press("escape")
        before = choices.highlighted
        deck.screen.post_message(Wanted(Drop(launches[-1].id)))
        await deck.until(lambda: "second" not in deck.text())
        assert before is not None and choices.highlighted == before - 4


# -- spending limits ----------------------------------------------------------------------------------------


async def test_a_wrong_word_says_that_nothing_was_sent(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    limited = replace(services, spending=Spending(launch=Decimal("0.000001")))
    async with running(limited) as deck:
        await deck.until_polled()
        await check(deck, write_source(tmp_path))
        await launch(deck)
        await deck.until(lambda: isinstance(deck.screen, Ask))
        await deck.type("yep")
        await deck.press("enter")
        await deck.until(lambda: "Nothing was sent: that was not the word yes." in deck.notices)
        assert simulator.creates == 0


# -- stopping -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_sent", "words"), [(True, "all of it was sent before."), (False, "1 draft waits.")]
)
async def test_a_stop_says_what_is_left(
    services: Services, tmp_path: Path, is_sent: bool, words: str
) -> None:
    made, _ = await run(services, Prepare((write_source(tmp_path),), "tickets"))
    if is_sent:
        await run(services, SendRun(made.id))
    done = await run(services, StopRun(made.id))
    assert str(done.message).endswith(f"sends nothing more: {words}")


async def test_what_is_on_its_way_cannot_be_stopped_and_nothing_says_so(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    gate = Gate()
    fault = simulator.faults.add(CREATE, "delay", gate=gate, times=1)
    async with running(services) as deck:
        await deck.until_polled()
        screen = await check(deck, write_source(tmp_path))
        await launch(deck)
        await deck.until(lambda: fault.reached.is_set())
        await deck.until_shown("it cannot be called back; leaving this screen stops nothing")
        step = screen.query_one(ProgressStep)
        assert step.check_action("stop", ()) is None, "greyed out"
        done = await run(services, StopRun(step.run_id))
        assert str(done.message).endswith("sends nothing more: what is on its way is finished.")
        gate.set()
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))


def test_what_still_runs_of_a_run_is_shown_before_what_has_ended() -> None:
    now = utc_now()
    launches = tuple(
        Launch(
            f"l-{number}",
            SENT,
            "",
            "a.jsonl",
            1,
            1,
            "",
            now,
            batch_id=f"b-{number}",
            run_id="l-1",
            part=number,
        )
        for number in (1, 2, 3)
    )
    entries = {
        f"b-{number}": Entry(Batch(f"b-{number}", state, Counts(succeeded=1), created_at=now, expires_at=now))
        for number, state in ((1, ENDED), (2, ENDED), (3, IN_PROGRESS))
    }
    lines = [line.plain for line in launch_lines(Run("l-1", launches, now), entries, now, 1)]
    assert "part 3/3" in lines[0] and "2 more" in lines[1]


# -- the mouse ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_click_on_a_key_below_is_the_key(
    services: Services, tmp_path: Path, size: tuple[int, int]
) -> None:
    async def click(word: str) -> None:
        await deck.until_shown(word)
        await deck.pilot.click(offset=(deck.lines()[-1].index(word), size[1] - 1))

    async with running(services, size) as deck:
        await deck.until_polled()
        await click("n New")
        await deck.until_shown("[Choose]")
        screen = deck.screen
        await deck.type(str(write_table(tmp_path)))
        await deck.until_shown("CSV")
        await click("^g Go on")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("escape")
        await deck.until(lambda: deck.screen is screen)
        await click(" Help")
        await deck.until(lambda: isinstance(deck.screen, HelpScreen))
