"""Sources, recipes, parts, samples and limits on the command line."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli_runs import Run, finished, requests, start
from tui.model import utc_now
from tui.simulator import Simulator

ASK = ("--model", "claude-haiku-5-5", "--max-tokens", "200", "--prompt", "Classify: {{ text }}")


def table(folder: Path, rows: int = 5, name: str = "tickets.csv") -> Path:
    """A table as a spreadsheet writes it."""
    path = folder / name
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(["id", "text"])
        writer.writerows([f"t-{row}", f"Zoë says,\n“hello” {row}"] for row in range(rows))
    return path


def test_a_table_needs_a_recipe_and_says_so(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    outcome = run("launch", str(table(tmp_path)), "--yes")
    assert outcome.code == 2
    assert "--recipe" in outcome.err
    assert simulator.creates == 0


def test_a_table_is_launched_with_a_recipe_of_options(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    outcome = run("launch", str(table(tmp_path)), *ASK, "--custom-id", "{{ id }}", "--yes", "--json")
    assert outcome.code == 0, outcome.err
    sent = outcome.json
    assert (sent["requests"], sent["state"], sent["run"]["batch_ids"]) == (5, "sent", [sent["batch_id"]])
    drafts = Path(run("info", "--json").json["paths"]["drafts"])
    asked = [json.loads(line) for line in (drafts / f"{sent['launch_id']}.jsonl").read_text().splitlines()]
    assert [each["custom_id"] for each in asked] == [f"t-{row}" for row in range(5)]
    message = asked[2]["params"]["messages"][0]
    assert message == {"role": "user", "content": "Classify: Zoë says,\n“hello” 2"}
    assert len(simulator.account.batches[sent["batch_id"]].work) == 5


def test_check_tells_price_plan_and_problems_without_network(
    run: Run, simulator: Simulator, tmp_path: Path
) -> None:
    source = str(table(tmp_path))
    outcome = run("check", source, *ASK, "--part-size", "2", "--json")
    assert outcome.code == 0, outcome.err
    found = outcome.json
    assert [part["requests"] for part in found["parts"]] == [2, 2, 1]
    assert (found["kind"], found["mapped_ids"], found["warning_count"]) == ("table", 5, 0)
    assert found["estimate"]["counted"] == 0 and float(found["estimate"]["high"]) > 0
    assert len(simulator.log) == 0
    told = run("check", source, *ASK, "--part-size", "2").out
    assert "as 3 batches" in told and "a guess from their length" in told and "It can be launched." in told


def test_strict_counts_warnings(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "odd.jsonl"
    params = {"model": "claude-nobody-knows", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}
    source.write_text(json.dumps({"custom_id": "a", "params": params}) + "\n")
    assert run("check", str(source)).code == 0
    outcome = run("check", str(source), "--strict", "--json")
    assert (outcome.code, outcome.json["ok"]) == (2, False)
    assert outcome.json["warning_count"] == 1
    assert outcome.json["groups"][0]["severity"] == "warning"


def test_recipes_are_listed_written_and_used(
    run: Run, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [line.split()[0] for line in run("recipe", "list").out.splitlines()]
    assert {"summarise", "classify", "extract"} <= set(names)
    assert run("recipe", "new", "nothing").code == 2
    for name in names:
        outcome = run("recipe", "new", name)
        assert outcome.code == 0, outcome.err
        assert f"{name}.toml" in outcome.err
        assert run("recipe", "new", name).code == 2, "nothing is overwritten"
        checked = run("check", str(table(tmp_path)), "--recipe", f"{name}.toml", "--json")
        assert checked.code == 0, checked.err + checked.out
    assert run("recipe", "new", "classify", "-o", "-").out.count("\n") > 10


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tools", "nothing.json"), "nothing.json cannot be read"),
        (("--schema", "list.json"), "must be a JSON schema"),
        (("--thinking", "much"), "--thinking must be a JSON object"),
        (("--map-model", "gpt"), "FROM=TO"),
        (("--sample", "0"), "1 or more"),
        (("--random",), "--random is about a sample"),
        (("--part-size", "100001"), "at most 100,000"),
        (("--recipe", "nothing-of-that-name"), "nothing-of-that-name"),
        (("--kind", "openai"), "kind"),
    ],
)
def test_bad_options_get_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.json").write_text("[1]")
    outcome = run("check", str(table(tmp_path)), *ASK, *options)
    assert outcome.code == 2
    assert said in outcome.err + outcome.out


def test_parts_are_sent_listed_and_read_as_one(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    simulator.switches.duration, simulator.switches.dull = timedelta(), True
    outcome = run("launch", str(requests(tmp_path, 5)), "--part-size", "2", "--name", "five", "--yes")
    assert outcome.code == 0, outcome.err
    ids = outcome.out.split()
    assert len(ids) == 3 == simulator.creates
    (told,) = run("runs", "--json").json
    assert (told["batch_ids"], told["requests"], told["state"]) == (ids, 5, "sent")
    assert run("wait", "five").code == 0
    results = run("results", "five").out.splitlines()
    assert {json.loads(line)["custom_id"] for line in results} == {f"q-{number}" for number in range(5)}
    shown = run("runs", "five")
    assert "part 3 of 3, 1 request: " in shown.out and "succeeded 5" in shown.out


@pytest.fixture
def forgetful(run: Run, simulator: Simulator, tmp_path: Path) -> Callable[[], tuple[str, list[str]]]:
    """Launches a run of two batches that end, and loses the store; gives the run's id and its batches'."""

    def launched() -> tuple[str, list[str]]:
        outcome = run("launch", str(requests(tmp_path)), "--part-size", "2", "--yes", "--json")
        assert outcome.code == 0, outcome.err
        for batch in simulator.account.batches.values():
            batch.end(utc_now())
        for file in Path(run("info", "--json").json["paths"]["data"]).glob("state.db*"):
            file.unlink()
        return outcome.json["run"]["run_id"], outcome.json["run"]["batch_ids"]

    return launched


def test_a_run_that_came_back_is_read_and_tried_again_at_once(
    run: Run, forgetful: Callable[[], tuple[str, list[str]]]
) -> None:
    run_id, _ = forgetful()
    outcome = run("results", run_id)
    assert (outcome.code, len(outcome.out.splitlines())) == (0, 3)
    run_id, _ = forgetful()
    assert run("retry", run_id, "--list").code == 0


def test_after_a_loss_the_same_requests_are_named_and_a_check_still_asks_nobody(
    run: Run, simulator: Simulator, tmp_path: Path, forgetful: Callable[[], tuple[str, list[str]]]
) -> None:
    run("list")
    run_id, _ = forgetful()
    asked = len(simulator.log)
    assert run("check", str(tmp_path / "requests.jsonl")).code == 0
    assert len(simulator.log) == asked
    outcome = run("launch", str(tmp_path / "requests.jsonl"), "--part-size", "2")
    assert (outcome.code, simulator.creates) == (2, 2)
    assert f"launched before: {tmp_path / 'requests.jsonl'}" in outcome.err and run_id in outcome.err


def test_what_the_service_does_not_know_of_a_run_that_came_back_is_said(
    run: Run, simulator: Simulator, forgetful: Callable[[], tuple[str, list[str]]]
) -> None:
    run_id, (first, second) = forgetful()
    del simulator.account.batches[first]
    outcome = run("results", run_id)
    assert (outcome.code, len(outcome.out.splitlines())) == (0, 1)
    assert f"does not know batch {first}" in outcome.err
    run_id, (first, second) = forgetful()
    for batch_id in (first, second):
        del simulator.account.batches[batch_id]
    for command in (["results", run_id], ["wait", run_id], ["retry", run_id, "--list"]):
        outcome = run(*command)
        assert outcome.code == 2 and "Launch it first" not in outcome.err


def test_a_sample_first_and_then_the_rest(
    run: Run, simulator: Simulator, tmp_path: Path, answer: Callable[[str], None]
) -> None:
    simulator.switches.duration, simulator.switches.dull = timedelta(), True
    answer("y")
    outcome = run("launch", str(requests(tmp_path, 5)), "--sample", "2")
    assert outcome.code == 0, outcome.err
    assert simulator.creates == 2
    assert "Send a sample of 2 requests first?" not in outcome.out
    assert "cost $" in outcome.err and "tokens in" in outcome.err, "what the sample really cost"
    assert outcome.err.count("q-") >= 2, "its answers are shown"


def test_without_a_terminal_only_the_sample_goes(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    outcome = run("launch", str(requests(tmp_path, 5)), "--sample", "2", "--random", "--seed", "7", "--yes")
    assert (outcome.code, simulator.creates) == (0, 1)
    (waiting,) = run("runs", "--json").json
    assert f"batchdeck launch --resume {waiting['run_id']}" in outcome.err
    assert (waiting["state"], waiting["going"]) == ("partial", False)
    rest = run("launch", "--resume", waiting["run_id"][:8], "--yes", "--json")
    assert (rest.code, simulator.creates) == (0, 2), rest.err
    assert rest.json["run"]["state"] == "sent"
    assert run("launch", "--resume", waiting["run_id"], "--yes").code == 2, "nothing is left"


def test_what_a_full_queue_keeps_waiting_has_not_failed(
    run: Run, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add("POST /v1/messages/batches", "rate_limit_bare", times=None)
    child = start(["launch", str(requests(tmp_path, 5)), "--part-size", "3", "--yes"])
    assert child.stderr is not None
    assert any("takes no more at this moment" in line for line in child.stderr)
    child.kill()
    child.communicate(timeout=30)
    (told,) = run("runs", "--json").json
    assert [each["due"] for each in told["launches"]] == [True, True]
    assert "waiting, going" in run("runs").out
    shown = run("runs", told["run_id"]).out
    assert "state        waiting: The service takes no more" in shown
    assert "part 1 of 2, 3 requests: waits to be sent: Too many batch requests" in shown
    assert "failed" not in shown
    assert run("launch", "--resume", told["run_id"], "--stop").code == 0
    assert "part 1 of 2, 3 requests: failed: Too many" in run("runs", told["run_id"]).out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_waits_for_a_full_queue_is_gone_on_with_as_it_was_said(
    run: Run, simulator: Simulator, tmp_path: Path, number: signal.Signals
) -> None:
    simulator.faults.add("POST /v1/messages/batches", "rate_limit_bare", times=None)
    child = start(["launch", str(requests(tmp_path, 5)), "--yes"])
    assert child.stderr is not None
    said = next(line for line in child.stderr if "takes no more at this moment" in line)
    child.send_signal(number)
    outcome = finished(child)
    (told,) = run("runs", "--json").json
    resume = f"launch --resume {told['run_id']}"
    assert (outcome.code, told["going"]) == (130, False)
    assert f"`batchdeck {resume}` goes on" in said
    assert f"Of requests.jsonl 1 batch of 1 waits to be sent: batchdeck {resume}" in outcome.err
    simulator.faults.clear()
    assert run(*resume.split(), "--yes").code == 0
    assert simulator.creates == 1


def test_drafts_can_be_given_up(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    run("launch", str(requests(tmp_path, 5)), "--sample", "2", "--yes")
    (waiting,) = run("runs", "--json").json
    assert run("launch", "--resume", waiting["run_id"], "--drop").code == 2, "nobody to ask"
    outcome = run("launch", "--resume", waiting["run_id"], "--drop", "--yes")
    assert outcome.code == 0, outcome.err
    (left,) = run("runs", "--json").json
    assert [each["state"] for each in left["launches"]] == ["sent", "dropped"]


@pytest.mark.parametrize("typed", ["y", "yes", ""])
def test_a_spending_limit_takes_a_typed_yes(
    run: Run, simulator: Simulator, tmp_path: Path, answer: Callable[[str], None], typed: str
) -> None:
    config = Path(run("info", "--json").json["paths"]["config"])
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[spending]\nlaunch = 0.000001\n")
    source = str(requests(tmp_path, 2))
    refused = run("launch", source, "--yes")
    assert (refused.code, simulator.creates) == (2, 0)
    assert "--over-limit" in refused.err
    answer(typed)
    outcome = run("launch", source, "--yes")
    assert (outcome.code, simulator.creates) == ((0, 1) if typed == "yes" else (1, 0)), outcome.err


def test_a_limit_can_be_gone_over_on_the_command_line(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    config = Path(run("info", "--json").json["paths"]["config"])
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[spending]\nday = 0\n")
    outcome = run("launch", str(requests(tmp_path, 2)), "--yes", "--over-limit")
    assert (outcome.code, simulator.creates) == (0, 1), outcome.err


def test_a_full_queue_gives_up_only_when_told_so(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    simulator.switches.queue = 3
    outcome = run("launch", str(requests(tmp_path, 5)), "--part-size", "3", "--yes", "--no-wait")
    assert (outcome.code, simulator.creates) == (3, 1)
    assert "launch --resume" in outcome.err
    simulator.switches.queue = None
    (waiting,) = run("runs", "--json").json
    assert run("launch", "--resume", waiting["run_id"], "--yes").code == 0
    assert simulator.creates == 2


def test_a_recipe_is_written_over_the_columns_of_a_source(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("Ticket ID,What they say\n1,Hello\n2,Hi\n")
    assert run("recipe", "new", "classify", "--for", "t.csv").code == 0
    assert 'row["What they say"]' in (tmp_path / "classify.toml").read_text()
    assert run("check", "t.csv", "--recipe", "classify.toml").code == 0
    assert run("recipe", "new", "blank", "-o", "-", "--for", "t.csv").code == 0
