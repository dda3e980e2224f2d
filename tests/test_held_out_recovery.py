"""Drafts, stores and processes as they are found after something went wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.launching import posts, prepared, refuses, state_of
from tests.running import made_run
from tui.commands import Drop, Send, SendRun
from tui.errors import StoreError, Uncertain
from tui.handlers import Services, run
from tui.model import DRAFT, DROPPED
from tui.simulator import Simulator


async def test_a_draft_that_became_a_folder_is_told_of_and_can_be_dropped(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    launch = await prepared(services, tmp_path)
    draft = services.paths.draft_file(launch.id)
    draft.unlink()
    draft.mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        await run(services, Send(launch.id))
    assert (await state_of(services, launch), posts(simulator)) == (DRAFT, 0)
    await run(services, Drop(launch.id))
    assert await state_of(services, launch) == DROPPED


async def test_a_disk_full_at_the_end_of_a_run_does_not_hide_that_a_batch_was_created(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await made_run(services)
    go = services.store.runs.go

    async def full_at_the_end(run_id: str, going: int, problem: str = "") -> None:
        await go(run_id, going, problem) if going else refuses()

    async def full(*_: object) -> None:
        refuses()

    monkeypatch.setattr(services.store.runs, "go", full_at_the_end)
    monkeypatch.setattr(services.store.launches, "sent", full)
    monkeypatch.setattr(services.store.launches, "uncertain", full)
    with pytest.raises(Uncertain, match=r"msgbatch_.* was created, but could not be noted"):
        await run(services, SendRun(made.id))
    assert posts(simulator) == 1


async def test_a_run_that_was_sent_says_so_though_its_end_cannot_be_noted(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await made_run(services, (2, 1))
    go = services.store.runs.go

    async def full_at_the_end(run_id: str, going: int, problem: str = "") -> None:
        await go(run_id, going, problem) if going else refuses()

    monkeypatch.setattr(services.store.runs, "go", full_at_the_end)
    sent = await run(services, SendRun(made.id))
    assert (len(sent.scope), posts(simulator)) == (2, 2)
