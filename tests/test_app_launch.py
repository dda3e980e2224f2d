"""From a file of requests to a batch in the app; and what happens when the end is unclear."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.app_runs import SIZES, Deck, running
from tests.launch_screens import check, choose, launch, open_launch, reckoned
from tui.commands import DropRun
from tui.handlers import Services, run
from tui.model import UNCERTAIN
from tui.screens.batch import BatchScreen
from tui.screens.dialogs import Confirm
from tui.screens.launch import LaunchScreen
from tui.screens.launch_state import CHECK, CHOOSE, PROGRESS, SEND
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


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_checked_file_is_launched_once_after_a_yes(
    services: Services, simulator: Simulator, good: Path, size: tuple[int, int]
) -> None:
    async with running(services, size) as deck:
        await deck.until_polled()
        await check(deck, good)
        await deck.until_shown("7 requests", "claude-haiku-5-5")
        await reckoned(deck)
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, LaunchScreen))
        assert simulator.creates == 0
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y", "y")
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        assert simulator.creates == 1
        assert len(simulator.log.matching("POST", CREATE.removeprefix("POST "))) == 1
        await deck.until_shown("good.jsonl")


async def test_problems_are_grouped_and_nothing_can_be_launched(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jsonl"
    lines = [request("ok"), request("ok"), *(request(f"a b {n}") for n in range(9)), "{"]
    bad.write_text("\n".join(lines))
    async with running(services) as deck:
        await deck.until_polled()
        screen = await check(deck, bad)
        await deck.until_shown("9 × custom_id", "bad.jsonl:3", "bad.jsonl:12", "11 problems", "→")
        assert "more" in deck.text() and ":11:" not in deck.text()
        await deck.press("enter")
        await deck.until(lambda: "more" not in deck.text() and ":11:" in deck.text())
        await deck.press("L", "ctrl+g")
        await deck.pilot.pause()
        assert screen.state.step == CHECK and simulator.creates == 0


async def test_any_request_can_be_looked_at(services: Services, good: Path) -> None:
    async with running(services) as deck:
        await check(deck, good)
        await deck.until_shown("request 1 of 7", '"r-0"', "Hi [/]")
        await deck.press("right", "right")
        await deck.until_shown("request 3 of 7", '"r-2"')
        await deck.press("7")
        await deck.until_shown("request 7▏ of 7")
        await deck.press("enter")
        await deck.until_shown("request 7 of 7", '"r-6"')
        await deck.press("right", "left")
        await deck.until_shown("request 6 of 7", '"r-5"')
        await deck.press("v")
        await deck.until(lambda: '"r-5"' not in deck.text())
        await deck.until_shown("Hi [/]", "max_tokens 64")


async def test_a_file_that_is_not_there_costs_a_sentence(services: Services, tmp_path: Path) -> None:
    async with running(services) as deck:
        screen = await choose(deck, tmp_path / "no[/]where.jsonl")
        await deck.press("enter")
        await deck.until_shown("✗")
        assert screen.state.step == CHOOSE


async def test_without_a_path_one_is_asked_for(services: Services) -> None:
    async with running(services) as deck:
        screen = await open_launch(deck)
        await deck.press("enter")
        await deck.until_shown("Type a path, or choose from the tree.")
        assert screen.state.step == CHOOSE


async def test_a_file_changed_after_the_check_is_not_sent(
    services: Services, simulator: Simulator, good: Path
) -> None:
    async with running(services) as deck:
        await deck.until_polled()
        screen = await check(deck, good)
        await asyncio.to_thread(good.write_text, request("another"))
        await deck.press("enter")
        await deck.until(lambda: any("changed since" in notice for notice in deck.notices))
        await deck.until_shown("1 request in order")
        assert screen.state.step == CHECK and simulator.creates == 0
        assert not list(services.paths.drafts.glob("*.jsonl"))


async def test_what_only_the_service_knows_leads_back_to_the_check(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    """Whether a model exists is asked when drafts are saved, for the check asks nobody."""
    path = tmp_path / "unknown.jsonl"
    path.write_text(request("a", model="claude-made-up"))
    async with running(services) as deck:
        await deck.until_polled()
        screen = await check(deck, path)
        await deck.press("ctrl+g")
        await deck.until(lambda: screen.state.draft is not None and screen.state.draft.problem_count)
        await deck.until_shown("1 problem: nothing can be sent", "claude-made-up")
        assert screen.state.step == CHECK and not list(services.paths.drafts.glob("*.jsonl"))


async def test_a_draft_that_was_dropped_elsewhere_is_saved_anew(services: Services, good: Path) -> None:
    async with running(services) as deck:
        await check(deck, good)
        screen = await reckoned(deck)
        before = screen.state.run
        assert before is not None
        screen.dismiss()
        await deck.until(lambda: deck.screen is deck.home)
        await run(services, DropRun(before.id))
        again = await open_launch(deck)
        await deck.until(lambda: again.state.run is not None and again.state.run.id != before.id)
        await deck.until_shown("ready")


async def test_back_at_each_step_and_on_again_without_loss(
    services: Services, simulator: Simulator, good: Path
) -> None:
    async with running(services) as deck:
        screen = await open_launch(deck)
        await deck.type(str(good))
        await deck.press("tab")
        await deck.type("my name")
        await deck.press("enter")
        await deck.until_shown("7 requests in order")
        await reckoned(deck)
        drafts = sorted(services.paths.drafts.glob("*.jsonl"))
        assert len(drafts) == 1
        for step in (CHECK, CHOOSE):
            await deck.press("escape")
            await deck.until(lambda step=step: screen.state.step == step)  # type: ignore[misc]
        assert "my name" in deck.text() and "good.jsonl" in deck.text()
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)
        again = await open_launch(deck)
        assert "my name" in deck.text()
        await deck.press("enter")
        await deck.until(lambda: again.state.step == CHECK)
        await reckoned(deck)
        # Nothing was said anew, so nothing was read or saved anew.
        assert sorted(services.paths.drafts.glob("*.jsonl")) == drafts
        await launch(deck)
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        assert simulator.creates == 1


async def test_leaving_before_the_yes_comes_back_to_it(services: Services, good: Path) -> None:
    async with running(services) as deck:
        await check(deck, good)
        screen = await reckoned(deck)
        screen.dismiss()
        await deck.until(lambda: deck.screen is deck.home)
        await deck.press("n")
        await deck.until(lambda: isinstance(deck.screen, LaunchScreen))
        await deck.until_shown("7 requests", "[Send]", "ready")


async def test_a_draft_of_an_earlier_start_is_offered_launched_or_dropped(
    services: Services, simulator: Simulator, good: Path
) -> None:
    async with running(services) as deck:
        await deck.until_polled()
        await check(deck, good)
        await reckoned(deck)
    async with running(services) as deck:
        await deck.until_polled()
        screen = await open_launch(deck)
        await deck.until_shown("1 draft that waits", "good.jsonl", "7 requests")
        await deck.press("tab", "tab", "tab")
        while getattr(deck.screen.focused, "id", "") != "drafts":
            await deck.press("tab")
        await deck.press("down", "D")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("enter")
        await deck.until(lambda: deck.screen is screen)
        await deck.press("enter")
        await deck.until(lambda: screen.state.step == SEND)
        await deck.until_shown("7 requests", "ready")
        await launch(deck)
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        assert simulator.creates == 1
        assert not await services.store.runs.going(1)


async def test_a_draft_can_be_dropped_before_the_yes(services: Services, good: Path) -> None:
    async with running(services) as deck:
        await check(deck, good)
        screen = await reckoned(deck)
        await deck.press("D")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: screen.state.step == CHECK)
        await deck.until(lambda: not list(services.paths.drafts.glob("*.jsonl")))


async def test_the_same_requests_are_not_launched_twice_unwarned(
    services: Services, simulator: Simulator, good: Path
) -> None:
    async with running(services) as deck:
        await deck.until_polled()
        for number in range(2):
            await check(deck, good)
            await reckoned(deck)
            if number:
                await deck.until_shown("The very same requests were launched before: good.jsonl", "msgbatch_")
            await deck.press("L")
            await deck.until(lambda: isinstance(deck.screen, Confirm))
            assert ("launched before" in deck.text()) == bool(number)
            await deck.press("y")
            await deck.until(lambda: isinstance(deck.screen, BatchScreen))
            await deck.press("escape")
            await deck.until(lambda: deck.screen is deck.home)
        assert simulator.creates == 2


async def test_with_read_only_everything_but_sending_works(
    services: Services, simulator: Simulator, good: Path
) -> None:
    from dataclasses import replace

    async with running(replace(services, read_only=True)) as deck:
        await deck.until_polled()
        screen = await check(deck, good)
        await reckoned(deck)
        await deck.until_shown("read-only: nothing is sent", "input")
        await deck.press("L", "ctrl+l")
        await deck.pilot.pause()
        assert deck.screen is screen and simulator.creates == 0


async def test_an_unclear_end_is_shown_with_its_candidate_and_adopted(
    services: Services, simulator: Simulator, good: Path
) -> None:
    simulator.faults.add(CREATE, "drop", after_effect=True)
    async with running(services) as deck:
        await deck.until_polled()
        await check(deck, good)
        await launch(deck)
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
        await launch(deck)
        await deck.until(lambda: isinstance(deck.screen, UnfinishedScreen))
    account = await services.sync.start()
    (found,) = await services.store.launches.unfinished(account.id)
    assert found.state == UNCERTAIN
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


async def test_what_is_sent_again_is_no_longer_offered(
    services: Services, simulator: Simulator, good: Path
) -> None:
    simulator.faults.add(CREATE, "api_error", times=1)
    gate = Gate()
    simulator.faults.add(CREATE, "delay", gate=gate)
    async with running(services) as deck:
        await deck.until_polled()
        await check(deck, good)
        await launch(deck)
        await deck.until(lambda: isinstance(deck.screen, UnfinishedScreen))
        while "Send it again" not in _highlighted(deck):
            await deck.press("down")
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until_shown("sending 100%", "One is being sent; leaving this screen does not stop it.")
        assert "Drop it" not in deck.text()
        gate.set()
        await deck.until_shown("Every launch is settled")
        assert "sending" not in deck.text()


async def test_a_refusal_keeps_the_reason_on_the_screen_and_can_be_tried_again(
    services: Services, simulator: Simulator, good: Path
) -> None:
    simulator.faults.add(CREATE, "billing", times=1)
    async with running(services) as deck:
        await deck.until_polled()
        screen = await check(deck, good)
        await launch(deck)
        await deck.until_shown("✗ not sent: ")
        assert screen.state.step == PROGRESS and simulator.creates == 0
        await deck.press("L")
        await deck.until_shown("ready")
        await launch(deck)
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        assert simulator.creates == 1


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
        await launch(deck)
        await deck.until(lambda: fault.reached.is_set())
        await deck.press("L", "y", "ctrl+g", "L", "y")
        await deck.press("q")
        await deck.until_shown("A launch is being sent")
        await deck.press("enter")
        gate.set()
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        assert deck.app.is_running and simulator.creates == 1
        assert len(simulator.log.matching("POST", "/v1/messages/batches")) == 1
