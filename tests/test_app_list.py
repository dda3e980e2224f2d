"""The live list, driven by keys, on a real store and the played service."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.events import Key
from textual.widgets import Input

from tests.app_runs import SIZES, Deck, running
from tests.conftest import Played
from tui.handlers import Services
from tui.model import Batch, Counts, utc_now
from tui.paths import Paths
from tui.screens.dialogs import Confirm
from tui.simulator import Gate, Simulator
from tui.widgets.virtual_table import VirtualTable


def keys(deck: Deck) -> list[str]:
    table = deck.home.query_one(VirtualTable)
    return [table.source.key(index) for index in range(len(table.source))]


def some_batches(number: int, state: str = "ended") -> list[Batch]:
    now = utc_now()
    return [
        Batch(
            id=f"msgbatch_{index:05d}",
            state=state,
            counts=Counts(succeeded=index, errored=index % 7),
            created_at=now - timedelta(minutes=index + 5),
            expires_at=now + timedelta(hours=20),
            ended_at=now - timedelta(minutes=1) if state == "ended" else None,
        )
        for index in range(number)
    ]


async def test_the_store_is_shown_before_the_network_is_touched(services: Services, played: Played) -> None:
    account = await services.sync.start()
    await services.store.batches.save(account.id, some_batches(3), utc_now())
    gate = Gate()
    played.simulator.faults.add("GET /v1/messages/batches", "delay", times=None, gate=gate)
    async with running(services) as deck:
        assert keys(deck) == ["msgbatch_00000", "msgbatch_00001", "msgbatch_00002"]
        assert "…" in deck.text() or "00001" in deck.text()
        gate.set()


async def test_the_first_visit_loads_all_pages_and_later_polls_cost_one_call(
    services: Services, simulator: Simulator
) -> None:
    for _ in range(5):
        simulator.invent([("prose", 3)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: len(keys(deck)) == 5)
        simulator.log.clear()
        await deck.press("r")
        await deck.until(lambda: simulator.log.matching("GET"))
        assert len(simulator.log.matching("GET")) == 1


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_what_matters_fits_at_every_size(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    simulator.invent([("prose", 1195), ("error:invalid_request_error:no", 5)])
    async with running(services, size) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck))
        shown = deck.text()
        for words in ("STATE", "NAME", "REQS", "! ended", "1.2k", "live", "? Help"):
            assert words in shown, f"{words} is not on the screen:\n{shown}"
        assert all(len(line) == size[0] for line in deck.lines() if line.isascii())


async def test_the_cursor_stays_on_its_batch_when_rows_move(services: Services, simulator: Simulator) -> None:
    first = simulator.invent([("prose", 3)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck) == [first.id])
        assert deck.table.cursor_key == first.id
        second = simulator.invent([("prose", 4)])
        await deck.press("r")
        await deck.until(lambda: len(keys(deck)) == 2)
        assert keys(deck) == [second.id, first.id]
        assert deck.table.cursor_key == first.id and deck.table.cursor_index == 1


async def test_a_cancel_concerns_the_batch_that_was_confirmed(
    services: Services, simulator: Simulator
) -> None:
    mine = simulator.invent([("prose", 30)], ends_at=utc_now() + timedelta(hours=1))
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck) == [mine.id])
        await deck.press("x")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.until_shown(mine.id, "30 requests", "running for")
        other = simulator.invent([("prose", 3)], ends_at=utc_now() + timedelta(hours=1))
        deck.app.services.sync.wake()
        await deck.until(lambda: len(keys(deck)) == 2)
        await deck.press("y")
        await deck.until_shown("canceling")
        assert simulator.log.matching("POST", f"/v1/messages/batches/{mine.id}/cancel")
        assert not simulator.log.matching("POST", f"/v1/messages/batches/{other.id}/cancel")


async def test_enter_on_a_question_destroys_nothing(services: Services, simulator: Simulator) -> None:
    done = simulator.invent([("prose", 3)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck) == [done.id])
        await deck.press("D")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.until_shown("results too", "answers are lost")
        await deck.press("enter")
        await deck.until(lambda: deck.screen is deck.home)
        assert not simulator.log.matching("DELETE")
        await deck.press("D")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: not keys(deck))
        assert len(simulator.log.matching("DELETE")) == 1


async def test_a_running_batch_offers_no_delete_and_an_ended_one_no_cancel(
    services: Services, simulator: Simulator
) -> None:
    simulator.invent([("prose", 3)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck))
        await deck.press("x")
        await deck.pilot.pause()
        assert deck.screen is deck.home
        assert deck.home.check_action("cancel", ()) is None
        assert deck.home.check_action("delete", ()) is True


async def test_read_only_hides_what_changes_the_server(services: Services, simulator: Simulator) -> None:
    simulator.invent([("prose", 3)], ends_at=utc_now() + timedelta(hours=1))
    async with running(replace(services, read_only=True)) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck))
        assert "x Cancel" not in deck.text() and "read-only" in deck.text()
        await deck.press("x")
        await deck.pilot.pause()
        assert deck.screen is deck.home


async def test_views_filter_and_order_survive_drill_down_and_the_next_run(
    services: Services, simulator: Simulator
) -> None:
    small = simulator.invent([("prose", 3)])
    large = simulator.invent([("prose", 40), ("error:api_error:oops", 2)])
    simulator.invent([("prose", 9)], ends_at=utc_now() + timedelta(hours=1))
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: len(keys(deck)) == 3)
        await deck.press("3")
        assert set(keys(deck)) == {small.id, large.id}
        await deck.press("slash")
        await deck.type("errors>0")
        assert keys(deck) == [large.id]
        await deck.press("enter")
        deck.home.state.sort_by("requests")
        deck.home._changed_state()
        await deck.open(large.id)
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)
        assert keys(deck) == [large.id]
        await deck.until(lambda: not [w for w in deck.app.workers if w.group == "remember"])
    async with running(services) as deck:
        assert deck.home.state.filter == "errors>0"
        assert (deck.home.state.view, deck.home.state.order) == (2, "requests")
        assert keys(deck) == [large.id]
        await deck.press("escape")
        await deck.press("4")
        assert keys(deck) == [large.id]


async def test_a_filter_that_cannot_be_read_says_so_and_changes_nothing(
    services: Services, simulator: Simulator
) -> None:
    simulator.invent([("prose", 3)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck))
        await deck.press("slash")
        await deck.type("errors>many")
        await deck.until_shown("write a number")
        assert len(keys(deck)) == 1
        await deck.press("escape")
        assert deck.home.state.filter == "" and deck.table.has_focus


async def test_escape_never_leaves_the_program(services: Services, simulator: Simulator) -> None:
    simulator.invent([("prose", 3)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck))
        await deck.press("space", "escape", "escape", "escape")
        assert deck.app.is_running and not deck.table.marks


async def test_marks_choose_what_an_action_is_about(services: Services, simulator: Simulator) -> None:
    later = utc_now() + timedelta(hours=1)
    batches = [simulator.invent([("prose", 3)], ends_at=later) for _ in range(3)]
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: len(keys(deck)) == 3)
        await deck.press("g", "space", "space", "x")
        await deck.until_shown("Cancel 2 batches?")
        await deck.press("y")
        await deck.until(lambda: len(simulator.log.matching("POST")) == 2)
        cancelled = {entry.path.split("/")[-2] for entry in simulator.log.matching("POST")}
        assert cancelled == {batches[2].id, batches[1].id}


async def test_without_a_credential_it_opens_and_says_what_is_missing(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.__main__ import build
    from tui.api import Connection

    async with build(paths, Connection()) as services:
        account = await services.sync.start()
        await services.store.batches.save(account.id, some_batches(2), utc_now())
        async with running(services) as deck:
            await deck.until(lambda: services.sync.status.state == "no-credential")
            await deck.until_shown("ANTHROPIC_API_KEY", "ANTHROPIC_PROFILE", "batchdeck --demo")
            assert len(keys(deck)) == 2
            await services.store.batches.forget(keys(deck))
            await deck.until_shown("Nothing is known of this account yet.")


async def test_trouble_is_told_in_words_and_the_list_stays(services: Services, simulator: Simulator) -> None:
    simulator.invent([("prose", 3)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck))
        simulator.faults.add("GET /v1/messages/batches", "authentication", times=None)
        await deck.press("r")
        await deck.until_shown("unauthorized:")
        assert len(keys(deck)) == 1
        simulator.faults.clear()
        await deck.press("r")
        await deck.until_shown("live")


async def test_labels_are_given_and_taken_away(services: Services, simulator: Simulator) -> None:
    simulator.invent([("prose", 3)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck))
        await deck.press("l")
        await deck.until_shown("Label for")
        await deck.type("nightly [/run]")
        await deck.press("enter")
        await deck.until_shown("nightly [/run]")


async def test_ten_thousand_batches_are_listed_filtered_and_sorted(services: Services) -> None:
    account = await services.sync.start()
    await services.store.batches.save(account.id, some_batches(10_000), utc_now())
    async with running(services) as deck:
        assert len(keys(deck)) == 10_000
        await deck.press("G")
        assert deck.table.cursor_index == 9_999
        await deck.press("slash")
        await deck.type("errors=6")
        assert len(keys(deck)) == len(range(6, 10_000, 7))
        await deck.press("escape", "S")
        assert keys(deck)[0] == "msgbatch_09999"
        assert deck.table.cursor_key == keys(deck)[deck.table.cursor_index]


async def test_the_palette_opens_a_batch_by_name(services: Services, simulator: Simulator) -> None:
    batch = simulator.invent([("prose", 3)])
    await services.store.batches.label(batch.id, "[/]needle[bold]")
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck))
        await deck.press("colon")
        await deck.type("needle")
        await deck.until_shown("[/]needle[bold]")
        await deck.press("down", "enter")
        await deck.until(lambda: type(deck.screen).__name__ == "BatchScreen")


async def test_help_lists_the_keys_of_the_screen(services: Services) -> None:
    async with running(services) as deck:
        await deck.press("question_mark")
        await deck.until_shown("Batches", "Up")
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)


@pytest.mark.parametrize("display", ["", ":0"])
async def test_the_console_opens_only_where_a_window_can(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, display: str
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    simulator.invent([("prose", 3)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: keys(deck))
        opened: list[str] = []
        monkeypatch.setattr(deck.app, "open_url", opened.append)
        await deck.press("o")
        assert bool(opened) == bool(display)
        assert any("https://" in notice for notice in deck.notices)


async def test_the_cursor_is_in_sight_after_a_filter_is_lifted(services: Services) -> None:
    account = await services.sync.start()
    await services.store.batches.save(account.id, some_batches(300), utc_now())
    async with running(services, (80, 24)) as deck:
        await deck.press("slash")
        await deck.type("00250")
        await deck.press("enter")
        assert deck.table.cursor_key == "msgbatch_00250"
        await deck.press("escape")
        assert len(keys(deck)) == 300 and deck.table.cursor_key == "msgbatch_00250"
        assert deck.table.first_visible <= 250 < deck.table.first_visible + deck.table.visible_rows


async def test_what_is_typed_in_one_burst_behind_the_slash_is_the_filter(
    services: Services, simulator: Simulator
) -> None:
    simulator.invent([("prose", 1)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: deck.home.entries)
        for key in ("slash", "d", "slash", "x", "1"):  # D, x and 1 would be commands
            deck.app.post_message(Key(key, "/" if key == "slash" else key))
        await deck.until(lambda: deck.home.query_one("#filter", Input).value == "d/x1")
        assert deck.screen is deck.home


async def test_a_fault_in_a_worker_is_told_as_what_it_is(services: Services) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with running(services) as deck:
            deck.app.run_worker(fail())
            await deck.until(lambda: deck.app.crash)
