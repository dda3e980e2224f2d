"""Sending again in the app: groups, changes, the yes, and one list of results afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import SelectionList

from tests.app_runs import SIZES, Deck, running
from tests.running import made_run
from tui.commands import SendRun
from tui.handlers import Services, run
from tui.model import Run
from tui.screens.dialogs import Confirm
from tui.screens.retrying import RetryDialog
from tui.screens.run import RunScreen
from tui.simulator import Simulator

INVALID = "error:invalid_request_error:max_tokens: too large"
EXPIRED = "expired"


def first_time(*fates: str) -> Callable[[int, str], str | None]:
    """Each custom_id has its fate the first time it is asked for; afterwards it succeeds."""
    seen: set[str] = set()

    def fate(position: int, custom_id: str) -> str | None:
        if custom_id in seen or position >= len(fates):
            return "prose"
        seen.add(custom_id)
        return fates[position]

    return fate


async def ended(services: Services, simulator: Simulator, *fates: str, size: int = 5) -> Run:
    """A run whose first requests came to these ends."""
    simulator.switches.duration, simulator.switches.fate = timedelta(), first_time(*fates)
    made = await made_run(services, (size,))
    sent: Run = await run(services, SendRun(made.id))
    return sent


async def asked(deck: Deck, made: Run) -> RetryDialog:
    """The dialog, opened from the list of batches."""
    await deck.until_polled()
    await deck.until(lambda: made.scope[0] in deck.home.entries)
    assert deck.table.move_to_key(made.scope[0])
    await deck.press("t")
    await deck.until(lambda: isinstance(deck.screen, RetryDialog))
    dialog = deck.screen
    assert isinstance(dialog, RetryDialog)
    return dialog


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_what_expired_is_sent_again_and_read_as_one(
    services: Services, simulator: Simulator, size: tuple[int, int]
) -> None:
    made = await ended(services, simulator, EXPIRED, EXPIRED, INVALID)
    async with running(services, size) as deck:
        dialog = await asked(deck, made)
        assert dialog.query_one(SelectionList).selected == ["expired"]
        await deck.until_shown("2 × expired", "1 × errored:invalid_request_error", "2 requests chosen")
        assert not [line for line in deck.lines() if len(line.rstrip()) > size[0]]
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.until_shown("Send 2 requests again?")
        await deck.press("y")
        await deck.until(lambda: simulator.creates == 2 and isinstance(deck.screen, RunScreen))
        screen = deck.screen
        assert isinstance(screen, RunScreen)
        await deck.until(
            lambda: screen.browser is not None and dict(screen.browser.summary.outcomes).get("succeeded") == 4
        )
        await deck.until_shown("5 results")
        assert any(notice.startswith("Launched 2 requests: msgbatch_") for notice in deck.notices)
        assert dict(screen.browser.summary.outcomes) == {"succeeded": 4, "errored": 1}  # type: ignore[union-attr]


async def test_what_would_fail_again_goes_with_a_change(services: Services, simulator: Simulator) -> None:
    made = await ended(services, simulator, INVALID)
    async with running(services) as deck:
        dialog = await asked(deck, made)
        assert dialog.query_one(SelectionList).selected == []
        await deck.press("enter")
        await deck.until_shown("Choose a group with space.")
        await deck.press("space")
        await deck.until_shown("1 request would fail again as they are")
        await deck.press("tab", "tab")
        await deck.type("no number")
        await deck.press("enter")
        await deck.until_shown("max_tokens must be a whole number, 1 or more.")
        field = dialog.query_one("#max_tokens")
        field.value = "32"  # type: ignore[attr-defined]
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: simulator.creates == 2)
    found = await services.store.runs.get(made.id)
    assert found is not None
    draft = services.paths.draft_file(found.launches[-1].id).read_bytes()
    assert draft.count(b'"max_tokens":32') == 1 == draft.count(b"\n")


@pytest.mark.parametrize("where", ["dialog", "question"])
async def test_walking_away_leaves_nothing(services: Services, simulator: Simulator, where: str) -> None:
    made = await ended(services, simulator, EXPIRED)
    before = sorted(services.paths.drafts.iterdir())
    async with running(services) as deck:
        await asked(deck, made)
        if where == "question":
            await deck.press("enter")
            await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)
        await deck.pilot.pause()
        await deck.until(lambda: sorted(services.paths.drafts.iterdir()) == before)
    assert simulator.creates == 1


async def test_nothing_to_be_sent_again_is_said(services: Services, simulator: Simulator) -> None:
    made = await ended(services, simulator)
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: made.scope[0] in deck.home.entries)
        deck.table.move_to_key(made.scope[0])
        assert deck.home.check_action("retry", ()) is None, "the key is greyed out"
        deck.app.push_screen(RunScreen(deck.app.desk, made.id))
        await deck.until(lambda: isinstance(deck.screen, RunScreen) and deck.screen.run is not None)
        assert isinstance(deck.screen, RunScreen)
        deck.screen.action_retry()
        await deck.until(lambda: any("whole answer" in notice for notice in deck.notices))


async def test_a_stranger_without_requests_is_told_of_attach(
    services: Services, simulator: Simulator
) -> None:
    batch = simulator.invent([("prose", 2), ("expired", 1)])
    async with running(services) as deck:
        await deck.until_polled()
        await deck.until(lambda: batch.id in deck.home.entries)
        deck.table.move_to_key(batch.id)
        await deck.press("t")
        await deck.until(lambda: isinstance(deck.screen, RetryDialog))
        await deck.press("enter")
        await deck.until(lambda: any("attach" in notice for notice in deck.notices))


@pytest.mark.parametrize("field", ["", "model", "max_tokens"])
async def test_the_editor_opens_wherever_the_focus_is(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    edited: list[Path] = []
    monkeypatch.setattr("tui.screens.retrying.edit_file", lambda _, path: edited.append(path))
    made = await ended(services, simulator, EXPIRED)
    async with running(services) as deck:
        dialog = await asked(deck, made)
        if field:
            dialog.query_one(f"#{field}").focus()
        await deck.press("ctrl+e")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        assert len(edited) == 1


async def test_what_is_wrong_with_all_of_them_is_said_once(services: Services, simulator: Simulator) -> None:
    made = await ended(services, simulator, EXPIRED, EXPIRED, EXPIRED)
    async with running(services, (80, 24)) as deck:
        dialog = await asked(deck, made)
        dialog.query_one("#model").value = "no-such-model"  # type: ignore[attr-defined]
        await deck.press("enter")
        await deck.until(lambda: any("no-such-model" in notice for notice in deck.notices))
        (notice,) = (each for each in deck.notices if "no-such-model" in each)
        assert notice.count("no-such-model") == 1 and "3 × request r-0: " in notice
        assert simulator.creates == 1
