"""The yes and what follows it: limits, parts, stopping, leaving and coming back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.app_runs import PATIENCE, SIZES, Deck, running
from tests.launch_screens import check, launch, open_launch, reckoned
from tests.launching import CREATE, write_source
from tui import sources
from tui.commands import Prepare
from tui.config import Spending
from tui.errors import NoCredential
from tui.handlers import Services, run
from tui.model import DRAFT, SENT, Making, Run
from tui.screens.batch import BatchScreen
from tui.screens.dialogs import Ask, Choose, Confirm
from tui.screens.launch import LaunchScreen
from tui.screens.launch_state import CHECK, CHOOSE, PROGRESS, SEND
from tui.screens.run import RunScreen
from tui.simulator import Gate, Simulator


async def parts(services: Services, folder: Path, number: int = 3) -> Run:
    """A run of several parts that waits to be sent."""
    source = write_source(folder, number=2 * number)
    prepared, _ = await run(services, Prepare((source,), "tickets", Making(most_requests=2)))
    assert isinstance(prepared, Run) and len(prepared.launches) == number
    return prepared


async def take_up(deck: Deck) -> LaunchScreen:
    """Go on with the only draft that waits."""
    screen = await open_launch(deck)
    await deck.until_shown("1 draft that waits")
    screen.query_one("#drafts").focus()
    await deck.until(lambda: screen.query_one("#drafts").has_focus)
    await deck.press("down", "enter")
    await deck.until(lambda: screen.state.step == SEND)
    return screen


async def test_over_a_limit_only_a_typed_yes_goes_on(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    limited = replace(services, spending=Spending(launch=Decimal("0.000001")))
    async with running(limited) as deck:
        await deck.until_polled()
        screen = await check(deck, write_source(tmp_path))
        await reckoned(deck)
        await deck.until_shown("over a spending limit", "that a launch may cost")
        for said in ("", "y", "no"):
            await deck.press("L")
            await deck.until(lambda: isinstance(deck.screen, Confirm))
            await deck.press("y")
            await deck.until(lambda: isinstance(deck.screen, Ask))
            if said:
                await deck.type(said)
                await deck.press("enter")
            else:
                await deck.press("escape")
            await deck.until(lambda: deck.screen is screen)
            assert screen.state.step == SEND
        assert simulator.creates == 0
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: isinstance(deck.screen, Ask))
        await deck.type("yes")
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        assert simulator.creates == 1


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_several_parts_are_followed_to_their_run(
    services: Services, simulator: Simulator, tmp_path: Path, size: tuple[int, int]
) -> None:
    prepared = await parts(services, tmp_path)
    gate = Gate()
    fault = simulator.faults.add(CREATE, "delay", gate=gate, times=1)
    async with running(services, size) as deck:
        await deck.until_polled()
        await take_up(deck)
        await deck.until_shown("3 batches", "one after the other")
        await deck.press("b")
        await deck.until(lambda: isinstance(deck.screen, Choose))
        await deck.press("enter")
        await launch(deck)
        await deck.until(lambda: fault.reached.is_set())
        await deck.until_shown("part 1", "awaits the answer", "part 3", "waits", "░")
        gate.set()
        await deck.until(lambda: isinstance(deck.screen, RunScreen))
        assert simulator.creates == 3
        found = await services.store.runs.get(prepared.id)
        assert found is not None and found.state == SENT


async def test_stopping_finishes_what_is_under_way_and_sends_no_more(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    prepared = await parts(services, tmp_path)
    gate = Gate()
    fault = simulator.faults.add(CREATE, "delay", gate=gate, times=1)
    async with running(services) as deck:
        await deck.until_polled()
        screen = await take_up(deck)
        await launch(deck)
        await deck.until(lambda: fault.reached.is_set())
        await deck.until_shown("x stops it")
        await deck.press("x")
        await deck.until(lambda: any("sends nothing more" in notice for notice in deck.notices))
        gate.set()
        await deck.until_shown(
            "2 batches not sent", "Stopped by the user.", "enter opens the run", "msgbatch_"
        )
        assert simulator.creates == 1 and screen.state.step == PROGRESS
        found = await services.store.runs.get(prepared.id)
        assert found is not None
        assert [launch.state for launch in found.launches] == [SENT, DRAFT, DRAFT]
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, RunScreen))
        await deck.press("escape")
        # What waits of it is on the run's screen, and offered here.
        await open_launch(deck)
        await deck.until_shown("1 draft that waits", "1 batch of it sent")


async def test_leaving_stops_nothing_and_coming_back_shows_where_it_is(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    await parts(services, tmp_path)
    gate = Gate()
    fault = simulator.faults.add(CREATE, "delay", gate=gate, times=1)
    async with running(services) as deck:
        await deck.until_polled()
        await take_up(deck)
        await launch(deck)
        await deck.until(lambda: fault.reached.is_set())
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)
        await deck.press("n")
        await deck.until_shown("part 1", "x Stop")
        await deck.press("n")
        await deck.until_shown("[Choose]")
        assert deck.app.desk.launching.step == CHOOSE
        gate.set()
        await deck.until(lambda: simulator.creates == 3)


async def test_what_ended_while_nobody_looked_is_found_ended(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    gate = Gate()
    fault = simulator.faults.add(CREATE, "delay", gate=gate, times=1)
    async with running(services) as deck:
        await deck.until_polled()
        await check(deck, write_source(tmp_path))
        await launch(deck)
        await deck.until(lambda: fault.reached.is_set())
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)
        gate.set()
        await deck.until(lambda: any("Launched" in notice for notice in deck.notices))
        await deck.press("n")
        await deck.until(lambda: isinstance(deck.screen, BatchScreen))
        assert simulator.creates == 1


async def test_a_missing_credential_leads_back_to_the_yes(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error comes before anything of the run is touched."""
    async with running(services) as deck:
        await deck.until_polled()
        screen = await check(deck, write_source(tmp_path))
        await reckoned(deck)

        async def refuse() -> None:
            raise NoCredential("No credential was found.", "Set one.")

        monkeypatch.setattr(services.api, "load", refuse)
        await launch(deck)
        await deck.until(lambda: any("No credential" in notice for notice in deck.notices))
        await deck.until_shown("✗ not sent")
        await deck.press("L")
        await deck.until(lambda: screen.state.step == SEND)
        await deck.until_shown("ready")
        assert simulator.creates == 0


async def test_escape_stops_a_check_that_runs(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()

    def endless(
        *_: object, stop: threading.Event, progress: Callable[[int, int], None], **__: object
    ) -> None:
        progress(45_000_000, 200_000_000)
        assert stop.wait(PATIENCE)
        stopped.set()
        raise sources.Stopped

    async with running(services) as deck:
        screen = await open_launch(deck)
        await deck.type(str(write_source(tmp_path)))
        with monkeypatch.context() as patched:
            patched.setattr(sources, "check", endless)
            await deck.press("enter")
            await deck.until_shown("checking", "█", "45.0 MB of 200 MB", "escape stops the check")
            await deck.press("L", "ctrl+g", "enter")
            assert screen.state.step == CHECK
            await deck.press("escape")
            await deck.until(lambda: screen.state.step == CHOOSE)
            await deck.until(stopped.is_set)
        assert screen.state.draft is None
        await deck.press("enter")
        await deck.until_shown("5 requests in order")


async def test_the_app_stays_usable_while_a_source_is_read(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaving the screen ends the check."""
    stopped = threading.Event()

    def endless(*_: object, stop: threading.Event, **__: object) -> None:
        assert stop.wait(PATIENCE)
        stopped.set()
        raise sources.Stopped

    monkeypatch.setattr(sources, "check", endless)
    async with running(services) as deck:
        screen = await open_launch(deck)
        await deck.type(str(write_source(tmp_path)))
        await deck.press("enter")
        await deck.until_shown("checking")
        await deck.press("question_mark")
        await deck.until_shown("loses nothing")
        await deck.press("escape")
        await deck.until(lambda: deck.screen is screen)
        screen.dismiss()
        await deck.until(lambda: deck.screen is deck.home)
        await deck.until(stopped.is_set)
