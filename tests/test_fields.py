"""Answers read as data: every kind of answer seen so far, what models do besides, and paths of fields."""

from __future__ import annotations

import json
import math
import random
import time
from typing import Any

import pytest

from tui.records.cells import MOST_ELEMENTS, MOST_FIELDS, step
from tui.records.facets import edges
from tui.records.fields import HOWS, READ, Extracted, extract, flatten, indexed, is_derived, read_text
from tui.records.places import Next

from .hostile import HOSTILE

Json = Any


def line(*blocks: Json, stop: Json = "end_turn", outcome: str = "succeeded") -> bytes:
    message = {"model": "m", "content": list(blocks), "stop_reason": stop}
    return json.dumps({"custom_id": "a", "result": {"type": outcome, "message": message}}).encode()


def said(text: str) -> Json:
    return {"type": "text", "text": text, "citations": None}


def tool(data: Json, kind: str = "tool_use") -> Json:
    return {"type": kind, "id": "toolu_1", "name": "record", "input": data}


def reads(text: str, stop: str = "end_turn") -> tuple[str, Json]:
    found = extract(line(said(text), stop=stop))
    assert found.how in HOWS
    assert found.how in READ or found.data is None
    return found[:2]


LABEL = {"label": "good"}


@pytest.mark.parametrize(
    ("text", "how", "data"),
    [
        ('{"label": "good"}', "json", LABEL),
        ('\ufeff\n {"label": "good"}\n', "json", LABEL),
        ("[1, 2]", "json", [1, 2]),
        ("4", "json", 4),
        ("true", "json", True),
        ('"good"', "json", "good"),
        ("null", "json", None),
        ('```json\n{"label": "good"}\n```', "fenced", LABEL),
        ('```json\n{"label": "good"}\n```\n', "fenced", LABEL),
        ('```\n{"label": "good"}\n```', "fenced", LABEL),
        ('```JSON\r\n{"label": "good"}\r\n```', "fenced", LABEL),
        ('~~~json\n{"label": "good"}\n~~~', "fenced", LABEL),
        ('```json {"label": "good"}```', "fenced", LABEL),
        ('Here {it} is:\n\n```json\n{"label": "good"}\n```\n\nAs you said {"so": 1}.', "fenced", LABEL),
        ('  - a\n    ```json\n    {"label": "good"}\n    ```', "fenced", LABEL),
        ('```python\nx = {"a": 1}\n```\n```json\n{"label": "good"}\n```', "fenced", LABEL),
        ('```json\n"good"\n```', "fenced", "good"),
        ('{"label": "good"}\n```', "fenced", LABEL),  # the opening fence was in the request
        ('```json\n{"label": "good"}\n', "fenced", LABEL),  # a stop sequence took the closing one
        ('Sure: {"label": "good"}', "prose", LABEL),
        ('{"label": "good"}\n\nIt says so.', "prose", LABEL),
        ('<json>{"label": "good"}</json>', "prose", LABEL),
        ('The set {a, b} of [1] and [2, 3]. So: {"label": "good"}', "prose", LABEL),
        ('Answer: [{"label": "good"}]', "prose", [LABEL]),
        ('"label": "good"}', "prefilled", LABEL),
        ('{"a": 1}, {"a": 2}]', "prefilled", [{"a": 1}, {"a": 2}]),
        ('"a", "b"]', "prefilled", ["a", "b"]),
        ('```json\n{"label": "good"}\n```\nor\n```json\n{"label": "bad"}\n```', "several", LABEL),
        ('{"label": "good"}\n{"label": "bad"}', "several", LABEL),
        ('```json\n{"label": "good"}\n{"label": "bad"}\n```', "several", LABEL),
        ('Form: {"label": <label>}. Answer: {"label": "good"}', "several", LABEL),
    ],
)
def test_data_is_found(text: str, how: str, data: Json) -> None:
    assert reads(text) == (how, data)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("", "none"),
        ("Des Moines", "none"),
        ("I am 50% sure, see [1] and {this}.", "none"),
        ('"Hello", she said.', "none"),
        ("```python\nprint({1: 2})\n```", "none"),
        ("```\nplain\n```", "none"),
        ('```json\n{"label": "go', "cut"),
        ('{"label": "good", "why": "beca', "cut"),
        ('So: {"a": {"b": 1}, "c": [1, 2', "cut"),
        ('"a": {"b": 1}, "c": "x', "cut"),
        ('{"label": "good",}', "broken"),
        ("{'label': 'good'}", "broken"),
        ("So {'label': 'good'}.", "broken"),
        ("{label: 1}", "broken"),
        ('{"label": None}', "broken"),
        ('```json\n{"label": "good",}\n```', "broken"),
        ('```json\n{"label": "good"} // sure\n```', "broken"),
        ('```json\n{"a": 1,, "b": {"c": 2}}\n```', "broken"),
        ('{"a": 1,, "b": {"c": 2}}', "broken"),
        ('{"why": "he said "no" to it"}', "broken"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, how: str) -> None:
    assert reads(text) == (how, None)


def test_the_service_says_that_an_answer_was_cut() -> None:
    assert reads('{"a": [{"b": 1}', stop="max_tokens") == ("cut", None)
    # All the data had been said before.
    assert reads('```json\n{"a": 1}\n```\nThis is bec', stop="max_tokens") == ("fenced", {"a": 1})
    found = extract(line(tool({"a": 1}), stop="max_tokens"))
    assert (found.how, found.data) == ("cut", None)


def test_odd_json_without_doubt_is_taken_as_it_was_written() -> None:
    digits = "9" * 5_000
    text = '{"a": NaN, "b": -Infinity, "c": 1e999, "d": @, "e": "x\ny", "a": 2}'.replace("@", digits)
    assert reads(text) == ("json", {"a": 2, "b": "-Infinity", "c": "1e999", "d": digits, "e": "x\ny"})
    assert reads('{"a": "\\ud800"}') == ("json", {"a": "\ud800"})
    assert flatten({"a": "\ud800", "b": ["\ud800"]}) == {"a": "\ufffd", "b": '["\ufffd"]'}


def test_fences_within_strings_are_text() -> None:
    data = {"md": 'Use ```json\n{"a": 1}\n``` or ```py\nx\n```', "label": "good"}
    text = json.dumps(data)
    for around, how in (("{}", "json"), ("```json\n{}\n```", "fenced"), ("So: {}", "prose")):
        assert reads(around.replace("{}", text)) == (how, data)


def test_tools_come_first() -> None:
    data = {"label": "good", "big": 2**70}
    assert extract(line(said('{"a": 1}'), tool(data))) == Extracted("tool", data)
    assert extract(line(tool("text"), tool({"a": 1}), tool({"a": 2}))) == Extracted("tool", {"a": 1})
    assert extract(line(tool({"q": 1}, "server_tool_use"), said("[1]"))) == Extracted("json", [1])
    assert extract(line(tool({}))) == Extracted("tool", {})


def test_only_text_speaks() -> None:
    thinking = {"type": "thinking", "thinking": '{"a": 1}'}
    assert extract(line(thinking, said('{"b": 2}'))) == Extracted("json", {"b": 2})
    assert extract(line(said('{"b": '), said("2}"))) == Extracted("json", {"b": 2})
    searched = [said("Looked."), tool({}, "server_tool_use"), said("```json\n{}\n```")]
    assert extract(line(*searched)) == Extracted("fenced", {})
    assert extract(line(thinking)).how == "none"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0",
        b"[1]",
        b"{}",
        b"nope",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"result": 5}',
        b'{"custom_id": "a", "result": {"type": "expired"}}',
        line(outcome="errored"),
        line(outcome="newly_invented"),
    ],
)
def test_no_answer(raw: bytes) -> None:
    assert extract(raw).how == "no answer"


def test_results_without_envelope_and_odd_types_are_read_too() -> None:
    message = {"content": '{"a": 1}', "stop_reason": {}}
    assert extract(json.dumps({"type": "succeeded", "message": message}).encode())[:2] == ("json", {"a": 1})
    assert extract(b'{"type": "succeeded", "message": {"content": [{"text": "[1]"}, 5, null]}}').how == "json"
    assert extract(b'{"type": "succeeded", "message": null}').how in ("none", "no answer")


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_stays_as_it_is(text: str) -> None:
    data = {text: text, "list": [text]}
    assert reads(f"```json\n{json.dumps(data)}\n```") == ("fenced", data)
    for cells in (flatten(data), flatten(data, full=True), indexed(data)):
        assert json.loads(json.dumps(cells).encode()) == cells
        assert all(path.encode() for path in cells)


@pytest.mark.parametrize(
    "piece",
    ["{", "[", '{"', '{"a":', '[{"', '{"a":{}', "```json\n{", "```", "`", '"', "\\", '"a":{"', "{ ", "{'"],
)
def test_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    text = piece * (1_500_000 // len(piece))
    start = time.process_time()
    found = read_text(text)
    assert found.how not in READ
    assert time.process_time() - start < 1.5


def test_what_is_too_long_is_said_to_be() -> None:
    assert read_text('{"a": "' + "x" * 2_000_000 + '"}').how == "too long"
    assert extract(b" " * 17_000_000).how == "too long"


def test_random_answers_come_back() -> None:
    rng = random.Random(5)
    frames = {
        "json": "@",
        "fenced": "Well {a}.\n\n```json\n@\n```\n\nSo be it.",
        "prose": "Well {a} [1]:\n@\nSo be it.",
    }
    for _ in range(300):
        data = _invented(rng, 3)
        for how, frame in frames.items():
            text = frame.replace("@", json.dumps(data, indent=rng.choice((None, 2))))
            assert reads(text) == (how, data)


def _invented(rng: random.Random, depth: int) -> Json:
    keys = rng.sample(["a", "b.c", "d e", "", "[x]", '"q"', "é", "```", "{"], rng.randint(1, 4))
    return {key: _leaf(rng, depth) for key in keys}


def _leaf(rng: random.Random, depth: int) -> Json:
    kind = rng.randrange(7 if depth else 5)
    if kind == 5:
        return _invented(rng, depth - 1)
    if kind == 6:
        return [_leaf(rng, depth - 1) for _ in range(rng.randrange(4))]
    return [rng.choice(['he said "x"', "```\n{", "}", ""]), rng.randrange(-9, 9), 0.5, None, True][kind]


def test_nothing_gets_lost_or_mixed_up_in_paths() -> None:
    rng = random.Random(6)
    for _ in range(300):
        data = _invented(rng, 3)
        cells = flatten(data, full=True)
        assert _built(cells) == _without_lists(data)
        assert not any(is_derived(path) for path in cells)
        assert cells == {path: cell for path, cell in indexed(data).items() if not is_derived(path)}


def _built(cells: dict[str, Any]) -> Json:
    """The data again, from the paths and the cells."""
    data: Json = {}
    for path, cell in cells.items():
        keys = _keys(path)
        here = data
        for key in keys[:-1]:
            here = here.setdefault(key, {})
        assert keys[-1] not in here
        here[keys[-1]] = cell
    return data


def _keys(path: str) -> list[str]:
    keys: list[str] = []
    while True:
        if path.startswith('"'):
            key, end = json.JSONDecoder().raw_decode(path)
            rest = path[end:]
        else:
            key, _, rest = path.partition(".")
            rest = path[len(key) :]
        keys.append(key)
        if not rest:
            return keys
        assert rest[0] == "."
        path = rest[1:]


def _without_lists(data: Json) -> Json:
    if isinstance(data, dict) and data:
        return {key: _without_lists(value) if value != {} else "{}" for key, value in data.items()}
    if isinstance(data, list):
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return data


def test_paths_are_documented() -> None:
    data = {"a": {"b": {"c": 1}, "x.y": 2, "": 3}, "d e": 4, " f": 5, "g": [1, "é"], "h": [{"i": 1}]}
    assert flatten(data) == {
        "a.b.c": 1,
        'a."x.y"': 2,
        'a.""': 3,
        "d e": 4,
        '" f"': 5,
        "g": '[1,"é"]',
        "h": '[{"i":1}]',
    }
    assert flatten("good") == {"value": "good"}
    assert flatten([1, 2]) == {"value": "[1,2]"}
    assert flatten({}) == {}
    assert flatten(None) == {"value": None}
    assert step("a\nb") == '"a\\nb"'


def test_what_is_in_lists_is_told_beside_them() -> None:
    data = [{"label": "a", "n": 1}, {"label": "b", "n": True}, {"label": "a", "tags": ["x", "y"]}]
    assert indexed(data) == {
        "value": json.dumps(data, separators=(",", ":")),
        "[length]": 3,
        "[].label": ["a", "b"],
        "[].n": [1, True],
        "[].tags[]": ["x", "y"],
    }
    assert indexed({"tags": ["x", "x"], "none": []}) == {
        "tags": '["x","x"]',
        "none": "[]",
        "tags[]": ["x"],
    }
    many = indexed(list(range(100)))["[]"]
    assert many == [*range(MOST_ELEMENTS), "…"]


def test_cells_are_bounded_in_the_index_only() -> None:
    data = {"text": "x" * 600, "real": 1.0, "huge": 2**64, "inf": math.inf, "nul": "a\0b", "no": None}
    cells = flatten(data)
    assert cells["text"] == "x" * 159 + "…"
    assert (cells["real"], type(cells["real"])) == (1, int)
    assert cells["huge"] == str(2**64)
    assert cells["inf"] == "inf"
    assert cells["nul"] == "a␀b"
    assert cells["no"] is None
    whole = flatten(data, full=True)
    assert whole["text"] == data["text"]
    assert whole["nul"] == "a\0b"
    many = {f"k{n}": n for n in range(MOST_FIELDS + 50)}
    assert len(flatten(many, full=True)) == MOST_FIELDS + 50
    assert len(flatten(many)) == MOST_FIELDS
    assert indexed(many)["[more]"] == 50
    assert indexed({"k" * 400: 1}) == {"[more]": 1}
    deep: Json = 1
    for _ in range(900):
        deep = {"a": deep}
    assert len(flatten(deep)) == 1


def test_edges_are_round_and_hold_everything() -> None:
    assert edges(0, 1, 12, whole=False) == [n / 10 for n in range(11)]
    assert edges(1, 20, 12, whole=True) == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
    rng = random.Random(7)
    for _ in range(2_000):
        size = 10 ** rng.uniform(-12, 12)
        low, high = sorted(rng.uniform(-size, size) for _ in range(2))
        is_whole = rng.random() < 0.3
        if is_whole:
            low, high = math.floor(low), math.ceil(high) + 20
        found = edges(low, high, 12, whole=is_whole)
        assert found[0] <= low <= high <= found[-1]
        assert found == sorted(set(found))
        assert 2 <= len(found) <= 13
        assert not is_whole or all(float(edge).is_integer() for edge in found)
    assert edges(-1.7e308, 1.7e308, 12, whole=False)[0] <= -1.7e308
    assert edges(5e-324, 1e-323, 12, whole=False)[-1] >= 1e-323


def test_the_next_place_is_found_whatever_was_asked_before() -> None:
    rng = random.Random(9)
    for _ in range(300):
        text = "".join(rng.choices("`~ab", k=30))
        following = Next(text, ("``", "~~"))
        for _ in range(8):
            start = rng.randrange(32)
            places = [at for at in range(start, 30) if text.startswith(("``", "~~"), at)]
            assert following(start) == (places[0] if places else len(text) + 1)


def test_elements_are_left_out_only_where_there_are_more() -> None:
    many: list[Json] = [*range(MOST_ELEMENTS)]
    assert indexed([*many, 3])["[]"] == many
    assert indexed([*map(str, many), "3"])["[]"] == [*map(str, many)]
    assert indexed([*map(str, many), "new"])["[]"] == [*map(str, many), "…"]
    long = ["x" * 100 + str(n) for n in range(3)]
    assert indexed(long)["[]"] == ["x" * 79 + "…"]
