"""Marks beside drafts: an older copy of the store, or a new one, leads to no second batch and loses none."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import stat
import threading
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.launching import CREATE, another_process, posts, prepared, state_of, write_source
from tests.running import made_run
from tui.cli.sending import resume
from tui.commands import Adopt, Command, Drop, Prepare, Send, SendRun
from tui.errors import DeckError, StoreError, Uncertain, UsageError
from tui.handlers import Services, compare, marks, recall, run, same_content, sweep, unfinished
from tui.handlers.locks import sending_lock
from tui.handlers.marks import Mark, put, read
from tui.model import DRAFT, FAILED, SENT, UNCERTAIN, Account, Launch, Run
from tui.simulator import Gate, Simulator


@pytest.fixture
async def launch(services: Services, tmp_path: Path) -> Launch:
    return await prepared(services, tmp_path)


def mark_of(services: Services, launch: Launch) -> Path:
    return services.paths.mark_file(launch.id)


def backup(services: Services, folder: Path) -> Path:
    """A copy of the store as it is now, taken as SQLite's own tools would."""
    copy = folder / "backup.db"
    with sqlite3.connect(services.paths.state_db) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    return copy


@asynccontextmanager
async def restored(services: Services, copy: Path | None) -> AsyncIterator[Services]:
    """A program that is started with this store in the place of ours, or with none."""
    places = replace(services.paths, data=services.paths.data.with_name("restored")).make()
    shutil.copytree(services.paths.drafts, places.drafts, dirs_exist_ok=True)
    if copy is not None:
        shutil.copy(copy, places.state_db)
    async with another_process(replace(services, paths=places)) as later:
        yield later


async def test_a_mark_names_the_batch_and_nothing_that_is_secret(services: Services, launch: Launch) -> None:
    sent: Launch = await run(services, Send(launch.id))
    path = mark_of(services, launch)
    mark = read(path)
    assert mark is not None and mark.launch == replace(sent, problem="")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"Classify" not in path.read_bytes()


async def test_what_an_older_store_would_send_again_is_not_sent(
    services: Services, launch: Launch, simulator: Simulator, tmp_path: Path
) -> None:
    copy = backup(services, tmp_path)
    sent: Launch = await run(services, Send(launch.id))
    async with restored(services, copy) as later:
        assert await state_of(later, launch) == DRAFT
        with pytest.raises(UsageError, match=f"was sent already, as batch {sent.batch_id}"):
            await run(later, SendRun(launch.run_id))
        assert await state_of(later, launch) == SENT
    assert posts(simulator) == 1


async def test_an_unclear_end_that_an_older_store_does_not_know_stays_unclear(
    services: Services, launch: Launch, simulator: Simulator, tmp_path: Path
) -> None:
    copy = backup(services, tmp_path)
    simulator.faults.add(CREATE, "drop", after_effect=True)
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    async with restored(services, copy) as later:
        with pytest.raises(Uncertain):
            await run(later, Send(launch.id))
        (candidate,) = await compare(later, launch.id)
        await run(later, Adopt(launch.id, candidate.batch.id))
        mark = read(mark_of(later, launch))
        assert mark is not None and mark.launch.batch_id == candidate.batch.id
    assert posts(simulator) == 1


async def test_a_store_that_was_lost_gets_its_launches_back(
    services: Services, launch: Launch, tmp_path: Path
) -> None:
    sent: Launch = await run(services, Send(launch.id))
    async with restored(services, None) as later:
        assert await recall(later) == 1
        assert await later.store.launches.get(launch.id) == sent
        assert await recall(later) == 0
        again, _ = await run(later, Prepare((write_source(tmp_path),), "again"))
        (twin,) = await same_content(later, again)
        assert (twin.id, twin.scope, twin.kind) == (launch.run_id, (sent.batch_id,), "requests")


async def test_the_draft_of_a_launch_that_nobody_remembers_is_kept(
    services: Services, launch: Launch
) -> None:
    await run(services, Send(launch.id))
    async with restored(services, None) as later:
        draft = later.paths.draft_file(launch.id)
        os.utime(draft, (0, 0))
        assert await sweep(later) == 0
        assert draft.exists()


async def test_the_origins_of_a_run_of_which_only_a_sample_was_sent_are_kept(services: Services) -> None:
    made = await made_run(services, (2,), sample=1)
    await run(services, SendRun(made.id, sample_only=True))
    services.paths.origins_file(made.id).touch()
    os.utime(services.paths.origins_file(made.id), (0, 0))
    async with restored(services, None) as later:
        assert await sweep(later) == 0
        assert await recall(later) == 1
        for launch in made.launches:
            mark_of(later, launch).unlink(missing_ok=True)
        assert await sweep(later) == 0
        assert later.paths.origins_file(made.id).exists()


async def test_whose_a_launch_was_is_asked_where_the_store_does_not_know_whose_it_is(
    services: Services, launch: Launch, tmp_path: Path
) -> None:
    await services.sync.poll()  # which names the account
    sent: Launch = await run(services, Send(launch.id))
    theirs = await prepared(services, tmp_path)
    account = replace(await services.account(), organization="another")
    mark = Mark.of(
        replace(theirs, state=SENT, batch_id="b"), Run(theirs.run_id, (), theirs.created_at), account
    )
    put(mark_of(services, theirs), mark)
    async with restored(services, None) as later:
        assert await recall(later) == 0
        assert await recall(later, ask=True) == 1
        assert await later.store.launches.states() == {sent.id: SENT}


async def test_launches_of_another_account_are_not_taken(services: Services, launch: Launch) -> None:
    sent: Launch = await run(services, Send(launch.id))
    account = Account(1, "https://elsewhere.example")
    put(mark_of(services, launch), Mark.of(sent, Run(launch.run_id, (), launch.created_at), account))
    async with restored(services, None) as later:
        assert await recall(later) == 0


@pytest.mark.parametrize(
    ("mine", "theirs", "is_same"),
    [
        (("o", "w"), ("o", "w"), True),
        (("o", "w"), ("", ""), False),
        (("o", "w"), ("o", ""), False),
        (("o", ""), ("o", "w"), True),
        (("", ""), ("o", "w"), True),
        (("o", "w"), ("o", "v"), False),
        (("p", ""), ("o", "w"), False),
    ],
)
def test_an_account_is_told_by_what_is_known_of_it(
    mine: tuple[str, str], theirs: tuple[str, str], is_same: bool, launch: Launch
) -> None:
    mark = Mark.of(launch, Run(launch.id, (), launch.created_at), Account(1, "url", *mine))
    assert mark.is_of(Account(2, "url", *theirs)) is is_same


async def test_a_definite_no_takes_the_mark_away(
    services: Services, launch: Launch, simulator: Simulator
) -> None:
    simulator.faults.add(CREATE, "status", status=400)
    with pytest.raises(DeckError):
        await run(services, Send(launch.id))
    assert not mark_of(services, launch).exists()
    assert await recall(services) == 0
    assert await state_of(services, launch) == FAILED
    await run(services, Send(launch.id))


async def test_a_no_after_an_unclear_end_leaves_it(
    services: Services, launch: Launch, simulator: Simulator
) -> None:
    simulator.faults.add(CREATE, "drop", after_effect=True)
    simulator.faults.add(CREATE, "status", status=400)
    for again in (False, True):
        with pytest.raises(DeckError):
            await run(services, Send(launch.id, again=again))
    assert await state_of(services, launch) == UNCERTAIN
    assert mark_of(services, launch).exists()


async def test_what_cannot_be_marked_is_not_sent(
    services: Services, launch: Launch, simulator: Simulator
) -> None:
    mark = mark_of(services, launch)
    mark.with_name(f"{mark.name}.part").mkdir()  # where it would be written first
    with pytest.raises(StoreError, match="cannot be noted beside the draft"):
        await run(services, Send(launch.id))
    assert (posts(simulator), await state_of(services, launch)) == (0, FAILED)


async def test_a_launch_given_up_leaves_no_mark(
    services: Services, launch: Launch, simulator: Simulator
) -> None:
    simulator.faults.add(CREATE, "drop", after_effect=True)
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    await run(services, Drop(launch.id))
    assert not mark_of(services, launch).exists()


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b'{"launch": {"id": "x"}}', b"\xff", b"[" * 100_000])
async def test_a_mark_that_cannot_be_read_says_at_least_that_something_was_sent(
    services: Services, launch: Launch, simulator: Simulator, text: bytes
) -> None:
    mark_of(services, launch).write_bytes(text)
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    found = await services.store.launches.get(launch.id)
    assert found is not None and found.sent_at is not None and not posts(simulator)
    async with restored(services, None) as later:
        assert await recall(later) == 0  # of whose launch it is, it says nothing


@pytest.mark.parametrize(
    "odd",
    [
        {"requests": 10**30},
        {"part": 2**63},
        {"attempt": -1},
        {"sent_at": "0001-01-01T00:00:00+14:00"},
        {"first_sent_at": "9999-12-31T23:59:59-14:00"},
    ],
)
async def test_a_mark_that_no_store_could_keep_says_no_more_than_one_that_cannot_be_read(
    services: Services, launch: Launch, simulator: Simulator, tmp_path: Path, odd: dict[str, object]
) -> None:
    copy = backup(services, tmp_path)
    await run(services, Send(launch.id))
    mark = json.loads(mark_of(services, launch).read_bytes())
    mark["launch"] |= odd
    mark_of(services, launch).write_text(json.dumps(mark))
    async with restored(services, copy) as later:
        assert await recall(later) == 1
        ((found, _),) = await unfinished(later)
        assert (found.id, found.requests) == (launch.id, launch.requests)
        with pytest.raises(Uncertain):
            await run(later, Send(launch.id))
    assert posts(simulator) == 1


async def test_what_is_being_sent_is_left_to_its_sender(services: Services, launch: Launch) -> None:
    mark_of(services, launch).write_bytes(b"")
    with sending_lock(services.paths.draft_file(launch.id)):
        assert await recall(services) == 0
    assert await recall(services) == 1


async def test_a_batch_that_the_store_could_not_note_is_known_by_its_mark(
    services: Services, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(type(services.store.launches), "sent", refuse)
        with pytest.raises(Uncertain):
            await run(services, Send(launch.id))
    assert await state_of(services, launch) == UNCERTAIN
    assert await recall(services) == 1
    assert await state_of(services, launch) == SENT


async def cancelled_while_it_is_named(work: Coroutine[Any, Any, Any], patch: pytest.MonkeyPatch) -> None:
    """Cancel the work when the batch exists and its mark is about to name it."""
    loop, reached, go_on, name = asyncio.get_running_loop(), Gate(), threading.Event(), marks.name

    def slow(path: Path, batch_id: str) -> None:
        loop.call_soon_threadsafe(reached.set)
        go_on.wait()
        name(path, batch_id)

    patch.setattr(marks, "name", slow)
    task = asyncio.ensure_future(work)
    await reached.wait()
    task.cancel()
    loop.call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancel_while_the_batch_is_named_waits_until_the_store_knows_it(
    services: Services, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cancelled_while_it_is_named(run(services, Send(launch.id)), monkeypatch)
    assert await state_of(services, launch) == SENT


async def test_a_batch_that_exists_when_it_is_interrupted_is_told(
    services: Services, launch: Launch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Namespace(resume=launch.id, again=True, yes=True, json=False)
    await services.store.launches.uncertain(launch.id, "The line was cut.")
    await cancelled_while_it_is_named(resume(services, options), monkeypatch)
    known = await services.store.launches.get(launch.id)
    assert known is not None and f"Launched 5 requests as {known.batch_id}." in capsys.readouterr().err


async def test_what_was_claimed_but_cannot_be_looked_at_was_not_sent(
    services: Services, launch: Launch, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start(*arguments: object, **named: bool) -> bool:
        claimed: bool = await claim(*arguments, **named)
        monkeypatch.setattr(services.store.launches, "get", refuse)
        return claimed

    async def refuse(*_: object) -> None:
        monkeypatch.undo()
        raise StoreError("The disk does not let it be read.")

    claim: Any = services.store.launches.start
    monkeypatch.setattr(services.store.launches, "start", start)
    with pytest.raises(StoreError):
        await run(services, Send(launch.id))
    assert (posts(simulator), await state_of(services, launch)) == (0, FAILED)


@pytest.mark.parametrize("wish", [Drop, lambda id: Adopt(id, "msgbatch_other")])
async def test_what_its_mark_knows_as_sent_is_neither_dropped_nor_adopted(
    services: Services, launch: Launch, wish: Callable[[str], Command]
) -> None:
    sent: Launch = await run(services, Send(launch.id))
    await services.store.runs.recall(
        (await services.account()).id,
        Run(launch.run_id, (), launch.created_at),
        sent.to(UNCERTAIN, batch_id=None),
    )
    with pytest.raises(UsageError, match="sent"):
        await run(services, wish(launch.id))
    known = await services.store.launches.get(launch.id)
    assert known is not None and known.batch_id == sent.batch_id
    assert services.paths.draft_file(launch.id).exists()


async def test_an_adopted_batch_is_named_off_the_event_loop(
    services: Services, launch: Launch, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    monkeypatch.setattr(marks, "name", lambda *_: threads.append(threading.current_thread()))
    simulator.faults.add(CREATE, "drop", after_effect=True)
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    (candidate,) = await compare(services, launch.id)
    await run(services, Adopt(launch.id, candidate.batch.id))
    assert len(threads) == 1 and threads[0] is not threading.main_thread()


async def test_a_batch_that_is_another_launchs_by_now_leaves_an_unclear_end(
    services: Services, launch: Launch, simulator: Simulator, tmp_path: Path
) -> None:
    sent: Launch = await run(services, Send(launch.id))
    assert sent.batch_id is not None
    other = await prepared(services, tmp_path)
    account = await services.account()
    later = replace(other, state=SENT, batch_id=sent.batch_id, sent_at=other.created_at + timedelta(1))
    put(mark_of(services, other), Mark.of(later, Run(other.run_id, (), other.created_at), account))
    assert await recall(services) == 1
    assert await recall(services) == 0
    assert await state_of(services, other) == UNCERTAIN  # it was sent, whatever became of it
    with pytest.raises(Uncertain):
        await run(services, SendRun(other.run_id))
    assert posts(simulator) == 1


async def test_a_mark_of_another_launch_says_at_least_that_something_was_sent(
    services: Services, launch: Launch, simulator: Simulator, tmp_path: Path
) -> None:
    await run(services, Send(launch.id))
    other = await prepared(services, tmp_path)
    shutil.copy(mark_of(services, launch), mark_of(services, other))
    with pytest.raises(Uncertain):
        await run(services, Send(other.id))
    assert (await state_of(services, launch), posts(simulator)) == (SENT, 1)


async def test_a_launch_stays_with_its_account_whoever_looks(
    services: Services, launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = await services.account()
    copy = backup(services, tmp_path)
    await run(services, Send(launch.id))
    async with restored(services, copy) as later:
        monkeypatch.setattr(type(services.api), "fingerprint", lambda *_: "another credential")
        theirs = await later.account()
        assert theirs.id != mine.id
        assert await recall(later) == 1
        assert [each.id for each in await later.store.launches.all(mine.id)] == [launch.id]
        assert await later.store.launches.all(theirs.id) == []


@pytest.mark.parametrize("made_at", [-(10**11), 10**12])
async def test_a_mark_that_no_calendar_has_a_time_for_counts_all_the_same(
    services: Services, launch: Launch, made_at: int
) -> None:
    mark_of(services, launch).write_bytes(b"")
    os.utime(mark_of(services, launch), (made_at, made_at))
    assert await recall(services) == 1
    found = await services.store.launches.get(launch.id)
    assert found is not None and found.sent_at is not None
    assert await services.store.launches.candidates(found, (await services.account()).id) == []
