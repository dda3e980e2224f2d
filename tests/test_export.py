"""Results out: the bytes as they came, tables that compute nothing, files that are whole or not there."""

from __future__ import annotations

import io
import random
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.exporting import (
    ERRORED,
    EXPIRED,
    call,
    pairs,
    results,
    save,
    save_csv,
    says,
    succeeded,
    table,
    text,
)
from tests.hostile import HOSTILE
from tui.errors import StoreError
from tui.export import Bodies, Csv, Extras, Field, Format, Jsonl, Merged, Stream, write_lines
from tui.export.cells import COLUMNS
from tui.export.said import said, spelt_out
from tui.model import IndexRow
from tui.text import sound

# The bytes as they came


@pytest.mark.parametrize("end", [b"\n", b""])
def test_jsonl_is_what_the_service_sent(tmp_path: Path, end: bytes) -> None:
    lines = [succeeded("a", [text("é\u2028")]), ERRORED, EXPIRED, b"not JSON \xff"]
    path, rows = results(tmp_path, *lines, end=end)
    assert save(path, rows, tmp_path / "out.jsonl") == 4
    assert (tmp_path / "out.jsonl").read_bytes() == b"\n".join(lines) + b"\n"


def test_rows_may_be_any_in_any_order(tmp_path: Path) -> None:
    lines = [succeeded(str(n), [text("x" * n)]) for n in range(50)]
    path, rows = results(tmp_path, *lines)
    chosen = random.Random(1).sample(rows, 20)
    save(path, chosen, tmp_path / "out")
    assert (tmp_path / "out").read_bytes().splitlines() == [lines[row.line] for row in chosen]


def test_a_stream_gets_the_same(tmp_path: Path) -> None:
    path, rows = results(tmp_path, ERRORED, EXPIRED)
    stream = io.BytesIO()
    assert write_lines(Jsonl(), pairs(path, rows), Stream(stream)) == 2
    assert stream.getvalue() == path.read_bytes()
    assert not stream.closed


# Tables


def test_a_table_has_the_whole_text(tmp_path: Path) -> None:
    long = "Dear customer,\n\n" + "word " * 1000 + '"quoted", and a comma'
    path, rows = results(tmp_path, succeeded("a", [text(long), text(" More.")]), ERRORED, EXPIRED)
    zeros = ["0"] * 5
    assert save_csv(path, rows, tmp_path / "out.csv") == [
        list(COLUMNS),
        [
            "a",
            "succeeded",
            "end_turn",
            long + " More.",
            "",
            "",
            "claude-haiku-5-5",
            "18",
            "7",
            *zeros[:3],
            "",
        ],
        ["b", "errored", "", "", "invalid_request_error", "max_tokens: Field required", "", *zeros, ""],
        ["c", "expired", "", "", "", "", "", *zeros, ""],
    ]


def test_a_cost_that_is_unknown_is_empty_and_never_nothing(tmp_path: Path) -> None:
    path, rows = results(tmp_path, says("a", "x"), says("b", "x"), says("c", "x"))
    costs = {"a": Decimal("0.0000001"), "b": Decimal(0), "c": None}
    _, *cells = save_csv(path, rows, tmp_path / "out.csv", Extras(cost=lambda row: costs[row.custom_id]))
    assert [row[COLUMNS.index("cost_usd")] for row in cells] == ["0.0000001", "0", ""]


def test_fields_become_columns_that_nothing_else_is_called(tmp_path: Path) -> None:
    path, rows = results(tmp_path, says("a", "1"), says("b", "2"))
    values: dict[bytes, dict[str, Any]] = {
        b"1": {"text": "=1+1", "n": -1.5, "is": True, 'a "b"': 'say "x", then y'},
        b"2": {"n": None, "is": False, "other": 1},
    }
    extras = Extras(
        fields=[Field("text"), Field("n"), Field("is"), Field('a "b"')],
        read=lambda raw: values[b"1" if b'"1"' in raw else b"2"],
    )
    head, first, second = save_csv(path, rows, tmp_path / "out.csv", extras)
    assert head == [*COLUMNS, "field.text", "field.n", "field.is", 'field.a "b"']
    assert first[len(COLUMNS) :] == ["'=1+1", "-1.5", "true", 'say "x", then y']
    assert second[len(COLUMNS) :] == ["", "", "false", ""]


def test_a_table_without_rows_has_its_head(tmp_path: Path) -> None:
    path, _ = results(tmp_path, EXPIRED)
    assert save(path, [], tmp_path / "out.csv", Csv(Extras())) == 0
    assert table(tmp_path / "out.csv") == [list(COLUMNS)]
    assert save(path, [], tmp_path / "out.jsonl") == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_an_answer_that_only_calls_tools_shows_the_calls(tmp_path: Path) -> None:
    path, rows = results(tmp_path, succeeded("a", [call("classify", category="access")]))
    assert save_csv(path, rows, tmp_path / "out.csv")[1][3] == 'classify {"category": "access"}'


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_a_formula(tmp_path: Path, formula: str) -> None:
    path, rows = results(tmp_path, succeeded(formula, [text(formula)]))
    _, row = save_csv(path, rows, tmp_path / "out.csv")
    assert row[0] == row[3] == "'" + formula
    _, row = save_csv(path, rows, tmp_path / "bare.csv", Extras(guard=False))
    assert row[0] == row[3] == formula


def test_hostile_answers_make_a_readable_table(tmp_path: Path) -> None:
    path, rows = results(tmp_path, *(succeeded(f"n-{n}", [text(each)]) for n, each in enumerate(HOSTILE)))
    save(path, rows, tmp_path / "out.csv", Csv(Extras()))
    (tmp_path / "out.csv").read_text(encoding="utf-8")
    seen = {row[0]: row[3] for row in table(tmp_path / "out.csv")}
    for number, each in enumerate(HOSTILE):
        assert seen[f"n-{number}"].removeprefix("'") == sound(each)


def test_what_is_no_result_is_a_row_too(tmp_path: Path) -> None:
    path, rows = results(tmp_path, b"[1]", b"\xff\xfe", b'{"custom_id":5}', b"{")
    assert save(path, rows, tmp_path / "out.csv", Csv(Extras())) == 4
    assert [row[1] for row in table(tmp_path / "out.csv")[1:]] == ["unreadable"] * 4


SHAPES = {
    b'{"custom_id":"a","result":{"type":"succeeded"}}': "",
    b'{"result":{"type":"succeeded","message":{"content":null}}}': "",
    b'{"result":{"type":"succeeded","message":{"content":"said"}}}': "said",
    b'{"type":"succeeded","message":{"content":[{"type":"text","text":"said"}]}}': "said",
    b'{"result":{"type":"succeeded","message":{"content":[3,{"type":"text","text":"said"}]}}}': "said",
    b'{"result":{"type":"succeeded","message":{"content":[{"type":7},{"text":"said"}]}}}': "said",
    b'{"result":{"type":"succeeded","message":{"content":[{"type":"text","text":"\\ud800"}]}}}': "\ufffd",
    b'{"result":{"type":"succeeded","message":{"content":[{"type":"thinking","thinking":"no"},'
    b'{"type":"text","text":"sa"},{"type":"text","text":"id"},{"type":"new","text":"no"}]}}}': "said",
}


@pytest.mark.parametrize("raw", SHAPES)
def test_answers_of_any_shape(raw: bytes) -> None:
    assert said(raw).text == SHAPES[raw]


def test_errors_of_any_shape() -> None:
    once = b'{"result":{"type":"errored","error":{"type":"api_error","message":"m"}}}'
    assert said(once)[2:] == ("api_error", "m")
    assert said(ERRORED)[2:] == ("invalid_request_error", "max_tokens: Field required")
    assert said(b'{"result":{"type":"errored","error":{"type":5,"message":"m"}}}')[2:] == ("", "m")


@pytest.mark.parametrize(
    ("json", "spelt"),
    [
        (r'{"a": "Zo\u00eb"}', '{"a": "Zoë"}'),
        (r'"\ud83d\ude00 \uD83D\uDE00"', '"😀 😀"'),
        (r'"\ud83d \ude00 \ud83dx"', r'"\ud83d \ude00 \ud83dx"'),
        (r'"\\u00eb \\\u00eb"', r'"\\u00eb \\ë"'),
        (r'"\u0022 \u005c \u000a \u009b \n"', r'"\u0022 \u005c \u000a \u009b \n"'),
        ("1.0000000000000000001e5", "1.0000000000000000001e5"),
    ],
)
def test_escapes_are_spelt_out_and_nothing_else(json: str, spelt: str) -> None:
    assert spelt_out(json) == spelt


# With the request


def test_lines_with_their_requests_are_made_of_the_very_bytes(tmp_path: Path) -> None:
    lines = (
        b'{ "custom_id" : "a", "result":{"type":"succeeded","n":1.10e2, "s":"\\u00eb"}, "later":[1] }',
        b'{"result":{"type":"expired"},"custom_id":"b"}',
        b'{"custom_id":"c","result":{"type":"expired"}}',
        b"no JSON",
    )
    path, rows = results(tmp_path, *lines)
    requests = {"a": b' {"n": 12345678901234567890.0,\r\n "m": "\\n"}\n', "b": b"{}", "": b"{}"}
    merged = Merged(lambda row: requests.get(row.custom_id))
    assert save(path, rows, tmp_path / "out", merged) == 4
    assert (tmp_path / "out").read_bytes().splitlines() == [
        b'{"custom_id":"a","params":{"n": 12345678901234567890.0,   "m": "\\n"},'
        b'"result":{"type":"succeeded","n":1.10e2, "s":"\\u00eb"},"later":[1]}',
        b'{"custom_id":"b","params":{},"result":{"type":"expired"}}',
        *lines[2:],
    ]
    assert merged.without == 2


# Results that are not what the index says


def test_results_that_are_gone_or_cut_are_said(tmp_path: Path) -> None:
    path, rows = results(tmp_path, ERRORED, EXPIRED)
    path.write_bytes(ERRORED)
    with pytest.raises(StoreError, match=r"not what their index says.*Download them again"):
        save(path, rows, tmp_path / "out")
    path.unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        save(path, rows, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []  # nothing half done


def test_results_that_were_changed_are_said(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED, ERRORED)
    path.write_bytes(b" " + path.read_bytes())
    with pytest.raises(StoreError, match="not what their index says"):
        save(path, rows, tmp_path / "out")


def test_many_files_are_read_with_few_open(tmp_path: Path) -> None:
    files = {number: tmp_path / f"{number}.jsonl" for number in range(1, 101)}
    for number, path in files.items():
        path.write_bytes(b"%d\n%d\n" % (number, -number))
    rows = [IndexRow(0, 0, len(str(number)), "", "", file=number) for number in files]
    with Bodies(files) as bodies:
        assert [raw for _, raw in bodies.lines(rows * 2)] == [b"%d" % number for number in files] * 2
        assert len(bodies._open) <= 32


@pytest.mark.parametrize("format", [Jsonl(), Csv(Extras()), Merged(lambda row: b"{}")])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, format: Format) -> None:
    path, rows = results(tmp_path, *(succeeded(str(n), [text("word " * 1000)]) for n in range(6000)))
    tracemalloc.start()
    try:
        save(path, rows, tmp_path / "out", format)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "out").stat().st_size > 25_000_000
    assert peak < 8_000_000
