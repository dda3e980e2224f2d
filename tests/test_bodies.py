"""Messages bodies without an envelope: Claude's own, and with what other services have in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.porting import ASKED, GIVEN, MODEL, NO_LENGTH, PIXEL, bare, params, said, told
from tui.model import MAP, PLAIN, Making, Recipe
from tui.sources import check as check_sources

BODY: dict[str, Any] = {"model": "claude-opus-5-5", "max_tokens": 20, "messages": [ASKED]}


def made(body: object, making: Making = PLAIN) -> tuple[dict[str, Any], list[str]]:
    (item,) = bare(body, making=making)
    return params(item), told(item)


def test_bodies_get_ids_of_their_rows() -> None:
    items = bare(BODY, BODY, making=PLAIN)
    assert [json.loads(item.raw) for item in items] == [
        {"custom_id": "row-1", "params": BODY},
        {"custom_id": "row-2", "params": BODY},
    ]
    assert [(item.line, item.named, item.findings) for item in items] == [(1, "1", ()), (2, "2", ())]


@pytest.mark.parametrize("key", ["custom_id", "id"])
def test_an_id_beside_the_messages_is_taken(key: str) -> None:
    items = bare({key: "a", **BODY}, {key: 7, **BODY}, {key: None, **BODY}, making=PLAIN)
    assert [json.loads(item.raw)["custom_id"] for item in items] == ["a", "7", "row-3"]
    assert [item.named for item in items] == [None, None, "3"]
    mapped = bare({key: "a:1", **BODY}, making=Making(ids=MAP))
    assert (json.loads(mapped[0].raw)["custom_id"], mapped[0].named) == ("a_1", "a:1")
    (wrong,) = bare({key: {}, **BODY}, making=PLAIN)
    assert told(wrong) == [f"{key} must be a string, not an object"]


def test_a_system_prompt_beside_the_messages() -> None:
    body = {"system_prompt": "You are a guide.", "messages": [ASKED], "max_tokens": 20}
    found, words = made(body, GIVEN)
    assert found == {"model": MODEL, "max_tokens": 20, "system": "You are a guide.", "messages": [ASKED]}
    assert not words


def test_system_prompts_of_all_kinds_are_joined() -> None:
    blocks = [{"type": "text", "text": "B", "cache_control": {"type": "ephemeral"}}]
    found, _ = made(
        {**BODY, "system": blocks, "system_prompt": "A", "messages": [said("system", "C"), ASKED]}
    )
    assert found["system"] == [*blocks, {"type": "text", "text": "A"}, {"type": "text", "text": "C"}]


def test_images_as_openai_has_them() -> None:
    parts = [
        {"type": "text", "text": "What city is it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    found, words = made({"system_prompt": "Help.", "messages": [said("user", parts)]}, GIVEN)
    assert found["messages"][0]["content"][1]["source"]["data"] == PIXEL
    assert (found["max_tokens"], words) == (50, [])


def test_what_is_claudes_own_stays_as_it_is() -> None:
    tool = {"name": "time", "input_schema": {"type": "object"}, "cache_control": {"type": "ephemeral"}}
    native = {
        **BODY,
        "system": [{"type": "text", "text": "A", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [
            ASKED,
            said("assistant", [{"type": "tool_use", "id": "t1", "name": "time", "input": {}}]),
            said(
                "user", [{"type": "tool_result", "tool_use_id": "t1", "content": "noon", "is_error": False}]
            ),
            said("system", "Be brief."),
        ],
        "tools": [tool, {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u1"},
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
        "service_tier": "standard_only",
        "inference_geo": "us",
    }
    found, words = made(native)
    assert found == native
    assert not words


def test_turns_of_claudes_own_kind_are_left_to_the_check() -> None:
    prefilled = {**BODY, "messages": [ASKED, said("assistant", "It is ")]}
    assert made(prefilled) == (prefilled, [])
    calls = said("assistant", [{"type": "tool_use", "id": "t1", "name": "time", "input": {}}])
    open_calls = {**BODY, "messages": [ASKED, calls, said("assistant", "One moment."), ASKED]}
    assert made(open_calls) == (open_calls, [])


def test_what_is_lost_is_named() -> None:
    found, words = made({**BODY, "temperature": 0.2, "label": "gold"})
    assert found == BODY
    assert [each.partition(" – ")[0] for each in words] == [
        "temperature was left out",
        "“label” was left out",
    ]


def test_models_and_lengths() -> None:
    bodies = [{"messages": [ASKED]}, {"messages": [ASKED]}, {"messages": [ASKED], "model": "gpt-4o"}]
    assert [told(item) for item in bare(*bodies, making=PLAIN)] == [
        [
            "model is missing – Give --model.",
            NO_LENGTH,
        ],
        ["model is missing – Give --model.", NO_LENGTH],
        ["gpt-4o has no counterpart – Give --model, or --map-model gpt-4o=claude-haiku-5-5", NO_LENGTH],
    ]
    assert [params(item)["max_tokens"] for item in bare(*bodies)] == [50, 50, 50]


def test_a_record_is_no_body() -> None:
    (item,) = bare({"country": "France"})
    assert item.raw == b""
    assert told(item)[0] == "messages is missing – Say what the model shall answer."


def test_options_that_do_nothing_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"messages": [{"role": "user", "content": "Hello"}]}\n')
    asked = Recipe("claude-haiku-5-5", 5, prompt="{{ text }}", system="Be kind.")
    found = check_sources([path], Making(override=asked))
    assert [problem.what for problem in found.problems] == [
        "--prompt has no effect on bodies of requests",
        "--system has no effect on bodies of requests",
    ]
    assert found.ok
