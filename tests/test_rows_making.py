"""Rows to requests: the params of a recipe, ids and their origins, and what stops before anything is made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.drafting import SOUND
from tests.recipes import MODEL, Json, made, making, prompts, requests, told
from tui.errors import UsageError
from tui.model import Making, Recipe
from tui.sources.basics.items import Row
from tui.sources.recipes.making import Maker, key

TICKETS = 'TICKET_ID,Request\nTR1,"Hello,\nI have a question."\nTR2,Bye\nTR1,Again\nTR:4,€ ü\n'
TOOL = {"name": "record", "input_schema": {"type": "object"}}


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    (tmp_path / "tickets.csv").write_text(TICKETS)
    return tmp_path / "tickets.csv"


def params(tickets: Path, **options: Any) -> Json:
    """The params of the first ticket's request."""
    found: Json = requests(made(tickets, making(**{"prompt": "{{ Request }}", **options})))[0]["params"]
    return found


def test_a_request_is_compact_utf8(tickets: Path) -> None:
    items = made(tickets, making(prompt="Answer: {{ Request }}", custom_id="{{ TICKET_ID }}"))
    assert items[3].raw.decode() == (
        '{"custom_id":"TR:4","params":{"model":"claude-haiku-5-5","max_tokens":100,'
        '"messages":[{"role":"user","content":"Answer: € ü"}]}}'
    )
    assert [item.line for item in items] == [2, 4, 5, 6]
    assert prompts(items)[0] == "Answer: Hello,\nI have a question."


def test_ids_of_a_column_stay_as_they_are(tickets: Path) -> None:
    items = made(tickets, making(prompt="{{ Request }}", custom_id=" {{ TICKET_ID }}\n"))
    assert [each["custom_id"] for each in requests(items)] == ["TR1", "TR2", "TR1", "TR:4"]
    assert [item.named for item in items] == [None] * 4


def test_ids_are_mapped_on_request_and_remembered(tickets: Path) -> None:
    items = made(tickets, making(prompt="{{ Request }}", custom_id="{{ TICKET_ID }}", ids="map"))
    assert [each["custom_id"] for each in requests(items)] == ["TR1", "TR2", "TR1-2", "TR_4"]
    assert [item.named for item in items] == [None, None, "TR1", "TR:4"]


@pytest.mark.parametrize("ids", ["refuse", "map"])
def test_without_a_template_rows_are_numbered(tickets: Path, ids: str) -> None:
    items = made(tickets, making(prompt="{{ Request }}", ids=ids))
    assert [each["custom_id"] for each in requests(items)] == ["row-1", "row-2", "row-3", "row-4"]
    assert [item.named for item in items] == ["1", "2", "3", "4"]


def test_a_system_prompt(tickets: Path) -> None:
    assert params(tickets, system="Be brief.")["system"] == "Be brief."
    assert params(tickets, system="You answer {{ TICKET_ID }}.")["system"] == "You answer TR1."
    assert "system" not in params(tickets)
    assert "system" not in params(tickets, system="{% if TICKET_ID == 'x' %}x{% endif %}")


@pytest.mark.parametrize(
    ("cache", "mark"), [("5m", {"type": "ephemeral"}), ("1h", {"type": "ephemeral", "ttl": "1h"})]
)
@pytest.mark.parametrize("system", ["Be brief.", "{% raw %}{{ x }}{% endraw %}{{ row|length }}"])
def test_what_is_kept_in_the_cache(tickets: Path, cache: str, mark: Json, system: str) -> None:
    with_both = params(tickets, system=system, cache=cache, tools=(TOOL,))
    (block,) = with_both["system"]
    assert (block["type"], block["cache_control"]) == ("text", mark)
    assert with_both["tools"] == [TOOL]
    assert params(tickets, cache=cache, tools=(TOOL, {**TOOL, "name": "b"}))["tools"] == [
        TOOL,
        {**TOOL, "name": "b", "cache_control": mark},
    ]
    assert "cache_control" not in TOOL


def test_tools_schema_thinking_and_the_rest(tickets: Path) -> None:
    options = {
        "tools": (TOOL,),
        "tool_choice": {"type": "tool", "name": "record"},
        "thinking": {"type": "adaptive"},
        "schema": {"type": "object", "properties": {}},
        "params": {"output_config": {"effort": "low"}, "stop_sequences": ["é"], "metadata": {"user_id": "u"}},
    }
    found = params(tickets, **options)
    assert {name: found[name] for name in found if name not in (*MODEL, "messages")} == {
        "tools": [TOOL],
        "tool_choice": {"type": "tool", "name": "record"},
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": options["schema"]}},
        "stop_sequences": ["é"],
        "metadata": {"user_id": "u"},
    }


def test_betas_and_the_recipe_are_known_beforehand() -> None:
    maker = Maker(making(prompt="{{ a }}", betas=("one",)), ("a",), "table")
    assert (maker.betas, maker.recipe.prompt, len(maker.key)) == (("one",), "{{ a }}", 64)


def test_a_row_that_does_not_go_with_the_template_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"a": 1}\n{"b": 2}\n{"a": 3, "b": null}\n{"a": {"c": "\\u0000"}}\n')
    items = made(tmp_path / "r.jsonl", making(prompt="{{ a }}{{ b|default('-') }}"))
    assert prompts(items) == ["1-", "3", '{"c": "\\u0000"}-']
    (line,) = told(items)
    assert line.startswith(":2: error: Its column “a” is missing – Line 1 of the prompt.")
    assert [each["custom_id"] for each in requests(items)] == ["row-1", "row-3", "row-4"]


@pytest.mark.parametrize("field", ["prompt", "system", "custom_id"])
def test_every_text_is_a_template_of_the_row(tickets: Path, field: str) -> None:
    options = {"prompt": "{{ Request }}", field: "x\n{{ request }}"}
    lines = told(made(tickets, making(**options)))
    name = "system prompt" if field == "system" else field
    remedy = f"Line 2 of the {name}. Did you mean Request? There are: TICKET_ID, Request."
    assert lines == [f":{line}: error: There is no column “request” – {remedy}" for line in (2, 4, 5, 6)]


def test_half_of_a_surrogate_pair_is_a_finding() -> None:
    maker = Maker(making(prompt="{{ a }}"), ("a",), "table")
    item = maker.item(Row(3, 2, {"a": "\ud800"}))
    assert (item.raw, [each.what for each in item.findings]) == (b"", ["It has half of a surrogate pair"])


def test_hostile_cells_arrive_as_they_are(tmp_path: Path) -> None:

    cells = [text for text in SOUND if text.strip()]
    (tmp_path / "r.json").write_text(json.dumps([{"a": text} for text in cells]))
    assert prompts(made(tmp_path / "r.json", making(prompt="{{ a }}."))) == [f"{text}." for text in cells]


# Before anything is made


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "The recipe has no model and no max_tokens. Name them there, or with --model and --max-tokens."),
        ({"model": "m", "prompt": "p"}, "The recipe has no max_tokens."),
        ({"max_tokens": 5, "prompt": "p"}, "The recipe has no model."),
        (
            {"model": "m", "max_tokens": 5},
            "The recipe has no prompt. Write a prompt with {{ … }} where a cell shall",
        ),
        (
            {"model": "m", "max_tokens": 5, "prompt": "p", "system": "{{ 1/0 }}"},
            "The system prompt cannot be made.",
        ),
    ],
)
def test_what_a_recipe_must_say(tickets: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        made(tickets, Making(override=Recipe(**options)))
    assert said in str(caught.value)


def test_the_columns_are_listed_where_a_prompt_is_missing(tmp_path: Path) -> None:
    (tmp_path / "bare.toml").write_text('model = "m"\nmax_tokens = 5')
    with pytest.raises(UsageError) as caught:
        Maker(Making(recipe=tmp_path / "bare.toml"), ("a", "Ticket ID"), "table")
    assert str(caught.value).startswith("The recipe bare has no prompt.")
    assert str(caught.value).endswith('There are: a, row["Ticket ID"].')


def test_requests_all_alike_are_warned_of(tickets: Path) -> None:
    first, *rest = made(tickets, making(prompt="Summarise {Request}"))
    assert (first.line, first.raw, len(rest)) == (0, b"", 4)
    assert told([first, *rest]) == [
        ":0: warning: All requests will be the same – Write {{ … }} where a cell shall stand."
        " There are: TICKET_ID, Request."
    ]
    assert told(made(tickets, making(prompt="Go on.", system="{{ Request }}"))) == []


# The key of a recipe


def test_the_key_is_what_is_asked(tickets: Path, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"Request": "x"}\n')
    wish = making("classify", prompt="{{ Request }}")
    same = {Maker(wish, columns, kind).key for columns, kind in ((("Request",), "table"), ((), "files"))}
    assert len(same) == 1
    recipe = Maker(wish, ("Request",), "table").recipe
    changed: list[dict[str, Any]] = [
        {"model": "x"},
        {"max_tokens": 1},
        {"prompt": "x"},
        {"system": "x"},
        {"tools": ()},
        {"schema": {}},
        {"thinking": {"type": "x"}},
        {"params": {"a": 1}},
        {"tool_choice": None},
    ]
    keys = {key(replace(recipe, **change)) for change in changed}
    assert len(keys | same) == len(changed) + 1
    unasked: list[dict[str, Any]] = [{"name": "x"}, {"cache": "1h"}, {"custom_id": "x"}, {"betas": ("x",)}]
    assert {key(replace(recipe, **change)) for change in unasked} == same


def test_the_key_does_not_depend_on_the_order_of_keys() -> None:
    one, other = (
        Recipe(params={"a": {"x": 1, "y": 2}, "b": 1}),
        Recipe(params={"b": 1, "a": {"y": 2, "x": 1}}),
    )
    assert key(one) == key(other)
