"""Rules of the service that types do not express: what is said of each breach, and where."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asking import (
    FULL,
    JPEG,
    PDF,
    PNG,
    Json,
    assistant,
    check,
    column_of,
    image,
    params,
    pdf,
    request,
    said,
    text,
    user,
)
from tui.sources.checking import rules_media

OLD = "claude-haiku-4-5"
"""A model that goes on with the assistant's messages and thinks with a budget."""

CALL = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "Seen."}
LOOK = {"name": "look", "input_schema": {"type": "object"}}
CACHE = {"type": "ephemeral"}
LONG_CACHE = {"type": "ephemeral", "ttl": "1h"}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "s1", "content": []}
SEARCH = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}}
CITED = {
    "type": "search_result_location",
    "cited_text": "a",
    "source": "s",
    "title": None,
    "search_result_index": 0,
    "start_block_index": 0,
    "end_block_index": 1,
}
SCHEMA = {"format": {"type": "json_schema", "schema": {}}}


def thinking(budget: int) -> Json:
    return {"type": "enabled", "budget_tokens": budget}


BROKEN: list[tuple[Json, str | None, str]] = [
    # Messages
    ({"messages": []}, '"messages"', "messages is empty – Say what the model shall answer."),
    ({"messages": [user("")]}, '"content"', "messages[0].content is empty – Write something"),
    ({"messages": [user([])]}, '"content"', "messages[0].content is empty – Write something"),
    ({"messages": [user(" \n\t")]}, '"content"', "messages[0].content is only white space"),
    (
        {"messages": [user([text("")])]},
        '"text": ""',
        "messages[0].content[0].text is empty – Leave the block",
    ),
    ({"messages": [user([text(" ")])]}, '"text": " "', "messages[0].content[0].text is only white space"),
    ({"messages": [user("a"), assistant(""), user("b")]}, '"content": ""', "messages[1].content is empty"),
    ({"system": [text("")]}, '"text": ""', "system[0].text is empty"),
    # Who may speak when
    (
        {"messages": [{"role": "system", "content": "a"}, user("b")]},
        '{"role": "system"',
        "messages[0] is a system message before all others – Put it into the parameter system.",
    ),
    (
        {"messages": [user("a"), {"role": "system", "content": "b"}, user("c")]},
        '{"role": "system"',
        "messages[1] is a system message where none may be – Put it after a message of the user",
    ),
    (
        {"messages": [user("a"), assistant("b"), {"role": "system", "content": "c"}], "model": OLD},
        '{"role": "system"',
        "messages[2] is a system message where none may be",
    ),
    (
        {"messages": [user("a"), assistant("So:")]},
        '{"role": "assistant"',
        "This model cannot go on with a message of the assistant – End with a message of the user",
    ),
    (
        {"messages": [user("a"), assistant("So: ")], "model": OLD},
        '"content": "So',
        "messages[1].content ends with white space, and is to be gone on with – Remove the white space",
    ),
    (
        {"messages": [user("a"), assistant([text("b"), text("So:\n")])], "model": OLD},
        '"content": [{"type": "text", "text": "b"',
        "messages[1].content ends with white space",
    ),
    # Blocks where they may not be
    (
        {"messages": [user("a"), assistant([pdf()]), user("b")]},
        '{"type": "document"',
        "messages[1].content[0] is a document in a message of the assistant – Put documents into messages",
    ),
    (
        {"messages": [user([text(citations=[CITED])])]},
        '"citations"',
        "messages[0].content[0].citations are refused in a message of the user – Remove them",
    ),
    (
        {
            "messages": [
                user(
                    [
                        {
                            "type": "search_result",
                            "source": "s",
                            "title": "t",
                            "content": [text(citations=[CITED])],
                        }
                    ]
                )
            ]
        },
        '"citations"',
        "messages[0].content[0].content[0].citations are refused in a message of the user",
    ),
    (
        {"messages": [user([pdf(citations={"enabled": True}), text()])], "output_config": SCHEMA},
        '"citations"',
        "messages[0].content[0].citations cannot be enabled together with output_config.format",
    ),
    # What a batch cannot do
    ({"stream": True}, '"stream"', "stream is not possible in a batch – Remove it."),
    ({"speed": "fast"}, '"speed"', "speed (fast mode) is not possible in a batch – Remove it."),
    ({"max_tokens": 0}, '"max_tokens"', "max_tokens must be at least 1 – Not 0. Say how long"),
    ({"max_tokens": -3}, '"max_tokens"', "max_tokens must be at least 1 – Not -3."),
    # Small things
    ({"model": ""}, '"model"', "model is empty – Name a model."),
    ({"stop_sequences": ["a", ""]}, '""', "stop_sequences[1] is empty – The service takes no such stop"),
    ({"stop_sequences": ["\n"]}, '"\\n"', "stop_sequences[0] is only white space"),
    # Thinking
    (
        {"thinking": thinking(1023), "model": OLD},
        '"budget_tokens"',
        "thinking.budget_tokens must be at least 1,024 – Not 1,023. Raise it.",
    ),
    (
        {"thinking": thinking(2000), "model": OLD},
        '"budget_tokens"',
        "thinking.budget_tokens must be less than max_tokens – 2,000, of 2,000. Lower it, or",
    ),
    (
        {"thinking": thinking(1024)},
        '"type": "enabled"',
        "claude-haiku-5-5 does not take thinking of the type enabled – Leave thinking out",
    ),
    (
        {"thinking": {"type": "adaptive"}, "model": OLD},
        '"type": "adaptive"',
        "claude-haiku-4-5 does not take thinking of the type adaptive",
    ),
    (
        {"thinking": {"type": "disabled"}, "model": "claude-opus-5-5"},
        '"type": "disabled"',
        "claude-opus-5-5 does not take thinking of the type disabled",
    ),
    # Tools
    (
        {"tools": [{**LOOK, "name": "look at"}]},
        '"name"',
        "tools[0].name is no name for a tool – “look at”: Use 1 to 64 letters, digits, - and _.",
    ),
    ({"tools": [{**LOOK, "name": "x" * 129}]}, '"name"', "tools[0].name is no name for a tool – “xxx"),
    ({"tools": [{**LOOK, "name": ""}]}, '"name"', "tools[0].name is no name for a tool – “”:"),
    (
        {"tools": [LOOK, LOOK]},
        '"name": "look", "input_schema": {"type": "object"}}]',
        "tools[1].name is not unique – “look”: Name each tool once.",
    ),
    (
        {"tools": [LOOK], "tool_choice": {"type": "tool", "name": "see"}},
        '"name": "see"',
        "tool_choice names a tool that is not among the tools – “see”: Offer it, or name another.",
    ),
    (
        {"tool_choice": {"type": "tool", "name": "see"}},
        '"name": "see"',
        "tool_choice names a tool that is not among the tools",
    ),
    (
        {"tools": [LOOK], "tool_choice": {"type": "any"}, "model": "claude-sonnet-5-5"},
        '"tool_choice"',
        "claude-sonnet-5-5 cannot be forced to use a tool – Choose auto instead of any",
    ),
    (
        {"tools": [LOOK], "tool_choice": {"type": "any"}, "model": OLD, "thinking": thinking(1024)},
        '"tool_choice"',
        "A tool cannot be forced while thinking has a budget – Choose auto instead of any",
    ),
    # Marks for the cache
    (
        {"system": [text(cache_control=CACHE)] * 5},
        None,
        "There are too many cache_control marks – There are 5, of at most 4. Keep those at the ends",
    ),
    (
        {"system": [text(cache_control=CACHE)] * 4, "cache_control": CACHE},
        None,
        "There are too many cache_control marks – There are 5, of at most 4.",
    ),
    (
        {"tools": [{**LOOK, "cache_control": CACHE}], "system": [text(cache_control=LONG_CACHE)]},
        '"cache_control": {"type": "ephemeral", "ttl": "1h"}',
        "A cache_control of 1h comes after one of 5m – Put the longer ones first",
    ),
    (
        {
            "messages": [
                user("a"),
                assistant([CALL]),
                user([{**RESULT, "content": [text(cache_control=CACHE)], "cache_control": LONG_CACHE}]),
            ]
        },
        '"cache_control": {"type": "ephemeral", "ttl": "1h"}',
        "A cache_control of 1h comes after one of 5m",
    ),
    # Images and PDFs
    (
        {"messages": [user([image(JPEG)])]},
        '"media_type"',
        "messages[0].content[0].source.media_type is image/png, but the image is image/jpeg – Write",
    ),
    (
        {"messages": [user([image("data:image/png;base64," + PNG)])]},
        '"data"',
        "messages[0].content[0].source.data is a data URL – Keep what comes after the comma.",
    ),
    (
        {"messages": [user([image("")])]},
        '"data"',
        "messages[0].content[0].source.data is empty – Put the file",
    ),
    (
        {"tools": [{"name": "look", "input_schema": {}}]},
        '"input_schema"',
        "tools[0].input_schema is not of the",
    ),
    ({"messages": [user([image(PNG[:-1])])]}, '"data"', "messages[0].content[0].source.data is not base64"),
    ({"messages": [user([image(PNG + "?")])]}, '"data"', "messages[0].content[0].source.data is not base64"),
    ({"messages": [user([image("é" * 8)])]}, '"data"', "messages[0].content[0].source.data is not base64"),
    ({"messages": [user([pdf("%PDF")])]}, '"data"', "messages[0].content[0].source.data is not base64"),
    (
        {"messages": [user("a"), assistant([CALL]), user([{**RESULT, "content": [image(JPEG)]}])]},
        '"media_type"',
        "messages[2].content[0].content[0].source.media_type is image/png, but the image is image/jpeg",
    ),
]


@pytest.mark.parametrize(("changes", "where", "told"), BROKEN, ids=lambda value: str(value)[:70])
def test_a_broken_rule_is_an_error_at_its_place(changes: Json, where: str | None, told: str) -> None:
    value = request(**changes)
    found = check(value)
    assert (found.problem_count, found.warning_count) == (1, 0)
    place, _, rest = said(found)[0].partition(": ")
    assert rest.startswith(told)
    if where is not None:
        assert place == f"a.jsonl:1:{column_of(value, where)}"


DOUBTFUL: list[tuple[Json, str, str]] = [
    (
        {"messages": [user([RESULT, text()])]},
        '"tool_use_id"',
        "messages[0].content[0].tool_use_id is of no tool_use in the message before – “t1”. Put the result",
    ),
    (
        {"messages": [user("a"), assistant([CALL]), user("b")]},
        '{"type": "tool_use"',
        "messages[1].content[0] is a call of a tool without a tool_result in the message after it – Put its",
    ),
    (
        {"messages": [user("a"), assistant([CALL]), user([{**RESULT, "content": [text(" ")]}])]},
        '"text": " "',
        "messages[2].content[0].content[0].text is only white space",
    ),
    (
        {"workspace_id": "wrkspc_1"},
        '"workspace_id"',
        "workspace_id is a header, not a parameter of a request",
    ),
    ({"metadata": {"user_id": "x" * 257}}, '"user_id"', "metadata.user_id has more than 256 characters"),
    (
        {"messages": [user([image(PDF)])]},
        '"data"',
        "messages[0].content[0].source.data does not look like an image that the service reads",
    ),
    (
        {"messages": [user([pdf(PNG)])]},
        '"data"',
        "messages[0].content[0].source.data does not look like a PDF",
    ),
    (
        {"messages": [user([image(PNG[:76] + "\n" + PNG[76:])])]},
        '"data"',
        "messages[0].content[0].source.data is base64 with white space in it – Encode the whole file",
    ),
]


@pytest.mark.parametrize(("changes", "where", "told"), DOUBTFUL, ids=lambda value: str(value)[:70])
def test_what_may_be_wrong_is_a_warning(changes: Json, where: str, told: str) -> None:
    value = request(**changes)
    found = check(value)
    assert (found.problem_count, found.warning_count) == (0, 1)
    place, _, rest = said(found)[0].partition(": ")
    assert rest.startswith(f"warning: {told}")
    assert place == f"a.jsonl:1:{column_of(value, where)}"


SOUND: list[Json] = [
    {"messages": [user("a"), user("b")]},
    {"messages": [assistant("Hello."), user("b")]},
    {"messages": [user("a"), assistant("So:")], "model": OLD},
    {"messages": [user("a"), assistant("")], "model": OLD},
    {"messages": [user("a"), assistant([])], "model": OLD},
    {"messages": [user("a"), assistant([SEARCH, FOUND])]},
    {"messages": [user("a"), {"role": "system", "content": "b"}]},
    {"messages": [user("a"), {"role": "system", "content": "b"}, {"role": "system", "content": "c"}]},
    {"messages": [user("a"), {"role": "system", "content": "b"}, assistant("c"), user("d")]},
    {"messages": [user("a"), assistant([SEARCH, FOUND]), {"role": "system", "content": "b"}]},
    {"messages": [user("a"), assistant([CALL]), user([RESULT, text()])], "tools": [LOOK]},
    {"messages": [user("a"), assistant([CALL])]},
    {"messages": [user("a"), assistant([text(citations=[CITED])]), user("b")]},
    {"messages": [user([pdf(), image(), image(JPEG, "image/jpeg")])]},
    {"messages": [user([pdf(citations={"enabled": False}), text()])], "output_config": SCHEMA},
    {"messages": [user("é" * 2_000)]},
    {"messages": [user([text(citations=[])])]},
    {"stream": False},
    {"stream": None},
    {"speed": None},
    {"stop_sequences": []},
    {"stop_sequences": [" a "]},
    {"system": ""},
    {"system": []},
    {"metadata": {"user_id": None}},
    {"thinking": {"type": "disabled"}},
    {"thinking": {"type": "adaptive"}},
    {"thinking": thinking(1024), "model": OLD},
    {"thinking": {"type": "between_tools"}, "model": "claude-sonnet-5-5"},
    {"tools": [LOOK], "tool_choice": {"type": "tool", "name": "look"}},
    {"tools": [{**LOOK, "name": "x" * 128}]},
    {"tools": [LOOK], "tool_choice": {"type": "any"}},
    {"tools": [LOOK], "tool_choice": {"type": "auto"}, "model": "claude-opus-5-5"},
    {"tools": [{"type": "browser_toolset_20260801"}], "tool_choice": {"type": "tool", "name": "zoom"}},
    {"system": [text(cache_control=LONG_CACHE)] * 2 + [text(cache_control=CACHE)] * 2},
    {"cache_control": CACHE},
]


@pytest.mark.parametrize("changes", SOUND, ids=lambda value: str(value)[:70])
def test_what_is_allowed_is_not_complained_of(changes: Json) -> None:
    assert said(check(request(**changes))) == []


def test_a_full_request_of_another_model_breaks_no_rule() -> None:
    assert (
        said(check({"custom_id": "a", "params": {**FULL, "max_tokens": 2_000, "messages": FULL["messages"]}}))
        == []
    )


def test_a_budget_may_exceed_the_answer_where_thinking_is_interleaved() -> None:
    value = request(thinking=thinking(3_000), model=OLD)
    assert check(value).problem_count == 1
    assert said(check(value, betas=["interleaved-thinking-2025-05-14"])) == []


def test_there_are_too_many_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.sources.checking.rules_turns.MOST_MESSAGES", 1_000)
    assert said(check(request(messages=[user("a")] * 1_000))) == []
    found = check(request(messages=[*[user("a")] * 1_000, user([text()]), user([image()])]))
    assert [problem.what for problem in found.problems] == ["1,002 messages are too many for a request"]


def test_an_image_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_media, "LARGEST_IMAGE", len(PNG))
    assert said(check(request(messages=[user([image()])]))) == []
    monkeypatch.setattr(rules_media, "LARGEST_IMAGE", len(PNG) - 1)
    (told,) = said(check(request(messages=[user([image()])])))
    assert "source.data is too large for an image – It has 0.0 MB in base64, of at most 10. Make it" in told


def test_a_request_is_larger_than_any_outside_of_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.sources.checking.checker.LARGEST", 150)
    found = check(request(), request(2, messages=[user("a" * 150)]))
    assert [str(problem).partition(" – ")[0] for problem in found.problems] == [
        "a.jsonl:2: warning: The request is larger than the Messages API takes"
    ]


def test_several_faults_of_one_request_are_all_told() -> None:
    found = check(request(stream=True, stop_sequences=[""], temperature=1, messages=[user("")], max_tokens=0))
    assert [problem.what for problem in found.problems] == [
        "temperature is refused by this API version",
        "stream is not possible in a batch",
        "stop_sequences[0] is empty",
        "max_tokens must be at least 1",
        "messages[0].content is empty",
    ]


def test_rules_look_at_what_types_left_over() -> None:
    broken: Any = {"type": "?"}
    value = request(
        messages=[user([broken, text("")]), broken, assistant([CALL, broken]), user([RESULT])],
        tools=[broken, LOOK, LOOK],
        tool_choice={"type": "tool", "name": "hidden"},
        system=[broken, text("")],
    )
    told = [problem.what for problem in check(value).problems]
    assert "messages[0].content[1].text is empty" in told
    assert "tools[2].name is not unique" in told
    assert "system[1].text is empty" in told
    assert not any("tool_choice" in what for what in told)  # it may be the one that could not be read


def test_params_of_no_use_at_all() -> None:
    found = check({"custom_id": "a", "params": {}}, {"custom_id": "b", "params": params(messages=5)})
    assert [problem.what for problem in found.problems] == [
        "max_tokens is missing",
        "messages is missing",
        "model is missing",
        "messages must be a list, not a number",
    ]
