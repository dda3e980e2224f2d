"""The process around the commands: terminals, logs, signals, pipes and faults, as real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli_runs import KEY, ROOT, Run, Terminal, finished, requests, start
from tests.hostile import HOSTILE
from tui.cli import process, terminal
from tui.handlers import Services
from tui.simulator import Simulator
from tui.simulator.gate import Gate

# The terminal's side


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_data(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(["ID", "NAME"], [["a", hostile], ["b", "x"]], elastic=1)
    terminal.say(f"batchdeck: {hostile}")
    out, err = capsys.readouterr()
    for text in (out, err):
        assert not any(
            (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in text
        )
    assert len(out.split("\n")) == 4


@pytest.mark.parametrize("width", [1, 2, 5, 20, 40, 80, 200])
def test_a_table_fits(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "stdout_width", lambda: width)
    rows = [["msgbatch_0123456789", "ended", hostile] for hostile in HOSTILE]
    terminal.table(["ID", "STATE", "NAME"], rows, elastic=2, spare=(1,))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(rows) + 1
    assert all(terminal.cells(line) <= width for line in lines)


def test_a_terminal_gets_harmless_results(capsys: pytest.CaptureFixture[str]) -> None:
    stream = terminal.CleanStream()
    data = '{"a":"\u009b31m é 日本"}\n'.encode()
    for position in range(len(data)):
        stream.write(data[position : position + 1])
    assert capsys.readouterr().out == '{"a":"\ufffd31m é 日本"}\n'


# The log


def test_the_log_is_private_and_discreet(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "another secret")
    file = tmp_path / "log" / "batchdeck.log"
    file.parent.mkdir()
    process.start_log(file)
    secret_answer = "what the model said"
    try:
        raise ValueError(secret_answer)
    except ValueError as error:
        said = process.crash(error, file)
    process.log.warning("header %s and another secret\nfake record, %s", "Bearer abc.def", KEY)
    written = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert str(file) in said
    assert "ValueError" in written
    assert "test_the_log_is_private" in written
    for secret in (secret_answer, KEY, "another secret", "abc.def", "\nfake"):
        assert secret not in written


def test_a_fault_of_ours_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> int:
        answer = "what the model said"
        raise RuntimeError("oh") from ValueError(answer)

    monkeypatch.setattr("tui.cli.run", broken)
    outcome = run("info")
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 1
    log = Path(outcome.err.split("details: ")[1].strip())
    assert "RuntimeError: 'oh'" in log.read_text()
    assert "model said" not in log.read_text()


async def test_the_services_of_the_tests_are_those_of_the_program(
    services: Services, simulator: Simulator
) -> None:
    batch = simulator.invent([("prose", 1)])
    assert await services.sync.poll() == {batch.id}
    assert (await services.store.batches.entries((await services.account()).id))[0].id == batch.id


@pytest.mark.parametrize("key", ["sk-ant-not1\nnot2", "not1 not2 é", "not1\r\nx: not2"])
def test_a_key_that_is_none_is_not_shown_either(
    run: Run, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    for argv in (["list"], ["show", "msgbatch_1"], ["info"]):
        outcome = run(*argv)
        assert "not1" not in outcome.out + outcome.err
        assert "not2" not in outcome.out + outcome.err
    log = Path(run("info", "--json").json["paths"]["log"])
    assert not log.exists() or "not1" not in log.read_text()


# Real processes


def test_ctrl_c_during_the_upload_is_uncertain(simulator: Simulator, tmp_path: Path) -> None:
    reached = threading.Event()
    fault = simulator.faults.add("POST /v1/messages/batches", "delay", gate=Gate())
    fault.reached.set = reached.set  # type: ignore[method-assign]
    child = start(["launch", str(requests(tmp_path)), "--yes"])
    try:
        assert reached.wait(30)
        child.send_signal(signal.SIGINT)
        outcome = finished(child)
    finally:
        child.kill()
    assert outcome.code == 4
    assert outcome.out == ""
    assert "--resume" in outcome.err


def test_sigterm_ends_it_tidily(simulator: Simulator) -> None:
    """And ANTHROPIC_LOG, with which the SDK would write requests to the terminal, writes nothing."""
    running = simulator.invent([("prose", 1)], ends_at=simulator.clock() + timedelta(hours=1))
    polled = threading.Event()
    fault = simulator.faults.add("GET /v1/messages/batches", "delay", skip=1)
    fault.reached.set = polled.set  # type: ignore[method-assign]
    child = start(["wait", running.id, "--refresh", "1"], env={**os.environ, "ANTHROPIC_LOG": "debug"})
    try:
        assert polled.wait(30)
        child.send_signal(signal.SIGTERM)
        outcome = finished(child)
    finally:
        child.kill()
    assert (outcome.code, outcome.out) == (130, "")
    first, last = outcome.err.splitlines()
    assert running.id in first
    assert last == "batchdeck: interrupted."


@pytest.mark.parametrize("reader", ["head -c 10", "true"])
def test_a_reader_that_has_enough_is_no_error(run: Run, simulator: Simulator, reader: str) -> None:
    batch = simulator.invent([("prose", 2000)])
    assert run("results", batch.id).code == 0
    command = f"{sys.executable} -m tui results {batch.id} | {reader}; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.stderr == ""
    assert ended.stdout.endswith("0\n")


def test_closed_and_full_outputs() -> None:
    command = f"exec {sys.executable} -m tui info"
    for redirection, code in ((">&-", 0), ("2>&-", 0), ("<&-", 0), (">/dev/full", 2)):
        ended = subprocess.run(
            ["bash", "-c", f"{command} {redirection}"], capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert ended.returncode == code, (redirection, ended)
        assert "Traceback" not in ended.stderr
        assert ended.stderr == "" or code, redirection


@pytest.mark.parametrize(("typed", "code"), [("y\r", 0), ("\r", 1), ("\x04", 1), ("", 130)])
def test_a_question_on_a_terminal(
    run: Run, simulator: Simulator, tmp_path: Path, typed: str, code: int
) -> None:
    simulator.faults.add("POST /v1/messages/batches", "drop")
    assert run("launch", str(requests(tmp_path)), "--yes").code == 4
    (launch,) = run("info", "--json").json["unfinished"]
    screen = Terminal(["-m", "tui", "launch", "--resume", launch["launch_id"], "--drop"])
    try:
        screen.until("[y/N] ")
        if typed:
            screen.type(typed)
        else:
            screen.child.send_signal(signal.SIGINT)
        assert screen.end() == code
    finally:
        screen.close()
    assert "Traceback" not in screen.seen
    assert len(run("info", "--json").json["unfinished"]) == (0 if code == 0 else 1)


# The full-screen face


FACE = """
import sys
from tui.screens.batches import BatchesScreen

def breaks(self, number):
    answer = "what the model said"
    raise ValueError(answer)

BatchesScreen.action_view = breaks
from tui.__main__ import main
sys.exit(main(["--demo"]))
"""
"""The program, with a key that breaks it."""

LEFT = "\x1b[?1049l"
"""What brings the ordinary screen of a terminal back."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal(number: int) -> None:
    screen = Terminal(["-c", FACE])
    try:
        screen.until("STATE")
        screen.child.send_signal(number)
        assert screen.end() == 130
    finally:
        screen.close()
    assert LEFT in screen.seen
    assert "Traceback" not in screen.seen


def test_a_crash_restores_the_terminal_and_is_one_sentence() -> None:
    screen = Terminal(["-c", FACE])
    try:
        screen.until("STATE")
        screen.type("2")
        assert screen.end() == 1
    finally:
        screen.close()
    said = screen.seen.split(LEFT)[-1]
    assert "Something went wrong inside batchdeck (ValueError)" in said
    assert "Traceback" not in said
    assert "model said" not in said
    log = Path(said.split("details: ")[1].split("\r")[0])
    assert "ValueError" in log.read_text()
    assert "model said" not in log.read_text()
