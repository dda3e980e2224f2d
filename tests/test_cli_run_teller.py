"""What the command line tells while a run is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli_runs import Run as Program
from tests.cli_runs import requests
from tests.running import made_run
from tui.cli import run_teller
from tui.cli.run_teller import RunTeller
from tui.handlers import Services
from tui.model import SENT
from tui.simulator import Simulator


async def test_all_parts_are_told_of_as_one(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter((0.0, 1.0, 2.0, 3.0, 4.0))
    shown: list[str] = []
    monkeypatch.setattr(run_teller, "progress", shown.append)
    run = await made_run(services, (2, 2))
    launches = tuple(replace(launch, bytes=4_000_000) for launch in run.launches)
    teller = RunTeller(services, run, launches, lambda: next(seconds))
    first, second = (launch.id for launch in launches)
    for launch, sent in ((first, 0), (first, 1_000_000), (second, 1_000_000), (first, 4_000_000)):
        teller.upload(launch, sent, 4_000_000)
    teller.upload(second, 4_000_000, 4_000_000)
    assert shown == [
        "Sending 0 B of 8.0 MB …",
        "Sending 1.0 MB of 8.0 MB, 1.0 MB/s, 7 s left …",
        "Sending 2.0 MB of 8.0 MB, 1.0 MB/s, 6 s left …",
        "Sending 5.0 MB of 8.0 MB, 1.7 MB/s, 2 s left …",
        "Waiting for the answer …",
    ]


async def test_each_new_batch_is_named_once(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(run_teller, "say", said.append)
    run = await made_run(services, (2, 2))
    old, new = (
        replace(launch, state=SENT, batch_id=f"msgbatch_{number}")
        for number, launch in enumerate(run.launches)
    )
    teller = RunTeller(services, replace(run, launches=(old, run.launches[1])), run.launches)
    for _ in range(2):
        teller.launched(replace(run, launches=(old, new)))
    assert said == ["Launched 2 requests as msgbatch_1."]


def test_batches_sent_side_by_side_are_named_once_each(
    run: Program, simulator: Simulator, tmp_path: Path
) -> None:
    outcome = run("launch", str(requests(tmp_path, 6)), "--part-size", "2", "--side-by-side", "3", "--yes")
    assert outcome.code == 0, outcome.err
    created = list(simulator.account.batches)
    assert sorted(outcome.out.split()) == sorted(created) and len(created) == 3
    assert [outcome.err.count(f"Launched 2 requests as {each}.") for each in created] == [1, 1, 1]
