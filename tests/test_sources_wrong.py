"""What is wrong with a source as a whole, with its place and its remedy; requests are checked elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.drafting import TWO, checked, drafts, lines, request, saved, told, without
from tui.model import Making, Recipe
from tui.sources import check, prepare

HOW = "give --recipe, or --model, --max-tokens and --prompt."


def test_all_problems_of_all_lines_each_on_its_line(tmp_path: Path) -> None:
    one = {"custom_id": "", "params": {"stream": True}, "x": 1}
    draft = checked(tmp_path, lines(request(1)) + b"\n" + lines(one, request(2), {**request(3), "params": 5}))
    assert {problem.place.split(":")[1] for problem in draft.problems} == {"3", "5"}
    assert draft.problem_count == 7
    assert (draft.requests, draft.models) == (4, (("claude-haiku-5-5", 2),))
    assert (draft.ok, draft.sha256) == (False, "")


def test_lists_among_lines(tmp_path: Path) -> None:
    draft = checked(tmp_path, lines(request(), [], [request(2)]))
    assert [problem.what for problem in draft.problems] == ["A request must be an object, not a list"] * 2


def test_one_strange_request_among_good_ones_is_no_other_kind_of_file(tmp_path: Path) -> None:
    draft = checked(tmp_path, lines({"prompt": "a"}, request(1)))
    assert draft.kind == "requests"
    assert {problem.place.split(":")[1] for problem in draft.problems} == {"1"}


def test_repeated_ids_are_found_across_handfuls(tmp_path: Path) -> None:
    values = [request(n % 3000, system="s" * 1000) for n in range(3001)]
    assert told(checked(tmp_path, lines(*values)))[0].startswith("a.jsonl:3001")


# What cannot be sent without more being said

SEEMS = {
    "records.jsonl": (lines({"prompt": "a"}, {"prompt": "b"}), "It is a list of records", "each record"),
    "table.csv": (b'id,text\n1,"a, b"\n', "It is a table", "each row"),
    "table.tsv": (b"id\ttext\n1\ta\n", "It is a table", "each row"),
    "notes.txt": (b"What is it?\nWho was it?\n", "It is text, PDF or images", "each file"),
    "scan.pdf": (b"%PDF-1.7\n", "It is text, PDF or images", "each file"),
}


@pytest.mark.parametrize("name", SEEMS)
def test_what_needs_a_recipe(tmp_path: Path, name: str) -> None:
    content, said, each = SEEMS[name]
    (problem,) = told(checked(tmp_path, content, name))
    assert problem.startswith(f"{name}: {said}, not ")
    assert problem.endswith(f"Say how to make a request of {each}: {HOW}")


# What is none of ours

FOREIGN = {
    "bedrock.jsonl": (lines({"recordId": "1", "modelInput": {}}), "an Amazon Bedrock batch"),
    "results.jsonl": (lines({"custom_id": "1", "result": {"type": "expired"}}), "the results of a batch"),
    "theirs.jsonl": (lines({"custom_id": "1", "response": {}, "error": None}), "the results of a batch"),
    "body.json": (json.dumps({"requests": TWO}).encode(), "the body of a request"),
    "wrapped.json": (json.dumps({"meta": [], "data": TWO}).encode(), "an object around them"),
    "prompts.jsonl": (lines("one", "two"), "a list of prompts"),
    "prompts.json": (json.dumps(["one", "two"]).encode(), "a list of prompts"),
    "plain.jsonl": (b"What is it?\nWho was it?\n", "plain text"),
    "number.json": (b"1\n", "plain text"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_none_of_ours(tmp_path: Path, name: str) -> None:
    content, said = FOREIGN[name]
    draft = checked(tmp_path, content, name)
    assert (draft.problem_count, draft.requests) == (1, 0)
    assert told(draft)[0].startswith(f"{name}:1: It seems to be {said}, not ")


def test_the_user_may_take_results_for_records(tmp_path: Path) -> None:
    recipe = Recipe(model="claude-haiku-5-5", max_tokens=10, prompt="{{ result.type }}")
    content, _ = FOREIGN["results.jsonl"]
    draft = checked(tmp_path, content, making=Making(kind="records", override=recipe))
    assert (told(draft), draft.requests) == ([], 1)


NO_TEXT = {
    "UTF-16": ("\ufeff" + lines(*TWO).decode()).encode("utf-16-le"),
    "UTF-16, not": lines(*TWO).decode().encode("utf-16-le"),
    "is UTF-16": ("\ufeff" + lines(*TWO).decode()).encode("utf-16-be"),
    "compressed (zip)": b"PK\x03\x04rest",
    "compressed (zstd)": b"\x28\xb5\x2f\xfdrest",
    "binary": b"\x7fELF\x02\x01\x00\x00",
}


@pytest.mark.parametrize("said", NO_TEXT)
def test_what_is_no_text(tmp_path: Path, said: str) -> None:
    (problem,) = checked(tmp_path, NO_TEXT[said]).problems
    assert said in problem.what


@pytest.mark.parametrize("content", [b"", b"\n\n  \r\n", b"[]", b"[\n\n]\n", b"\xef\xbb\xbf"])
def test_nothing_in_it(tmp_path: Path, content: bytes) -> None:
    draft = checked(tmp_path, content)
    assert told(draft) == ["a.jsonl:1: There is no request in it – Put one request on each line."]
    assert not saved(tmp_path / "a.jsonl").ok
    assert list(tmp_path.iterdir()) == [tmp_path / "a.jsonl"]


def test_what_is_no_file(tmp_path: Path) -> None:
    assert told(check([tmp_path / "absent.jsonl"])) == [
        "absent.jsonl: There is no such file – Look at the name."
    ]
    assert "There is no file in it" in told(check([tmp_path]))[0]
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in told(check([tmp_path / "pipe"]))[0]
    assert "not a regular file" in told(check([tmp_path]))[0]
    assert "not a regular file" in told(check([Path("/dev/zero")]))[0]
    draft = prepare([tmp_path / "absent.jsonl"], drafts(tmp_path))
    assert not draft.ok
    assert list(tmp_path.iterdir()) == [tmp_path / "pipe"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch(mode=0o000)
    assert "may not be read" in told(check([tmp_path / "a.jsonl"]))[0]
    (tmp_path / "folder").mkdir(mode=0o000)
    assert "folder: It may not be read" in told(check([tmp_path / "folder"]))[0]


def test_a_file_that_fails_while_it_is_read_says_so(tmp_path: Path) -> None:
    path = Path("/proc/self/mem")  # opens like a file, and cannot be read from its start
    if path.exists():
        assert "It cannot be read" in told(check([path]))[0]


# Options that a ready-made source has no use for


def test_options_without_effect_are_warned_of(tmp_path: Path) -> None:
    override = Recipe(model="claude-opus-5", max_tokens=5, betas=("context-1m",))
    draft = checked(tmp_path, lines(*TWO), making=Making(override=override, recipe="classify"))
    assert [problem.what for problem in draft.problems] == [
        f"{option} has no effect on ready-made requests" for option in ("--model", "--max-tokens", "--recipe")
    ]
    assert (draft.ok, draft.problem_count, draft.warning_count) == (True, 0, 3)
    assert (draft.models, draft.betas) == ((("claude-haiku-5-5", 2),), ("context-1m",))


def test_other_services_requests_are_told_from_ours(tmp_path: Path) -> None:
    theirs = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"messages": []}}
    assert checked(tmp_path, lines(theirs)).kind == "openai"
    assert checked(tmp_path, lines(without("params", request()))).kind == "requests"
