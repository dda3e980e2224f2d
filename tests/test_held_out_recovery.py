"""Drafts, stores and processes as they are found after something went wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.launching import posts, prepared, refuses, state_of
from tests.retrying import OVERLOADED, again, counts, new_launches, tried_once
from tests.running import made_run
from tui.commands import Attach, Drop, Send, SendRun
from tui.errors import StoreError, Uncertain, UsageError
from tui.handlers import Services, retrying, run
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


@pytest.mark.parametrize("damage", ["altered", "truncated"])
async def test_a_draft_that_changed_after_it_was_sent_is_not_tried_again(
    services: Services, simulator: Simulator, tmp_path: Path, damage: str
) -> None:
    made = await tried_once(services, simulator, dict.fromkeys(("r-0", "r-4"), OVERLOADED), (5,))
    (launch,) = made.launches
    draft = services.paths.draft_file(launch.id)
    whole = draft.read_bytes()
    draft.write_bytes(whole.replace(b"word", b"lie") if damage == "altered" else whole[: len(whole) // 2])
    assert await counts(services, made.id) == {"errored:overloaded_error": 2}
    with pytest.raises(UsageError, match="has changed since it was sent") as caught:
        await again(services, made.id)
    with pytest.raises(UsageError, match="has changed since it was sent"):
        await retrying.write_chosen(services, made.id, (), tmp_path / "edited.jsonl")
    assert f"batchdeck attach {launch.batch_id} FILE" in caught.value.hint

    draft.unlink()  # as the hint says
    mine = tmp_path / "mine.jsonl"
    mine.write_bytes(whole)
    await run(services, Attach(launch.batch_id or "", mine))
    (new,) = new_launches(await again(services, made.id))
    assert new.requests == 2
