"""From a file to a batch in the app; and what happens when the end is unclear."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.app_runs import SIZES, Deck, running
from tui.handlers import Services
from tui.model import UNCERTAIN
from tui.screens.batch import BatchScreen
from tui.screens.dialogs import Confirm
from tui.screens.launch import LaunchScreen
from tui.screens.unfinished import UnfinishedScreen
from tui.simulator import Gate, Simulator

CREATE = "POST /v1/messages/batches"


def request(custom_id: str, **params: object) -> str:
    body = {
        "model": "claude-haiku-5-5",
        "max_tokens": 64,
        "messages": [{"role": "user", "content": "Hi [/]"}],
    }
    return json.dumps({"custom_id": custom_id, "params": body | params})


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.jsonl"
    path.write_text("\n".join(request(f"r-{n}") for n in range(7)))
    return path


async def check(deck: Deck, path: Path) -> LaunchScreen:
    await deck.press("n")
    await deck.until(lambda: isinstance(deck.screen, LaunchScreen) and deck.screen.is_mounted)
    screen = deck.screen
    assert isinstance(screen, LaunchScreen)
    await deck.type(str(path))
    await deck.press("enter")
    await deck.until(lambda: screen.draft is not None)
    return screen


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_checked_file_is_launched_once_after_a_yes(
    services: Services, simulator: Simulator, good: Path, size: tuple[int, int]
) -> None:
    async with running(services, size) as deck:
        await deck.until_polled()
        await check(deck, good)
        await deck.until_shown("7 requests", "claude-haiku-5-5")
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, LaunchScreen))
        assert simulator.creates == 0
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y", "y", "L", "y")
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        assert simulator.creates == 1
        assert len(simulator.log.matching("POST", "/v1/messages/batches")) == 1
        await deck.until_shown("good.jsonl")


async def test_problems_are_all_named_and_nothing_can_be_launched(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(
        "\n".join([request("ok"), request("ok"), request("a b"), "{", request("t", temperature=1)])
    )
    async with running(services) as deck:
        await deck.until_polled()
        screen = await check(deck, bad)
        await deck.until_shown("bad.jsonl:2", "bad.jsonl:3", "bad.jsonl:4", "bad.jsonl:5", "4 problems")
        assert screen.check_action("launch", ()) is None
        await deck.press("L")
        await deck.pilot.pause()
        assert deck.screen is screen and simulator.creates == 0


async def test_a_file_that_is_not_there_costs_a_sentence(services: Services, tmp_path: Path) -> None:
    async with running(services) as deck:
        await deck.press("n")
        await deck.until(lambda: isinstance(deck.screen, LaunchScreen) and deck.screen.is_mounted)
        await deck.type(str(tmp_path / "no[/]where.jsonl"))
        await deck.press("enter")
        await deck.until_shown("✗")


async def test_a_file_changed_after_the_check_is_not_sent(
    services: Services, simulator: Simulator, good: Path
) -> None:
    async with running(services) as deck:
        await deck.until_polled()
        await check(deck, good)
        await asyncio.to_thread(good.write_text, request("another"))
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: any("changed since" in notice for notice in deck.notices))
        await deck.until_shown("1 request")
        assert simulator.creates == 0
        assert not list(services.paths.drafts.glob("*.jsonl"))


async def test_an_unclear_end_is_shown_with_its_candidate_and_adopted(
    services: Services, simulator: Simulator, good: Path
) -> None:
    simulator.faults.add(CREATE, "drop", after_effect=True)
    async with running(services) as deck:
        await deck.until_polled()
        await check(deck, good)
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: isinstance(deck.screen, UnfinishedScreen))
        assert simulator.creates == 1
        await deck.press("r")
        await deck.until_shown("Adopt msgbatch_", "7 requests")
        while "Adopt" not in _highlighted(deck):
            await deck.press("down")
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until_shown("Every launch is settled")
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)
        await deck.until(lambda: any(entry.launch_id for entry in deck.home.entries.values()))
        assert simulator.creates == 1 and len(simulator.log.matching("POST", "/v1/messages/batches")) == 1


async def test_the_next_start_shows_what_was_left_unclear(
    services: Services, simulator: Simulator, good: Path
) -> None:
    simulator.faults.add(CREATE, "api_error", times=1)
    async with running(services) as deck:
        await deck.until_polled()
        await check(deck, good)
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: isinstance(deck.screen, UnfinishedScreen))
    account = await services.sync.start()
    (launch,) = await services.store.launches.unfinished(account.id)
    assert launch.state == UNCERTAIN
    async with running(services) as deck:
        await deck.until_shown("1 launch with an unclear end: press u")
        await deck.press("u")
        await deck.until_shown("Send it again", "Drop it")
        while "Send it again" not in _highlighted(deck):
            await deck.press("down")
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: simulator.creates == 1)
        await deck.until_shown("Every launch is settled")


async def test_a_refusal_keeps_the_reason_on_the_screen(
    services: Services, simulator: Simulator, good: Path
) -> None:
    simulator.faults.add(CREATE, "billing")
    async with running(services) as deck:
        await deck.until_polled()
        screen = await check(deck, good)
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until_shown("not sent")
        assert screen.sending is None and simulator.creates == 0


def _highlighted(deck: Deck) -> str:
    from textual.widgets import OptionList

    options = deck.screen.query_one(OptionList)
    return "" if options.highlighted is None else str(options.get_option_at_index(options.highlighted).prompt)


async def test_quitting_while_a_launch_is_sent_asks_first(
    services: Services, simulator: Simulator, good: Path
) -> None:
    gate = Gate()
    fault = simulator.faults.add(CREATE, "delay", gate=gate)
    async with running(services) as deck:
        await deck.until_polled()
        await check(deck, good)
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: fault.reached.is_set())
        await deck.press("q")
        await deck.until_shown("A launch is being sent")
        await deck.press("enter")
        gate.set()
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        assert deck.app.is_running and simulator.creates == 1
