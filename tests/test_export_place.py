"""A place that cannot be exported to is refused before anything is fetched for it."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli_runs import Run
from tui.model import utc_now
from tui.simulator import Simulator


@pytest.fixture
def batch_id(simulator: Simulator) -> str:
    return simulator.invent([("prose", 3)], created_at=utc_now() - timedelta(hours=1)).id


@pytest.mark.parametrize(
    ("name", "said"), [("absent/a.jsonl", "There is no folder"), ("", "is a folder"), ("taken", "--force")]
)
def test_refused_at_once(
    run: Run, simulator: Simulator, batch_id: str, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "taken").write_text("precious")
    outcome = run("results", batch_id, "--output", str(tmp_path / name))
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert not simulator.log.matching("GET", "*/results")


def test_a_pipe_is_written_to(run: Run, batch_id: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert run("results", batch_id, "--output", str(pipe)).code == 0
    reader.join(5)
    assert read[0].count(b"\n") == 3


def test_part_of_an_id_with_its_prefix(run: Run, batch_id: str) -> None:
    assert run("show", "--json", batch_id[:20]).json["id"] == batch_id
    assert run("show", "msgbatch_" + batch_id[20:]).code == 0, (
        "what stands behind the prefix may stand anywhere"
    )


def test_a_bad_source_has_no_sum(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("nope\n{}\n")
    assert run("check", "--json", str(tmp_path / "bad.jsonl")).json["sha256"] is None
    (problem,) = run("check", "--json", str(tmp_path / "absent")).json["problems"]
    assert problem["place"] == "absent"
