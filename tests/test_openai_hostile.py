"""Whatever stands in a file of foreign requests: a finding, or a legal request, and never an exception."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.hostile import HOSTILE
from tests.porting import GIVEN, PIXEL, bare, chat, line, params, ported, said, told
from tui.model import MAP


def nested(depth: int, key: str = "a") -> str:
    return f'{{"{key}":' * depth + "1" + "}" * depth


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "The JSON stops in the middle"),
        (b'{"custom_id": "a", "body": {', "The JSON stops in the middle"),
        (b"{'a': 1}", "It is not JSON"),
        (b'{"a": NaN}', "It is not JSON"),
        (b'{"a": 1e999}', "A number is too large"),
        (b'{"a": 1} {"b": 2}', "There is text after the request"),
        (b'{"a": "\xff"}', "It is not UTF-8"),
        (b'{"a": "\\ud800"}', "It has half of a surrogate pair"),
        (nested(100_000).encode(), "It is nested too deeply"),
        (b"[" * 100_000, "It is nested too deeply"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bytes_that_are_no_request(raw: bytes, complaint: str) -> None:
    (item,) = ported(raw)
    assert item.raw == b""
    assert told(item)[0].startswith(complaint)


@pytest.mark.parametrize("depth", [100, 500, 800, 950, 1000, 5000])
@pytest.mark.parametrize(
    "more",
    [
        '"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":%s}}',
        '"tools":[{"type":"function","function":{"name":"a","strict":true,"parameters":%s}}]',
        '"metadata":%s',
        '"thinking":%s',
        '"foo":%s',
    ],
)
def test_depth(depth: int, more: str) -> None:
    raw = '{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}],%s}'
    (item,) = ported((raw % more % nested(depth, "items")).encode())
    assert item.raw or told(item) == ["It is nested too deeply – Flatten it below a thousand levels."]


def test_deep_arguments() -> None:
    function = {"name": "f", "arguments": nested(5000)}
    turns = [
        said("assistant", "", tool_calls=[{"id": "a", "function": function}]),
        said("tool", "", tool_call_id="a"),
    ]
    (item,) = ported(line(chat(*turns)))
    assert told(item) == ["It is nested too deeply – Flatten it below a thousand levels."]


@pytest.mark.parametrize("text", [each for each in HOSTILE if "\ud800" not in each])
def test_hostile_texts_pass_unchanged(text: str) -> None:
    (item,) = ported(line(chat(said("user", text), **{text: 1})))
    assert params(item)["messages"] == [said("user", text)]
    assert len(item.findings) == 1


def test_a_huge_image() -> None:
    data = PIXEL.rstrip("=") + "A" * 20_000_002
    url = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}", "detail": "low"}}
    broken = {"type": "image_url", "image_url": {"url": "x" * 20_000_000}}
    good, bad = ported(line(chat(said("user", [url]))), line(chat(said("user", [broken]))))
    assert json.loads(good.raw)["params"]["messages"][0]["content"][0]["source"]["data"] == data
    assert len(told(bad)[0]) < 200


# Wrong types everywhere

KEYS = re.findall(
    r"\S+",
    """messages input role content type text image_url url detail file file_data tool_calls function name
arguments id tool_call_id call_id output tools parameters strict tool_choice parallel_tool_calls
response_format json_schema schema properties items anyOf reasoning effort metadata user user_id stop n model
body custom_id instructions system system_prompt function_call functions web_search_options filters
user_location approximate description annotations refusal enum format minItems required $defs""",
)
VALUES: list[Any] = [
    *(
        "",
        " \n",
        "user",
        "assistant",
        "system",
        "tool",
        "function",
        "developer",
        "message",
        "text",
        "refusal",
    ),
    *(
        "image_url",
        "input_image",
        "file",
        "input_text",
        "output_text",
        "function_call",
        "function_call_output",
    ),
    *("json_schema", "object", "required", "auto", "web_search", f"data:image/png;base64,{PIXEL}", "data:,"),
    *("https://example.com/a", "{}", "[1", None, True, False, 0, 1, -1, 1.5),
]


def anything(chance: random.Random, depth: int) -> Any:
    kind = chance.random()
    if depth == 0 or kind < 0.45:
        return chance.choice(VALUES)
    if kind < 0.65:
        return [anything(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    return {chance.choice(KEYS): anything(chance, depth - 1) for _ in range(chance.randint(0, 6))}


def anybody(chance: random.Random) -> Any:
    body = {chance.choice(KEYS): anything(chance, 4) for _ in range(chance.randint(0, 4))}
    turns = [
        {
            "role": chance.choice(("user", "assistant", "system", "tool", "function")),
            "content": anything(chance, 3),
        }
        | {chance.choice(KEYS): anything(chance, 2) for _ in range(chance.randint(0, 2))}
        for _ in range(chance.randint(0, 4))
    ]
    if chance.random() < 0.9:
        body[chance.choice(("messages", "input"))] = turns
    return line(body) if chance.random() < 0.5 else body


@pytest.mark.parametrize("port", [ported, bare])
@pytest.mark.parametrize("seed", range(4))
def test_wrong_types_everywhere(port: Any, seed: int) -> None:
    chance = random.Random(seed)
    items = port(*[anybody(chance) for _ in range(1500)], making=replace(GIVEN, ids=MAP))
    made = [item for item in items if item.raw]
    assert len(items) == 1500
    assert 10 < len(made) < 1490
    for item in made:
        assert params(item)["model"]
    assert all(item.raw or item.findings for item in items)
