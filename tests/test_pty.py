"""The real program on a real terminal: what it writes, how it leaves, what a quiet minute costs."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import hostile_world
from tests.cli_runs import KEY, ROOT
from tests.conftest import Played
from tests.hostile import HOSTILE
from tests.pty_runs import COLOUR, GREYS, Screen
from tui import paths
from tui.__main__ import build
from tui.api import Connection
from tui.simulator import Gate, Simulator
from tui.simulator.batch import Batch
from tui.text import sound

PROGRAM = ["-m", "tui"]
HOUR = timedelta(hours=1)
LITTLE = 2500
"""Bytes that a change of two numbers may cost on a slow line."""


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> paths.Paths:
    """Where the program keeps everything."""
    monkeypatch.setenv("BATCHDECK_DATA_DIR", str(tmp_path / "data"))
    return paths.find().make()


@pytest.fixture
def running(simulator: Simulator) -> Batch:
    """A batch that runs, at a moment whose minute will not turn soon."""
    now = simulator.clock()
    return simulator.invent([("prose", 300)], created_at=now - 2 * HOUR, ends_at=now + HOUR)


def log_of(data: paths.Paths) -> str:
    return data.log_file.read_text() if data.log_file.exists() else ""


def check_end(screen: Screen, data: paths.Paths) -> None:
    """The terminal is restored, and nothing that must not be seen was written anywhere."""
    screen.check_restored()
    screen.check_harmless()
    assert KEY not in log_of(data)
    assert "Traceback" not in screen.raw.decode()


# Foreign text


async def _hostile_account(data: paths.Paths, simulator: Simulator) -> Batch:
    """Labels, ids, sources, results; the newest batch is the one with the results."""
    async with build(data, Connection()) as services:
        hostile_world.with_hostile_ids(simulator)
        await hostile_world.labelled(services, simulator)
        for name in HOSTILE[9:14]:
            await hostile_world.launched(services, simulator, name)
    return hostile_world.with_results(simulator)


def test_foreign_text_cannot_drive_the_terminal(
    simulator: Simulator, data: paths.Paths, tmp_path: Path
) -> None:
    batch = asyncio.run(_hostile_account(data, simulator))
    folder = tmp_path / "files"
    folder.mkdir()
    hostile_world.files(folder)
    with Screen(PROGRAM, (120, 36), {"PYTHONPATH": str(ROOT)}, cwd=folder) as screen:
        screen.until_shown("live", "␛]52;c;SGVsbG8=␇", "[@click=app.quit]press")
        screen.type("G")
        screen.until_shown("lone")
        screen.type("g\r")
        screen.until_shown(batch.id, "results  ", "on disk", "OUTCOME")
        screen.until(lambda: re.search(r"›\s+1 ", screen.text))  # rows that a key can move over
        for keys in ("i", "i", "j" * 11, "v", "v", "j" * 20):
            screen.type(keys)
        screen.until(lambda: re.search(r"›\s+32 ", screen.text))
        screen.type("\x1b")
        screen.until_shown("[1 All")
        _look_at_the_rest(screen, simulator)
        screen.type("q")
        assert screen.end() == 0
        check_end(screen, data)
        shown = screen.raw.decode()
    for text in HOSTILE:
        if any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in text):
            assert sound(text) not in shown


def _look_at_the_rest(screen: Screen, simulator: Simulator) -> None:
    """Names of files, the palette, questions, and what the service says."""
    screen.type("n")
    screen.until_shown("New batch", "[bold red]no", "␛]0;title␛")
    screen.type("\x1b")
    screen.until_shown("[1 All")
    screen.type(":")
    screen.until_shown("Search for commands")
    screen.type("SGVs")
    screen.until_shown("Open ␛]52;c;SGVsbG8=␇")
    screen.type("\x1b")
    screen.until_shown("[1 All")
    screen.until(lambda: "SGVs" not in screen.text.splitlines()[5])
    screen.type("MD")
    screen.until_shown("results too?")
    screen.type("n")
    screen.until(lambda: "results too?" not in screen.text)
    message = '{"type":"error","error":{"type":"x","message":"\\u001b]52;c;SGVsbG8=\\u0007\\u202e [/]"}}'
    simulator.faults.add("GET /v1/messages/batches", "status", status=400, body=message.encode(), times=None)
    screen.type("r")
    screen.until_shown("failing: ␛]52;c;SGVsbG8=␇")


# Ends


CRASH = """
import sys
from tui.__main__ import main
from tui.screens.batches import BatchesScreen

def broken(self, *_):
    api_key = __import__("os").environ["ANTHROPIC_API_KEY"]
    answer = "what the model said"
    raise {error}

BatchesScreen.{method} = broken
sys.exit(main([]))
"""


@pytest.mark.parametrize(
    ("error", "method"), [("ValueError(answer + api_key)", "action_mark"), ("KeyError(answer)", "targets")]
)
def test_a_crash_is_one_sentence_without_any_secret(
    played: Played, data: paths.Paths, error: str, method: str
) -> None:
    script = CRASH.format(error=error, method=method)
    with Screen(["-c", script]) as screen:
        if method == "action_mark":
            screen.until_shown("batchdeck", "STATE")
            screen.type(" ")
        assert screen.end() == 1
        check_end(screen, data)
        said = screen.after
    assert "Something went wrong inside batchdeck" in said and str(data.log_file) in said.replace("\r\n", "")
    assert "what the model said" not in said + log_of(data)
    assert method in log_of(data) or "broken" in log_of(data)


def test_a_hang_up_without_colour_on_a_small_screen(running: Batch, data: paths.Paths) -> None:
    with Screen(PROGRAM, (60, 15), {"NO_COLOR": "1", "TERM": "screen-256color"}) as screen:
        screen.until_shown("live", "in_progress", "300", "? Help")
        assert {int(colour) for colour in COLOUR.findall(screen.raw)} <= GREYS
        screen.child.send_signal(signal.SIGHUP)
        assert screen.end() == 130
        check_end(screen, data)


def test_a_terminal_that_goes_away_ends_the_program(running: Batch, data: paths.Paths) -> None:
    with Screen(PROGRAM) as screen:
        screen.until_shown("STATE", "? Help")
        screen.hang_up()
        assert screen.child.wait(30) in (0, 1, 130, -signal.SIGHUP)
    assert KEY not in log_of(data) and "Traceback" not in log_of(data)


@pytest.mark.parametrize("way", ["key", "signal"])
def test_what_was_typed_last_is_there_next_time(data: paths.Paths, way: str) -> None:
    with Screen(PROGRAM) as screen:
        screen.until_shown("STATE", "? Help")
        screen.press_until("n", "New batch")
        screen.type("zebra.csv")
        screen.until_shown("zebra.csv")
        if way == "key":
            screen.type(b"\x11")
        else:
            screen.child.send_signal(signal.SIGTERM)
        assert screen.end() == (0 if way == "key" else 130)
    with Screen(PROGRAM) as screen:
        screen.until_shown("STATE", "? Help")
        screen.press_until("n", "zebra.csv")


def test_the_demo_at_every_size_and_keys_that_do_not_end_it(data: paths.Paths) -> None:
    with Screen([*PROGRAM, "--demo"]) as screen:
        screen.until_shown("live", "demo", "in_progress", "? Help")
        screen.resize((60, 15))
        screen.until_shown("live", "[1 All 4")
        screen.until(lambda: "? Help" in screen.text.splitlines()[14])
        screen.resize((160, 50))
        screen.until(lambda: "? Help" in screen.text.splitlines()[49][140:])
        screen.type("\x03")
        screen.until_shown("ctrl+q")
        screen.type("/")
        screen.until_shown("words in id")
        screen.type("\x1b")
        screen.until(lambda: "words in id" not in screen.text)
        screen.type("q")
        assert screen.end() == 0
        check_end(screen, data)


def test_bytes_that_are_no_text_do_not_end_it(data: paths.Paths) -> None:
    with Screen(PROGRAM) as screen:
        screen.until_shown("STATE", "? Help")
        screen.type(b"\xff\xfe")
        screen.press_until("n", "New batch")
        screen.type(b"\x1b[200~caf\xe9\x1b[201~")
        screen.press_until("z", "zz")
        screen.child.send_signal(signal.SIGTERM)
        assert screen.end() == 130
        check_end(screen, data)


def test_what_is_typed_ahead_of_the_filter_is_no_command(
    simulator: Simulator, running: Batch, data: paths.Paths
) -> None:
    asyncio.run(_remembered(data, simulator))
    with Screen(PROGRAM) as screen:
        screen.until_shown("nightly", "in_progress")
        screen.type("/xnDy")
        screen.press_until("z", "zz ")
        assert "Cancel" not in screen.text and "New batch" not in screen.text
        assert not simulator.log.matching("POST")


# Start, and quiet


SLOW_IMPORT = """
import importlib.machinery, os, sys

class Slow:
    "Whoever imports the SDK waits until the test lets it through."

    def find_spec(self, name, path=None, target=None):
        if name != "anthropic":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (open(os.environ["LET_THROUGH"]).read(), execute(module))
        return spec

sys.meta_path.insert(0, Slow())
from tui.__main__ import main
sys.exit(main([]))
"""


async def _remembered(data: paths.Paths, simulator: Simulator) -> None:
    """What an earlier run left behind."""
    async with build(data, Connection()) as services:
        await services.sync.poll()
        for batch in simulator.account.batches.values():
            await services.store.batches.label(batch.id, "nightly")


def test_the_list_is_there_before_the_sdk_and_the_service(
    simulator: Simulator, running: Batch, data: paths.Paths, tmp_path: Path
) -> None:
    asyncio.run(_remembered(data, simulator))
    gate = Gate()
    fault = simulator.faults.add("GET /v1/messages/batches", "delay", times=None, gate=gate)
    fifo = tmp_path / "let through"
    os.mkfifo(fifo)
    with Screen(["-c", SLOW_IMPORT], env={"LET_THROUGH": str(fifo)}) as screen:
        screen.until_shown("nightly", "in_progress", "300", "? Help", "connecting")
        screen.type("?")
        screen.until_shown("Every batch of the account")
        screen.type("\x1b")
        screen.until(lambda: "Every batch of the account" not in screen.text)
        assert not fault.hits, "the SDK cannot have been loaded yet"
        fifo.write_text("go on")
        screen.until(fault.reached.is_set)
        screen.type("/")
        screen.until_shown("words in id")
        screen.type("night\r")
        screen.until_shown("/night", "nightly")
        gate.set()
        screen.until_shown("live")
        screen.type("q")
        assert screen.end() == 0
        check_end(screen, data)


def polls(simulator: Simulator) -> int:
    return len(simulator.log.matching("GET", "/v1/messages/batches"))


def let_polls_pass(screen: Screen, simulator: Simulator, number: int = 3) -> int:
    """Read on until so many further polls have come; gives the bytes that were written meanwhile."""
    polled, written = polls(simulator), len(screen.raw)
    screen.until(lambda: polls(simulator) >= polled + number)
    return len(screen.raw) - written


def test_a_poll_that_changes_nothing_writes_nothing(
    simulator: Simulator, running: Batch, data: paths.Paths
) -> None:
    simulator.invent([("prose", 12), ("error:api_error:x", 2)], created_at=simulator.clock() - 3 * HOUR)
    with Screen([*PROGRAM, "--refresh", "1"]) as screen:
        screen.until_shown("live", "every 1 s", "in_progress", "! ended")
        while True:
            minute = time.time() // 60
            let_polls_pass(
                screen, simulator, 1
            )  # what a minute that has just turned brings is written by then
            quiet = let_polls_pass(screen, simulator)
            if time.time() // 60 == minute:  # with the minute, ages and the time of the last check change
                break
        assert quiet == 0
        before = len(screen.raw)
        _count(running, succeeded=210, errored=7)
        screen.until_shown("210", " 7 ")
        let_polls_pass(screen, simulator, 1)
        assert 0 < len(screen.raw) - before < LITTLE
        screen.child.send_signal(signal.SIGTERM)
        assert screen.end() == 130
        check_end(screen, data)


def _count(batch: Batch, *, succeeded: int, errored: int) -> None:
    """Let a batch say how far it is."""
    counts = {"processing": 300 - succeeded - errored, "succeeded": succeeded, "errored": errored}
    batch.counts = lambda now, *, incremental=False: {**counts, "canceled": 0, "expired": 0}  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """The tests' own side is tidy too."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_half_a_wide_character_is_read_like_any_other_cell() -> None:
    """The screen reader of these tests must not fall over what a program may write at any moment."""
    with Screen(["-c", "print('日本語\\rx\\x1b[Cend', flush=True); input()"], (40, 5), {}) as screen:
        assert "end" in screen.until_shown("end")
