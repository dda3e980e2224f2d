"""Results out: the bytes as they came, tables that compute nothing, files that are whole or not there."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import stat
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import HOSTILE
from tui.errors import StoreError, UsageError
from tui.export import FileExport, export, export_stream
from tui.export.formats import COLUMNS
from tui.model import IndexRow
from tui.records import Indexer
from tui.text import sound


def succeeded(custom_id: str, content: Sequence[Any]) -> bytes:
    message = {
        "model": "claude-haiku-5-5",
        "content": content,
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 18, "output_tokens": 7},
    }
    return json.dumps({"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}).encode()


def text(said: str) -> dict[str, str]:
    return {"type": "text", "text": said}


ERRORED = (
    b'{"custom_id":"b","result":{"type":"errored","error":{"type":"error","error":'
    b'{"type":"invalid_request_error","message":"max_tokens: Field required"},"request_id":null}}}'
)
EXPIRED = b'{ "custom_id" : "c", "result":{"type":"expired"} }'


def results(folder: Path, *lines: bytes, end: bytes = b"\n") -> tuple[Path, list[IndexRow]]:
    """A results file and its index."""
    path = folder / "results.jsonl"
    path.write_bytes(b"\n".join(lines) + end)
    indexer = Indexer()
    return path, [*indexer.feed(path.read_bytes()), *indexer.finish()]


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


# The bytes as they came


@pytest.mark.parametrize("end", [b"\n", b""])
def test_jsonl_is_what_the_service_sent(tmp_path: Path, end: bytes) -> None:
    lines = [succeeded("a", [text("é\u2028")]), ERRORED, EXPIRED, b"not JSON \xff"]
    path, rows = results(tmp_path, *lines, end=end)
    assert export(path, rows, tmp_path / "out.jsonl") == 4
    assert (tmp_path / "out.jsonl").read_bytes() == b"\n".join(lines) + b"\n"


def test_rows_may_be_any_in_any_order(tmp_path: Path) -> None:
    lines = [succeeded(str(n), [text("x" * n)]) for n in range(50)]
    path, rows = results(tmp_path, *lines)
    chosen = random.Random(1).sample(rows, 20)
    export(path, chosen, tmp_path / "out")
    assert (tmp_path / "out").read_bytes().splitlines() == [lines[row.line] for row in chosen]


def test_a_stream_gets_the_same(tmp_path: Path) -> None:
    path, rows = results(tmp_path, ERRORED, EXPIRED)
    stream = io.BytesIO()
    assert export_stream(path, rows, stream) == 2
    assert stream.getvalue() == path.read_bytes()
    assert not stream.closed


# Tables


def test_a_table_has_the_whole_text(tmp_path: Path) -> None:
    long = "Dear customer,\n\n" + "word " * 1000 + '"quoted", and a comma'
    path, rows = results(tmp_path, succeeded("a", [text(long), text(" More.")]), ERRORED, EXPIRED)
    assert export(path, rows, tmp_path / "out.csv", format="csv") == 3
    assert table(tmp_path / "out.csv") == [
        list(COLUMNS),
        ["a", "succeeded", "end_turn", long + " More.", "", "", "claude-haiku-5-5", "18", "7"],
        ["b", "errored", "", "", "invalid_request_error", "max_tokens: Field required", "", "0", "0"],
        ["c", "expired", "", "", "", "", "", "0", "0"],
    ]


def test_a_table_without_rows_has_its_head(tmp_path: Path) -> None:
    path, _ = results(tmp_path, EXPIRED)
    assert export(path, [], tmp_path / "out.csv", format="csv") == 0
    assert table(tmp_path / "out.csv") == [list(COLUMNS)]
    assert export(path, [], tmp_path / "out.jsonl") == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_an_answer_that_only_calls_tools_shows_the_calls(tmp_path: Path) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "classify", "input": {"category": "access"}}
    path, rows = results(tmp_path, succeeded("a", [call]))
    export(path, rows, tmp_path / "out.csv", format="csv")
    cell = table(tmp_path / "out.csv")[1][3]
    assert "classify" in cell
    assert "access" in cell


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_a_formula(tmp_path: Path, formula: str) -> None:
    path, rows = results(tmp_path, succeeded(formula, [text(formula)]))
    export(path, rows, tmp_path / "out.csv", format="csv")
    _, row = table(tmp_path / "out.csv")
    assert row[0] == row[3] == "'" + formula


def test_hostile_answers_make_a_readable_table(tmp_path: Path) -> None:
    path, rows = results(tmp_path, *(succeeded(f"n-{n}", [text(each)]) for n, each in enumerate(HOSTILE)))
    export(path, rows, tmp_path / "out.csv", format="csv")
    (tmp_path / "out.csv").read_text(encoding="utf-8")
    seen = {row[0]: row[3] for row in table(tmp_path / "out.csv")}
    for number, each in enumerate(HOSTILE):
        assert seen[f"n-{number}"].removeprefix("'") == sound(each)


def test_what_is_no_result_is_a_row_too(tmp_path: Path) -> None:
    path, rows = results(tmp_path, b"[1]", b"\xff\xfe", b'{"custom_id":5}', b"{")
    assert export(path, rows, tmp_path / "out.csv", format="csv") == 4
    assert [row[1] for row in table(tmp_path / "out.csv")[1:]] == ["unreadable"] * 4


def test_an_unknown_format_is_said_before_anything_is_made(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    with pytest.raises(UsageError, match=r"no format “xls”.* Choose one of jsonl, csv"):
        export(path, rows, tmp_path / "out", format="xls")
    assert not (tmp_path / "out").exists()


# Where it goes


def test_nothing_is_overwritten_unless_told(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    (tmp_path / "out").write_text("precious")
    with pytest.raises(UsageError, match="exists already"):
        export(path, rows, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "precious"
    export(path, rows, tmp_path / "out", overwrite=True)
    assert (tmp_path / "out").read_bytes() == EXPIRED + b"\n"


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    writing = FileExport(path, tmp_path / "out")
    writing.add(rows)
    (tmp_path / "out").write_text("precious")
    with pytest.raises(UsageError, match="exists already"):
        writing.finish()
    writing.discard()
    assert (tmp_path / "out").read_text() == "precious"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out", "results.jsonl"]


def test_an_export_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED, ERRORED)

    def broken() -> Any:
        yield rows[0]
        assert not (tmp_path / "out").exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(path, broken(), tmp_path / "out")
    assert [each.name for each in tmp_path.iterdir()] == ["results.jsonl"]


def test_the_user_s_file_has_the_user_s_rights(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    before = os.umask(0o027)
    try:
        export(path, rows, tmp_path / "out")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


def test_links_are_followed_when_overwriting(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("link", "dangling"):
        with pytest.raises(UsageError, match="exists already"):
            export(path, rows, tmp_path / name)
    export(path, rows, tmp_path / "link", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == EXPIRED + b"\n"


def test_a_device_is_written_to_as_it_is(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    assert export(path, rows, Path(os.devnull)) == 1
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("folder", "is a folder"),
        ("absent/out", "There is no folder"),
        ("results.jsonl/out", "cannot be written"),
    ],
)
def test_places_that_cannot_be(tmp_path: Path, place: str, said: str) -> None:
    path, rows = results(tmp_path, EXPIRED)
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=said):
        export(path, rows, tmp_path / place)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "results.jsonl"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk_says_so(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    with pytest.raises(UsageError, match="No space left"):
        export(path, rows, Path("/dev/full"))
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(UsageError, match="No space left"):
        export_stream(path, rows, full)


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    path, rows = results(tmp_path, *(succeeded(str(n), [text("x" * 5000)]) for n in range(5000)))
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb", buffering=0) as stream:
        assert export_stream(path, rows, stream) == 2000  # one handful, and no further


# Results that are not what the index says


def test_results_that_are_gone_or_cut_are_said(tmp_path: Path) -> None:
    path, rows = results(tmp_path, ERRORED, EXPIRED)
    path.write_bytes(ERRORED)
    with pytest.raises(StoreError, match=r"shorter than its index.*Download them again"):
        export(path, rows, tmp_path / "out")
    path.unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        export(path, rows, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []  # nothing half done


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, format: str) -> None:
    path, rows = results(tmp_path, *(succeeded(str(n), [text("word " * 1000)]) for n in range(6000)))
    tracemalloc.start()
    try:
        export(path, iter(rows), tmp_path / "out", format=format)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "out").stat().st_size > 25_000_000
    assert peak < 8_000_000
