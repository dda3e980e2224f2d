"""Requests in the user's editor: where they lie meanwhile, and what is left of them whatever happens."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_runs import Terminal
from tests.retrying import OVERLOADED, tried_once
from tui.errors import UsageError
from tui.handlers import Services, sweep
from tui.handlers.editing import for_editor
from tui.handlers.locks import lock_of
from tui.simulator import Simulator

EDITOR = "import sys; print('EDITING', sys.argv[1], flush=True); sys.exit(int(input()))"
OLD = 86_460


@pytest.fixture
async def run_id(
    services: Services, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A run with two requests to be tried again, and an editor that ends when it is told to."""
    monkeypatch.setenv("BATCHDECK_DATA_DIR", str(services.paths.data))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("EDITOR", shlex.join((sys.executable, "-c", EDITOR)))
    (tmp_path / "tmp").mkdir()
    made = await tried_once(services, simulator, dict.fromkeys(("r-0", "r-4"), OVERLOADED), (5,))
    return made.id


@pytest.fixture
def terminal(run_id: str) -> Iterator[Terminal]:
    """The program, waiting for the editor."""
    opened = Terminal(["-m", "tui", "retry", run_id, "--edit"])
    opened.until("EDITING")
    yield opened
    opened.close()


def edits(services: Services, kind: str = "*.jsonl") -> list[Path]:
    return sorted(services.paths.edits.glob(kind))


def age(path: Path) -> None:
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - OLD))


async def test_a_kill_leaves_no_requests_outside_and_nothing_for_ever(
    services: Services, terminal: Terminal, tmp_path: Path
) -> None:
    (edited,) = edits(services)
    age(edited)
    assert await sweep(services) == 0, "somebody has it open"
    terminal.child.send_signal(signal.SIGKILL)
    terminal.child.wait(30)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert edited.stat().st_mode & 0o777 == 0o600
    assert edited.read_bytes().count(b"\n") == 2
    assert await sweep(services) == 1
    assert edits(services) == edits(services, "*.lock") == []


@pytest.mark.parametrize("how", ["error", "interrupt"])
async def test_an_edit_that_was_not_sent_is_kept_and_named(
    services: Services, terminal: Terminal, how: str
) -> None:
    if how == "error":
        terminal.type("1\n")
    else:
        terminal.child.send_signal(signal.SIGINT)
        terminal.type("0\n")
    assert terminal.end() == (2 if how == "error" else 130)
    (edited,) = edits(services)
    assert f"Your edit is kept for a day in {edited}" in terminal.seen
    assert edits(services, "*.lock") == []
    assert await sweep(services) == 0
    age(edited)
    assert await sweep(services) == 1


async def test_what_was_prepared_does_not_lie_there_any_more(services: Services, terminal: Terminal) -> None:
    terminal.type("0\n")
    terminal.until("[y/N]")
    terminal.type("n\n")
    assert terminal.end() == 1
    assert list(services.paths.edits.iterdir()) == []


@pytest.mark.parametrize("editor", ["/nowhere/editor", "'unclosed"])
async def test_an_editor_that_cannot_be_started(
    services: Services, run_id: str, monkeypatch: pytest.MonkeyPatch, editor: str
) -> None:
    monkeypatch.setenv("EDITOR", editor)
    opened = Terminal(["-m", "tui", "retry", run_id, "--edit"])
    try:
        assert opened.end() == 2
    finally:
        opened.close()
    assert "could not be started" in opened.seen
    assert list(services.paths.edits.iterdir()) == []


async def test_requests_that_cannot_be_written_leave_no_file(services: Services, run_id: str) -> None:
    with pytest.raises(UsageError):
        async with for_editor(services, run_id, ("nothing",)):
            pass
    assert list(services.paths.edits.iterdir()) == []


async def test_locks_that_a_kill_left_are_swept(services: Services) -> None:
    left = [services.paths.run_lock("a"), lock_of(services.paths.edit_file("b"))]
    for path in left:
        path.touch()
        age(path)
    assert await sweep(services) == 2
    assert not any(path.exists() for path in left)
