"""`check` and `launch` on the command line: one launch, at most one batch, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli_runs import Run, requests
from tui.simulator import Simulator


def test_check_is_silent_on_the_network(run: Run, tmp_path: Path) -> None:
    source = requests(tmp_path, 3)
    outcome = run("check", str(source), "--json")
    assert outcome.code == 0
    found = outcome.json
    assert (found["ok"], found["requests"], found["problems"]) == (True, 3, [])
    assert found["models"] == {"claude-sonnet-5-5": 3}
    assert len(found["sha256"]) == 64
    assert "3 requests" in run("check", str(source)).out


def test_check_says_every_problem(run: Run, tmp_path: Path) -> None:
    source = requests(tmp_path, 2)
    source.write_text(source.read_text() * 2 + "{broken\n")
    outcome = run("check", str(source), "--json")
    assert outcome.code == 2
    assert outcome.json["ok"] is False
    assert outcome.json["problem_count"] == 3 == len(outcome.json["problems"])
    assert all("requests.jsonl:" in problem["place"] for problem in outcome.json["problems"])
    assert run("check", str(tmp_path / "nowhere.jsonl")).code == 2


def test_launch_and_wait(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    simulator.switches.duration = timedelta()
    simulator.switches.dull = True
    outcome = run("launch", str(requests(tmp_path, 3)), "--name", "first", "--yes", "--json")
    assert outcome.code == 0, outcome.err
    sent = outcome.json
    assert sent["state"] == "sent"
    assert sent["batch"]["id"] == sent["batch_id"]
    assert sent["batch"]["launch_id"] == sent["launch_id"]
    assert sent["batch"]["source"] == "requests.jsonl"
    assert simulator.creates == 1
    waited = run("wait", sent["batch_id"], "--json")
    assert waited.code == 0, waited.err
    assert [each["processing_status"] for each in waited.json] == ["ended"]
    assert "ended" in waited.err
    assert run("show", "first", "--json").json["id"] == sent["batch_id"], "the name finds it"


def test_the_same_warning_of_many_requests_is_said_once(
    run: Run, simulator: Simulator, tmp_path: Path
) -> None:
    source = requests(tmp_path, 30)
    source.write_text(source.read_text().replace("claude-sonnet-5-5", "claude-sonnet-4-5"))
    said = run("launch", str(source), "--yes").err
    assert said.count("30 × warning: ") == 1
    assert said.count("warning: ") == 1


def test_launch_prints_the_id(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    outcome = run("launch", str(requests(tmp_path)), "--yes")
    assert outcome.out.strip() in simulator.account.batches


def test_launch_asks_and_takes_no_for_an_answer(
    run: Run, simulator: Simulator, tmp_path: Path, answer: Callable[[str], None]
) -> None:
    source = str(requests(tmp_path))
    for word in ("", "n", "no", "yess", "ok"):
        answer(word)
        outcome = run("launch", source)
        assert (outcome.code, simulator.creates) == (1, 0), word
        assert "Hello" in outcome.err, "the first request is shown"
    assert list((Path(run("info", "--json").json["paths"]["drafts"])).iterdir()) == []
    answer("Y")
    assert run("launch", source).code == 0
    assert simulator.creates == 1


def test_launch_refuses_without_a_terminal(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    outcome = run("launch", str(requests(tmp_path)))
    assert outcome.code == 2
    assert "--yes" in outcome.err
    assert simulator.creates == 0


def test_launch_says_all_problems(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    source = tmp_path / "bad.jsonl"
    source.write_text('{"custom_id": "a"}\n{"custom_id": 3, "params": {}}\n{"custom_id": "b", \n')
    outcome = run("launch", str(source), "--yes")
    assert outcome.code == 2
    for line in (1, 2, 3):
        assert f"bad.jsonl:{line}:" in outcome.err
    assert outcome.out == ""
    assert simulator.creates == 0


def test_launch_of_the_same_requests_is_said(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    source = requests(tmp_path)
    first = run("launch", str(source), "--yes", "--name", "the first", "--json").json
    outcome = run("launch", str(source))
    assert outcome.code == 2
    assert "the first" in outcome.err
    assert first["batch_id"] in outcome.err
    assert simulator.creates == 1
    assert run("launch", str(source), "--yes").code == 0
    assert simulator.creates == 2


@pytest.mark.parametrize(("fault", "code"), [("billing", 1), ("rate_limit", 3), ("authentication", 1)])
def test_launch_refused(run: Run, simulator: Simulator, tmp_path: Path, fault: str, code: int) -> None:
    simulator.faults.add("POST *", fault)
    simulator.faults.add("POST /v1/messages/batches", fault)
    outcome = run("launch", str(requests(tmp_path)), "--yes", "--json", "--no-wait")
    assert outcome.code == code
    assert outcome.out == ""
    assert run("info", "--json").json["unfinished"] == []


def uncertain_launch(run: Run, simulator: Simulator, tmp_path: Path) -> str:
    """A launch whose answer was lost on the way; its batch exists. Gives its id."""
    simulator.faults.add("POST /v1/messages/batches", "drop", after_effect=True)
    outcome = run("launch", str(requests(tmp_path)), "--yes", "--json")
    assert outcome.code == 4
    assert outcome.out == ""
    (batch_id,) = simulator.account.batches
    (launch,) = run("info", "--json").json["unfinished"]
    assert [each["batch_id"] for each in launch["candidates"]] == [batch_id]
    for way in (f"--adopt {batch_id}", "--again", "--drop"):
        assert f"batchdeck launch --resume {launch['launch_id']} {way}" in outcome.err
    return str(launch["launch_id"])


def test_an_uncertain_launch_is_adopted(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    launch = uncertain_launch(run, simulator, tmp_path)
    (batch_id,) = simulator.account.batches
    outcome = run("launch", "--resume", launch, "--adopt", batch_id, "--json")
    assert outcome.code == 0, outcome.err
    assert (outcome.json["state"], outcome.json["batch_id"]) == ("sent", batch_id)
    assert outcome.json["batch"]["launch_id"] == launch
    assert simulator.creates == 1
    assert run("launch", "--resume", launch, "--again", "--yes").code == 2, "it is decided"


def test_an_uncertain_launch_is_sent_again(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    launch = uncertain_launch(run, simulator, tmp_path)
    assert run("launch", "--resume", launch, "--again").code == 2, "nobody to ask"
    assert simulator.creates == 1
    assert run("launch", "--resume", launch[:8], "--again", "--yes").code == 0
    assert simulator.creates == 2


def test_an_uncertain_launch_is_dropped(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    launch = uncertain_launch(run, simulator, tmp_path)
    other = run("launch", str(requests(tmp_path, 1, "other.jsonl")), "--yes")
    assert launch in other.err, "what waits for a decision is mentioned"
    assert run("launch", "--resume", launch, "--drop", "--yes", "--json").json["state"] == "dropped"
    assert run("info", "--json").json["unfinished"] == []


def test_read_only(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    batch = simulator.invent([("prose", 1)])
    for argv in (["launch", str(requests(tmp_path))], ["cancel", batch.id], ["delete", batch.id]):
        outcome = run("--read-only", *argv, "--yes")
        assert outcome.code == 2, argv
        assert "--read-only" in outcome.err
    assert not simulator.log.matching("POST") and not simulator.log.matching("DELETE")
