"""Rule 1 on our own side: cancels, a store that fails, several senders."""

from __future__ import annotations

import asyncio
import errno
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.launching import (
    CREATE,
    WatchedGate,
    another_process,
    check_what_is_found,
    posts,
    prepared,
    refuses,
    state_of,
    stopped_at,
)
from tui.commands import Adopt, Drop, Send
from tui.errors import StoreError, Uncertain, UsageError
from tui.handlers import Services, run, sending, unfinished
from tui.handlers.locks import is_being_sent, sending_lock
from tui.model import DRAFT, FAILED, SENDING, SENT, UNCERTAIN, Launch
from tui.simulator import Gate, Simulator

# Stopping on the way


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
async def test_a_cancel_while_sending_is_uncertain(
    services: Services, simulator: Simulator, tmp_path: Path, effect: bool
) -> None:
    gate = WatchedGate()
    simulator.faults.add(CREATE, "delay", gate=gate, after_effect=effect)
    launch = await prepared(services, tmp_path)
    try:
        await stopped_at(run(services, Send(launch.id)), gate.reached)
    finally:
        gate.set()
    assert await state_of(services, launch) == UNCERTAIN
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    assert posts(simulator) == 1


async def test_a_cancel_while_the_end_is_written_waits_for_it(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launches = services.store.launches
    sent, reached = launches.sent, Gate()

    async def slow(*arguments: Any) -> None:
        reached.set()
        for _ in range(20):
            await asyncio.sleep(0)
        await sent(*arguments)

    monkeypatch.setattr(launches, "sent", slow)
    launch = await prepared(services, tmp_path)
    await stopped_at(run(services, Send(launch.id)), reached)
    assert await state_of(services, launch) == SENT
    assert posts(simulator) == 1


async def test_a_draft_that_the_disk_does_not_give_is_not_sent(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise OSError(errno.EIO, "Input/output error")

    launch = await prepared(services, tmp_path)
    monkeypatch.setattr(sending, "has_sum", broken)
    with pytest.raises(StoreError, match="cannot be read: Input/output error"):
        await run(services, Send(launch.id))
    assert (posts(simulator), await state_of(services, launch)) == (0, DRAFT)


async def test_a_cancel_before_the_first_byte_leaves_it_sendable(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launches = services.store.launches
    start, reached = launches.start, Gate()

    async def slow(*arguments: Any, **named: Any) -> bool:
        reached.set()
        for _ in range(20):
            await asyncio.sleep(0)
        return await start(*arguments, **named)

    monkeypatch.setattr(launches, "start", slow)
    launch = await prepared(services, tmp_path)
    await stopped_at(run(services, Send(launch.id)), reached)
    assert posts(simulator) == 0
    assert await state_of(services, launch) == FAILED
    assert await unfinished(services) == []
    await run(services, Send(launch.id))
    assert posts(simulator) == 1


async def test_an_error_nobody_thought_of_is_uncertain(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(services.api, "create", broken)
    launch = await prepared(services, tmp_path)
    with pytest.raises(ZeroDivisionError):
        await run(services, Send(launch.id))
    assert await state_of(services, launch) == UNCERTAIN


# A store that fails


async def test_nothing_is_sent_when_the_intent_cannot_be_written(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> bool:
        refuses()

    launch = await prepared(services, tmp_path)
    monkeypatch.setattr(services.store.launches, "start", full)
    with pytest.raises(StoreError):
        await run(services, Send(launch.id))
    assert posts(simulator) == 0


async def test_a_batch_that_cannot_be_noted_is_named_and_found_again(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        refuses()

    launch = await prepared(services, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(services.store.launches, "sent", full)
        with pytest.raises(
            Uncertain, match=r"msgbatch_.* was created, but could not be noted: The disk is full"
        ):
            await run(services, Send(launch.id))
    assert await state_of(services, launch) == UNCERTAIN
    await check_what_is_found(services, launch, simulator.account.batches)
    assert posts(simulator) == 1


async def test_an_unclear_end_that_cannot_be_noted_is_unclear_all_the_same(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        refuses()

    simulator.faults.add(CREATE, "overloaded")
    launch = await prepared(services, tmp_path)
    monkeypatch.setattr(services.store.launches, "uncertain", full)
    with pytest.raises(Uncertain):
        await run(services, Send(launch.id))
    ((found, _),) = await unfinished(services)
    assert (found.id, found.state) == (launch.id, SENDING)


# Several at once


async def test_two_senders_send_once(services: Services, simulator: Simulator, tmp_path: Path) -> None:
    launch = await prepared(services, tmp_path)
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(another_process(services)) for _ in range(3)]
        attempts = [run(each, Send(launch.id)) for each in (services, *others) for _ in range(2)]
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    sent = [outcome for outcome in outcomes if isinstance(outcome, Launch)]
    assert len(sent) == 1
    assert all(isinstance(outcome, UsageError) for outcome in outcomes if outcome is not sent[0])
    assert (posts(simulator), simulator.creates) == (1, 1)


async def test_what_is_being_sent_is_left_alone_by_others(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    gate = Gate()
    fault = simulator.faults.add(CREATE, "delay", gate=gate)
    launch = await prepared(services, tmp_path)
    sending = asyncio.ensure_future(run(services, Send(launch.id)))
    await fault.reached.wait()
    async with another_process(services) as other:
        assert await state_of(other, launch) == SENDING
        assert await unfinished(other) == []
        for command in (Send(launch.id), Send(launch.id, again=True), Drop(launch.id), Adopt(launch.id, "x")):
            with pytest.raises(UsageError, match="is being sent at this moment"):
                await run(other, command)
        gate.set()
        assert (await sending).state == SENT
        assert not is_being_sent(other.paths.draft_file(launch.id))
    assert posts(simulator) == 1


def test_a_lock_is_held_once_and_given_back(tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    with pytest.raises(FileNotFoundError), sending_lock(draft):
        raise AssertionError
    assert not is_being_sent(draft)
    draft.touch()
    with sending_lock(draft):
        assert is_being_sent(draft)
        with pytest.raises(UsageError), sending_lock(draft):
            raise AssertionError
    assert not is_being_sent(draft)
