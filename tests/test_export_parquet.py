"""Parquet: columns with types, row groups of bounded size, and the way to it where it is not installed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.exporting import ERRORED, EXPIRED, pairs, results, save_parquet, says
from tui.errors import UsageError
from tui.export import COLUMNS, Extras, Field, Misfit, NewFile, Value, write_parquet
from tui.export import parquet as ours
from tui.export.parquet import widest


def test_without_the_library_the_way_to_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path, rows = results(tmp_path, EXPIRED)
    with pytest.raises(UsageError, match=r"not installed\. pip install 'batchdeck\[parquet\]'"):
        save_parquet(path, rows, tmp_path / "out")
    assert [each.name for each in tmp_path.iterdir()] == ["results.jsonl"]


@pytest.mark.parametrize(
    ("kind", "values", "found"),
    [
        ("bool", [True, None, False], "bool"),
        ("bool", [True, 1], "str"),
        ("bool", ["a"], "str"),
        ("int", [1, None, -(2**63)], "int"),
        ("int", [2**63], "str"),
        ("int", [1, 1.5], "float"),
        ("int", [1.5, 2**53 + 1], "str"),
        ("float", [1], "float"),
        ("float", [True], "str"),
        ("str", [1, 2], "str"),
        ("int", [], "int"),
    ],
)
def test_the_narrowest_kind_that_holds_all(kind: str, values: Sequence[Value], found: str) -> None:
    assert widest(kind, values) == found


parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")


def read(path: Path) -> Any:
    return parquet.read_table(path)


def fields(*values: dict[str, Value], **kinds: str) -> Extras:
    """The fields of answers that say the number of theirs."""

    def read_fields(raw: bytes) -> dict[str, Value]:
        return values[int(raw.split(b'"text": "')[1].split(b'"')[0])]

    return Extras(fields=[Field(name, kind) for name, kind in kinds.items()], read=read_fields)


def test_columns_have_types_and_nothing_stands_for_nothing(tmp_path: Path) -> None:
    path, rows = results(tmp_path, says("a", "x"), ERRORED, EXPIRED, b"no JSON")
    extras = Extras(cost=lambda row: Decimal("0.25") if row.custom_id == "a" else None)
    assert save_parquet(path, rows, tmp_path / "out", extras) == 4
    found = read(tmp_path / "out")
    assert found.column_names == list(COLUMNS)
    assert [str(found.schema.field(name).type) for name in ("text", "input_tokens", "cost_usd")] == [
        "string",
        "int64",
        "double",
    ]
    first, second, third, last = found.to_pylist()
    assert (first["text"], first["error_type"], first["input_tokens"], first["cost_usd"]) == (
        "x",
        None,
        18,
        0.25,
    )
    assert (second["text"], second["error_message"]) == (None, "max_tokens: Field required")
    assert (third["stop_reason"], third["model"], third["cost_usd"]) == (None, None, None)
    assert last["outcome"] == "unreadable"


def test_fields_have_the_types_of_their_values(tmp_path: Path) -> None:
    extras = fields(
        {"i": 1, "f": 1, "b": True, "s": "x", "m": 1, "large": 2**62, "none": None},
        {"i": None, "f": 0.5, "b": None, "s": None, "m": "y", "large": 1},
        i="int", f="int", b="bool", s="bool", m="int", large="int", none="bool",
    )  # fmt: skip
    path, rows = results(tmp_path, says("a", "0"), says("b", "1"))
    save_parquet(path, rows, tmp_path / "out", extras)
    found = read(tmp_path / "out")
    types = [str(each.type) for each in found.schema][len(COLUMNS) :]
    assert types == ["int64", "double", "bool", "string", "string", "int64", "string"]
    assert list(found.to_pylist()[1].values())[len(COLUMNS) :] == [None, 0.5, None, None, "y", 1, None]
    assert found.to_pylist()[0]["field.m"] == "1"


def test_row_groups_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "MOST_ROWS", 40)
    monkeypatch.setattr(ours, "MOST_BYTES", 100_000)
    lines = [says(str(n), "x" * (10_000 if n >= 50 else 1)) for n in range(100)]
    path, rows = results(tmp_path, *lines)
    assert save_parquet(path, rows, tmp_path / "out") == 100
    meta = parquet.ParquetFile(tmp_path / "out").metadata
    sizes = [meta.row_group(n).num_rows for n in range(meta.num_row_groups)]
    assert sizes[0] == 40
    assert max(sizes[2:]) <= 10
    assert sum(sizes) == 100


def test_a_field_that_turns_out_otherwise_later_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "MOST_ROWS", 1)
    path, rows = results(tmp_path, says("a", "0"), says("b", "1"))
    extras = fields({"n": 1}, {"n": 0.5}, n="int")
    with pytest.raises(Misfit) as found, NewFile(tmp_path / "out") as out:
        write_parquet(pairs(path, rows), out, extras)
    assert found.value.kinds == ["float"]
    assert not (tmp_path / "out").exists()


def test_a_table_without_rows(tmp_path: Path) -> None:
    path, _ = results(tmp_path, EXPIRED)
    assert save_parquet(path, [], tmp_path / "out") == 0
    assert read(tmp_path / "out").num_rows == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk_says_so(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    with pytest.raises(UsageError, match="No space left"):
        save_parquet(path, rows, Path("/dev/full"))
