"""Answers as data in the app: columns, counted values, filters by them, what could not be read."""

from __future__ import annotations

import json
from array import array

import pytest

from tests.app_runs import SIZES, Deck, running
from tui.handlers import Services
from tui.screens.batch import BatchScreen
from tui.screens.fields import FieldsScreen
from tui.simulator import Simulator
from tui.simulator.batch import Batch

LABELS = ["spam", "ham", "ham", "eggs", "ham"]


def line(number: int, text: str) -> bytes:
    message = {
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "model": "m",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    result = {"type": "succeeded", "message": message}
    return json.dumps({"custom_id": f"r-{number}", "result": result}).encode() + b"\n"


def classified(simulator: Simulator, number: int = 50) -> Batch:
    """Each answer a fenced object; every tenth is prose instead."""
    batch = simulator.invent([("fenced", number)])
    simulator.replace_results(batch.id, [line(n, answer(n)) for n in range(number)])
    return batch


def answer(n: int) -> str:
    if n % 10 == 9:
        return f"I cannot tell for {n}."
    data = {"label": LABELS[n % 5], "sub": {"score": n / 100}, "[/x]": "[bold]"}
    return f"```json\n{json.dumps(data)}\n```"


async def opened(deck: Deck, batch: Batch) -> tuple[BatchScreen, FieldsScreen]:
    await deck.until_polled()
    await deck.until(lambda: batch.id in deck.home.entries)
    screen = await deck.open(batch.id)
    await deck.until(lambda: (file := screen.entry and screen.entry.results) and file.complete)
    await deck.press("f")
    await deck.until(lambda: isinstance(deck.screen, FieldsScreen))
    fields = deck.screen
    assert isinstance(fields, FieldsScreen)
    await deck.until(lambda: fields.part >= 1.0 and len(fields.table.source) == 50)
    return screen, fields


@pytest.mark.parametrize("size", SIZES)
async def test_values_are_counted_and_choosing_one_filters(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    batch = classified(simulator)
    async with running(services, size) as deck:
        screen, fields = await opened(deck, batch)
        await deck.until_shown("fenced 45", "no JSON 5", "label")
        await deck.until(lambda: len(fields.values.source) == 3)
        rows = {row.said: row.number for row in fields.values.source.rows}  # type: ignore[attr-defined]
        assert rows == {"ham": 25, "spam": 10, "eggs": 10}
        await deck.press("tab", "enter")
        await deck.until(lambda: len(fields.table.source) == 25)
        await deck.until_shown("25 of 50 results", "label = ham")
        await deck.press("escape")  # what was chosen stays chosen
        await deck.until(lambda: deck.screen is screen and len(screen.browser.table.source) == 25)


async def test_numbers_stand_in_ranges(services: Services, simulator: Simulator) -> None:
    batch = classified(simulator)
    async with running(services, (120, 40)) as deck:
        _, fields = await opened(deck, batch)
        await deck.press("right")
        await deck.until_shown("sub.score", "in ranges", "…")
        rows = fields.values.source.rows  # type: ignore[attr-defined]
        assert sum(row.number for row in rows) == 45 and len(rows) > 4
        await deck.press("tab", "down", "enter")
        await deck.until(lambda: len(fields.table.source) == rows[1].number)
        await deck.press("backspace")
        await deck.until(lambda: len(fields.table.source) == 50)


async def test_what_cannot_be_read_is_one_key_away(services: Services, simulator: Simulator) -> None:
    batch = classified(simulator)
    async with running(services, (120, 40)) as deck:
        screen, fields = await opened(deck, batch)
        await deck.press("u")
        await deck.until(lambda: len(fields.table.source) == 5)
        await deck.press("j", "enter")  # read one of them
        await deck.until(lambda: deck.screen is screen and screen.has_class("-reading"))
        await deck.until_shown("I cannot tell for 19.")


async def test_hostile_names_and_values_are_only_shown(services: Services, simulator: Simulator) -> None:
    batch = classified(simulator)
    async with running(services, (120, 40)) as deck:
        await opened(deck, batch)
        await deck.press("left")
        await deck.until_shown("[/x]", "[bold]")


async def test_unread_answers_take_the_place_of_what_was_chosen_before(
    services: Services, simulator: Simulator
) -> None:
    batch = classified(simulator)
    async with running(services, (80, 24)) as deck:
        _, fields = await opened(deck, batch)
        await deck.until(lambda: len(fields.values.source) == 3)
        await deck.press("tab", "enter")
        await deck.until(lambda: len(fields.table.source) == 25)
        await deck.press("u")  # none of them has a label
        await deck.until(lambda: len(fields.table.source) == 5)
        await deck.until_shown("5 of 50 results", "no JSON", "in none of these answers")
        await deck.press("u")
        await deck.until(lambda: len(fields.table.source) == 25)
        await deck.until_shown("label = ham")


@pytest.mark.parametrize("size", SIZES)
async def test_answers_without_any_data_say_so(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    batch = simulator.invent([("prose", 45), ("error:api_error:Overloaded", 5)])
    async with running(services, size) as deck:
        _, fields = await opened(deck, batch)
        await deck.until_shown("not read 50 (u)", "None of the answers can be read as data.")
        await deck.press("right", "left", "tab", "enter", "tab", "u")
        await deck.until_shown("50 of 50 results")
        assert len(fields.table.source) == 50


async def test_the_table_has_at_least_half_of_a_small_screen(
    services: Services, simulator: Simulator
) -> None:
    batch = classified(simulator)
    for size in ((60, 15), (80, 24)):
        async with running(services, size) as deck:
            _, fields = await opened(deck, batch)
            pane = fields.query_one("#pane")
            assert fields.table.size.height >= pane.outer_size.height > 4
            await deck.press("escape", "escape")


def test_rows_stand_until_they_have_been_read_again() -> None:
    from tui.widgets.columns import Cell
    from tui.widgets.paged_rows import PAGE, PagedRows

    asked: list[int] = []
    refs = array("Q", range(PAGE + 3))
    rows: PagedRows[str] = PagedRows(refs, lambda n, _: asked.append(n), lambda said: {"a": Cell(said)})
    assert rows.row(1) is None
    rows.supply(0, ["old"] * PAGE, refs[:PAGE])
    again = rows.aged().grown(refs)
    assert again.row(1) == "old" and asked == [0, 0]
    again.supply(0, ["new"] * PAGE, refs[:PAGE])
    assert again.row(1) == "new" and asked == [0, 0]
    assert again.aged().grown(refs[1:]).row(1) is None  # other rows stand there
