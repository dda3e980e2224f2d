"""One batch, down to one answer: download, browse, search, read, copy, save."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from textual.events import Key

from tests.app_runs import SIZES, Deck, running
from tui.handlers import Services
from tui.model import IndexRow, ResultFilter, utc_now
from tui.screens.batch import BatchScreen
from tui.screens.dialogs import Confirm
from tui.screens.exporting import ExportDialog
from tui.simulator import Gate, Simulator
from tui.simulator.batch import Batch
from tui.widgets.reading_pane import ReadingPane
from tui.widgets.virtual_table import VirtualTable

MIX = [
    ("prose", 12),
    ("refusal", 2),
    ("max_tokens", 1),
    ("error:overloaded_error:Overloaded", 3),
    ("tool", 4),
]
TOTAL = 22


def pane(deck: Deck) -> str:
    return "\n".join(deck.lines())


async def opened(deck: Deck, batch: Batch) -> BatchScreen:
    """Open a batch and wait until all of its results are here."""
    await deck.until_polled()
    await deck.until(lambda: batch.id in deck.home.entries)
    screen = await deck.open(batch.id)
    await deck.until(lambda: screen.entry and screen.entry.results and screen.entry.results.complete)
    await deck.until(lambda: screen.browser.reading.shown is not None)
    return screen


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_opening_fetches_the_results_and_shows_them(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    batch = simulator.invent(MIX)
    async with running(services, size) as deck:
        screen = await opened(deck, batch)
        assert len(screen.browser.table.source) == TOTAL
        shown = deck.text()
        assert "ended" in shown and "CUSTOM_ID" in shown and "22 results" in shown
        if size[1] > 20:
            assert "22 requests: 19 succeeded 3 errored" in shown
            assert "3 × overloaded_error: Overloaded" in shown
        assert not [line for line in deck.lines() if len(line.rstrip()) > size[0]]


async def test_a_running_batch_says_what_is_known_and_invents_no_percentage(
    services: Services, simulator: Simulator
) -> None:
    batch = simulator.invent([("prose", 50)], ends_at=utc_now() + timedelta(hours=2))
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: batch.id in deck.home.entries)
        await deck.open(batch.id)
        await deck.until_shown("running for", "expires in", "50 processing", "often counted only at the end")
        assert "%" not in deck.text()


async def test_results_are_fetched_when_the_batch_ends_under_ones_eyes(
    services: Services, simulator: Simulator
) -> None:
    batch = simulator.invent([("prose", 5)], ends_at=utc_now() + timedelta(hours=2))
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: batch.id in deck.home.entries)
        screen = await deck.open(batch.id)
        simulator.end(batch.id)
        await deck.press("r")
        await deck.until(lambda: len(screen.browser.table.source) == 5)


async def test_leaving_the_screen_does_not_stop_the_download(
    services: Services, simulator: Simulator
) -> None:
    batch = simulator.invent([("prose", 400)])
    gate = Gate()
    fault = simulator.faults.add(f"GET /v1/messages/batches/{batch.id}/results", "delay", gate=gate)
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: batch.id in deck.home.entries)
        await deck.open(batch.id)
        await deck.until(lambda: fault.reached.is_set())
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)
        gate.set()
        await deck.until(lambda: (found := deck.home.entries[batch.id].results) and found.complete)


async def test_outcomes_search_and_jumps(services: Services, simulator: Simulator) -> None:
    batch = simulator.invent(MIX)
    async with running(services) as deck:
        screen = await opened(deck, batch)
        await deck.press("4")
        await deck.until(lambda: len(screen.browser.table.source) == 3)
        await deck.press("3")
        await deck.until(lambda: len(screen.browser.table.source) == 6)
        await deck.until_shown("6 of 22 results", "needs attention")
        await deck.press("1")
        await deck.until(lambda: len(screen.browser.table.source) == TOTAL)
        problems = set(await services.store.results.refs((batch.id,), ResultFilter("problem")))
        first = int(screen.browser.table.source.key(0))
        seen = set()
        await deck.press("g")
        if first in problems:
            seen.add(first)
        for _ in range(len(problems - {first})):
            key = screen.browser.table.cursor_key
            await deck.press("right_square_bracket")
            await deck.until(lambda before=key: screen.browser.table.cursor_key != before)  # type: ignore[misc]
            seen.add(int(screen.browser.table.cursor_key or -1))
        assert seen == problems
        await deck.press("slash")
        await deck.type("overloaded")
        await deck.until(lambda: len(screen.browser.table.source) == 3)
        await deck.press("escape", "escape")
        await deck.until(lambda: len(screen.browser.table.source) == TOTAL)
        assert deck.screen is screen


async def test_reading_raw_summary_and_back(services: Services, simulator: Simulator) -> None:
    batch = simulator.invent([("thinking", 1)])
    async with running(services, (80, 24)) as deck:
        screen = await opened(deck, batch)
        await deck.until_shown("thinking")
        await deck.press("enter")
        assert screen.has_class("-reading") and not screen.browser.table.display
        await deck.press("v")
        await deck.until_shown('"custom_id"', '"thinking"')
        await deck.press("v", "escape")
        assert screen.browser.table.has_focus and screen.browser.table.display
        await deck.press("i")
        await deck.until_shown("outcomes", "succeeded 1", "tokens")
        await deck.press("escape", "escape")
        await deck.until(lambda: deck.screen is deck.home)


async def test_each_kind_of_result_says_what_matters(services: Services, simulator: Simulator) -> None:
    batch = simulator.invent(
        [("refusal", 1), ("error:invalid_request_error:temperature: no", 1), ("tool", 1)]
    )
    async with running(services, (140, 40)) as deck:
        screen = await opened(deck, batch)
        said = {}
        for index in range(3):
            screen.browser.table.move_to(index)
            row = screen.browser.table.source.row(index)  # type: ignore[attr-defined]
            await deck.until(partial(_is_read, screen, row))
            assert screen.browser.reading.shown is not None
            said[row.outcome, row.stop_reason] = screen.browser.reading.shown.content.plain
        assert "refusal" in said["succeeded", "refusal"] and "→" in said["succeeded", "refusal"]
        assert "request id req_" in said["errored", ""] and "temperature: no" in said["errored", ""]
        assert "tool_use" in said["succeeded", "tool_use"]


def _is_read(screen: BatchScreen, row: IndexRow) -> bool:
    return screen.browser.reading.row == row and screen.browser.reading.shown is not None


async def test_export_asks_before_it_overwrites(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch = simulator.invent(MIX)
    target = tmp_path / "answers.jsonl"
    async with running(services) as deck:
        screen = await opened(deck, batch)

        async def export_to(path: Path) -> None:
            await deck.press("e")
            await deck.until(lambda: isinstance(deck.screen, ExportDialog))
            await deck.press("ctrl+u", "ctrl+k")
            await deck.type(str(path))
            await deck.press("enter")

        await export_to(target)
        await deck.until_shown("Saved 22 results")
        assert target.read_bytes() == services.paths.result_file(batch.id).read_bytes()
        target.write_text("mine")
        await export_to(target)
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("enter")
        await deck.until(lambda: deck.screen is screen)
        assert target.read_text() == "mine"
        await deck.press("4")
        await deck.until(lambda: len(screen.browser.table.source) == 3)
        await export_to(tmp_path / "errors.jsonl")
        await deck.until(lambda: (tmp_path / "errors.jsonl").exists())
        lines = (tmp_path / "errors.jsonl").read_text().splitlines()
        assert [json.loads(line)["result"]["type"] for line in lines] == ["errored"] * 3


async def test_copies_go_out_as_osc_52_and_large_ones_are_refused(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = simulator.invent([("prose", 1)])
    answer = {"content": [{"type": "text", "text": "é" * 60_000}], "stop_reason": "end_turn", "usage": {}}
    line = {"custom_id": "big", "result": {"type": "succeeded", "message": answer}}
    large = simulator.invent([("prose", 1)])
    simulator.replace_results(large.id, [json.dumps(line).encode()])
    async with running(services) as deck:
        written: list[str] = []
        assert deck.app._driver is not None
        monkeypatch.setattr(deck.app._driver, "write", written.append)
        screen = await opened(deck, batch)
        await deck.press("y")
        assert screen.browser.reading.shown is not None
        sent = next(data for data in written if data.startswith("\x1b]52;c;"))
        assert base64.b64decode(sent[7:-1]).decode() == screen.browser.reading.shown.plain
        await deck.press("escape")
        await opened(deck, large)
        written.clear()
        await deck.press("y")
        assert not written
        assert any("Not copied" in notice and "pager" in notice for notice in deck.notices)


async def test_an_archived_batch_says_that_its_results_are_gone(
    services: Services, simulator: Simulator
) -> None:
    batch = simulator.invent([("prose", 3)], created_at=utc_now() - timedelta(days=40))
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: batch.id in deck.home.entries)
        await deck.open(batch.id)
        await deck.until_shown("archived", "gone: the service keeps them until")
        assert not simulator.log.matching("GET", f"/v1/messages/batches/{batch.id}/results")


async def test_a_hundred_thousand_results_scroll_like_a_hundred(
    services: Services, simulator: Simulator
) -> None:
    batch = simulator.invent([("json", 100_000)])
    body = b"".join(
        b'{"custom_id":"r-%d","result":{"type":"succeeded","message":{"content":[{"type":"text","text":"%d"}],'
        b'"stop_reason":"end_turn","model":"m","usage":{"input_tokens":1,"output_tokens":1}}}}\n' % (n, n)
        for n in range(100_000)
    )
    simulator.replace_results(batch.id, [body])
    async with running(services) as deck:
        screen = await opened(deck, batch)
        assert len(screen.browser.table.source) == 100_000
        await deck.press("G")
        await deck.until_shown("r-99999")
        await deck.press("pageup", "g")
        await deck.until_shown("r-0")
        assert isinstance(deck.screen.query_one(VirtualTable), VirtualTable)
        assert deck.screen.query_one(ReadingPane).answer.display


@pytest.mark.parametrize("size", SIZES)
async def test_keys_typed_ahead_behind_the_summary(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    batch = simulator.invent(MIX)
    async with running(services, size) as deck:
        screen = await opened(deck, batch)
        for key in "iijj":
            deck.app.post_message(Key(key, key))
        await deck.until(lambda: screen.browser.table.cursor_index == 2)
