"""Runs in the app: listed one row each, opened, read as one, held, gone on with, also after a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app_runs import SIZES, Deck, running
from tests.running import CREATE, made_run
from tests.test_marks import backup, restored
from tui.commands import SendRun
from tui.errors import Uncertain
from tui.handlers import Services, run
from tui.model import PARTIAL, SENT, Run, utc_now
from tui.screens.dialogs import Confirm
from tui.screens.run import RunScreen
from tui.screens.runs import RunsScreen
from tui.simulator import Gate, Simulator
from tui.widgets.virtual_table import VirtualTable


async def opened(deck: Deck, made: Run) -> RunScreen:
    """Open a run by the keyboard, from the list of batches."""
    await deck.until_polled()
    await deck.press("L")
    await deck.until(lambda: isinstance(deck.screen, RunsScreen) and deck.screen.runs)
    assert deck.table.move_to_key(made.id)
    await deck.press("enter")
    await deck.until(lambda: isinstance(deck.screen, RunScreen) and deck.screen.whole is not None)
    assert isinstance(deck.screen, RunScreen)
    return deck.screen


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_run_is_one_row_and_its_results_one_list(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    simulator.switches.duration, simulator.switches.dull = timedelta(), True
    made = await made_run(services, (3, 2))
    await run(services, SendRun(made.id))
    async with running(services, size) as deck:
        screen = await opened(deck, made)
        await deck.until(lambda: screen.browser is not None and screen.browser.summary.lines == 5)
        await deck.until_shown("5 results", "ended", "tickets")
        if size[1] > 20:
            await deck.until_shown("part 1/2", "part 2/2", "5 succeeded")
        assert not [line for line in deck.lines() if len(line.rstrip()) > size[0]]
        await deck.press("escape")
        await deck.until_shown("2/2", "SENT")


async def test_what_waits_is_sent_and_held(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (2, 2), sample=1)
    await run(services, SendRun(made.id, sample_only=True))
    simulator.switches.queue = 3
    async with running(replace(services, patience=0.01)) as deck:
        screen = await opened(deck, made)
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.until_shown("Send the other 4 requests?")
        await deck.press("y")
        await deck.until_shown("processing queue", "h holds them")
        await deck.press("h")
        await deck.until(lambda: screen.run is not None and not screen.run.going)
        found = await services.store.runs.get(made.id)
        assert found is not None
        assert (found.state, len(found.scope), found.problem) == (PARTIAL, 2, "Stopped by the user.")
        simulator.switches.queue = None
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: screen.run is not None and screen.run.state == SENT)
    assert simulator.creates == 3


async def test_what_waits_is_held_while_a_part_is_on_its_way(
    services: Services, simulator: Simulator
) -> None:
    made = await made_run(services, (2, 2), sample=1)
    await run(services, SendRun(made.id, sample_only=True))
    gate = Gate()
    fault = simulator.faults.add(CREATE, "delay", gate=gate)
    async with running(services) as deck:
        screen = await opened(deck, made)
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: fault.reached.is_set())
        await deck.until_shown("sending", "h holds them")
        await deck.press("h")
        await deck.until(lambda: any("what is on its way is finished" in each for each in deck.notices))
        gate.set()
        await deck.until(lambda: screen.run is not None and len(screen.run.scope) == 2)
        await deck.until_shown("L sends them")
    assert simulator.creates == 2


async def test_what_waits_for_room_is_no_draft_to_be_sent_again(
    services: Services, simulator: Simulator
) -> None:
    simulator.switches.queue = 1
    made = await made_run(services, (2,))
    await services.store.runs.go(made.id, 1)
    async with running(services) as deck:
        screen = await opened(deck, made)
        await deck.until_shown("waiting", "2 not sent: h holds them", "takes no more")
        await deck.press("escape")
        await deck.until(lambda: isinstance(deck.screen, RunsScreen))
        assert deck.screen.check_action("drop", ()) is None, "it is being sent"
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, RunScreen) and deck.screen is not screen)
        await deck.press("h")
        await deck.until_shown("2 not sent: L sends them")


async def test_a_restart_goes_on_by_itself(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (2, 2))
    await services.store.runs.go(made.id, 1)
    async with running(services) as deck:
        await deck.until(lambda: simulator.creates == 2)
        screen = await opened(deck, made)
        await deck.until(lambda: screen.run is not None and screen.run.state == SENT)
    assert simulator.creates == 2


async def test_what_a_store_that_was_put_back_has_forgotten_is_shown_at_once(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    made = await made_run(services, (2,))
    copy = backup(services, tmp_path)
    simulator.faults.add(CREATE, "drop", after_effect=True)
    with pytest.raises(Uncertain):
        await run(services, SendRun(made.id))
    async with restored(services, copy) as later, running(later) as deck:
        await deck.until_shown("1 launch with an unclear end")


async def test_what_a_lost_store_has_forgotten_is_shown_when_its_account_is_known(
    services: Services, simulator: Simulator
) -> None:
    await services.sync.poll()  # which names the account
    made = await made_run(services, (2,))
    simulator.faults.add(CREATE, "drop", after_effect=True)
    with pytest.raises(Uncertain):
        await run(services, SendRun(made.id))
    async with restored(services, None) as later, running(later) as deck:
        await deck.until_shown("1 launch with an unclear end")


async def test_a_copy_of_the_folder_does_not_go_on_by_itself(
    services: Services, simulator: Simulator
) -> None:
    made, account = await made_run(services, (2, 2), sample=1), await services.account()
    made = await run(services, SendRun(made.id, sample_only=True))
    for launch in made.waiting:  # made an hour ago, and the file of its draft just now
        earlier = replace(launch, created_at=launch.created_at - timedelta(hours=1))
        await services.store.runs.recall(account.id, made, earlier)
    await services.store.runs.go(made.id, 1)
    async with running(services) as deck:
        await deck.until_polled()
        screen = await opened(deck, made)
        await deck.until(lambda: screen.run is not None and not screen.run.going)
        await deck.until_shown("copied or put back")
    assert simulator.creates == 1


async def test_an_unclear_end_is_not_gone_on_with(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (2, 2))
    await services.store.runs.go(made.id, 1)
    await services.store.launches.start(made.launches[0].id, utc_now(), again=False)
    await services.store.launches.uncertain(made.launches[0].id, "The line was cut.")
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until_shown("1 launch with an unclear end")
        screen = await opened(deck, made)
        await deck.until_shown("uncertain", "The line was cut.")
        assert screen.check_action("send", ()) is None
    assert simulator.creates == 0


async def test_read_only_shows_and_sends_nothing(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (2, 2), sample=1)
    await run(services, SendRun(made.id, sample_only=True))
    await services.store.runs.go(made.id, 1)
    async with running(replace(services, read_only=True)) as deck:
        screen = await opened(deck, made)
        assert screen.check_action("send", ()) is False
        await deck.press("L")
        assert deck.screen is screen
    assert simulator.creates == 1


async def test_parts_open_by_themselves_and_lead_back(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (3, 2))
    await run(services, SendRun(made.id))
    async with running(services) as deck:
        await opened(deck, made)
        await deck.press("P")
        await deck.until_shown("Open the batch", "part 2/2")
        await deck.press("j", "enter")
        await deck.until_shown("tickets 2/2")
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, RunScreen))


async def test_drafts_are_dropped_after_a_question(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (2,), sample=1)
    await run(services, SendRun(made.id, sample_only=True))
    async with running(services) as deck:
        await deck.until_polled()
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, RunsScreen) and deck.screen.runs)
        await deck.press("D")
        await deck.until_shown("Remove the drafts of tickets?", "2 requests were not sent")
        await deck.press("y")
        await deck.until_shown("1/1")
    assert not services.paths.draft_file(made.launches[1].id).exists()


@pytest.mark.parametrize("name", ["[/red]x", "a\x1b]52;c;eA==\x07b", "‮evil", "🇩🇪" * 40])
async def test_foreign_names_are_harmless(services: Services, name: str) -> None:
    made = await made_run(services, (1,), sample=1)
    other = replace(
        made,
        id="other",
        launches=tuple(
            replace(each, id=each.id + "-o", run_id="other", name=name, source=name, problem=name)
            for each in made.launches
        ),
        problem=name,
    )
    await services.store.runs.add((await services.account()).id, other)
    await services.store.launches.failed(other.launches[0].id, name)
    async with running(services, (80, 24)) as deck:
        await deck.until_polled()
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, RunsScreen) and len(deck.screen.runs) == 2)
        deck.app.push_screen(RunScreen(deck.app.desk, "other"))
        await deck.until(lambda: isinstance(deck.screen, RunScreen) and deck.screen.whole is not None)
        shown = deck.text()
        assert "\x1b" not in shown and "\x07" not in shown and "‮" not in shown


async def test_an_empty_list_says_what_to_do(services: Services) -> None:
    async with running(services) as deck:
        await deck.until_polled()
        await deck.press("L")
        await deck.until_shown("Nothing was launched from here yet. n launches from local files.")
        assert isinstance(deck.screen.query_one(VirtualTable), VirtualTable)
