"""What was asked, beside the answer: of a launch, or of a file that is attached; and the costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.answering import answered, opened, succeeded
from tests.app_runs import SIZES, Deck, running
from tests.launching import prepared
from tui.commands import Refresh, Send
from tui.handlers import Services, run
from tui.screens.batch import BatchScreen
from tui.screens.dialogs import Ask
from tui.simulator import Simulator
from tui.simulator.batch import Batch


def source(path: Path, *custom_ids: str) -> Path:
    lines = []
    for custom_id in custom_ids:
        message = {"role": "user", "content": f"Is [/{custom_id}] spam?"}
        params = {"model": "claude-haiku-5-5", "max_tokens": 5, "messages": [message]}
        lines.append(json.dumps({"custom_id": custom_id, "params": params}) + "\n")
    path.write_text("".join(lines))
    return path


def two(simulator: Simulator) -> Batch:
    said = [succeeded("a", "Yes, it is."), succeeded("b", "No.", cache_read_input_tokens=90)]
    return answered(simulator, said)


@pytest.mark.parametrize("size", SIZES)
async def test_an_attached_file_stands_beside_the_answers(
    services: Services, simulator: Simulator, tmp_path: Path, size: tuple[int, int]
) -> None:
    batch = two(simulator)
    async with running(services, size) as deck:
        screen = await opened(deck, batch)
        await deck.press("b")  # a terminal without a pane beside the list opens it
        await deck.until_shown("not on this machine")
        assert screen.has_class("-reading") == (size[1] < 22)
        await deck.press("a")
        await deck.until(lambda: isinstance(deck.screen, Ask))
        await deck.press("ctrl+u", "ctrl+k")
        await deck.type(str(source(tmp_path / "requests.jsonl", "a", "b")))
        await deck.press("enter")
        await deck.until(lambda: deck.screen is screen)
        await deck.until_shown("Is [/a] spam?")
        await deck.press("greater_than_sign")
        await deck.until_shown("Is [/b] spam?")
        await deck.press("b")
        await deck.until_shown("No.")
        assert "spam?" not in deck.text()


async def test_what_was_launched_from_here_is_known(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    launch = await prepared(services, tmp_path)
    await run(services, Send(launch.id))
    (batch,) = simulator.account.batches.values()
    simulator.end(batch.id)
    await run(services, Refresh())
    async with running(services, (160, 50)) as deck:
        screen = await opened(deck, batch)
        await deck.press("b")
        await deck.until_shown("Classify this.")
        assert screen.browser.pane.asked


@pytest.mark.parametrize("size", SIZES)
async def test_the_summary_has_the_costs_and_can_be_left(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    batch = two(simulator)
    async with running(services, size) as deck:
        screen = await opened(deck, batch)
        await deck.press("i")
        await deck.until_shown("2 results", "outcomes succeeded 2", "cost", "saved")
        await summed_up(deck, screen)
        await deck.press("G")
        await deck.until_shown("claude-haiku-5-5", "input 20 · output 10 · read 90")
        await deck.press("i")
        await deck.until(lambda: screen.browser.table.has_focus and screen.browser.table.display)
        await deck.press("i", "escape")
        await deck.until(lambda: screen.browser.table.has_focus and not screen.browser.has_class("-summary"))
        await deck.press("i", "f")  # the keys of the list work there, too
        await deck.until(lambda: deck.screen is not screen)


async def summed_up(deck: Deck, screen: BatchScreen) -> None:
    """More results do not throw whoever reads the summary back to its beginning."""
    pane = screen.browser.pane.answer
    assert screen.browser.pane.has_focus_within
    await deck.press("G")
    await deck.until(lambda: pane.scroll_y == pane.max_scroll_y)
    place = pane.scroll_y
    screen.browser.show_rows()
    await deck.pilot.pause()
    assert pane.scroll_y == place
