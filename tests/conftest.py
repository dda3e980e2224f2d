"""What every test stands on: a clean environment, the simulator on a real socket, services of its own."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli_runs import KEY as KEY
from tests.cli_runs import Outcome, Run
from tui.paths import Paths

if TYPE_CHECKING:
    from tui.handlers import Services
    from tui.simulator import Simulator

FOREIGN_PREFIXES = ("ANTHROPIC_", "BATCHDECK_", "TEXTUAL", "XDG_", "OTEL_")
FOREIGN_NAMES = {f"{scheme}_proxy" for scheme in ("http", "https", "all", "no")} | {
    "no_color",
    "force_color",
    "colorterm",
    "pager",
    "editor",
    "visual",
    "columns",
    "lines",
}


@pytest.fixture(autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the person who runs the tests: no credential, no proxy, no settings, a home of its own.

    ANTHROPIC_CONFIG_DIR stays unset: the SDK looks below HOME then, and only calls a missing profile an
    error where the variable is set.
    """
    for name in list(os.environ):
        if name.startswith(FOREIGN_PREFIXES) or name.lower() in FOREIGN_NAMES:
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("DATA", "CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    return home


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Folders of this test alone, made."""
    return Paths(data=tmp_path / "data", config=tmp_path / "config", log=tmp_path / "log").make()


@dataclass(frozen=True)
class Played:
    """The running simulator: `played.simulator` to script it, `played.url` to reach it."""

    simulator: Simulator
    url: str


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    """The service, played on TCP in a thread of its own, and the environment that leads the SDK to it."""
    from tui.simulator import Simulator
    from tui.simulator.server import ServerThread

    simulator = Simulator()
    with ServerThread(simulator) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        yield Played(simulator, server.url)


@pytest.fixture
def simulator(played: Played) -> Simulator:
    """The played service itself, reachable through the environment."""
    return played.simulator


@pytest.fixture
async def services(played: Played, paths: Paths) -> AsyncIterator[Services]:
    """Store, client, sync and downloads, built as the program builds them, against the played service."""
    from tui.__main__ import build
    from tui.api import Connection

    async with build(paths, Connection()) as built:
        yield built


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The program in this process: quick, for the SDK is loaded once for all tests."""
    from tui.__main__ import main
    from tui.cli import process

    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    signals = {number: signal.getsignal(number) for number in process.STOPPING}
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def call(*argv: str) -> Outcome:
        capsys.readouterr()
        code = main(argv)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert KEY not in out + err
        return Outcome(code, out, err)

    yield call
    for number, before in signals.items():
        signal.signal(number, before)
    for handler in list(process.log.handlers):
        process.log.removeHandler(handler)
        handler.close()
    logging.captureWarnings(False)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody at the terminal, who answers every question so."""
    from tui.cli import terminal

    def prepare(text: str) -> None:
        async def line() -> str:
            return text

        monkeypatch.setattr(terminal, "can_ask", lambda: True)
        monkeypatch.setattr(terminal, "_read_line", line)

    return prepare
