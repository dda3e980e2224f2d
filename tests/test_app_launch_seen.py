"""What was seen while launching at a terminal: words that are true, keys that work, nothing that is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.app_runs import SIZES, running
from tests.launch_screens import check, choose, launch, open_launch, reckoned, take_recipe
from tests.launching import write_source
from tests.test_app_launch_sending import parts, take_up
from tests.test_app_retry import EXPIRED, asked, ended
from tui.commands import Prepare
from tui.handlers import Services, run
from tui.screens.dialogs import Choose, Confirm
from tui.screens.help import HelpScreen
from tui.screens.launch_state import EMPTY
from tui.screens.runs import RunsScreen
from tui.simulator import Simulator
from tui.text import size
from tui.widgets.recipe_editor import RecipeEditor


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


@pytest.mark.parametrize("shape", SIZES, ids=str)
async def test_chosen_groups_are_told_by_a_sign(
    services: Services, simulator: Simulator, shape: tuple[int, int]
) -> None:
    wordy = "error:invalid_request_error:" + "a reason that takes several lines " * 8
    made = await ended(services, simulator, wordy, EXPIRED)
    async with running(services, shape) as deck:
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


# -- keys ---------------------------------------------------------------------------------------------------


async def test_the_way_to_the_help_is_the_one_that_works(services: Services) -> None:
    async with running(services, (80, 24)) as deck:
        assert deck.lines()[-1].rstrip().endswith("? Help")
        screen = await open_launch(deck)
        await deck.until(lambda: deck.lines()[-1].rstrip().endswith("F1 Help"))
        await deck.press("f1")
        await deck.until(lambda: isinstance(deck.screen, HelpScreen))
        await deck.press("escape", "ctrl+o")
        await deck.until(lambda: deck.screen is screen and deck.lines()[-1].rstrip().endswith("? Help"))
        assert not deck.lines()[-1].rstrip().endswith("F1 Help")


@pytest.mark.parametrize("shape", SIZES, ids=str)
async def test_how_to_go_on_and_back_is_among_the_keys(
    services: Services, tmp_path: Path, shape: tuple[int, int]
) -> None:
    source = tmp_path / "requests.jsonl"
    source.write_text('{"custom_id": "a", "params": {}}\n')
    async with running(services, shape) as deck:
        await check(deck, source)
        await deck.until(lambda: "esc Back" in deck.lines()[-1])
        await deck.press("escape")
        await deck.until(lambda: "^g Go on" in deck.lines()[-1])


async def test_the_help_keeps_names_apart_from_what_they_do(services: Services, tmp_path: Path) -> None:
    async with running(services, (80, 24)) as deck:
        await check(deck, write_source(tmp_path))
        await deck.press("question_mark")
        await deck.until(lambda: isinstance(deck.screen, HelpScreen))
        await deck.press("G")
        await deck.until_shown("as it is sent  request.look")


# -- the yes ------------------------------------------------------------------------------------------------


async def test_a_yes_is_asked_for_with_where_it_goes(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    async with running(services) as deck:
        await deck.until_polled()
        await check(deck, write_source(tmp_path, number=30))
        await reckoned(deck)
        await deck.press("s")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("down", "enter")
        screen = await reckoned(deck)
        await deck.until(lambda: screen.state.run is not None and screen.state.run.sample is not None)
        await deck.until_shown("✓ ready")
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        sample = screen.state.run and screen.state.run.sample
        assert sample is not None
        await deck.until_shown(
            f"to {services.api.base_url}", f"{size(sample.bytes)} to send", "all together: claude"
        )


async def test_so_are_the_others(services: Services, simulator: Simulator) -> None:
    made = await ended(services, simulator, EXPIRED)
    async with running(services) as deck:
        await asked(deck, made)
        await deck.press("enter")
        await deck.until_shown("Send 1 request again?", f"to {services.api.base_url}")


# -- sending ------------------------------------------------------------------------------------------------


async def test_a_part_without_room_waits_and_awaits_no_answer(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.switches.queue = 3
    await parts(services, tmp_path, 2)
    async with running(services) as deck:
        await deck.until_polled()
        await take_up(deck)
        await launch(deck)
        await deck.until_shown("The service takes no more", "part 2 of 2")
        await deck.until(lambda: "awaits the answer" not in deck.text() and " left" not in deck.text())
        line = next(line for line in deck.lines() if "part 2  " in line)
        assert line.split()[0] == "·" and line.split()[-1] == "waits"


# -- the source ---------------------------------------------------------------------------------------------


async def test_of_several_lines_that_are_pasted_each_is_a_path(services: Services, tmp_path: Path) -> None:
    files = [tmp_path / f"{name} 1.txt" for name in "ab"]
    for file in files:
        file.write_text("Hello")
    async with running(services) as deck:
        screen = await choose(deck, f"\n{files[0]}\r\n{files[1]}\n")
        await deck.until_shown("2 files")
        assert screen.state.paths == tuple(files)


async def test_a_recipe_in_no_file_has_no_name(services: Services, tmp_path: Path) -> None:
    async with running(services) as deck:
        await take_recipe(deck, write_table(tmp_path), EMPTY)
        editor = deck.screen.query_one(RecipeEditor)
        editor.load_text('prompt = "Hi"\n')
        await deck.until_shown("The recipe has no model and no max_tokens.")


async def test_an_empty_file_is_no_good_choice(services: Services, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    async with running(services) as deck:
        await choose(deck, tmp_path / "empty.jsonl")
        await deck.until_shown("! nothing in it", "There is nothing in it to send")
        assert "enter checks" not in deck.text()


async def test_how_to_go_on_is_seen_beside_many_columns(services: Services, tmp_path: Path) -> None:
    async with running(services, (80, 24)) as deck:
        columns = ",".join(f"a_long_column_{n}" for n in range(200))
        await choose(deck, write_table(tmp_path, columns))
        await deck.until_shown("200 columns", "enter goes on to the recipe", "a_long_column_1")


# -- what was launched --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SIZES, ids=str)
async def test_a_run_from_a_deep_folder_is_known_by_its_file(
    services: Services, tmp_path: Path, shape: tuple[int, int]
) -> None:
    folder = tmp_path / ("deep" * 20)
    folder.mkdir()
    await run(services, Prepare((write_source(folder),)))
    async with running(services, shape) as deck:
        await deck.until_polled()
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, RunsScreen))
        await deck.until_shown(" tickets.jsonl")


async def test_an_editor_that_fails_leaves_no_requests_behind(
    services: Services, simulator: Simulator
) -> None:
    made = await ended(services, simulator, EXPIRED)
    async with running(services) as deck:
        await asked(deck, made)
        await deck.press("ctrl+e")  # a test's terminal cannot be handed over
        await deck.until(lambda: deck.notices)
    assert os.listdir(services.paths.edits) == []


async def test_a_button_with_the_focus_is_reversed_as_a_whole(services: Services) -> None:
    async with running(services) as deck:
        deck.app.push_screen(Confirm("Go on?", yes="Launch", no="Not yet"))
        await deck.until(lambda: isinstance(deck.screen, Confirm) and deck.screen.focused is not None)
        button = deck.screen.focused
        assert button is not None
        await deck.until(lambda: button.size.width > 0)
        cells = [segment for segment in button.render_line(0) if segment.text]
        assert all(segment.style is not None and segment.style.reverse for segment in cells)
