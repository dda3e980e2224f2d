"""From rows to a batch in the app: recipe, preview, check, sample; and what foreign data may hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.events import Paste

from tests.app_runs import SIZES, Deck, running
from tests.launch_screens import check, choose, launch, open_launch, reckoned, take_recipe
from tests.running import request
from tui.handlers import Services
from tui.model import DROPPED, SENT, Sample
from tui.screens.batch import BatchScreen
from tui.screens.dialogs import Ask, Choose, Confirm
from tui.screens.launch_recipe import RecipeStep
from tui.screens.launch_state import CHOOSE, EMPTY, OWN, RECIPE
from tui.screens.run import RunScreen
from tui.simulator import Simulator
from tui.widgets.recipe_editor import RecipeEditor

RECIPE_TEXT = """
model = "claude-haiku-5-5"
max_tokens = 32
prompt = "Translate: {{ body }}"
custom_id = "{{ ticket_id }}"
"""


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.csv"
    rows = (f'T-{n},"Invoice","My invoice {n} is\nwrong",Zoë\n' for n in range(12))
    path.write_text("ticket_id,subject,body,Customer Name\n" + "".join(rows))
    return path


def step(deck: Deck) -> RecipeStep:
    return deck.screen.query_one(RecipeStep)


async def into(deck: Deck, field: str) -> None:
    """Put the focus into a field."""
    deck.screen.query_one(f"#{field}").focus()
    await deck.until(lambda: deck.screen.focused is not None and deck.screen.focused.id == field)


async def write(deck: Deck, source: str) -> None:
    """Put this in the place of the recipe, as somebody who types it would."""
    editor = deck.screen.query_one(RecipeEditor)
    editor.focus()
    await deck.until(lambda: editor.has_focus)
    await deck.press("f7")
    # As a terminal would: from the app to whatever has the focus.
    deck.app.post_message(Paste(source))
    await deck.until(lambda: editor.text == source)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_table_is_classified_from_end_to_end(
    services: Services, simulator: Simulator, tickets: Path, size: tuple[int, int]
) -> None:
    async with running(services, size) as deck:
        await deck.until_polled()
        screen = await take_recipe(deck, tickets, "classify")
        await deck.until_shown("[Recipe]", "request of row 1", "✓ request of row 1")
        await deck.press("ctrl+g")
        await deck.until(lambda: screen.state.draft is not None)
        await deck.until_shown("12 requests", "claude-haiku-5-5", "in order")
        await launch(deck)
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
    assert simulator.creates == 1
    (run,) = await services.store.runs.all(1)
    lines = services.paths.draft_file(run.launches[0].id).read_text().splitlines()
    sent = [json.loads(line) for line in lines]
    assert [request["custom_id"] for request in sent] == [f"row-{n}" for n in range(1, 13)]
    assert "My invoice 7 is\nwrong" in sent[7]["params"]["messages"][0]["content"]
    assert sent[0]["params"]["tool_choice"] == {"type": "tool", "name": "classify"}


async def test_the_request_of_a_row_follows_what_is_typed(services: Services, tickets: Path) -> None:
    async with running(services) as deck:
        await take_recipe(deck, tickets, EMPTY)
        await write(deck, RECIPE_TEXT)
        await deck.until_shown("Translate: My invoice 0 is", "request of row 1 · T-0", "max_tokens 32")
        await deck.press("ctrl+n")
        await deck.until_shown("Translate: My invoice 1 is", "request of row 2 · T-1")
        await write(deck, RECIPE_TEXT.replace("Translate", "Sum up"))
        await deck.until_shown("Sum up: My invoice 1 is")
        await deck.press("tab", "1", "2", "enter")
        await deck.until_shown("Sum up: My invoice 11 is", "request of row 12")
        await deck.press("v")
        await deck.until_shown('"custom_id": "T-11"')


async def test_fields_go_before_the_recipe(services: Services, tickets: Path) -> None:
    async with running(services) as deck:
        await take_recipe(deck, tickets, "classify")
        await deck.until_shown("✓ request of row 1")
        await into(deck, "model")
        await deck.type("claude-opus-5")
        await into(deck, "max_tokens")
        await deck.type("77")
        await deck.until_shown("claude-opus-5 · max_tokens 77")
        await deck.type("many")
        await deck.until_shown("✗ max_tokens is not a number of tokens.")
        deck.screen.query_one("#model").focus()
        await deck.press("ctrl+g")
        await deck.until(lambda: deck.screen.query_one("#max_tokens").has_focus)
        await deck.until_shown("[Recipe]", "Write for example 1024")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("model = ", ("TOML",)),
        (RECIPE_TEXT.replace("body", "bodi"), ("There is no column “bodi”", "body")),
        (RECIPE_TEXT.replace("{{ body }}", "{{ body"), ("prompt",)),
        (RECIPE_TEXT + "promt = 'x'\n", ("promt", "prompt")),
        ("x" * 3 + "\x1b[2J[/]", ("TOML",)),
    ],
    ids=["no TOML", "no column", "no template", "no key", "hostile"],
)
async def test_what_is_wrong_with_a_recipe_is_said_in_words(
    services: Services, tickets: Path, source: str, words: tuple[str, ...]
) -> None:
    async with running(services) as deck:
        await take_recipe(deck, tickets, EMPTY)
        await deck.until_shown("request of row 1")
        await write(deck, source)
        await deck.until_shown("✗", *words)
        assert "\x1b" not in deck.text()
        await write(deck, RECIPE_TEXT)
        await deck.until_shown("✓ request of row 1", "Translate: My invoice 0 is")


async def test_without_a_recipe_there_is_nothing_to_check(services: Services, tickets: Path) -> None:
    async with running(services) as deck:
        screen = await choose(deck, tickets)
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("escape")
        await deck.until(lambda: deck.screen is screen)
        await deck.press("ctrl+g")
        await deck.until_shown("No recipe yet: ctrl+r chooses one.")
        assert screen.state.step == RECIPE


async def test_recipes_and_fields_are_kept_whatever_is_looked_at_between(
    services: Services, tickets: Path
) -> None:
    async with running(services) as deck:
        screen = await take_recipe(deck, tickets, EMPTY)
        await write(deck, RECIPE_TEXT)
        await deck.until_shown("Translate: My invoice 0 is")
        await deck.press("ctrl+r")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("up", "up", "up", "up", "enter")
        await deck.until(lambda: screen.state.recipe == "classify")
        assert "classify" in screen.query_one(RecipeEditor).text
        await deck.press("ctrl+r")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("down", "down", "down", "down", "enter")
        await deck.until(lambda: screen.query_one(RecipeEditor).text == RECIPE_TEXT)
        await deck.press("ctrl+g")
        await deck.until_shown("12 requests in order")
        await deck.press("escape", "escape", "escape")
        await deck.until(lambda: deck.screen is deck.home)
        again = await open_launch(deck)
        await deck.press("enter")
        await deck.until(lambda: again.state.step == RECIPE and bool(again.query(RecipeEditor)))
        await deck.until_shown("Translate: My invoice 0 is")
        await deck.press("ctrl+g")
        # It was checked already, and nothing has changed.
        assert again.state.draft is not None
        await deck.until_shown("12 requests in order")


async def test_a_ready_recipe_is_made_for_the_columns_there_are(
    services: Services, simulator: Simulator, tickets: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("number,question\n1,Why?\n")
    async with running(services) as deck:
        await deck.until_polled()
        screen = await take_recipe(deck, tickets, "classify")
        await deck.until_shown("✓ request of row 1", "{{ body }}")
        await deck.press("escape")
        await deck.until(lambda: screen.state.step == CHOOSE)
        await deck.press("ctrl+u")
        await deck.type(str(other))
        await deck.press("enter")
        await deck.until_shown("✓ request of row 1", "{{ question }}", "Why?")
        # An edited one stays as it is, even when its launch was sent.
        await write(deck, RECIPE_TEXT.replace("body", "question").replace("ticket_id", "number"))
        await deck.until_shown("✓ request of row 1", "Translate: Why?")
        await deck.press("ctrl+g")
        await launch(deck)
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)
        await choose(deck, tickets)
        await deck.press("enter")
        await deck.until_shown("[Recipe]", "There is no column “question”")


async def test_repeated_custom_ids_are_refused_or_mended(services: Services, tmp_path: Path) -> None:
    table = tmp_path / "twice.csv"
    table.write_text("ticket_id,body\nA,x\nA,y\nB b,z\n")
    async with running(services) as deck:
        screen = await take_recipe(deck, table, EMPTY)
        await write(deck, RECIPE_TEXT)
        await deck.until_shown("✓ request of row 1")
        await deck.press("ctrl+g")
        await deck.until_shown("2 problems", "twice.csv:3", "twice.csv:4")
        await deck.press("escape")
        await deck.until(lambda: screen.state.step == RECIPE)
        await into(deck, "maps")
        await deck.press("space")
        await deck.until_shown("[x] mend custom_ids")
        await deck.press("ctrl+g")
        await deck.until_shown("3 requests in order", "custom_id")


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_ready_made_requests_are_mended_at_the_check(
    services: Services, simulator: Simulator, tmp_path: Path, size: tuple[int, int]
) -> None:
    """There is no step before it where one could ask for that."""
    source = tmp_path / "twice.jsonl"
    source.write_bytes(request("a b") + request("c") + request("c"))
    async with running(services, size) as deck:
        screen = await check(deck, source)
        await deck.until_shown("2 problems", "m Mend custom_ids")
        await deck.press("m")
        await deck.until_shown("3 requests in order", "2 custom_ids made here")
        await deck.press("m")
        await deck.until_shown("2 problems")
        await deck.press("m")
        await deck.until_shown("3 requests in order")
        await launch(deck)
        await deck.until(lambda: simulator.creates == 1)
        screen.state.say(str(tmp_path))
        assert not screen.state.mends_ready, "what was wished for one source is for no other"


async def test_a_recipe_of_ones_own_is_read_edited_and_saved(
    services: Services, tickets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.toml"
    (tmp_path / "prompt.md").write_text("From a file: {{ body }}")
    mine.write_text('model = "claude-haiku-5-5"\nmax_tokens = 9\nprompt_file = "prompt.md"\n')
    async with running(services) as deck:
        screen = await choose(deck, tickets)
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        dialog = deck.screen
        assert isinstance(dialog, Choose)
        for _ in range([value for value, _ in dialog.options].index(OWN)):
            await deck.press("down")
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Ask))
        await deck.press("ctrl+u")
        await deck.type(str(mine))
        await deck.press("enter")
        await deck.until(lambda: deck.screen is screen)
        # What it names stands beside it.
        await deck.until_shown("mine.toml", "From a file: My invoice 0 is")
        await write(deck, RECIPE_TEXT)
        await deck.press("ctrl+s")
        await deck.until(lambda: isinstance(deck.screen, Ask))
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("enter")
        await deck.until(lambda: deck.screen is screen)
        assert "prompt_file" in mine.read_text()
        await deck.press("ctrl+s")
        await deck.until(lambda: isinstance(deck.screen, Ask))
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: any("Saved" in notice for notice in deck.notices))
        assert mine.read_text() == RECIPE_TEXT


async def test_a_file_that_is_no_recipe_is_not_taken(
    services: Services, tickets: Path, tmp_path: Path
) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    async with running(services) as deck:
        await take_recipe(deck, tickets, "classify")
        for name, words in ((binary, "not UTF-8"), (tmp_path / "nowhere", "cannot be read")):
            await deck.press("ctrl+r")
            await deck.until(lambda: isinstance(deck.screen, Choose))
            dialog = deck.screen
            assert isinstance(dialog, Choose)
            place = [value for value, _ in dialog.options].index(OWN)
            for _ in range(place):
                await deck.press("down")
            await deck.press("enter")
            await deck.until(lambda: isinstance(deck.screen, Ask))
            await deck.press("ctrl+u")
            await deck.type(str(name))
            await deck.press("enter")
            await deck.until(lambda words=words: any(words in notice for notice in deck.notices))  # type: ignore[misc]
        assert step(deck).state.recipe == "classify"


async def test_the_editor_is_the_users_own(
    services: Services, tickets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test has no terminal to hand over: that is said, and the recipe stays."""
    async with running(services) as deck:
        screen = await take_recipe(deck, tickets, "classify")
        before = screen.state.recipe_text
        await deck.press("ctrl+e")
        await deck.until(lambda: any("editor" in notice for notice in deck.notices))
        assert screen.state.recipe_text == before


async def test_a_sample_goes_first_and_the_rest_waits_for_another_yes(
    services: Services, simulator: Simulator, tickets: Path
) -> None:
    async with running(services) as deck:
        await deck.until_polled()
        screen = await take_recipe(deck, tickets, "classify")
        await deck.until_shown("✓ request of row 1")
        await deck.press("ctrl+g")
        await reckoned(deck)
        await deck.press("s")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("down", "down", "enter")
        await deck.until(lambda: screen.state.run is not None and screen.state.run.sample is not None)
        await deck.until_shown("10 requests first as a sample", "the first 10", "ready")
        assert screen.state.sample == Sample(10)
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        assert "Launch a sample of 10 requests?" in deck.text()
        await deck.press("y")
        await deck.until_shown("The sample was sent.", "the other 2 requests")
        assert simulator.creates == 1
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, RunScreen))
        run, before = await services.store.runs.all(1)
        assert before.state == DROPPED
        assert [launch.state for launch in run.launches] == [SENT, "draft"]
        assert deck.app.desk.launching.step == "choose"


async def test_foreign_names_are_harmless_everywhere(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    evil = "x\x1b[2J[red]‮"
    table = tmp_path / f"{evil}.csv"
    table.write_text(f"id,{evil},[bold]body\n1,{evil},{evil}\n")
    async with running(services) as deck:
        await deck.until_polled()
        screen = await open_launch(deck)
        deck.screen.query_one("#tree").focus()
        choosing = next(iter(screen.query("ChooseStep")))
        choosing._pick(table)  # type: ignore[attr-defined]
        await deck.until_shown("CSV, 3 columns", "[bold]body", "[red]")
        await into(deck, "path")
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("enter")
        await deck.until(lambda: deck.screen is screen and bool(screen.state.recipe_text))
        await deck.until_shown("request of row 1", "[bold]body")
        await write(
            deck, RECIPE_TEXT.replace("{{ body }}", "{{ row['[bold]body'] }}").replace("ticket_id", "id")
        )
        await deck.until_shown("✓ request of row 1", "Translate: x")
        await deck.press("ctrl+g")
        await deck.until_shown("1 request in order")
        await reckoned(deck)
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        for said in (deck.text(), *deck.notices):
            assert "\x1b" not in said and "‮" not in said
        assert simulator.creates == 1
