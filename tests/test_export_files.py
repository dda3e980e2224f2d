"""One file for each answer: names that are harmless everywhere, a folder that is whole or not there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.exporting import ERRORED, EXPIRED, call, pairs, results, save_files, says, succeeded, table, text
from tests.hostile import HOSTILE
from tui.errors import UsageError
from tui.export import Extras, NewFolder, refuse_folder, write_files
from tui.export.names import Names, file_stem

# Names


@pytest.mark.parametrize(
    ("custom_id", "stem"),
    [
        ("ticket-7_a.b", "ticket-7_a.b"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("...a..", "%2E%2E%2Ea%2E%2E"),
        (".hidden", "%2Ehidden"),
        ("../../etc/passwd", "%2E%2E%2F..%2Fetc%2Fpasswd"),
        ("C:\\x", "C%3A%5Cx"),
        ("a:b", "a%3Ab"),
        ("a b\n\0%", "a%20b%0A%00%25"),
        ("é", "%E9"),
        ("CON", "%CON"),
        ("nul.txt", "%nul.txt"),
        ("com1", "%com1"),
        ("console", "console"),
    ],
)
def test_names_are_harmless(custom_id: str, stem: str) -> None:
    assert file_stem(custom_id) == stem


def test_long_names_stay_apart() -> None:
    stems = {file_stem("x" * 5000 + str(number)) for number in range(10)} | {file_stem("日" * 500)}
    assert len(stems) == 11
    assert max(map(len, stems)) <= 120


def test_no_two_names_differ_in_case_only() -> None:
    names = Names()
    taken = [names.take(each, 0) for each in ("a", "A", "a", "a~2", "a~3", "", "line-1", "A")]
    assert len({name.casefold() for name in taken}) == len(taken)
    assert taken[:3] == ["a", "A~2", "a~3"]
    assert taken[5:7] == ["line-1", "line-1~2"]


# What is in them


def test_answers_and_an_index(tmp_path: Path) -> None:
    both = succeeded("both", [text("Look:"), call("draw", n=1)])
    two = succeeded("two", [call("a", x="ë"), call("b", y=[1.0])])
    path, rows = results(
        tmp_path,
        says("prose", "# Title\n"),
        succeeded("one", [call("a", n=1.50)]),
        both,
        two,
        ERRORED,
        EXPIRED,
    )
    assert save_files(path, rows, tmp_path / "out") == 6
    out = tmp_path / "out"
    assert (out / "prose.md").read_text() == "# Title\n"
    assert (out / "one.json").read_text() == '{"n": 1.5}'
    assert (out / "both.md").read_text() == 'Look:\n\ndraw:\n\n```json\n{"n": 1}\n```\n'
    assert json.loads((out / "two.json").read_text()) == [
        {"name": "a", "input": {"x": "ë"}},
        {"name": "b", "input": {"y": [1.0]}},
    ]
    head, *entries = table(out / "index.csv")
    assert head == ["custom_id", "file", "outcome", "stop_reason", "error_type", "error_message"]
    assert [entry[1] for entry in entries] == ["prose.md", "one.json", "both.md", "two.json", "", ""]
    assert entries[4][2:] == ["errored", "", "invalid_request_error", "max_tokens: Field required"]
    assert {each.name for each in out.iterdir()} == {
        "index.csv",
        *(entry[1] for entry in entries if entry[1]),
    }


def test_plain_text_if_asked(tmp_path: Path) -> None:
    path, rows = results(tmp_path, says("index", "x"))
    save_files(path, rows, tmp_path / "out", ".txt")
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["index.csv", "index.txt"]


def test_hostile_ids_and_answers_stay_in_the_folder(tmp_path: Path) -> None:
    ids = [*HOSTILE, "..", "../../x", "/etc/passwd", "con", "x" * 300, "index.csv", "a", "A", "a"]
    path, rows = results(tmp_path, *(says(each, "said " + each) for each in ids))
    (tmp_path / "inner").mkdir()
    assert save_files(path, rows, tmp_path / "inner" / "out") == len(ids)
    assert [each.name for each in (tmp_path / "inner").iterdir()] == ["out"]
    found = list((tmp_path / "inner" / "out").iterdir())
    assert len(found) == len(ids) + 1
    assert all(each.is_file() and len(os.fsencode(each.name)) < 200 for each in found)
    entries = table(tmp_path / "inner" / "out" / "index.csv")[1:]
    assert len({entry[1].casefold() for entry in entries}) == len(ids)


# Where the folder goes


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    path, rows = results(tmp_path, says("a", "x"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for name, said in (("folder", "exists"), ("file", "exists"), ("link", "exists"), ("no/out", "no folder")):
        with pytest.raises(UsageError, match=said):
            save_files(path, rows, tmp_path / name)
        with pytest.raises(UsageError, match=said):
            refuse_folder(tmp_path / name)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder", "link", "results.jsonl"]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path, rows = results(tmp_path, says("a", "x"), says("b", "y"))
    with pytest.raises(KeyboardInterrupt), NewFolder(tmp_path / "out") as folder:
        write_files(pairs(path, rows), folder, Extras())
        assert not (tmp_path / "out").exists()
        raise KeyboardInterrupt
    assert [each.name for each in tmp_path.iterdir()] == ["results.jsonl"]


def test_a_folder_s_name_taken_meanwhile_stays_taken(tmp_path: Path) -> None:
    path, rows = results(tmp_path, says("a", "x"))
    with pytest.raises(UsageError, match="exists already"), NewFolder(tmp_path / "out") as folder:
        write_files(pairs(path, rows), folder, Extras())
        (tmp_path / "out").write_text("precious")
    assert (tmp_path / "out").read_text() == "precious"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out", "results.jsonl"]


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    path, rows = results(tmp_path, says("a", "x"))
    (tmp_path / "victim").write_text("precious")
    with pytest.raises(UsageError, match="exists already"), NewFolder(tmp_path / "out") as folder:
        (folder._beside / "a.md").symlink_to(tmp_path / "victim")
        write_files(pairs(path, rows), folder, Extras())
    assert (tmp_path / "victim").read_text() == "precious"
    assert not (tmp_path / "out").exists()
