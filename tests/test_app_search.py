"""Searching a batch's answers in the app: as one types, while they arrive, and what is kept."""

from __future__ import annotations

import pytest
from textual import events

from tests.answering import answered, errored, ids, listed, opened, succeeded
from tests.app_runs import SIZES, Deck, running
from tests.launching import WatchedGate
from tui.handlers import Services
from tui.model import Order, Pattern
from tui.screens.batch import BatchScreen
from tui.simulator import Simulator
from tui.simulator.batch import Batch

ANSWERS = [
    succeeded("a", "Zoë asks for a refund."),
    succeeded("b", "Nothing but [bold]prose[/x] here."),
    succeeded("c", "The REFUND was refused."),
    errored("d", "refunds are [/] overloaded"),
    succeeded("e", "Order 2237 was lost."),
]


async def search(deck: Deck, typed: str) -> None:
    """Open the line, replace what stands in it, keep it."""
    await deck.press("slash", "ctrl+u", "ctrl+k")
    await deck.type(typed)
    await deck.press("enter")


async def found(deck: Deck, screen: BatchScreen, number: int) -> list[str]:
    await deck.until(
        lambda: not screen.browser.choosing.is_searching and len(screen.browser.table.source) == number
    )
    return await ids(deck, screen)


@pytest.mark.parametrize("size", SIZES)
async def test_plain_words_and_expressions_find_what_answers_say(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    batch = answered(simulator, ANSWERS)
    assert b"Zo\\u00eb" in b"".join(batch.body or ())
    async with running(services, size) as deck:
        screen = await opened(deck, batch)
        await search(deck, "zoë")
        assert await found(deck, screen, 1) == ["a"]
        await search(deck, "refund")
        assert await found(deck, screen, 3) == ["a", "c", "d"]
        await search(deck, "REFUND")  # a capital letter makes cases differ
        assert await found(deck, screen, 1) == ["c"]
        await search(deck, r"/order \d{4}|\[bold\]")
        assert await found(deck, screen, 2) == ["b", "e"]
        await deck.until_shown("2 of 5 results", r"//order \d{4}")
        await deck.press("escape")
        await deck.until(lambda: len(screen.browser.table.source) == 5)


async def test_a_wrong_expression_is_told_and_nothing_else_happens(
    services: Services, simulator: Simulator
) -> None:
    batch = answered(simulator, ANSWERS)
    async with running(services, (80, 24)) as deck:
        screen = await opened(deck, batch)
        await deck.press("slash")
        await deck.type("/refund(")
        await deck.until_shown("This is not a regular expression", "0 of 5 results")
        assert screen.browser.search_line.has_class("-invalid")
        assert "searching" not in deck.text() and "Searching" not in deck.text()
        await deck.type(")")
        assert await found(deck, screen, 3) == ["a", "c", "d"]
        assert not screen.browser.search_line.has_class("-invalid")


async def test_a_result_that_is_not_in_the_list_does_not_stand_beside_it(
    services: Services, simulator: Simulator
) -> None:
    batch = answered(simulator, ANSWERS)
    async with running(services) as deck:
        screen = await opened(deck, batch)
        await deck.until_shown("Zoë asks for a refund.", "end_turn · claude-haiku-5-5")
        await search(deck, "no such words")
        await deck.until_shown("No result matches.")
        await deck.until(lambda: "end_turn · claude-haiku-5-5" not in deck.text())
        await deck.press("escape")
        await deck.until_shown("end_turn · claude-haiku-5-5")
        assert len(screen.browser.table.source) == 5


async def test_what_is_typed_right_behind_the_slash_is_searched_for(
    services: Services, simulator: Simulator
) -> None:
    """A burst, as over a slow line: no key of it may become a command, or get lost."""
    batch = answered(simulator, ANSWERS)
    async with running(services) as deck:
        screen = await opened(deck, batch)
        for key in ("slash", *"refund", "slash", *"xd"):
            deck.app.post_message(events.Key(key, "/" if key == "slash" else key))
        await deck.until(lambda: screen.browser.search_line.value == "refund/xd")
        await deck.until_shown("0 of 5 results", "/refund/xd")
        assert deck.screen is screen


async def test_opening_the_search_line_moves_nothing_sideways(
    services: Services, simulator: Simulator
) -> None:
    batch = answered(simulator, ANSWERS)
    async with running(services, (80, 24)) as deck:
        screen = await opened(deck, batch)
        before = screen.browser.table.size.width
        await deck.press("slash")
        await deck.until(lambda: screen.browser.search_line.display and screen.browser.search_line.has_focus)
        assert screen.browser.table.size.width == before


def arriving(simulator: Simulator, gate: WatchedGate) -> Batch:
    """A batch whose transfer is cut in the middle; the rest comes when the gate opens."""
    results = [succeeded(f"r-{n}", f"number {n}: {'odd' if n % 2 else 'even'}") for n in range(40)]
    batch = answered(simulator, results)
    length = sum(map(len, batch.body or ())) // 2
    path = f"GET /v1/messages/batches/{batch.id}/results"
    simulator.faults.add(path, "cut", cut_after=length)
    simulator.faults.add(path, "delay", gate=gate)
    return batch


async def test_hits_come_while_answers_arrive(services: Services, simulator: Simulator) -> None:
    gate = WatchedGate()
    batch = arriving(simulator, gate)
    async with running(services) as deck:
        await listed(deck, batch)
        screen = await deck.open(batch.id)
        await deck.until(lambda: 0 < screen.browser.summary.lines < 40 and gate.reached.is_set())
        lines = screen.browser.summary.lines
        await search(deck, "odd")
        early = await found(deck, screen, lines // 2)
        await deck.until_shown(f"{len(early)} of {lines} results so far")
        gate.set()
        late = await found(deck, screen, 20)
        assert late[: len(early)] == early
        assert late == [f"r-{n}" for n in range(1, 40, 2)]
        await deck.until(lambda: "so far" not in deck.text())


async def test_search_filter_order_and_place_are_there_when_one_comes_back(
    services: Services, simulator: Simulator
) -> None:
    batch = answered(simulator, ANSWERS)
    async with running(services) as deck:
        screen = await opened(deck, batch)
        await search(deck, "/refund|lost")
        await found(deck, screen, 4)
        await deck.press("2")  # succeeded ones
        assert await found(deck, screen, 3) == ["a", "c", "e"]
        screen.browser.want(screen.browser.choosing.sorted_by("custom_id"))
        await deck.press("S")
        await deck.until(lambda: screen.browser.selection.order == Order("custom_id", reverse=True))
        await deck.until(lambda: screen.browser.selection.order.column == "custom_id")
        assert await found(deck, screen, 3) == ["e", "c", "a"]
        await deck.press("g", "j")
        place = screen.browser.table.cursor_key
        screen.dismiss()
        await deck.until(lambda: deck.screen is deck.home)
        again = await deck.open(batch.id)
        assert await found(deck, again, 3) == ["e", "c", "a"]
        assert again.browser.selection.pattern == Pattern("refund|lost", regex=True)
        assert again.browser.table.cursor_key == place
        await deck.press("slash")
        assert again.browser.search_line.value == "/refund|lost"
