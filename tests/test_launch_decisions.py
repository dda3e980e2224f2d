"""What the user may decide about launches and drafts, and what is refused."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.launching import (
    CREATE,
    check_what_is_found,
    posts,
    prepared,
    refuses,
    state_of,
    write_source,
)
from tui.commands import Adopt, Drop, Prepare, Send
from tui.errors import BadSource, DeckError, StoreError, Uncertain, UsageError
from tui.handlers import Services, compare, launches, run, same_content
from tui.model import DRAFT, DROPPED, SENT, UNCERTAIN
from tui.simulator import Simulator

# The user's word


async def test_the_user_may_send_an_uncertain_launch_again(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add(CREATE, "drop")
    launch = await prepared(services, tmp_path)
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    sent = await run(services, Send(launch.id, again=True))
    assert (sent.state, posts(simulator), simulator.creates) == (SENT, 2, 1)


async def test_a_refused_repetition_does_not_settle_the_first_attempt(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add(CREATE, "drop", after_effect=True)
    simulator.faults.add(CREATE, "rate_limit")
    launch = await prepared(services, tmp_path)
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    with pytest.raises(DeckError):
        await run(services, Send(launch.id, again=True))
    assert await state_of(services, launch) == UNCERTAIN
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    assert posts(simulator) == 2
    await check_what_is_found(services, launch, simulator.account.batches)


async def test_a_dropped_launch_loses_its_draft_and_is_never_sent(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add(CREATE, "drop", after_effect=True)
    launch = await prepared(services, tmp_path)
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    done = await run(services, Drop(launch.id))
    assert "still listed" in done.message
    assert not services.paths.draft_file(launch.id).exists()
    assert await state_of(services, launch) == DROPPED
    for again in (False, True):
        with pytest.raises(UsageError, match="given up"):
            await run(services, Send(launch.id, again=again))
    assert posts(simulator) == 1


async def test_a_batch_is_adopted_by_one_launch_only(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    first = await prepared(services, tmp_path)
    second = await prepared(services, tmp_path)
    sent = await run(services, Send(first.id))
    simulator.faults.add(CREATE, "overloaded")
    with pytest.raises(Uncertain):
        await run(services, Send(second.id))
    assert await compare(services, second.id) == []
    with pytest.raises(UsageError, match="belongs to another launch"):
        await run(services, Adopt(second.id, sent.batch_id))
    with pytest.raises(UsageError, match="No such batch"):
        await run(services, Adopt(second.id, "msgbatch_unknown"))
    with pytest.raises(UsageError, match="nothing to adopt"):
        await run(services, Adopt(first.id, sent.batch_id))


async def test_the_same_requests_are_recognised(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    first = await prepared(services, tmp_path)
    second, _ = await run(services, Prepare((write_source(tmp_path),)))
    assert await same_content(services, second) == []
    await run(services, Send(first.id))
    assert [each.id for each in await same_content(services, second)] == [first.run_id]


# Drafts


@pytest.mark.parametrize("change", ["longer", "shorter", "other", "gone"])
async def test_a_draft_that_changed_is_not_sent(
    services: Services, simulator: Simulator, tmp_path: Path, change: str
) -> None:
    launch = await prepared(services, tmp_path)
    draft = services.paths.draft_file(launch.id)
    raw = draft.read_bytes()
    changed = {"longer": raw + raw, "shorter": raw[:-20], "other": raw.replace(b"64", b"65")}
    if change == "gone":
        draft.unlink()
    else:
        draft.write_bytes(changed[change])
    with pytest.raises(UsageError, match="no longer there" if change == "gone" else "has changed"):
        await run(services, Send(launch.id))
    assert (await state_of(services, launch), posts(simulator)) == (DRAFT, 0)


async def test_a_bad_source_leaves_no_draft_and_no_launch(services: Services, tmp_path: Path) -> None:
    source = write_source(tmp_path)
    source.write_bytes(source.read_bytes() + b"{}\n")
    with pytest.raises(BadSource, match=r"tickets\.jsonl cannot be sent: 2 problems") as caught:
        await run(services, Prepare((source,)))
    assert caught.value.draft is not None
    assert caught.value.draft.problem_count == 2
    assert list(services.paths.drafts.iterdir()) == []
    assert await services.store.launches.all((await services.account()).id) == []


async def test_a_draft_without_a_launch_is_not_left_behind(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        refuses()

    monkeypatch.setattr(services.store.runs, "add", full)
    with pytest.raises(StoreError):
        await run(services, Prepare((write_source(tmp_path),)))
    assert list(services.paths.drafts.iterdir()) == []


async def test_an_unknown_launch_is_said(services: Services, simulator: Simulator) -> None:
    for command in (Send("nothing"), Adopt("nothing", "x"), Drop("nothing")):
        with pytest.raises(UsageError, match="No such launch"):
            await run(services, command)
    assert posts(simulator) == 0


async def test_a_draft_is_removed_off_the_event_loop(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = await prepared(services, tmp_path)
    removed: dict[Path, threading.Thread] = {}
    monkeypatch.setattr(launches, "remove", lambda file: removed.update({file: threading.current_thread()}))
    await run(services, Drop(launch.id))
    assert services.paths.draft_file(launch.id) in removed
    assert threading.main_thread() not in removed.values()
