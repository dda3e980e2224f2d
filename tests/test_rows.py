"""Tables and records as rows: every cell as it is, every row with its line, and what is wrong with either."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.drafting import SOUND
from tests.recipes import made, making, prompts, requests, told
from tui.sources.basics.items import Row
from tui.sources.files import tables
from tui.sources.files.delimiters import Layout, layout
from tui.sources.files.records import rows as records
from tui.sources.files.splitting import Broken
from tui.sources.files.tables import rows as table
from tui.sources.recipes.making import Maker

CELLS = '{{ row["a"] }}|{{ row["b"] }}'


def read(content: bytes, *, quoted: bool = True, delimiter: str = "") -> list[Row]:
    found = (
        Layout(delimiter, quoted)
        if delimiter
        else layout(content.decode("utf-8", "replace"), "x", whole=True)
    )
    return list(table(io.BytesIO(content), found))


def cells(content: bytes, **how: Any) -> list[list[str]]:
    return [list(row.columns.values()) for row in read(content, **how)]


def complaints(found: list[Row]) -> list[tuple[int, str]]:
    return [(row.line + each.line, each.what) for row in found for each in row.findings]


def written(rows: list[list[str]], **how: Any) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, **how).writerows(rows)
    return out.getvalue().encode()


# Tables


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\r\n1,x\r\n2,y\r\n",
        b"a,b\n1,x\n2,y",
        b"\xef\xbb\xbfa,b\n1,x\n2,y\n",
        b"a;b\n1;x\n2;y\n",
        b"a\tb\r\n1\tx\r\n2\ty",
        b"a|b\n1|x\n2|y\n",
        b'"a","b"\n"1","x"\n"2","y"\n',
        b" a , b\n1,x\n2,y\n",
        b"a,b,,\n1,x,,\n2,y,,\n",
        b"a,b\r1,x\r2,y\r",
        b"\n\na,b\n\n1,x\n \n2,y\n\n",
    ],
)
def test_every_shape_of_a_good_table(content: bytes) -> None:
    found = read(content)
    assert [dict(row.columns) for row in found] == [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]
    assert [row.number for row in found] == [1, 2]
    assert complaints(found) == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_every_cell_stays_as_it_is(delimiter: str, end: str) -> None:
    odd = [*SOUND, 'a "b" c', '"', '""', "a,b;c|d\te", " spaces ", "'", "line\r\nfeed", "=1+1", "\\"]
    rows = [["a", "b"], *([text, "end"] for text in odd)]
    raw = written(rows, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    assert cells(raw, delimiter=delimiter) == rows[1:]


def test_random_tables_come_back_as_they_were() -> None:
    rng = random.Random(7)
    letters = ["a", "é", ",", '"', "\n", "\r\n", " ", "\u2028", "😀", ";", "\t", "'", "\x85"]
    for _ in range(200):
        width = rng.randrange(1, 5)
        rows = [
            ["x" + "".join(rng.choices(letters, k=rng.randrange(6))) for _ in range(width)]
            for _ in range(rng.randrange(1, 8))
        ]
        names = [f"c{number}" for number in range(width)]
        assert cells(written([names, *rows]), delimiter=",") == rows


def test_random_bytes_are_no_worse_than_broken() -> None:
    rng = random.Random(9)
    parts = [b'"', b",", b"\n", b"\r", b"a", b"\xff", b"\0", b"\t", b'""', b"\xc3\xa9", b"\xef\xbb\xbf"]
    for _ in range(5_000):
        content = b"".join(rng.choices(parts, k=rng.randrange(30)))
        with contextlib.suppress(Broken):
            read(content, delimiter=rng.choice(",\t"), quoted=rng.random() < 0.8)


def test_a_row_has_the_line_on_which_it_begins() -> None:
    content = b'a,b\n1,"x\ny\r\n\nz"\n\n2,"p\rq"\n"3\n",r\n4,s\n'
    assert [row.line for row in read(content)] == [2, 7, 8, 10]


def test_only_line_feeds_count_unless_there_are_none() -> None:
    assert [row.line for row in read(b'a,b\n"1\r\r\r",x\n2,y\n')] == [2, 3]
    assert [row.line for row in read(b"a,b\r1,x\r\r2,y\r")] == [2, 4]


def test_separators_of_unicode_are_letters() -> None:
    content = "a,b\n1\u20282\u2029,x\u0085y\n3\x0b4,x\x1cy\n".encode()
    assert cells(content) == [["1\u20282\u2029", "x\u0085y"], ["3\x0b4", "x\x1cy"]]


@pytest.mark.parametrize("size", [131_073, 144_260, 3_000_000])
def test_a_cell_may_be_a_whole_book(size: int) -> None:
    content = b'a,b\n1,"' + b"w" * size + b'"\n2,y\n'
    found = list(table(io.BytesIO(content), Layout(",")))
    assert [len(row.columns["b"]) for row in found] == [size, 1]


def test_quotes_in_a_table_with_tabs_may_be_letters() -> None:
    content = b'a\tb\n"Hello" he said\tx\nHe said "hello"\ty\n"z\ty"\tw\n'
    assert cells(content, delimiter="\t") == [
        ['"Hello" he said', "x"],
        ['He said "hello"', "y"],
        ["z\ty", "w"],
    ]
    assert cells(b'a\tb\n"1\tx\n2"\ty\n', delimiter="\t", quoted=False) == [['"1', "x"], ['2"', "y"]]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"a,b\n1,x\n2,y,z\n3,w\n", 3, "The row has more cells than the header"),
        (b"a,b\n1,x\n2\n3,w\n", 3, "The row has fewer cells than the header"),
        (b"a,b\n1,x\n,\n3,w\n", 3, "All cells of this row are empty"),
        (b'a,b\n1,x\n2,"y" z\n3,w\n', 3, "A quotation mark stands inside of others"),
        (b'a,b\n1,x\n2,"y\n3,w\n', 3, "A quotation mark is not closed"),
        (b"a,b\n1,x\n2,caf\xe9\n3,w\n", 3, "It is not UTF-8"),
        (b'a,b\n1,x\n"2\n\n2",caf\xe9\n3,w\n', 5, "It is not UTF-8"),
        (b"a,b\n1,x\n2,y\x00\n3,w\n", 3, "A cell has a NUL character in it"),
        (b"a,b,a\n1,x,2\n", 1, "There are 2 columns “a”"),
        (b",b\n1,x\n", 1, "Column 1 has no name"),
    ],
)
def test_what_is_wrong_with_a_table(content: bytes, line: int, what: str) -> None:
    assert complaints(read(content, delimiter=",")) == [(line, what)]


def test_the_place_of_a_byte_that_is_no_utf8() -> None:
    (row,) = read(b"a,b\n1,\xc3\xa9caf\xe9\n", delimiter=",")
    assert (row.findings[0].column, row.findings[0].remedy) == (7, "Save the file as UTF-8.")


def test_good_rows_go_on_behind_a_bad_one(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'a,b\n1,x\n2,"y" z\n3\n4,v,w\n,\n5,\xff\n6,u\n')
    items = made(tmp_path / "t.csv", making(prompt=CELLS, kind="table"))
    assert prompts(items) == ["1|x", "6|u"]
    assert [request["custom_id"] for request in requests(items)] == ["row-1", "row-7"]
    assert [line.split(":")[1] for line in told(items)] == ["3", "4", "5", "6", "7"]


def test_columns_without_a_name_are_left_out() -> None:
    (_, row) = read(b",b,,d,\n0,x,,y,\n", delimiter=",")
    assert row.columns == {"b": "x", "d": "y"}
    assert tables.names(["a ", "", "b", "", " "]) == ("a", "", "b")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n", b"a,b"])
def test_a_table_with_nothing_in_it(content: bytes) -> None:
    assert read(content, delimiter=",") == []


def test_a_header_that_cannot_be_read_ends_it() -> None:
    for content in (b"\n\xff,b\n1,x\n", b'\n"a" c,b\n1,x\n'):
        with pytest.raises(Broken) as caught:
            read(content, delimiter=",")
        assert caught.value.line == 2


def test_a_quote_that_is_never_closed_does_not_fill_the_memory() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            buffer[:] = (b"word word\n" * (len(buffer) // 10 + 1))[: len(buffer)]
            return len(buffer)

    content = io.BufferedReader(_Chained(b'a,b\n1,"', Endless()))
    with pytest.raises(Broken, match="longer than 32,000,000 characters") as caught:
        list(table(content, Layout(",")))
    assert caught.value.line == 2


class _Chained(io.RawIOBase):
    """Some bytes, and then another file."""

    def __init__(self, first: bytes, then: io.RawIOBase) -> None:
        self._first = io.BytesIO(first)
        self._then = then

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._first.readinto(buffer) or self._then.readinto(buffer) or 0


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n" + b'"text, in quotes",' + b"word " * 100 + b"\n")
    with path.open("ab") as handle:
        handle.write((b'"text, in quotes",' + b"word " * 100 + b"\n") * 20_000)
    maker = Maker(making(prompt="{{ a }} {{ b }}", custom_id="same"), ("a", "b"), "table")
    tracemalloc.start()
    try:
        with path.open("rb") as handle:
            assert sum(bool(item.raw) for item in maker.items(table(handle, Layout(",")))) == 20_001
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000 < path.stat().st_size


def test_a_packed_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n1,x\n"))
    assert prompts(made(tmp_path / "t.csv.gz", making(prompt=CELLS))) == ["1|x"]


def test_several_tables_are_numbered_through(tmp_path: Path) -> None:
    (tmp_path / "t1.csv").write_bytes(b"a,b\n1,x\n2,y\n")
    (tmp_path / "t2.csv").write_bytes(b"b;a\nz;3\n;\n")
    items = made([tmp_path / "t1.csv", tmp_path / "t2.csv"], making(prompt=CELLS))
    assert [request["custom_id"] for request in requests(items)] == ["row-1", "row-2", "row-3"]
    assert prompts(items) == ["1|x", "2|y", "3|z"]
    assert [(item.file, item.line) for item in items][-1] == ("t2.csv", 3)


# Records


def elements(*values: bytes) -> Iterator[tuple[int, bytes]]:
    yield from enumerate(values, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.jsonl", b'{"a": 1, "b": {"c": "x"}}\n\n{"a": 2, "b": {"c": "y"}}\n'),
        ("r.json", b'[{"a": 1, "b": {"c": "x"}}, {"a": 2, "b": {"c": "y"}}]'),
        ("r.json", json.dumps([{"a": 1, "b": {"c": "x"}}, {"a": 2, "b": {"c": "y"}}], indent=2).encode()),
        ("r.json", b'{"a": 1, "b": {"c": "x"}}{"a": 2, "b": {"c": "y"}}'),
    ],
)
def test_every_shape_of_records(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert prompts(made(tmp_path / name, making(prompt="{{ a }} {{ b.c }}"))) == ["1 x", "2 y"]


def test_values_keep_their_kind() -> None:
    (row,) = records(
        elements(b'{"n": 123456789012345678901234567890, "f": 0.5, "t": true, "z": null, "l": [1]}')
    )
    assert row.columns == {"n": 123456789012345678901234567890, "f": 0.5, "t": True, "z": None, "l": [1]}


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"[1]", "A record must be an object, not a list"),
        (b'"text"', "A record must be an object, not text"),
        (b"5", "A record must be an object, not a number"),
        (b"null", "A record must be an object, not null"),
        (b"{}", "The record is empty"),
        (b'{"a": 1', "The JSON stops in the middle"),
        (b"{'a': 1}", "It is not JSON"),
        (b'{"a": NaN}', "It is not JSON"),
        (b'{"a": "\xff"}', "It is not UTF-8"),
        (b'{"a": "\\ud800"}', "It has half of a surrogate pair"),
        (b'{"a": 1e999}', "A number is too large"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "It is nested too deeply"),
    ],
)
def test_what_is_no_record(raw: bytes, what: str) -> None:
    good, bad, after = records(elements(b'{"a": 1}', raw, b'{"a": 2}'))
    assert ([each.what for each in bad.findings], bad.line) == ([what], 2)
    assert (good.columns, after.columns, after.number) == ({"a": 1}, {"a": 2}, 3)
