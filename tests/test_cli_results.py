"""`results` on the command line: what goes together, what comes out, where it goes, what is said of it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli_runs import ROOT, Run, requests
from tests.exporting import table
from tui.model import utc_now
from tui.simulator import Simulator

LINE = (
    b'{"custom_id":"q-%d","result":{"type":"succeeded","message":{"model":"m","stop_reason":"end_turn",'
    b'"content":[{"type":"text","text":"%b"}]}}}\n'
)


def saying(simulator: Simulator, *said: bytes) -> str:
    """An ended batch whose answers say this, from `q-0` on."""
    made = simulator.invent([("prose", len(said))], created_at=utc_now() - timedelta(hours=1))
    simulator.replace_results(made.id, [LINE % (number, each) for number, each in enumerate(said)])
    return made.id


def ids(out: str) -> list[str]:
    return [json.loads(line)["custom_id"] for line in out.splitlines()]


@pytest.fixture
def fruit(simulator: Simulator) -> str:
    return saying(simulator, b"red apple", b"pear", b"green Apple", b"Zo\\u00eb")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--format parquet", "--format parquet needs --output"),
        ("--format files -o -", "--format files needs --output"),
        ("--force", "--force is about"),
        ("--format files -o x --force", "never a folder"),
        ("--case", "--case needs"),
        ("--search a --regex b", "not allowed with"),
        ("--join a.csv --format jsonl", "only --format csv"),
        ("--join a.csv --sort words", "keeps the order"),
        ("--key a", "--key needs --join"),
        ("--fields", "--fields needs"),
        ("--with-requests --format csv", "--with-requests needs"),
        ("--no-guard", "--no-guard is about"),
        ("--txt", "--txt needs"),
        ("--sort colour", "must be one of"),
        ("--sort words:up", "must be one of"),
        ("--search=", "nothing to search for"),
        ("--regex (", "regular expression"),
        ("--format xml", "invalid choice"),
    ],
)
def test_what_does_not_go_together(run: Run, simulator: Simulator, options: str, said: str) -> None:
    outcome = run("results", "msgbatch_1", *options.split())
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert len(simulator.log) == 0, "refused before anything is asked"


def test_results_are_searched_sorted_and_counted(run: Run, fruit: str) -> None:
    outcome = run("results", fruit, "--search", "apple", "--sort", "custom_id:desc")
    assert ids(outcome.out) == ["q-2", "q-0"]
    assert outcome.err == "2 of 4 results.\n"
    assert ids(run("results", fruit, "--search", "apple", "--case").out) == ["q-0"]
    assert ids(run("results", fruit, "--regex", "^(pear|Zoë)$").out) == ["q-1", "q-3"]
    none = run("results", fruit, "--search", "plum")
    assert (none.code, none.out, none.err) == (0, "", "0 of 4 results.\n")


def test_several_batches_are_one(run: Run, simulator: Simulator, fruit: str, tmp_path: Path) -> None:
    other = saying(simulator, b"apple pie")
    assert run("results", fruit, other, fruit).out.count("\n") == 5
    outcome = run("results", other, fruit, "--search", "apple", "-o", str(tmp_path / "out"))
    assert outcome.err == f"Saved 3 of 5 results to {tmp_path}/out.\n"


def test_a_table_on_stdout(run: Run, simulator: Simulator) -> None:
    batch_id = saying(simulator, b'{\\"label\\": \\"=spam\\", \\"score\\": -1}')
    rows = list(csv.DictReader(io.StringIO(run("results", batch_id, "--format", "csv", "--fields").out)))
    assert (rows[0]["field.label"], rows[0]["field.score"]) == ("'=spam", "-1")
    bare = run("results", batch_id, "--format", "csv", "--fields", "--no-guard").out
    assert next(csv.DictReader(io.StringIO(bare)))["field.label"] == "=spam"


def test_the_source_with_its_answers(run: Run, fruit: str, tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_bytes(b"name\tid\r\nzz\tq-9\r\nx\tq-1")
    outcome = run("results", fruit, "--join", str(tmp_path / "in.tsv"))
    head, missing, pear = csv.reader(io.StringIO(outcome.out, newline=""), delimiter="\t")
    assert head[:3] == ["name", "id", "outcome"]
    assert missing[:3] == ["zz", "q-9", "missing"]
    assert pear[4] == "pear"
    assert outcome.err == (
        "2 rows of in.tsv: 1 with a result (matched by “id”); 1 without a result; 3 results matched no row.\n"
    )
    named = run(
        "results", fruit, "--join", str(tmp_path / "in.tsv"), "--key", "id", "-o", str(tmp_path / "out")
    )
    assert named.code == 0
    assert (tmp_path / "out").read_bytes().decode() == outcome.out
    wrong = run("results", fruit, "--join", str(tmp_path / "in.tsv"), "--key", "nome")
    assert (wrong.code, wrong.out) == (2, "")
    assert "there are name, id" in wrong.err


def test_files(run: Run, fruit: str, tmp_path: Path) -> None:
    out = tmp_path / "answers"
    assert run("results", fruit, "--format", "files", "-o", str(out), "--txt").code == 0
    assert (out / "q-3.txt").read_text() == "Zoë"
    assert [row[1] for row in table(out / "index.csv")[1:]] == [f"q-{n}.txt" for n in range(4)]
    again = run("results", fruit, "--format", "files", "-o", str(out))
    assert (again.code, again.out) == (2, "")
    assert "exists already" in again.err


def test_parquet(run: Run, fruit: str, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    target = tmp_path / "out.parquet"
    assert run("results", fruit, "--format", "parquet", "-o", str(target)).code == 0
    assert parquet.read_table(target)["text"].to_pylist()[0] == "red apple"
    assert run("results", fruit, "--format", "parquet", "-o", str(target)).code == 2
    assert run("results", fruit, "--format", "parquet", "-o", str(target), "--force").code == 0


def test_lines_with_the_requests_that_were_launched_from_here(
    run: Run, simulator: Simulator, tmp_path: Path
) -> None:
    sent = run("launch", str(requests(tmp_path, 3)), "--yes", "--json").json
    simulator.end(sent["batch_id"])
    lines = list(map(json.loads, run("results", sent["batch_id"], "--with-requests").out.splitlines()))
    assert [list(line) for line in lines] == [["custom_id", "params", "result"]] * 3
    assert lines[0]["params"]["messages"] == [{"role": "user", "content": "Hello"}]


@pytest.mark.parametrize("options", [(), ("--format", "csv"), ("--join", "in.csv")])
def test_a_reader_that_has_enough_is_no_error(
    run: Run, simulator: Simulator, tmp_path: Path, options: tuple[str, ...]
) -> None:
    batch_id = saying(simulator, *[b"words " * 200] * 2_000)
    assert run("results", batch_id).code == 0
    (tmp_path / "in.csv").write_text("id\n" + "".join(f"q-{n}\n" for n in range(2_000)))
    arguments = [each.replace("in.csv", str(tmp_path / "in.csv")) for each in options]
    program = f"{sys.executable} -m tui results {batch_id} {' '.join(arguments)}"
    command = f"{program} | head -c 10; echo ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.stderr == ""
    assert ended.stdout.endswith("0\n")


def test_requests_without_any_result_are_told_of(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    made = simulator.invent([("prose", 4)], created_at=utc_now() - timedelta(hours=1))
    simulator.replace_results(made.id, [LINE % (number, b"yes") for number in range(3)])
    assert run("results", made.id).err == "3 results: 1 request has no result.\n"
    outcome = run("results", made.id, "-o", str(tmp_path / "out.csv"), "--format", "csv")
    assert outcome.err.endswith("out.csv: 1 request has no result.\n")
