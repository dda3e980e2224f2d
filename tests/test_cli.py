"""The command line: grammar, configuration, list, show, results, wait, cancel, delete; in this process."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli_runs import Run
from tui import __version__
from tui.__main__ import main
from tui.simulator import Simulator

API_FIELDS = {"id", "type", "processing_status", "request_counts", "created_at", "ended_at", "expires_at"} | {
    "archived_at",
    "cancel_initiated_at",
    "results_url",
}
OUR_FIELDS = {"label", "source", "launch_id", "deleted_at", "results"}


# The grammar


def test_the_version_and_the_help(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for option, text in (("--version", f"batchdeck {__version__}"), ("--help", "130  interrupted")):
        with pytest.raises(SystemExit) as caught:
            main([option])
        assert caught.value.code == 0
        assert text in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        ["lsit"],
        ["list", "--stat", "ended"],
        ["list", "--state", "finished"],
        ["show"],
        ["wait"],
        ["wait", "x", "--timeout", "nan"],
        ["--refresh", "0", "list"],
        ["list", "--refresh", "soon"],
        ["retry", "x"],
        ["launch"],
        ["launch", "--again"],
        ["launch", "--resume", "x"],
        ["launch", "--resume", "x", "--again", "--drop"],
        ["launch", "file", "--resume", "x", "--drop"],
        ["results", "x", "--format", "xml"],
        ["results", "x", "--outcome", "fine"],
        ["list", "--data-dir", ""],
        ["--data-dir=\x1b[31m", "nonsense\x1b]0;t\x07"],
    ],
)
def test_nonsense_is_a_sentence_and_2(run: Run, argv: list[str]) -> None:
    outcome = run(*argv)
    assert outcome.code == 2
    assert outcome.err.startswith("batchdeck: ")
    assert "\x1b" not in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("before", [True, False])
def test_global_options_stand_before_or_after(run: Run, tmp_path: Path, before: bool) -> None:
    options = ["--data-dir", str(tmp_path / "elsewhere"), "--read-only", "--workspace", "wrkspc_1"]
    outcome = run(*options, "info", "--json") if before else run("info", "--json", *options)
    assert outcome.code == 0
    assert outcome.json["paths"]["data"] == str(tmp_path / "elsewhere")


def test_an_option_before_survives_another_after(run: Run, tmp_path: Path) -> None:
    outcome = run("--data-dir", str(tmp_path / "d"), "info", "--json", "--read-only")
    assert outcome.json["paths"]["data"] == str(tmp_path / "d")


# Configuration, places, credentials


def test_without_a_credential(run: Run) -> None:
    for argv in (["list"], ["list", "--json"], ["show", "msgbatch_1"], ["wait", "msgbatch_1"]):
        outcome = run(*argv)
        assert outcome.code == 2, argv
        assert "ANTHROPIC_API_KEY" in outcome.err
        assert outcome.out == ""


def test_a_wrong_setting(run: Run, clean_environment: Path) -> None:
    config = clean_environment / "config" / "batchdeck"
    config.mkdir(parents=True)
    (config / "config.toml").write_text("\nrefrehs = 3")
    outcome = run("info")
    assert outcome.code == 2
    assert "config.toml:2: refrehs" in outcome.err


def test_a_folder_that_cannot_be(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = run("info", "--data-dir", str(tmp_path / "file" / "below"))
    assert outcome.code == 2
    assert "--data-dir" in outcome.err


def test_a_store_that_is_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("this is not a database, whatever its name says" * 50)
    outcome = run("info", "--data-dir", str(tmp_path))
    assert outcome.code == 2
    assert "state.db" in outcome.err


def test_info_tells_no_key(run: Run, simulator: Simulator) -> None:
    simulator.invent([("prose", 2)])
    run("list")
    facts = run("info", "--json").json
    assert facts["credential"] == {"kind": "variable", "name": "ANTHROPIC_API_KEY"}
    assert facts["versions"]["batchdeck"] == __version__
    assert all(facts["versions"].values())
    assert facts["account"]["batches"] == 1
    assert facts["account"]["base_url"].startswith("http://127.0.0.1:")
    assert facts["account"]["organization"]
    assert facts["sizes"]["state"] > 0
    plain = run("info")
    assert "variable ANTHROPIC_API_KEY" in plain.out


def test_info_names_the_profile(run: Run, clean_environment: Path) -> None:
    assert run("info", "--json").json["credential"] is None
    folder = clean_environment / ".config" / "anthropic"
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "work.json").write_text("{}")
    (folder / "active_config").write_text("work\n")
    assert run("info", "--json").json["credential"] == {"kind": "profile", "name": "work"}
    assert run("info", "--json", "--profile", "p").json["credential"] == {"kind": "profile", "name": "p"}


# list and show


def test_list_as_json_is_the_contract(run: Run, simulator: Simulator) -> None:
    old = simulator.invent([("prose", 5), ("refusal", 1)])
    outcome = run("list", "--json")
    assert outcome.code == 0
    (batch,) = outcome.json
    assert set(batch) == API_FIELDS | OUR_FIELDS
    assert (batch["id"], batch["type"], batch["processing_status"]) == (old.id, "message_batch", "ended")
    assert set(batch["request_counts"]) == {"processing", "succeeded", "errored", "canceled", "expired"}
    assert sum(batch["request_counts"].values()) == 6
    assert batch["created_at"].endswith("Z")
    assert batch["results"] is None
    assert batch["label"] is None


def test_list_by_state(run: Run, simulator: Simulator) -> None:
    ended = simulator.invent([("prose", 1)])
    running = simulator.invent([("prose", 1)], ends_at=simulator.clock() + timedelta(hours=1))
    assert [b["id"] for b in run("list", "--json", "--state", "ended").json] == [ended.id]
    assert [b["id"] for b in run("list", "--json", "--state", "in_progress").json] == [running.id]
    assert run("list", "--json", "--state", "deleted").json == []


def test_list_for_people(run: Run, simulator: Simulator) -> None:
    batches = [simulator.invent([("prose", number)]) for number in (1, 22, 333)]
    lines = run("list").out.splitlines()
    assert lines[0].split()[:3] == ["ID", "STATE", "REQUESTS"]
    assert {line.split()[0] for line in lines[1:]} == {batch.id for batch in batches}
    assert run("list", "--state", "canceling").out == ""


def test_list_offline_shows_what_is_known_and_3(run: Run, simulator: Simulator) -> None:
    batch = simulator.invent([("prose", 1)])
    run("list")
    simulator.faults.add("*", "overloaded", times=None)
    outcome = run("list", "--json")
    assert outcome.code == 3
    assert [each["id"] for each in outcome.json] == [batch.id]
    assert "known locally" in outcome.err


def test_list_unauthorized(run: Run, simulator: Simulator) -> None:
    simulator.faults.add("*", "authentication", times=None)
    outcome = run("list", "--json")
    assert outcome.code == 1
    assert outcome.out == ""


def test_show(run: Run, simulator: Simulator) -> None:
    batch = simulator.invent([("prose", 4)])
    shown = run("show", batch.id, "--json").json
    assert set(shown) == API_FIELDS | OUR_FIELDS | {"summary", "cost"}
    assert shown["summary"] is None and shown["cost"] is None
    assert run("show", batch.id[-6:], "--json").json["id"] == batch.id
    assert run("show", "…" + batch.id[-10:]).code == 0
    run("results", batch.id)
    shown = run("show", batch.id, "--json").json
    assert shown["summary"]["outcomes"] == {"succeeded": 4}
    assert shown["cost"]["complete"] and 0 < shown["cost"]["batch"] < shown["cost"]["standard"]
    assert shown["results"]["complete"] is True
    plain = run("show", batch.id).out
    assert "succeeded 4" in plain


def test_show_what_is_not_there(run: Run, simulator: Simulator) -> None:
    outcome = run("show", "msgbatch_nowhere")
    assert outcome.code in (1, 2)
    assert outcome.out == ""


def test_show_offline_and_missing(run: Run, simulator: Simulator) -> None:
    batch = simulator.invent([("prose", 1)])
    run("list")
    simulator.faults.add("*", "drop")
    assert run("show", batch.id).code == 3
    simulator.faults.add("*", "not_found")
    outcome = run("show", batch.id, "--json")
    assert outcome.code == 1
    assert outcome.json["deleted_at"] is None, "one 404 is not a deletion"


# wait, cancel, delete


def test_wait_says_no_when_not_all_succeeded(run: Run, simulator: Simulator) -> None:
    batch = simulator.invent([("prose", 2)])
    assert run("wait", batch.id).code == 0
    simulator.switches.canceling = timedelta()
    running = simulator.invent([("prose", 9)], ends_at=simulator.clock() + timedelta(hours=1))
    assert run("cancel", running.id, "--yes").code == 0
    assert run("wait", batch.id, running.id).code == 1


def test_wait_gives_up(run: Run, simulator: Simulator) -> None:
    running = simulator.invent([("prose", 1)], ends_at=simulator.clock() + timedelta(hours=1))
    outcome = run("wait", running.id, "--timeout", "0.2", "--json")
    assert outcome.code == 1
    assert "time was up" in outcome.err
    assert outcome.json[0]["processing_status"] == "in_progress"


def test_cancel(run: Run, simulator: Simulator, answer: Callable[[str], None]) -> None:
    running = simulator.invent([("prose", 9)], ends_at=simulator.clock() + timedelta(hours=1))
    assert run("cancel", running.id).code == 2
    answer("")
    outcome = run("cancel", running.id)
    assert outcome.code == 1
    assert running.id in outcome.err
    answer("yes")
    (batch,) = run("cancel", running.id, "--json").json
    assert batch["processing_status"] == "canceling"


def test_cancel_what_has_ended(run: Run, simulator: Simulator) -> None:
    ended = simulator.invent([("prose", 1)])
    outcome = run("cancel", ended.id, "--yes", "--json")
    assert outcome.code in (1, 2)
    assert outcome.out == ""


def test_delete(run: Run, simulator: Simulator) -> None:
    ended = simulator.invent([("prose", 1)])
    running = simulator.invent([("prose", 1)], ends_at=simulator.clock() + timedelta(hours=1))
    assert run("delete", ended.id).code == 2
    assert run("delete", running.id, "--yes").code == 2
    assert run("delete", ended.id, "--yes").code == 0
    assert list(simulator.account.batches) == [running.id]


# results


def test_results_are_the_bytes_received(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    batch = simulator.invent([("prose", 3), ("refusal", 2)])
    lines = [json.loads(line) for line in run("results", batch.id).out.splitlines()]
    assert len(lines) == 5
    target = tmp_path / "out.jsonl"
    assert run("results", batch.id, "--output", str(target)).code == 0
    assert len(target.read_text().splitlines()) == 5
    again = run("results", batch.id, "-o", str(target))
    assert again.code == 2
    assert "--force" in again.err
    assert run("results", batch.id, "-o", str(target), "--force", "--outcome", "problem").code == 0
    assert len(target.read_text().splitlines()) == 2
    assert len(simulator.log.matching("GET", "*/results")) == 1, "fetched once"


def test_results_as_csv(run: Run, simulator: Simulator) -> None:
    batch = simulator.invent([("prose", 3)])
    outcome = run("results", batch.id, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(outcome.out)))
    assert [row["outcome"] for row in rows] == ["succeeded"] * 3


def test_results_that_are_not_there_yet(run: Run, simulator: Simulator, tmp_path: Path) -> None:
    running = simulator.invent([("prose", 1)], ends_at=simulator.clock() + timedelta(hours=1))
    outcome = run("results", running.id, "--output", str(tmp_path / "x"))
    assert outcome.code == 1
    assert not (tmp_path / "x").exists()
