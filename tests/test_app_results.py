"""Choosing among the results of a batch: filters, orders, and what survives leaving."""

from __future__ import annotations

from pathlib import Path

from tests.app_runs import Deck, running
from tui.commands import Attach
from tui.handlers import Services
from tui.model import Order, ResultFilter
from tui.screens.batch import BatchScreen
from tui.screens.dialogs import Choose
from tui.simulator import Simulator
from tui.simulator.answers import chunks
from tui.simulator.batch import Batch

MIX = [
    ("prose", 6),
    ("json", 5),
    ("refusal", 2),
    ("max_tokens", 3),
    ("error:api_error:Overloaded", 4),
    ("expired", 1),
]
TOTAL = 21


async def opened(deck: Deck, batch: Batch) -> BatchScreen:
    await deck.until_polled()
    await deck.until(lambda: batch.id in deck.home.entries)
    screen = await deck.open(batch.id)
    await deck.until(lambda: (file := screen.entry and screen.entry.results) and file.complete)
    await deck.until(lambda: len(screen.browser.table.source) == TOTAL)
    return screen


async def choose(deck: Deck, key: str, words: str) -> None:
    """Open a menu and take the line with these words."""
    before = deck.screen
    await deck.press(key)
    await deck.until(lambda: isinstance(deck.screen, Choose))
    menu = deck.screen
    assert isinstance(menu, Choose)
    place = next(n for n, (_, said) in enumerate(menu.options) if words in said)
    await deck.press("home", *["down"] * place, "enter")
    await deck.until(lambda: deck.screen is before)


async def test_filters_come_with_their_numbers(services: Services, simulator: Simulator) -> None:
    batch = simulator.invent(MIX)
    async with running(services) as deck:
        screen = await opened(deck, batch)
        for words, number in (("stop reason max_tokens", 3), ("Overloaded", 4), ("needs attention", 10)):
            await choose(deck, "F", words)
            await deck.until(lambda number=number: len(screen.browser.table.source) == number)  # type: ignore[misc]
            await deck.until_shown(f"{number} of {TOTAL} results")
        await choose(deck, "F", "all results")
        await deck.until(lambda: len(screen.browser.table.source) == TOTAL)


async def test_sorting_and_turning_round(services: Services, simulator: Simulator) -> None:
    batch = simulator.invent(MIX)
    async with running(services) as deck:
        screen = await opened(deck, batch)
        await choose(deck, "s", "output tokens")
        await deck.until_shown("OUT▼")
        refs = await services.store.results.refs((batch.id,), ResultFilter(), Order("output", reverse=True))
        await deck.until(lambda: screen.browser.choosing.refs == refs)
        await deck.press("S")
        await deck.until_shown("OUT▲")
        tokens = [
            row.output_tokens for row in await services.store.results.rows(screen.browser.choosing.refs)
        ]
        assert tokens == sorted(tokens)


async def test_what_was_chosen_is_there_when_one_comes_back(services: Services, simulator: Simulator) -> None:
    batch = simulator.invent(MIX)
    async with running(services) as deck:
        screen = await opened(deck, batch)
        await choose(deck, "s", "custom_id")
        await choose(deck, "F", "needs attention")
        await deck.until(lambda: len(screen.browser.table.source) == 10)
        await deck.press("j", "j", "j")
        place, selection = screen.browser.table.cursor_key, screen.browser.selection
        screen.dismiss()
        await deck.until(lambda: deck.screen is deck.home)
        again = await deck.open(batch.id)
        await deck.until(lambda: len(again.browser.table.source) == 10)
        assert again.browser.selection == selection and again.browser.table.cursor_key == place
        await deck.press("escape")  # first the filter, then the batch
        await deck.until(lambda: len(again.browser.table.source) == TOTAL)
        assert deck.screen is again and again.browser.table.cursor_key == place


async def test_missing_requests_are_counted_beside_the_results(
    services: Services, simulator: Simulator
) -> None:
    batch = simulator.invent(MIX)
    simulator.replace_results(batch.id, list(chunks(batch.id, list(batch.shuffled())[:-2], True)))
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: batch.id in deck.home.entries)
        await deck.open(batch.id)
        await deck.until_shown(f"{TOTAL - 2} results", "+ 2 missing")


async def test_missing_requests_are_named_where_their_file_is_known(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch = simulator.invent(MIX)
    asked = list(batch.shuffled())
    simulator.replace_results(batch.id, list(chunks(batch.id, asked[:-2], True)))
    source = tmp_path / "requests.jsonl"
    source.write_text("".join(f'{{"custom_id": "{each.custom_id}", "params": {{}}}}\n' for each in asked))
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: batch.id in deck.home.entries)
        screen = await deck.open(batch.id)
        await deck.until_shown("+ 2 missing")
        await deck.press("i")
        await deck.until_shown("2 × missing", "a names the file")
        screen.want(Attach(batch.id, source))
        await deck.until_shown("Attached requests.jsonl")
        await deck.press("i", "i")
        await deck.until_shown("2 × missing", asked[-1].custom_id, asked[-2].custom_id)
