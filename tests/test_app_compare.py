"""Two batches compared in the app: verdicts, fields, one pair side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.answering import answered, errored, listed, opened, succeeded
from tests.app_runs import SIZES, Deck, running
from tests.hostile import HOSTILE
from tui.handlers import Services
from tui.screens.compare import CompareScreen
from tui.screens.dialogs import Choose
from tui.simulator import Simulator
from tui.simulator.batch import Batch


def data(**fields: Any) -> str:
    return f"```json\n{json.dumps(fields)}\n```"


LEFT = [
    succeeded("same-1", data(label="spam", score=1)),
    succeeded("same-2", data(label="ham", score=2)),
    succeeded("label", data(label="spam", score=3)),
    succeeded("score", data(label="ham", score=4)),
    succeeded("prose", "The quick brown fox"),
    errored("trouble", "[/x] overloaded"),
    succeeded("left", data(label="eggs", score=5)),
]
RIGHT = [
    succeeded("same-2", data(score=2, label="ham")),
    succeeded("same-1", "Here it is:\n" + data(label="spam", score=1)),
    succeeded("label", data(label="[bold]ham", score=3)),
    succeeded("score", data(label="ham", score=7)),
    succeeded("prose", "The quick red fox"),
    succeeded("trouble", data(label="ham", score=1)),
    succeeded("right", data(label="eggs", score=5)),
]


async def compared(deck: Deck, left: Batch, right: Batch) -> CompareScreen:
    """Mark both in the list, and compare them."""
    await listed(deck, left, right)
    for batch in (left, right):
        assert deck.table.move_to_key(batch.id)
        await deck.press("space")
    await deck.press("c")
    await deck.until(lambda: isinstance(deck.screen, CompareScreen))
    screen = deck.screen
    assert isinstance(screen, CompareScreen)
    await deck.until(lambda: screen.part >= 1.0)
    return screen


def pairs(simulator: Simulator, left: Sequence[Any], right: Sequence[Any]) -> tuple[Batch, Batch]:
    return answered(simulator, left), answered(simulator, right)


@pytest.mark.parametrize("size", SIZES)
async def test_verdicts_and_fields_choose_the_pairs(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    both = pairs(simulator, LEFT, RIGHT)
    async with running(services, size) as deck:
        screen = await compared(deck, *both)
        await deck.until_shown("[1 All 8]", "Same 2", "Different 4", "eft 1", "ight 1")
        for key, number in (("2", 2), ("3", 4), ("4", 1), ("5", 1), ("1", 8)):
            await deck.press(key)
            await deck.until(lambda number=number: len(screen.table.source) == number)  # type: ignore[misc]
        await deck.press("tab")
        assert screen.fields.move_to_key("label")
        await deck.press("enter")
        await deck.until(lambda: len(screen.table.source) == 1)
        await deck.until_shown("1 of 8 custom_ids", "differ in label", "label: spam → [bold]ham")
        await deck.press("backspace")
        await deck.until(lambda: len(screen.table.source) == 8)
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)


async def test_one_pair_is_read_side_by_side(services: Services, simulator: Simulator) -> None:
    both = pairs(simulator, LEFT, RIGHT)
    async with running(services, (80, 24)) as deck:
        screen = await compared(deck, *both)
        assert screen.table.move_to_key(screen.table.source.key(4))
        await deck.press("enter")
        await deck.until_shown("prose  ≠ different", "The quick brown fox", "≠ The quick red fox")
        assert "Next pair" in deck.lines()[-1] and "Fields" not in deck.lines()[-1]
        await deck.press("tab", "backspace", "3")  # no keys of the lists, which are not to be seen
        assert screen.verdict == "" and screen.query_one("#pair").has_focus
        await deck.press("right")
        await deck.until_shown("trouble  ≠ different", "[/x] overloaded", '"label": "ham"')
        await deck.press("right")
        await deck.until_shown("left  ◁ only left", "has no such result")
        await deck.pilot.resize_terminal(120, 30)
        await deck.until(lambda: any(len(line.rstrip()) > 90 for line in deck.lines()[2:8]))
        await deck.press("escape")
        await deck.until(lambda: screen.table.has_focus)
        assert "Fields" in deck.lines()[-1]


async def test_long_lines_are_broken_between_words(services: Services, simulator: Simulator) -> None:
    said = " ".join(f"word-{n}" for n in range(30))
    both = pairs(simulator, [succeeded("a", said)], [succeeded("a", said + " more")])
    async with running(services, (60, 15)) as deck:
        await compared(deck, *both)
        await deck.press("enter")
        await deck.until_shown("word-0", "≠")
        rows = [line.split("≠")[0].split() for line in deck.lines() if "≠" in line and "word" in line]
        assert rows and all(word in said.split() for row in rows for word in row)


async def test_nothing_in_common(services: Services, simulator: Simulator) -> None:
    both = pairs(simulator, LEFT[:1], RIGHT[-1:])
    async with running(services, (80, 24)) as deck:
        screen = await compared(deck, *both)
        await deck.until_shown("[1 All 2]", "Only left 1", "Only right 1", "No fields")
        await deck.press("2")
        await deck.until_shown("No custom_id is same; 1 shows all.")
        assert len(screen.table.source) == 0
        await deck.press("enter", "escape")
        await deck.until(lambda: len(screen.table.source) == 2)


async def test_from_inside_a_batch_the_other_one_is_asked_for(
    services: Services, simulator: Simulator
) -> None:
    left, right = pairs(simulator, LEFT, RIGHT)
    async with running(services) as deck:
        await listed(deck, left, right)
        batch = await opened(deck, left)
        await deck.press("c")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, CompareScreen))
        await deck.until_shown("[1 All 8]")
        await deck.press("escape")
        await deck.until(lambda: deck.screen is batch)


async def test_hostile_texts_are_only_shown(services: Services, simulator: Simulator) -> None:
    left = [succeeded(f"{n}{evil[:40]}", data(**{evil[:200]: evil})) for n, evil in enumerate(HOSTILE)]
    right = [
        succeeded(f"{n}{evil[:40]}", data(**{evil[:200]: f"not {evil}"})) for n, evil in enumerate(HOSTILE)
    ]
    both = pairs(simulator, left, right)
    async with running(services, (120, 40)) as deck:
        screen = await compared(deck, *both)
        await deck.until_shown(f"Different {len(HOSTILE)}")
        assert "\x1b" not in deck.text()
        await deck.press("enter")
        for _ in HOSTILE:
            index = screen.table.cursor_index
            await deck.until(lambda index=index: shown_pair(screen) == index)  # type: ignore[misc]
            assert "\x1b" not in deck.text() and "\x07" not in deck.text()
            await deck.press("right")


def shown_pair(screen: CompareScreen) -> int:
    """Which pair is laid out by now; each begins with its number."""
    said = str(screen.query_one("#of").render())
    return int("".join(sign for sign in said[:2] if sign.isdigit()) or -1)
