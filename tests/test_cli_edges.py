"""Where a process begins and ends: interrupted while loading, without stdin, with nowhere to print to."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli_runs import ROOT, Run, requests
from tui.paths import expanded, find
from tui.simulator import Simulator

INTERRUPTED_AT_AN_IMPORT = """
import os, runpy, signal, sys

class Early:
    def find_spec(self, name, path=None, target=None):
        if name == "tui.cli":
            os.kill(os.getpid(), signal.SIGINT)

sys.argv = ["batchdeck", "list"]
sys.meta_path.insert(0, Early())
"""
STARTS = ("import tui; tui.main()", "runpy.run_module('tui', run_name='__main__', alter_sys=True)")


def child(argv: list[str], stdout: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *argv],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        timeout=30,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize("start", STARTS)
def test_ctrl_c_while_loading_shows_no_traceback(start: str) -> None:
    outcome = child(["-c", INTERRUPTED_AT_AN_IMPORT + start], subprocess.PIPE)
    assert (outcome.returncode, outcome.stderr, outcome.stdout) == (-signal.SIGINT, "", "")


def test_the_app_without_stdin_is_refused_in_words() -> None:
    outcome = child(
        ["-c", "import os, sys; sys.stdin = None; import tui; sys.exit(tui.main())"], subprocess.PIPE
    )
    assert outcome.returncode == 2
    assert "needs a terminal" in outcome.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_launch_is_told_of_even_if_stdout_is_full(simulator: Simulator, tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        outcome = child(["-m", "tui", "launch", "--yes", str(requests(tmp_path))], full.fileno())
    (batch_id,) = simulator.account.batches
    assert outcome.returncode != 0
    assert f"Launched 3 requests as {batch_id}." in outcome.stderr


def test_a_home_that_nobody_has_is_a_name_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find("~nobody-of-this-name/data").data == tmp_path / "~nobody-of-this-name/data"
    assert expanded(Path("~/x")) == Path.home() / "x"


def test_without_a_home_it_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user without a name and HOME: `~` would become a folder of that name."""
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name: f"~/.local/share/{name}")
    outcome = run("info")
    assert outcome.code == 2 and "no home folder" in outcome.err


def test_a_fault_before_there_is_a_log_prints_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = "import tui.paths as p; p.find = None; import tui; sys.exit(tui.main())"
    outcome = child(["-c", f"import sys; sys.argv = ['batchdeck', 'list']; {fault}"], subprocess.PIPE)
    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr.count("\n") == 1 and "TypeError" in outcome.stderr
