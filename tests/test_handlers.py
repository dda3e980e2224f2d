"""Commands for batches, against the played service: what is asked of it, remembered, said."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from tests.handling import BATCHES, asked, ended, entry, polled, running
from tui import commands, handlers
from tui.commands import (
    Cancel,
    Command,
    Delete,
    Done,
    Download,
    Export,
    Forget,
    Label,
    Refresh,
    Send,
)
from tui.errors import (
    DeckError,
    NotFound,
    ReadOnly,
    Refused,
    TryAgain,
    Unauthorized,
    UsageError,
)
from tui.handlers import Services, run
from tui.handlers.table import HANDLERS
from tui.model import CANCELING, IN_PROGRESS
from tui.simulator import Simulator

# All commands


def test_every_command_has_a_handler() -> None:
    every = {
        each
        for each in vars(commands).values()
        if isinstance(each, type) and issubclass(each, Command) and each is not Command
    }
    assert set(HANDLERS) == every


async def test_handlers_that_a_thread_still_loads_are_waited_for_in_a_thread(
    services: Services, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, threads = "tui.handlers.table", []
    whole = sys.modules[name]

    def load() -> None:
        threads.append(threading.current_thread())
        sys.modules[name] = whole

    monkeypatch.setattr(handlers, "load", load)
    monkeypatch.setitem(sys.modules, name, ModuleType(name))  # as it is as long as its thread is at work
    await run(services, Refresh())
    assert len(threads) == 1 and threads[0] is not threading.main_thread()


@pytest.mark.parametrize("command", [Cancel(("a",)), Delete(("a",)), Send("a")], ids=lambda c: c.title)
async def test_read_only_changes_nothing_at_the_service(
    services: Services, simulator: Simulator, command: Command
) -> None:
    with pytest.raises(ReadOnly, match="--read-only"):
        await run(replace(services, read_only=True), command)
    assert len(simulator.log) == 0


async def test_read_only_keeps_what_is_local(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = ended(simulator)
    looking = replace(services, read_only=True)
    await run(looking, Refresh())
    await run(looking, Label(batch_id, "mine"))
    await run(looking, Export((batch_id,), tmp_path / "out"))
    assert (tmp_path / "out").stat().st_size > 0


async def test_refresh_says_what_changed(services: Services, simulator: Simulator) -> None:
    ended(simulator)
    running(simulator)
    assert await run(services, Refresh()) == Done("2 batches changed.")
    assert await run(services, Refresh()) == Done("Nothing has changed.")


# Cancel


async def test_a_cancel_saves_the_answer(services: Services, simulator: Simulator) -> None:
    batch_id = running(simulator)
    await polled(services)
    heard: list[frozenset[str]] = []
    services.store.subscribe(heard.append)
    assert await run(services, Cancel((batch_id,))) == Done(f"Cancelling {batch_id}.")
    assert (await entry(services, batch_id)).batch.state == CANCELING
    assert heard == [frozenset({batch_id})]


async def test_one_refused_cancel_does_not_stop_the_rest(services: Services, simulator: Simulator) -> None:
    ids = tuple(running(simulator) for _ in range(3))
    await polled(services)
    simulator.faults.add(f"POST {BATCHES}/{ids[1]}/cancel", "conflict")
    done = await run(services, Cancel(ids))
    assert (done.severity, done.message.split(": ")[0]) == (
        "warning",
        f"Cancelling 2 of 3 batches. Could not cancel {ids[1]}",
    )
    assert [(await entry(services, each)).batch.state for each in ids] == [CANCELING, IN_PROGRESS, CANCELING]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("not_found", NotFound),
        ("method_not_allowed", Refused),
        ("not_implemented", DeckError),
        ("authentication", Unauthorized),
        ("drop", TryAgain),
    ],
)
async def test_when_no_cancel_succeeds_the_reason_is_the_error(
    services: Services, simulator: Simulator, kind: str, error: type[DeckError]
) -> None:
    ids = (running(simulator), running(simulator))
    await polled(services)
    simulator.faults.add(f"POST {BATCHES}/*/cancel", kind, times=None)
    with pytest.raises(error) as caught:
        await run(services, Cancel(ids))
    assert caught.value.title
    assert len(asked(simulator, "POST")) == 2


async def test_ids_are_asked_once_and_must_be_known(services: Services, simulator: Simulator) -> None:
    batch_id = running(simulator)
    await polled(services)
    await run(services, Cancel((batch_id, batch_id)))
    assert len(asked(simulator, "POST")) == 1
    with pytest.raises(UsageError, match=r"No such batch: msgbatch_x\."):
        await run(services, Cancel((batch_id, "msgbatch_x")))
    assert len(asked(simulator, "POST")) == 1


# Delete and forget


async def test_a_deleted_batch_without_results_leaves_the_list(
    services: Services, simulator: Simulator
) -> None:
    batch_id = ended(simulator)
    await polled(services)
    assert await run(services, Delete((batch_id,))) == Done(f"Deleted {batch_id}.")
    assert simulator.account.batches == {}
    assert await services.store.batches.get(batch_id) is None
    await polled(services)
    assert await services.store.batches.get(batch_id) is None


async def test_a_deleted_batch_with_results_stays_until_forgotten(
    services: Services, simulator: Simulator, tmp_path: Path
) -> None:
    batch_id = ended(simulator)
    await polled(services)
    await run(services, Download((batch_id,)))
    with pytest.raises(UsageError, match="The server still has"):
        await run(services, Forget((batch_id,)))
    await run(services, Delete((batch_id,)))
    assert (await entry(services, batch_id)).gone_at is not None
    await run(services, Export((batch_id,), tmp_path / "out"))
    assert len((tmp_path / "out").read_bytes().splitlines()) == 5
    assert await run(services, Forget((batch_id,))) == Done("Forgot 1 batch.")
    assert await services.store.batches.get(batch_id) is None
    assert len(await services.store.results.refs((batch_id,))) == 0
    assert list(services.paths.results.glob("*.jsonl*")) == []


async def test_live_batches_are_never_deleted(services: Services, simulator: Simulator) -> None:
    live, done = running(simulator), ended(simulator)
    await polled(services)
    with pytest.raises(UsageError, match=f"not {live}"):
        await run(services, Delete((done, live)))
    assert asked(simulator, "DELETE") == []


async def test_what_is_gone_already_counts_as_deleted(services: Services, simulator: Simulator) -> None:
    batch_id = ended(simulator)
    await polled(services)
    del simulator.account.batches[batch_id]
    assert (await run(services, Delete((batch_id,)))).severity == "information"
    assert await services.store.batches.get(batch_id) is None


async def test_one_refused_delete_does_not_stop_the_rest(services: Services, simulator: Simulator) -> None:
    ids = tuple(ended(simulator) for _ in range(3))
    await polled(services)
    simulator.faults.add(f"DELETE {BATCHES}/{ids[0]}", "method_not_allowed")
    done = await run(services, Delete(ids))
    assert done.severity == "warning"
    assert done.message.startswith(f"Deleted 2 of 3 batches. Could not delete {ids[0]}: ")
    assert list(simulator.account.batches) == [ids[0]]
    assert (await entry(services, ids[0])).gone_at is None


# Labels


async def test_labels(services: Services, simulator: Simulator) -> None:
    batch_id = ended(simulator)
    await polled(services)
    await run(services, Label(batch_id, "  my \t\n batch " + "x" * 500))
    label = (await entry(services, batch_id)).label
    assert (label[:9], len(label)) == ("my batch ", 200)
    assert "no label" in (await run(services, Label(batch_id, " "))).message
    assert (await entry(services, batch_id)).label == ""
    with pytest.raises(UsageError):
        await run(services, Label("msgbatch_x", "a"))
