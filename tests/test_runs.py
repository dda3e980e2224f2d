"""Runs: several launches sent as one act, each of them once, whatever comes in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.launching import another_process
from tests.running import CREATE, impatient, made_run, posts
from tui.commands import Adopt, DropRun, Send, SendRun, StopRun
from tui.errors import DeckError, ReadOnly, Refused, SlowedDown, StoreError, Uncertain, UsageError
from tui.handlers import Services, run, running, unfinished
from tui.model import DRAFT, DROPPED, FAILED, PARTIAL, SENT, UNCERTAIN, Run, utc_now
from tui.simulator import Simulator


async def known(services: Services, of: Run) -> Run:
    found = await services.store.runs.get(of.id)
    assert found is not None
    return found


def end_all(simulator: Simulator) -> None:
    for batch in simulator.account.batches.values():
        batch.end(utc_now())


@pytest.mark.parametrize("lanes", [1, 2, 5])
async def test_every_part_becomes_one_batch(services: Services, simulator: Simulator, lanes: int) -> None:
    made = await made_run(services)
    sent: Run = await run(services, SendRun(made.id, side_by_side=lanes))
    assert [launch.state for launch in sent.launches] == [SENT] * 3
    assert (sent.state, sent.going, sent.problem) == (SENT, 0, "")
    assert len(set(sent.scope)) == 3 == posts(simulator)
    sizes = [len(simulator.account.batches[batch_id].work) for batch_id in sent.scope]
    assert sizes == [2, 2, 1]
    with pytest.raises(UsageError, match="Nothing of run “tickets” waits"):
        await run(services, SendRun(made.id))


async def test_a_sample_goes_alone_and_the_rest_when_wanted(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (3,), sample=2)
    first: Run = await run(services, SendRun(made.id, sample_only=True))
    assert [(each.part, each.state) for each in first.launches] == [(0, SENT), (1, DRAFT)]
    assert (first.state, first.going, posts(simulator)) == (PARTIAL, 0, 1)
    with pytest.raises(UsageError, match="no sample"):
        await run(services, SendRun(made.id, sample_only=True))
    rest: Run = await run(services, SendRun(made.id))
    assert (rest.state, len(rest.scope), posts(simulator)) == (SENT, 2, 2)


async def test_a_full_queue_is_waited_for(services: Services, simulator: Simulator) -> None:
    simulator.switches.queue = 2
    made = await made_run(services, (2, 2))
    async with impatient(services) as (told, heard):
        sending = asyncio.ensure_future(run(told, SendRun(made.id)))
        said = await heard.until_waiting(made.id)
        assert "processing queue" in said and "part 2 of 2 waits" in said
        assert [each.state for each in (await known(services, made)).launches] == [SENT, FAILED]
        end_all(simulator)
        await services.sync.poll()
        sent: Run = await sending
    assert (sent.state, sent.problem, simulator.creates) == (SENT, "", 2)


async def test_a_wish_how_long_to_wait_is_obeyed(services: Services, simulator: Simulator) -> None:
    simulator.switches.queue, simulator.switches.queue_retry_after = 0, 0
    made = await made_run(services, (1,))
    async with impatient(services) as (told, heard):
        sending = asyncio.ensure_future(run(told, SendRun(made.id)))
        assert "it waits" in await heard.until_waiting(made.id)
        simulator.switches.queue = None
        await sending
    assert simulator.creates == 1


async def test_nobody_need_wait(services: Services, simulator: Simulator) -> None:
    simulator.switches.queue = 0
    made = await made_run(services, (1,))
    with pytest.raises(SlowedDown):
        await run(services, SendRun(made.id, wait=False))
    found = await known(services, made)
    assert (found.going, found.state) == (0, FAILED)
    assert "processing queue" in found.problem


async def test_a_spending_limit_of_the_service_is_not_waited_for(
    services: Services, simulator: Simulator
) -> None:
    made = await made_run(services, (1, 1))
    simulator.faults.add(CREATE, "spend_limit")
    with pytest.raises(SlowedDown):
        await run(services, SendRun(made.id))
    found = await known(services, made)
    assert (found.going, posts(simulator), simulator.creates) == (0, 1, 0)


async def test_a_restart_goes_on_with_what_was_not_sent(services: Services, simulator: Simulator) -> None:
    simulator.switches.queue = 2
    made = await made_run(services, (2, 2, 2))
    async with impatient(services) as (told, heard):
        sending = asyncio.ensure_future(run(told, SendRun(made.id)))
        await heard.until_waiting(made.id)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    simulator.switches.queue = None
    async with another_process(services) as later:
        account = await later.account()
        (going,) = await later.store.runs.going(account.id)
        assert [each.part for each in going.due] == [2, 3]
        sent: Run = await run(later, SendRun(going.id))
    assert (sent.state, simulator.creates) == (SENT, 3)


async def test_what_was_not_said_yes_to_does_not_go_by_itself(
    services: Services, simulator: Simulator
) -> None:
    made = await made_run(services, (1,))
    account = await services.account()
    assert await services.store.runs.going(account.id) == []
    await services.store.runs.go(made.id, 1)
    retry = replace(made.launches[0], id="retry", attempt=2, part=1)
    await services.store.runs.add_attempt(account.id, [retry])
    (going,) = await services.store.runs.going(account.id)
    assert [each.id for each in going.due] == [made.id], "the yes was for the first attempt"


async def test_stopping_ends_the_yes(services: Services, simulator: Simulator) -> None:
    simulator.switches.queue = 2
    made = await made_run(services, (2, 2))
    async with impatient(services) as (told, heard):
        sending = asyncio.ensure_future(run(told, SendRun(made.id)))
        await heard.until_waiting(made.id)
        await run(services, StopRun(made.id))
        await sending
    found = await known(services, made)
    assert (found.going, found.state, simulator.creates) == (0, PARTIAL, 1)
    simulator.switches.queue = None
    sent: Run = await run(services, SendRun(made.id))
    assert sent.state == SENT


@pytest.mark.parametrize("lanes", [1, 3])
async def test_an_unclear_end_stops_the_run_until_it_is_settled(
    services: Services, simulator: Simulator, lanes: int
) -> None:
    made = await made_run(services, (2, 1, 3))
    simulator.faults.add(CREATE, "drop", after_effect=True)
    with pytest.raises(Uncertain):
        await run(services, SendRun(made.id, side_by_side=lanes))
    found = await known(services, made)
    assert (found.state, found.going) == (UNCERTAIN, 0)
    assert simulator.creates == (1 if lanes == 1 else 3), "those beside it came to their own ends"
    with pytest.raises(Uncertain):
        await run(services, SendRun(made.id))
    await services.sync.poll()
    ((launch, candidates),) = await unfinished(services)
    (candidate,) = candidates
    await run(services, Adopt(launch.id, candidate.batch.id))
    if lanes == 1:
        await run(services, SendRun(made.id))
    assert (await known(services, made)).state == SENT
    assert simulator.creates == 3


async def test_an_unclear_end_beside_a_refusal_is_the_one_that_is_told(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await made_run(services, (2, 2))
    refused = asyncio.Event()

    async def send(_: Services, command: Send) -> None:
        if command.launch_id == made.launches[0].id:
            refused.set()
            raise Refused("The service refused.")
        await refused.wait()
        raise Uncertain("It may have created a batch.")

    monkeypatch.setattr(running, "send", send)
    with pytest.raises(Uncertain):
        await run(services, SendRun(made.id, side_by_side=2))


async def test_a_run_that_cannot_be_held_is_not_sent(services: Services, simulator: Simulator) -> None:
    made = await made_run(services)
    services.paths.run_lock(made.id).mkdir()
    with pytest.raises(StoreError, match="cannot be made"):
        await run(services, SendRun(made.id))
    assert posts(simulator) == 0


async def test_a_refusal_stops_the_run(services: Services, simulator: Simulator) -> None:
    made = await made_run(services)
    simulator.faults.add(CREATE, "billing")
    with pytest.raises(DeckError):
        await run(services, SendRun(made.id))
    found = await known(services, made)
    assert [each.state for each in found.launches] == [FAILED, DRAFT, DRAFT]
    assert (found.state, found.going, posts(simulator)) == (FAILED, 0, 1)
    assert found.problem
    sent: Run = await run(services, SendRun(made.id))
    assert sent.state == SENT


async def test_one_process_sends_a_run(services: Services, simulator: Simulator) -> None:
    simulator.switches.queue = 0
    made = await made_run(services, (1,))
    async with impatient(services) as (told, heard):
        sending = asyncio.ensure_future(run(told, SendRun(made.id)))
        await heard.until_waiting(made.id)
        async with another_process(services) as other:
            with pytest.raises(UsageError, match="Run “tickets” is being sent at this moment"):
                await run(other, SendRun(made.id))
            with pytest.raises(UsageError, match="at this moment"):
                await run(other, DropRun(made.id))
        simulator.switches.queue = None
        end_all(simulator)
        await sending
    assert simulator.creates == 1


async def test_dropping_takes_what_was_not_sent(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (2, 2), sample=1)
    services.paths.origins_file(made.id).write_text("{}")
    await run(services, SendRun(made.id, sample_only=True))
    await run(services, DropRun(made.id))
    found = await known(services, made)
    assert [each.state for each in found.launches] == [SENT, DROPPED, DROPPED]
    assert found.state == SENT
    left = {path.name for path in services.paths.drafts.glob("*.jsonl")}
    assert left == {
        services.paths.draft_file(found.launches[0].id).name,
        services.paths.origins_file(made.id).name,
    }, "what was sent may be tried again"
    with pytest.raises(UsageError, match="Nothing"):
        await run(services, SendRun(made.id))


async def test_a_launch_of_a_run_can_be_sent_by_itself(services: Services, simulator: Simulator) -> None:
    made = await made_run(services)
    await run(services, Send(made.launches[1].id))
    found = await known(services, made)
    assert [each.state for each in found.launches] == [DRAFT, SENT, DRAFT]


async def test_read_only_sends_nothing(services: Services, simulator: Simulator) -> None:
    made = await made_run(services)
    with pytest.raises(ReadOnly):
        await run(replace(services, read_only=True), SendRun(made.id))
    assert len(simulator.log) == 0


async def test_betas_go_with_every_part(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (1, 1))
    other = replace(
        made,
        id="with-betas",
        betas=("output-300k-2026-03-24", "other-2026-01-01"),
        launches=tuple(replace(each, id=f"{each.id}-b", run_id="with-betas") for each in made.launches),
    )
    for before, after in zip(made.launches, other.launches, strict=True):
        services.paths.draft_file(before.id).rename(services.paths.draft_file(after.id))
    await services.store.runs.add((await services.account()).id, other)
    await run(services, SendRun(other.id))
    sent = simulator.log.matching("POST", "/v1/messages/batches")
    assert [each.headers["anthropic-beta"] for each in sent] == [
        "output-300k-2026-03-24,other-2026-01-01"
    ] * 2


async def test_unknown_runs_are_said(services: Services) -> None:
    for command in (SendRun("nothing"), StopRun("nothing"), DropRun("nothing")):
        with pytest.raises(UsageError, match="No such run"):
            await run(services, command)


async def test_a_run_is_found_by_its_launches_and_batches(services: Services, simulator: Simulator) -> None:
    made = await made_run(services)
    await run(services, SendRun(made.id))
    found = await known(services, made)
    runs = services.store.runs
    for launch in found.launches:
        assert launch.batch_id is not None
        assert await runs.of_launch(launch.id) == found == await runs.of_batch(launch.batch_id)
        entry = await services.store.batches.get(launch.batch_id)
        assert entry is not None
        assert (entry.run_id, entry.part, entry.parts, entry.attempt) == (made.id, launch.part, 3, 1)
        assert entry.name == f"tickets {launch.part}/3"
    account = await services.account()
    assert await runs.all(account.id) == [found]
    assert [each.id for each in await runs.same_content(account.id, made.sha256)] == [made.id]
