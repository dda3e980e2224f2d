"""Requests that got their custom_ids here, and the rows they were made of."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.drafting import Json, bodies, drafts, lines, request, saved, sent, told, without
from tests.hostile import HOSTILE
from tui.errors import StoreError
from tui.model import Draft, Making, Recipe, Sample
from tui.sources import Origin, check, origins, origins_file, prepare

MAP = Making(ids="map")
RECIPE = Recipe(model="claude-haiku-5-5", max_tokens=10, prompt="{{ t }}")


def source(folder: Path, content: bytes, name: str = "a.jsonl") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def kept(draft: Draft) -> list[Origin]:
    part = next(part for part in draft.parts if not part.sample)
    return list(origins(Path(part.path)))


def called(value: object) -> Json:
    return {**request(), "custom_id": value}


# Ready-made requests


def test_bad_ids_of_ready_made_requests_are_mapped_on_request(tmp_path: Path) -> None:
    values = [
        called("a"),
        called("a"),
        called("b c"),
        called(7),
        called(None),
        without("custom_id", request()),
    ]
    path = source(tmp_path, lines(*values))
    assert saved(path).problem_count == 5
    draft = saved(path, MAP)
    assert told(draft) == []
    assert [each["custom_id"] for each in sent(draft)["requests"]] == [
        "a",
        "a-2",
        "b_c",
        "7",
        "row-5",
        "row-6",
    ]
    assert [each["params"] for each in sent(draft)["requests"]] == [value["params"] for value in values]
    assert kept(draft) == [
        Origin("a-2", 2, "a"),
        Origin("b_c", 3, "b c"),
        Origin("7", 4, "7"),
        Origin("row-5", 5, "5"),
        Origin("row-6", 6, "6"),
    ]
    assert draft.mapped == check([path], MAP).mapped == 5


def test_what_need_not_be_mapped_stays_as_it_is(tmp_path: Path) -> None:
    odd = rb'{ "params" : {"messages":[{"content":"\u00e9\/","role":"user"}], "max_tokens":1,"model":"m"},'
    path = source(tmp_path, odd + rb' "custom_id" : "a"}' + b"\n" + odd + rb' "custom_id" : "a"}' + b"\n")
    draft = saved(path, MAP)
    first, second = Path(draft.path).read_bytes().splitlines()
    assert first == odd + rb' "custom_id" : "a"}'
    assert rb"\u00e9\/" in second and json.loads(second)["custom_id"] == "a-2"


def test_broken_requests_are_complained_of_as_ever(tmp_path: Path) -> None:
    bad = [
        b'{"custom_id": "a"',
        b"5",
        b'"a"',
        b"[]",
        b"\xff",
        b'{"custom_id": "\xff"}',
        b'{"custom_id": "\\ud800"}',
    ]
    path = source(tmp_path, lines(called("x y")) + b"\n".join(bad) + b"\n")
    draft = saved(path, MAP)
    assert not draft.ok and draft.requests == 1 + len(bad)
    assert {int(problem.place.split(":")[1]) for problem in draft.problems} == set(range(2, 2 + len(bad)))
    assert [each.name for each in tmp_path.iterdir()] == ["a.jsonl"]


def test_any_name_finds_its_row_again(tmp_path: Path) -> None:
    names = [text for text in HOSTILE if "\ud800" not in text]
    draft = saved(source(tmp_path, lines(*map(called, names))), MAP)
    assert told(draft) == []
    made = [each["custom_id"] for each in sent(draft)["requests"]]
    assert len(set(made)) == len(names)
    assert [(each.custom_id, each.row, each.named) for each in kept(draft)] == [
        (made[n], n + 1, name) for n, name in enumerate(names)
    ]


# Rows


def test_rows_without_ids_are_told_by_their_numbers(tmp_path: Path) -> None:
    path = source(tmp_path, b't,n\n"a\nb",1\n\nc,2\n,\nd,3\n', "a.csv")
    draft = saved(path, Making(override=RECIPE))
    found = {each.custom_id: each.row for each in kept(draft)}
    texts = {each["custom_id"]: each["params"]["messages"][0]["content"] for each in sent(draft)["requests"]}
    assert {found[custom_id]: text for custom_id, text in texts.items()} == {1: "a\nb", 2: "c", 4: "d"}
    assert (draft.mapped, draft.requests, draft.warning_count) == (3, 3, 1)


def test_rows_with_nothing_in_them_make_no_draft(tmp_path: Path) -> None:
    path = source(tmp_path, b"t,n\n,\n,\n", "a.csv")
    draft = saved(path, Making(override=RECIPE))
    assert (draft.ok, draft.requests, draft.warning_count) == (False, 0, 2)
    assert told(draft)[-1] == "a.csv: No request is made of it – The warnings say why."
    assert list(tmp_path.iterdir()) == [path]


def test_repeated_ids_of_a_column(tmp_path: Path) -> None:
    path = source(tmp_path, b"id,t\nx,a\ny,b\nx,c\n", "a.csv")
    recipe = Recipe("claude-haiku-5-5", 10, "{{ t }}", custom_id="{{ id }}")
    assert "not unique" in told(saved(path, Making(override=recipe)))[0]
    assert kept(saved(path, Making(override=recipe, ids="map"))) == [Origin("x-2", 3, "x")]
    only = source(tmp_path, b"id,t\nx,a\ny,b\n", "b.csv")
    draft = saved(only, Making(override=recipe))
    assert (kept(draft), draft.mapped) == ([], 0)
    assert not origins_file(Path(draft.path)).exists()


def test_bodies_without_ids(tmp_path: Path) -> None:
    body = {"messages": [{"role": "user", "content": "a"}]}
    making = Making(override=Recipe(model="claude-haiku-5-5", max_tokens=10))
    draft = saved(source(tmp_path, lines(body, body, body)), making)
    assert [(each.row, each.custom_id) for each in kept(draft)] == [
        (n, each["custom_id"]) for n, each in enumerate(sent(draft)["requests"], 1)
    ]


# Beside drafts of several parts


@pytest.mark.parametrize("sample", [Sample(), Sample(3), Sample(3, random=True)], ids=str)
def test_origins_are_in_the_source_s_order_whatever_the_parts(tmp_path: Path, sample: Sample) -> None:
    path = source(tmp_path, lines(*(called(f"no {n}") for n in range(20))))
    draft = prepare([path], drafts(tmp_path), Making(ids="map", most_requests=6), sample=sample)
    assert kept(draft) == [Origin(f"no_{n}", n + 1, f"no {n}") for n in range(20)]
    assert len(bodies(draft)) > 3
    file = origins_file(tmp_path / "draft-1.jsonl")
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("draft-1.origins.jsonl", 0o600)


def test_those_of_an_earlier_draft_do_not_stay(tmp_path: Path) -> None:
    saved(source(tmp_path, lines(called("a b"))), MAP)
    draft = saved(source(tmp_path, lines(request())), MAP)
    assert kept(draft) == []
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.jsonl", "draft-1.jsonl"]


def test_damaged_origins_say_so(tmp_path: Path) -> None:
    draft = saved(source(tmp_path, lines(called("a b"), called("c d"))), MAP)
    file = origins_file(Path(draft.path))
    file.write_bytes(file.read_bytes()[:-5])
    found = origins(Path(draft.path))
    assert next(found) == Origin("a_b", 1, "a b")
    with pytest.raises(StoreError, match=r"draft-1\.origins\.jsonl cannot be read"):
        next(found)
