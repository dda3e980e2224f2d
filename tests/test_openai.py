"""OpenAI batch files: envelopes, ids, models, lengths, and the place of all that is said about them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.porting import (
    GIVEN,
    MODEL,
    NO_LENGTH,
    asked,
    chat,
    line,
    params,
    ported,
    refused,
    responses,
    said,
    told,
)
from tui.model import ERROR, MAP, PLAIN, WARNING, Making, Recipe
from tui.sources.openai.options import EFFORTS


def test_a_batch_file_is_ported() -> None:
    system, question = said("system", "Be brief."), said("user", "What is 2+2?")
    first, second = ported(
        line(chat(system, question, max_tokens=100)), line(chat(question, max_completion_tokens=20), 2)
    )
    assert json.loads(first.raw) == {
        "custom_id": "id-1",
        "params": {"model": MODEL, "max_tokens": 100, "system": "Be brief.", "messages": [question]},
    }
    assert params(second)["max_tokens"] == 20
    assert (first.line, second.line, first.named) == (1, 2, None)


def test_a_body_without_an_envelope_is_ported_and_gets_an_id() -> None:
    first, second = ported(chat(), {**responses(), "custom_id": "mine"})
    assert json.loads(first.raw)["custom_id"] == "row-1"
    assert first.named == "1"
    assert json.loads(second.raw)["custom_id"] == "mine"
    assert second.named is None
    assert not first.findings and not second.findings


@pytest.mark.parametrize(
    ("envelope", "complaint"),
    [
        (line(chat(), url="/v1/embeddings"), "The endpoint /v1/embeddings has no counterpart – Only"),
        (line(chat(), url="/v1/completions"), "The endpoint /v1/completions has no counterpart – Only"),
        ({**line(chat()), "method": "GET"}, "method must be POST – Not “GET”."),
        (line("x"), "body must be an object, not a string"),
        (line(None), "body must be an object, not null"),
        ({**line(chat()), "custom_id": ["a"]}, "custom_id must be a string, not a list"),
        ({**line(chat()), "custom_id": True}, "custom_id must be a string, not a truth value"),
        ([1], "A request must be an object, not a list"),
        (b"7", "A request must be an object, not a number"),
    ],
    ids=str,
)
def test_what_is_wrong_with_an_envelope(envelope: object, complaint: str) -> None:
    (item,) = ported(envelope)
    assert item.raw == b""
    assert [each.startswith(complaint) for each in told(item)] == [True]


@pytest.mark.parametrize(
    "url", ["https://api.openai.com/v1/chat/completions", "/chat/completions?api-version=1", 5]
)
def test_endpoints_by_other_names(url: object) -> None:
    (item,) = ported({**line(chat()), "url": url})
    assert params(item) and not item.findings


def test_what_else_stands_in_an_envelope_is_named() -> None:
    (item,) = ported({**line(chat()), "priority": 3, "note": None})
    assert told(item) == ["“priority” of the envelope was left out – It has no counterpart."]
    assert params(item)


# Ids


def test_ids_are_taken_as_they_are_or_mapped() -> None:
    lines = [{**line(chat()), "custom_id": each} for each in ("a b", "ok", "ok", 7)]
    assert [json.loads(item.raw)["custom_id"] for item in ported(*lines)] == ["a b", "ok", "ok", "7"]
    mapped = ported(*lines, making=replace(GIVEN, ids=MAP))
    assert [(json.loads(item.raw)["custom_id"], item.named) for item in mapped] == [
        ("a_b", "a b"),
        ("ok", None),
        ("ok-2", "ok"),
        ("7", None),
    ]


def test_a_line_without_an_id_gets_one() -> None:
    (item,) = ported({"method": "POST", "url": "/v1/chat/completions", "body": chat()})
    assert (json.loads(item.raw)["custom_id"], item.named) == ("row-1", "1")


# Models


def test_models_are_mapped_before_one_is_given_for_all() -> None:
    making = Making(map_model=(("gpt-4o-mini", "claude-sonnet-5-5"),), override=Recipe(model=MODEL))
    items = ported(line(chat()), line(chat(model="o3")), line(chat(model="claude-opus-5-5")), making=making)
    assert [params(item)["model"] for item in items] == ["claude-sonnet-5-5", MODEL, MODEL]


def test_a_claude_model_stays() -> None:
    (item,) = ported(line(chat(model="claude-opus-5-5")), making=PLAIN)
    assert params(item)["model"] == "claude-opus-5-5"


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (
            "gpt-4o-mini",
            "gpt-4o-mini has no counterpart – Give --model, or --map-model gpt-4o-mini=claude-haiku-5-5",
        ),
        ("", "An empty model has no counterpart – Give --model."),
        (None, "model is missing – Give --model."),
        (4, "model must be a string, not a number"),
    ],
)
def test_a_model_without_counterpart(model: object, complaint: str) -> None:
    (item,) = ported(line(chat(model=model)), making=PLAIN)
    assert (item.raw, told(item)) == (b"", [complaint])


# The length of an answer


def test_the_given_length_fills_in_what_is_missing() -> None:
    body = {"model": "gpt-5", "messages": [said("user", "Hi")]}
    assert asked(body)["max_tokens"] == 50
    assert asked({**body, "max_tokens": None})["max_tokens"] == 50
    assert asked({**body, "max_completion_tokens": 7})["max_tokens"] == 7


def test_a_missing_length_is_said_of_each_request() -> None:
    body = {"model": "gpt-5", "messages": [said("user", "Hi")]}
    making = Making(override=Recipe(model=MODEL))
    items = ported(line(chat()), *[line(body, number) for number in range(2, 6)], making=making)
    assert items[0].raw
    assert [item.raw for item in items[1:]] == [b""] * 4
    assert [told(item) for item in items] == [
        [],
        *[[NO_LENGTH]] * 4,
    ]


def test_two_lengths() -> None:
    (item,) = ported(line(chat(max_tokens=10, max_completion_tokens=20)))
    assert params(item)["max_tokens"] == 20
    assert told(item) == ["max_tokens was left out – max_completion_tokens says another length."]
    assert asked(chat(max_tokens=10, max_completion_tokens=10))["max_tokens"] == 10


# Places


def test_findings_have_places_in_a_line() -> None:
    text = (
        '{"custom_id":"é","body":{"model":"m","temperature":0.5,"messages":[{"role":"user","content":"a"}]}}'
    )
    (item,) = ported(text.encode(), making=Making(override=Recipe(max_tokens=5)))
    assert [(each.severity, each.line, each.column) for each in item.findings] == [
        (ERROR, 0, text.index('"model"') + 1),
        (WARNING, 0, text.index('"temperature"') + 1),
    ]


def test_findings_have_places_in_a_pretty_object() -> None:
    body = chat(said("user", [{"type": "text", "text": "}{"}, {"type": "input_audio"}]), top_p=0.1)
    text = json.dumps(line(body), indent=2)
    (item,) = ported(text.encode())
    rows = text.splitlines()
    for each, sign in zip(item.findings, ("{", '"top_p"'), strict=True):
        assert rows[each.line][each.column - 1 :].startswith(sign)
    assert '"input_audio"' in rows[item.findings[0].line + 1]


def test_many_findings_of_one_request_are_capped() -> None:
    (item,) = ported(line(chat(*[5] * 1000)))
    assert len(item.findings) == 101
    assert told(item)[-1].startswith("There is more to say about this request – 900 findings are not shown")


def test_the_same_words_have_a_place_a_thousand_times() -> None:
    items = ported(*[line(chat(seed=1), number) for number in range(1, 1003)] + [line(chat(n=5))])
    columns = [item.findings[0].column for item in items]
    assert all(columns[:1000])
    assert columns[1000:1002] == [0, 0]
    assert columns[1002]


# What the SDK knows


def test_tables_are_those_of_the_sdk() -> None:
    from typing import Literal, get_args, get_type_hints

    from anthropic.types import Base64ImageSourceParam, OutputConfigParam
    from anthropic.types.message_content_param import MessageContentParam

    from tui.sources.openai.content import NATIVE
    from tui.sources.openai.media import IMAGES

    assert get_args(get_args(get_type_hints(OutputConfigParam)["effort"])[0]) == EFFORTS
    assert get_type_hints(Base64ImageSourceParam)["media_type"] == Literal[IMAGES]
    blocks = get_args(get_args(get_args(MessageContentParam)[1])[0])
    hints = [get_type_hints(block) for block in blocks if hasattr(block, "__required_keys__")]
    assert {get_args(hint["type"])[0] for hint in hints} == NATIVE | {"text"}


def test_every_parameter_of_claudes_own_is_known() -> None:
    from typing import get_type_hints

    from anthropic.types.beta.message_create_params import MessageCreateParamsNonStreaming

    own = get_type_hints(MessageCreateParamsNonStreaming).keys() - {"workspace_id"}
    (item,) = ported(line(chat(**{key: "x" for key in own - {"model", "max_tokens", "messages"}})))
    assert not [words for words in told(item) if "Nobody knows" in words]


def test_only_one_kind_of_conversation() -> None:
    assert refused({**chat(), "input": "x"}) == ["There are both messages and input – Keep one of them."]
    missing = {"model": "gpt-5", "max_tokens": 5}
    assert refused(missing) == ["messages is missing – Say what the model shall answer."]
    assert refused({**missing, "messages": []}) == ["messages is empty – Say what the model shall answer."]
    assert refused({**missing, "messages": "x"}) == ["messages must be a list, not a string"]
    assert refused({**missing, "input": []}) == ["input is empty – Say what the model shall answer."]
