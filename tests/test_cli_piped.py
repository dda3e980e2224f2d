"""Sources that are piped in."""

from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.cli_runs import ROOT, Run, requests
from tui.simulator import Simulator


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put bytes, no more than a pipe holds, into the program's stdin."""
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    monkeypatch.setattr(sys, "stdin", os.fdopen(reading, encoding="utf-8"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files, so that one sees what is left there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_what_is_piped_in_is_launched(
    run: Run,
    simulator: Simulator,
    tmp_path: Path,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    packed: bool,
) -> None:
    data = requests(tmp_path, 3).read_bytes()
    pipe(monkeypatch, gzip.compress(data) if packed else data)
    outcome = run("launch", "-", "--yes")
    assert outcome.code == 0, outcome.err
    assert outcome.err.startswith("stdin: 3 requests")
    (batch,) = simulator.account.batches.values()
    assert len(batch.work) == 3
    assert "stdin" in run("runs").out
    assert list(place.iterdir()) == []


def test_problems_of_what_is_piped_in_have_their_place(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, b"{broken\n")
    outcome = run("check", "-")
    assert outcome.code == 2
    assert "stdin:1" in outcome.out
    assert list(place.iterdir()) == []


def test_an_input_that_cannot_be_read_is_told_of(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # it has no descriptor
    outcome = run("check", "-")
    assert (outcome.code, "cannot be saved" in outcome.err) == (2, True)
    assert list(place.iterdir()) == []


def test_only_one_source_can_be_piped_in(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, b"")
    outcome = run("check", "-", "-")
    assert (outcome.code, "twice" in outcome.err) == (2, True)


def test_a_silent_pipe_can_be_left(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "BATCHDECK_DATA_DIR": str(tmp_path / "data")}
    child = subprocess.Popen(
        [sys.executable, "-m", "tui", "check", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
    )
    assert child.stdin is not None
    try:
        spool: list[Path] = []
        while not spool:
            assert child.poll() is None
            spool = list(tmp_path.glob("batchdeck-*/stdin"))
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 130
        assert list(tmp_path.glob("batchdeck-*")) == []
    finally:
        child.kill()
        child.communicate()


def test_what_a_killed_command_has_left_is_removed_by_a_later_one(
    run: Run, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, age in (("batchdeck-piped-old", 90_000), ("batchdeck-piped-new", 60), ("others", 90_000)):
        (place / name).mkdir()
        file = place / name / "stdin"
        file.write_text("prompts")
        os.utime(file, (1, file.stat().st_mtime - age))
    pipe(monkeypatch, requests(tmp_path, 3).read_bytes())
    assert run("check", "-").code == 0
    assert sorted(each.name for each in place.iterdir()) == ["batchdeck-piped-new", "others"]
