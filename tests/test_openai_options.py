"""Tools, formats, and all other parameters: ported, left out by name, or refused; nothing goes in silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.porting import asked, chat, refused, responses, warned
from tui.sources.openai.options import HINDERING, LEFT_OUT

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"name": "weather", "description": "Says what it is like.", "parameters": CITY}
WEATHER = {"type": "function", "function": FUNCTION}
PORTED = {"name": "weather", "description": "Says what it is like.", "input_schema": CITY}
CLOSED = {**CITY, "additionalProperties": False}


# Tools


@pytest.mark.parametrize(
    "body",
    [
        chat(tools=[WEATHER]),
        chat(functions=[FUNCTION]),
        responses(tools=[{"type": "function", **FUNCTION, "strict": False}]),
        chat(tools=[PORTED]),
        chat(tools=[WEATHER], parallel_tool_calls=True),
    ],
    ids=["chat", "functions", "responses", "claude", "parallel"],
)
def test_functions_become_tools(body: Any) -> None:
    found = asked(body)
    assert found["tools"] == [PORTED]
    assert "tool_choice" not in found


def test_functions_without_parameters() -> None:
    found = asked(chat(tools=[{"type": "function", "function": {"name": "now"}}]))
    assert found["tools"] == [{"name": "now", "input_schema": {"type": "object", "properties": {}}}]
    bare = {"properties": {"a": {"type": "string"}}}
    found = asked(chat(tools=[{"type": "function", "function": {"name": "now", "parameters": bare}}]))
    assert found["tools"][0]["input_schema"] == {"type": "object", **bare}


def test_strict_functions_are_held_to_their_schema() -> None:
    strict = {"type": "function", "function": {**FUNCTION, "parameters": CLOSED, "strict": True}}
    assert asked(chat(tools=[strict]))["tools"] == [{**PORTED, "input_schema": CLOSED, "strict": True}]


@pytest.mark.parametrize(
    ("choice", "ported"),
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        ({"type": "function", "function": {"name": "weather"}}, {"type": "tool", "name": "weather"}),
        ({"type": "function", "name": "weather"}, {"type": "tool", "name": "weather"}),
        ({"type": "tool", "name": "weather"}, {"type": "tool", "name": "weather"}),
    ],
    ids=str,
)
def test_the_choice_of_a_tool(choice: object, ported: dict[str, Any]) -> None:
    assert asked(chat(tools=[WEATHER], tool_choice=choice))["tool_choice"] == ported
    alone = asked(chat(tools=[WEATHER], tool_choice=choice, parallel_tool_calls=False))["tool_choice"]
    assert alone == (ported if choice == "none" else {**ported, "disable_parallel_tool_use": True})


def test_the_choice_of_a_function() -> None:
    for choice, ported in (
        ("auto", {"type": "auto"}),
        ({"name": "weather"}, {"type": "tool", "name": "weather"}),
    ):
        assert asked(chat(functions=[FUNCTION], function_call=choice))["tool_choice"] == ported
    alone = asked(chat(tools=[WEATHER], parallel_tool_calls=False))["tool_choice"]
    assert alone == {"type": "auto", "disable_parallel_tool_use": True}


def test_a_choice_between_no_tools() -> None:
    assert "tool_choice" not in asked(chat(tool_choice="auto", parallel_tool_calls=False))
    found, words = warned(chat(tool_choice="required"))
    assert "tool_choice" not in found
    assert words == ["tool_choice was left out – There is no tool to choose."]


def test_the_web_search_becomes_claudes() -> None:
    place = {"city": "Bern", "country": "CH", "region": None}
    search = {
        "type": "web_search_preview",
        "user_location": {"type": "approximate", **place},
        "filters": {"allowed_domains": ["example.com"]},
        "search_context_size": "high",
    }
    found, words = warned(responses(tools=[search]))
    ported = {"type": "web_search_20250305", "name": "web_search"}
    where = {"user_location": {"type": "approximate", "city": "Bern", "country": "CH"}}
    assert found["tools"] == [{**ported, "allowed_domains": ["example.com"], **where}]
    assert [each.partition(" – ")[0] for each in words] == [
        "“search_context_size” of the web search was left out",
        "The web search became Claude’s own",
    ]
    found, words = warned(
        chat(web_search_options={"user_location": {"type": "approximate", "approximate": place}})
    )
    assert (found["tools"], len(words)) == ([{**ported, **where}], 1)
    assert warned(chat(web_search_options={}))[0]["tools"] == [ported]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"tools": {}}, ""),
        ({"tools": "x"}, "tools must be a list, not a string"),
        ({"tools": ["x"]}, "A tool must be an object, not a string"),
        ({"tools": [{"type": "code_interpreter"}]}, "A tool of type code_interpreter has no counterpart"),
        ({"tools": [{"type": "file_search"}]}, "A tool of type file_search has no counterpart"),
        (
            {"tools": [{"type": "custom", "custom": {"name": "a"}}]},
            "A tool of type custom has no counterpart",
        ),
        (
            {"tools": [{"type": "function", "function": 5}]},
            "The function of a tool must be an object, not a number",
        ),
        ({"tools": [{"type": "function", "function": {}}]}, "A function has no name"),
        (
            {"tools": [{"type": "function", "function": {"name": "a", "parameters": {"type": "array"}}}]},
            "The parameters of a function must be the schema of an object",
        ),
        (
            {"tools": [WEATHER], "tool_choice": "never"},
            "The choice of a tool has no counterpart – It is “never”. Use auto",
        ),
        (
            {"tools": [WEATHER], "tool_choice": {"type": "allowed_tools", "allowed_tools": {}}},
            "The choice of a tool has no counterpart – It is “allowed_tools”. Use auto",
        ),
    ],
    ids=str,
)
def test_tools_that_cannot_be_ported(more: dict[str, Any], complaint: str) -> None:
    if complaint:
        assert refused(chat(**more))[0].startswith(complaint)
    else:
        assert "tools" not in asked(chat(**more))


# Formats


def test_a_schema_of_the_answer() -> None:
    layout = {"name": "City", "schema": CLOSED, "strict": True, "description": "Where it is."}
    ported = {
        "format": {
            "type": "json_schema",
            "schema": {**CLOSED, "title": "City", "description": "Where it is."},
        }
    }
    body = chat(response_format={"type": "json_schema", "json_schema": layout})
    assert asked(body)["output_config"] == ported
    body = responses(text={"format": {"type": "json_schema", **layout}})
    assert asked(body)["output_config"] == ported


def test_what_a_schema_cannot_enforce_is_described_and_named() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "age": {"type": "integer", "minimum": 0, "maximum": 150, "description": "In years."},
            "tags": {"type": "array", "items": {"type": "string", "format": "regex"}, "minItems": 1},
            "mail": {"type": ["string", "null"], "format": "email"},
            "kind": {"oneOf": [{"const": "a"}, {"$ref": "#/$defs/b"}]},
        },
        "$defs": {"b": {"type": "object", "properties": {}, "additionalProperties": {"type": "string"}}},
        "additionalProperties": False,
    }
    layout = {"type": "json_schema", "json_schema": {"name": "", "schema": schema}}
    found, words = warned(chat(response_format=layout))
    assert found["output_config"]["format"]["schema"] == {
        "type": "object",
        "properties": {
            "age": {"type": "integer", "description": "In years.\n\n(minimum: 0, maximum: 150)"},
            "tags": {
                "type": "array",
                "items": {"type": "string", "description": '(format: "regex")'},
                "minItems": 1,
            },
            "mail": {"type": ["string", "null"], "format": "email"},
            "kind": {"anyOf": [{"const": "a"}, {"$ref": "#/$defs/b"}]},
        },
        "$defs": {"b": {"type": "object", "properties": {}, "additionalProperties": False}},
        "additionalProperties": False,
    }
    assert words == [
        "The schema says something that is not enforced – "
        "It says minimum, maximum, format, additionalProperties. "
        "Claude reads it as a description, or more narrowly."
    ]


def test_a_described_reference_keeps_its_description() -> None:
    town = {"$ref": "#/$defs/town", "description": "Where it is."}
    defs = {"town": CLOSED}
    schema = {**CLOSED, "properties": {"city": town, "other": {"$ref": "#/$defs/town"}}, "$defs": defs}
    layout = {"type": "json_schema", "json_schema": {"name": "", "schema": schema}}
    found = asked(chat(response_format=layout))["output_config"]["format"]["schema"]["properties"]
    assert found == {
        "city": {"anyOf": [{"$ref": "#/$defs/town"}], "description": "Where it is."},
        "other": {"$ref": "#/$defs/town"},
    }


def test_an_open_object_is_closed_with_a_warning() -> None:
    layout = {"type": "json_schema", "json_schema": {"name": "City", "schema": CITY}}
    found, words = warned(chat(response_format=layout))
    assert found["output_config"]["format"]["schema"] == {**CLOSED, "title": "City"}
    assert len(words) == 1


def test_other_formats() -> None:
    assert "output_config" not in asked(chat(response_format={"type": "text"}))
    assert "output_config" not in asked(responses(text={"format": {"type": "text"}}))
    _, words = warned(chat(response_format={"type": "json_object"}))
    assert words == [
        "The format json_object was left out – Ask for JSON in the prompt, or better give a schema."
    ]
    missing = chat(response_format={"type": "json_schema", "json_schema": {"name": "a"}})
    assert refused(missing) == ["The JSON schema of the answer is missing – Put it into schema."]
    odd = chat(response_format={"type": "grammar"})
    assert refused(odd) == ["The format of the answer has no counterpart – It is “grammar”."]


# Reasoning, stops, users


def test_effort() -> None:
    assert asked(chat(reasoning_effort="low"))["output_config"] == {"effort": "low"}
    assert asked(responses(reasoning={"effort": "high"}))["output_config"] == {"effort": "high"}
    found, words = warned(responses(reasoning={"effort": "minimal", "summary": "auto"}))
    assert "output_config" not in found
    assert words == [
        "“summary” of reasoning was left out – It has no counterpart.",
        "The effort of reasoning was left out – It is “minimal”. Claude knows low, medium, high, xhigh, max.",
    ]


def test_effort_and_format_go_together() -> None:
    layout = {"type": "json_schema", "json_schema": {"name": "City", "schema": CLOSED}}
    config = asked(chat(reasoning_effort="low", response_format=layout))["output_config"]
    assert config.keys() == {"effort", "format"}


def test_stop_sequences() -> None:
    assert asked(chat(stop="END"))["stop_sequences"] == ["END"]
    assert asked(chat(stop=["A", "B"]))["stop_sequences"] == ["A", "B"]
    found, words = warned(chat(stop=["\n", "B"]))
    assert found["stop_sequences"] == ["B"]
    assert words[0].startswith("A stop sequence was left out – The service takes no sequence of white space")
    assert "stop_sequences" not in warned(chat(stop="\n\n"))[0]
    assert refused(chat(stop=5)) == ["stop must be a string, or a list of strings, not a number"]


def test_users() -> None:
    assert asked(chat(user="u1"))["metadata"] == {"user_id": "u1"}
    assert asked(chat(safety_identifier="u1", user="u1"))["metadata"] == {"user_id": "u1"}
    found, words = warned(chat(safety_identifier="u1", user="u2"))
    assert found["metadata"] == {"user_id": "u1"}
    assert words == ["user was left out – Another parameter names another user."]


def test_metadata() -> None:
    found, words = warned(chat(metadata={"user_id": "u1", "job": "nightly"}))
    assert found["metadata"] == {"user_id": "u1"}
    assert words == ["metadata was left out – It has job. The Messages API keeps only a user_id."]


def test_tiers() -> None:
    assert "service_tier" not in asked(chat(service_tier="auto"))
    assert warned(chat(service_tier="flex"))[1] == [
        "service_tier was left out – A batch has a tier of its own."
    ]


# The rest


HARMLESS: dict[str, Any] = {
    "n": 1,
    "stream": False,
    "store": False,
    "temperature": 1,
    "top_p": 1.0,
    "frequency_penalty": 0,
    "presence_penalty": 0.0,
    "logit_bias": {},
    "logprobs": False,
    "modalities": ["text"],
    "truncation": "disabled",
    "seed": None,
    "include": [],
    "anything": None,
}


def test_what_asks_for_nothing_else_is_not_worth_a_word() -> None:
    assert asked(chat(**HARMLESS)).keys() == {"model", "max_tokens", "messages"}


@pytest.mark.parametrize("key", LEFT_OUT)
def test_what_is_left_out_is_named(key: str) -> None:
    found, words = warned(chat(**{key: 0.3}))
    assert words == [f"{key} was left out – {LEFT_OUT[key].why}"]
    assert found.keys() == {"model", "max_tokens", "messages"}


@pytest.mark.parametrize("key", HINDERING)
def test_what_would_change_the_question_is_an_error(key: str) -> None:
    assert refused(chat(**{key: 3})) == [f"{key} has no counterpart – {HINDERING[key].why}"]


def test_true_is_not_one() -> None:
    assert refused(chat(n=True))
    assert warned(chat(temperature=True))[1]


def test_unknown_parameters_are_named() -> None:
    _, words = warned(chat(min_p=0.1, guided_json={"a": 1}))
    assert words == [
        "“min_p” was left out – Nobody knows this parameter here.",
        "“guided_json” was left out – Nobody knows this parameter here.",
    ]


def test_what_is_said_twice_is_named() -> None:
    found, words = warned(chat(tools=[WEATHER], tool_choice="auto", function_call="none"))
    assert found["tool_choice"] == {"type": "auto"}
    assert words == ["function_call was left out – tool_choice goes before it."]
    schema = {**CLOSED, "title": "Town", "description": "A town."}
    layout = {"name": "City", "description": "Where it is.", "schema": schema}
    found, words = warned(chat(response_format={"type": "json_schema", "json_schema": layout}))
    assert found["output_config"]["format"]["schema"] == schema
    assert words == [
        "The name of the answer’s schema was left out – The schema has a title of its own.",
        "The description of the answer’s schema was left out – The schema has a description of its own.",
    ]
