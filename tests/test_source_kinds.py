"""What a source is, by its content: every kind, in every form, and what the user's word changes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.drafting import SHAPES, TWO, Json, checked, lines, request, told
from tui.errors import BadSource
from tui.model import KINDS, PLAIN, Look, Making, Recipe
from tui.sources import check, look

CHAT: Json = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}
IMAGE = {
    "role": "user",
    "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}],
}
BODY: Json = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}


def enveloped(body: Json, **more: Any) -> Json:
    return {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": body, **more}


def seen(folder: Path, content: bytes, name: str = "a", kind: str = "") -> Look:
    (folder / name).write_bytes(content)
    return look([folder / name], Making(kind=kind))


OBJECTS: list[tuple[str, list[Any]]] = [
    ("requests", TWO),
    ("requests", [{"custom_id": "a"}]),
    ("requests", [{"params": {}}]),
    ("requests", [{**request(), "priority": 1}]),
    ("requests", [{"params": BODY, "tag": 1}]),
    ("requests", [{"prompt": "a"}, request()]),
    ("openai", [enveloped(CHAT)]),
    ("openai", [{"custom_id": "1", "body": CHAT}]),
    ("openai", [{**CHAT, "max_completion_tokens": 5}]),
    ("openai", [{**CHAT, "response_format": {"type": "json_object"}}]),
    ("openai", [{"messages": [IMAGE]}]),
    ("openai", [BODY, {"messages": [IMAGE]}]),
    ("openai", [{"messages": [{"role": "developer", "content": "Be brief."}]}]),
    ("openai", [{"messages": [{"role": "assistant", "tool_calls": []}]}]),
    ("openai", [{"model": "gpt-5", "input": "Hello"}]),
    ("bodies", [BODY]),
    ("bodies", [{"system_prompt": "Be brief.", **BODY}]),
    ("records", [{"text": "a"}]),
    ("records", [{"custom_id": "a", "text": "b"}]),
    ("records", [{"id": 1, "params": {"a": 1}, "x": 2}]),
    ("records", [{"input": "a", "output": "b"}]),
    ("records", [{"messages": "a text"}]),
    ("records", [{"text": "a"}, 5, "b"]),
    ("records", [{}]),
]


@pytest.mark.parametrize(("kind", "values"), OBJECTS, ids=lambda value: str(value)[:70])
def test_objects_are_told_by_their_keys(tmp_path: Path, kind: str, values: list[Any]) -> None:
    forms = [
        lines(*values),
        json.dumps(values).encode(),
        json.dumps(values, indent=2).encode(),
        b"\xef\xbb\xbf" + lines(*values),
        gzip.compress(lines(*values)),
    ]
    if isinstance(values[-1], dict):
        forms += [json.dumps(values[-1], indent=1).encode() * 2, json.dumps(values[-1]).encode() * 3]
    for content in forms:
        assert seen(tmp_path, content).kind == kind
        assert seen(tmp_path, content, "notes.txt").kind == kind


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_requests_is_recognised(tmp_path: Path, shape: str) -> None:
    found = seen(tmp_path, SHAPES[shape])
    assert (found.kind, found.files, found.columns) == ("requests", 1, ())


TABLES: list[tuple[bytes, tuple[str, ...], str]] = [
    (b"id,text\n1,a\n2,b\n", ("id", "text"), "CSV, 2 columns, separated by commas"),
    (b"id\ttext\r\n1\ta, b\r\n2\tc\r\n", ("id", "text"), "TSV, 2 columns, separated by tabs"),
    (b"id;text\n1;a, b\n2;c, d\n", ("id", "text"), "table, 2 columns, separated by semicolons"),
    (b"id|text\n1|a\n", ("id", "text"), "table, 2 columns, separated by bars"),
    (b'id,text\n1,"a\nb, c\n"\n2,"d ""e"""\n', ("id", "text"), "CSV, 2 columns, separated by commas"),
    ("id,text\n1,a\u2028b\n".encode(), ("id", "text"), "CSV, 2 columns, separated by commas"),
    (b"\xef\xbb\xbfid,text\n1,a\n", ("id", "text"), "CSV, 2 columns, separated by commas"),
    (b"id,text\r1,a\r2,b\r", ("id", "text"), "CSV, 2 columns, separated by commas"),
    (b'id\ttext\n1\t5" nail\n2\tb\n', ("id", "text"), "TSV, 2 columns, separated by tabs"),
    (b"id,text,\n1,a,\n", ("id", "text"), "CSV, 3 columns, separated by commas"),
]


@pytest.mark.parametrize(("content", "columns", "note"), TABLES, ids=lambda value: str(value)[:40])
def test_tables_whatever_they_are_called(
    tmp_path: Path, content: bytes, columns: tuple[str, ...], note: str
) -> None:
    for name in ("a", "a.dat", "a.csv"):
        assert seen(tmp_path, content, name) == Look("table", columns, 1, note)
    assert seen(tmp_path, gzip.compress(content), "a.csv.gz").columns == columns


def test_a_table_with_one_column_or_ragged_rows_is_one_by_its_name(tmp_path: Path) -> None:
    assert seen(tmp_path, b"text\none, two\nthree\n", "a.csv").kind == "table"
    assert seen(tmp_path, b"text\none\n", "a.tsv").columns == ("text",)
    assert seen(tmp_path, b"text\none\n", "a").kind == "files"


def test_a_table_with_a_cell_longer_than_the_head(tmp_path: Path) -> None:
    content = b'id,text\n1,"' + b"word, word\n" * 20_000 + b'"\n2,b\n'
    assert seen(tmp_path, content, "a.csv").columns == ("id", "text")


PROSE = [
    b"What is it?\nWho was it?\n",
    b"Dear Zoe, come home.\nYours, Max\n",
    b"One, two, three, and four.\nFive.\n",
    b"# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    b"[note] this is no list\n",
    b"{{ a template }}\n",
    b"key: value\nother: thing\n",
]


@pytest.mark.parametrize("content", PROSE, ids=str)
def test_prose_is_no_table_and_no_json(tmp_path: Path, content: bytes) -> None:
    for name in ("a.txt", "a.md"):
        assert seen(tmp_path, content, name).kind == "files"


def test_text_that_is_surely_a_table(tmp_path: Path) -> None:
    assert seen(tmp_path, b"a,b\n" + b"1,2\n" * 20, "a.txt").kind == "table"
    assert seen(tmp_path, b"a,b,c\n" + b"1,2,3\n" * 3, "a.txt").kind == "table"
    assert seen(tmp_path, b"a\tb\n1\t2\n", "a.txt").kind == "table"
    assert seen(tmp_path, b"a,b\n" + b"1,2\n" * 20, "a.md").kind == "files"


@pytest.mark.parametrize(
    "head",
    [b"%PDF-1.7\n\0\1", b"\x89PNG\r\n\x1a\n\0", b"\xff\xd8\xff\xe0", b"GIF89a\0", b"RIFF\0\0\0\0WEBPVP8 "],
)
def test_documents_and_images_are_told_by_their_bytes(tmp_path: Path, head: bytes) -> None:
    assert seen(tmp_path, head).kind == "files"
    for kind in set(KINDS) - {"files"}:
        with pytest.raises(BadSource, match="It is a PDF or an image"):
            seen(tmp_path, head, kind=kind)


# Big first elements


def test_a_first_line_longer_than_the_head(tmp_path: Path) -> None:
    big = request(1, system="s" * 200_000)
    found = seen(tmp_path, lines(big, request(2)))
    assert (found.kind, found.note) == ("requests", "requests, one a line")
    assert seen(tmp_path, json.dumps([big, big], indent=1).encode()).kind == "requests"
    assert seen(tmp_path, lines({"text": "s" * 200_000})).kind == "records"
    assert seen(tmp_path, lines(enveloped({**CHAT, "user": "s" * 200_000}))).kind == "openai"


def test_many_objects_on_one_long_line(tmp_path: Path) -> None:
    content = b"".join(lines(request(n, system="s" * 500)).strip() for n in range(2500))
    draft = checked(tmp_path, content)
    assert (told(draft), draft.requests, draft.kind) == ([], 2500, "requests")


def test_one_object_longer_than_any_head(tmp_path: Path) -> None:
    draft = checked(tmp_path, lines(request(1, system="s" * 5_000_000), request(2)))
    assert (told(draft), draft.requests) == ([], 2)


# What the user says


def test_the_users_word_counts(tmp_path: Path) -> None:
    recipe = Recipe(model="claude-haiku-5-5", max_tokens=9, prompt="{{ params.model }}")
    draft = checked(tmp_path, lines(*TWO), making=Making(kind="records", override=recipe))
    assert (draft.kind, draft.requests, told(draft)) == ("records", 2, [])
    assert seen(tmp_path, lines(*TWO), kind="records").columns == ("custom_id", "params")
    assert seen(tmp_path, b"a\nb\n", kind="table").columns == ("a",)
    assert seen(tmp_path, b"a,b\n1,2\n", kind="files").kind == "files"
    assert seen(tmp_path, lines({"a": 1}), kind="requests").kind == "requests"
    with pytest.raises(BadSource, match="It is not JSON"):
        seen(tmp_path, b"a,b\n1,2\n", kind="requests")


def test_columns_of_records_are_those_of_all_that_were_looked_at(tmp_path: Path) -> None:
    found = seen(tmp_path, lines({"a": 1}, {"b": 2, "a": 1}, {"c": None}))
    assert (found.columns, found.note) == (("a", "b", "c"), "records, one a line")


def test_a_look_at_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"absent: There is no such file\. Look at the name\."):
        look([tmp_path / "absent"])
    with pytest.raises(BadSource, match="It is a binary file"):
        seen(tmp_path, b"\0" * 100)


def test_places_in_ported_requests_are_those_of_the_file(tmp_path: Path) -> None:
    values = [enveloped({**CHAT, "user": "é—😀", "temperature": 0.5}, custom_id=f"id-{n}") for n in range(4)]
    making = Making(map_model=(("gpt-4o-mini", "claude-haiku-5-5"),), override=Recipe(max_tokens=9))
    for text in (
        "\n".join(json.dumps(value, ensure_ascii=False) for value in values),
        json.dumps(values, ensure_ascii=False),
        json.dumps(values, ensure_ascii=False, indent=2),
        " ".join(json.dumps(value, ensure_ascii=False) for value in values),
    ):
        draft = checked(tmp_path, text.encode(), "a.json", making)
        places = [problem.place for problem in draft.problems if problem.what.startswith("temperature")]
        assert len(places) == 4
        for place in places:
            _, line, column = place.split(":")
            assert text.split("\n")[int(line) - 1][int(column) - 1 :].startswith('"temperature"')


def test_every_source_that_was_named_is_told_of(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(json.dumps({**request(), "custom_id": name[0]}) + "\n")
    one = check([tmp_path / "a.jsonl"], PLAIN)
    both = check([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], PLAIN)
    assert one.origin == str(tmp_path / "a.jsonl")
    assert (both.requests, both.origin) == (2, f"{tmp_path / 'a.jsonl'} and 1 more")
