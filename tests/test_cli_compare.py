"""`compare` and `attach`, as processes see them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli_runs import Run
from tui.simulator import Simulator
from tui.simulator.batch import Batch


def line(number: int, label: str) -> bytes:
    content = [{"type": "text", "text": json.dumps({"label": label, "at": {"page": number}})}]
    message = {
        "content": content,
        "stop_reason": "end_turn",
        "model": "claude-haiku-4-5",
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }
    result = {"type": "succeeded", "message": message}
    return json.dumps({"custom_id": f"r-{number}", "result": result}).encode() + b"\n"


def run_of(simulator: Simulator, labels: str, first: int = 0) -> Batch:
    batch = simulator.invent([("json", len(labels))])
    body = [line(first + n, label) for n, label in enumerate(labels)]
    simulator.replace_results(batch.id, body)
    return batch


def test_two_runs_are_compared_by_field(run: Run, simulator: Simulator) -> None:
    left, right = run_of(simulator, "aabbc"), run_of(simulator, "bbbc", first=1)
    outcome = run("compare", left.id, right.id, "--json")
    assert outcome.code == 0
    said = outcome.json
    assert (said["same"], said["different"], said["only_a"], said["only_b"]) == (3, 1, 1, 0)
    label = next(field for field in said["fields"] if field["path"] == "label")
    assert (label["same"], label["different"]) == (3, 1)
    assert label["changes"] == [{"a": "a", "b": "b", "count": 1}]
    assert {each["custom_id"]: each["verdict"] for each in said["differing"]} == {
        "r-1": "different",
        "r-0": "only_a",
    }
    plain = run("compare", left.id, right.id).out
    assert "label" in plain and "a → b" in plain


def test_one_side_may_be_several_batches(run: Run, simulator: Simulator) -> None:
    left, one, two = run_of(simulator, "abcd"), run_of(simulator, "ab"), run_of(simulator, "cx", first=2)
    said = run("compare", left.id, f"{one.id},{two.id}", "--json").json
    assert (said["same"], said["different"], said["only_a"], said["only_b"]) == (3, 1, 0, 0)


def test_a_batch_with_itself_or_with_nothing(run: Run, simulator: Simulator) -> None:
    batch = run_of(simulator, "ab")
    assert run("compare", batch.id, "nowhere").code == 2
    assert run("compare", batch.id).code == 2


def test_requests_attached_stand_in_the_export(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    batch = run_of(simulator, "abc")
    source = tmp_path / "requests.jsonl"
    params = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "Zoë"}]}
    requests = [{"custom_id": f"r-{n}", "params": params} for n in range(3)]
    source.write_text("\n".join(map(json.dumps, requests)))
    assert run("results", batch.id).code == 0
    attached = run("attach", batch.id, str(source))
    assert attached.code == 0 and attached.out == ""
    lines = run("results", batch.id, "--with-requests").out.splitlines()
    assert [json.loads(each)["params"] for each in lines] == [params] * 3


def test_a_file_of_other_requests_is_refused(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    batch = run_of(simulator, "abc")
    source = tmp_path / "others.jsonl"
    source.write_text('{"custom_id": "x", "params": {}}\n')
    run("results", batch.id)
    outcome = run("attach", batch.id, str(source))
    assert outcome.code == 2 and "others.jsonl" in outcome.err
