"""Conversations of chat completions: turns, system messages, images, files, calls of tools and results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.porting import ASKED, PIXEL, asked, chat, line, params, ported, refused, said, told, warned

IMAGE = {"type": "base64", "media_type": "image/png", "data": PIXEL}
PDF = "JVBERi0xLjcK"


def image_url(url: object, **more: object) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def file(**inner: object) -> dict[str, Any]:
    return {"type": "file", "file": inner}


def call(
    call_id: str = "call_a", name: str = "weather", arguments: object = '{"city": "Bern"}'
) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def blocks(*parts: object) -> Any:
    """The blocks that parts of a user's message become, with nothing to say about them."""
    return asked(chat(said("user", list(parts))))["messages"][0]["content"]


# Turns


def test_turns_stay_as_they_are() -> None:
    turns = [ASKED, said("user", "And that?"), said("assistant", "A tree."), said("user", "Why?")]
    assert asked(chat(*turns))["messages"] == turns
    assert "system" not in asked(chat())


def test_system_messages_become_the_system_prompt() -> None:
    parts = [{"type": "text", "text": "Be kind."}, {"type": "text", "text": ""}]
    found = asked(chat(said("system", "Be brief."), said("developer", parts), ASKED))
    assert (found["system"], found["messages"]) == ("Be brief.\n\nBe kind.", [ASKED])


def test_a_marked_system_prompt_stays_marked() -> None:
    marked = {"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral"}}
    found = asked(chat(said("system", [marked]), said("system", "Short."), ASKED))
    assert found["system"] == [marked, {"type": "text", "text": "Short."}]


def test_a_system_message_in_the_middle_is_moved_with_a_warning() -> None:
    found, words = warned(chat(said("system", "A"), ASKED, said("system", "B"), said("user", "x")))
    assert (found["system"], len(found["messages"])) == ("A\n\nB", 2)
    assert words == [
        "A system message does not stand at the beginning – "
        "It goes into the system prompt: see whether it means the same there."
    ]


def test_a_system_prompt_alone_is_no_conversation() -> None:
    assert refused(chat(said("system", "Answer!"))) == [
        "There is only a system prompt – Claude answers a user: add a turn."
    ]


def test_a_final_turn_of_the_assistant_stays_with_a_warning() -> None:
    found, words = warned(chat(ASKED, said("assistant", "It is \n")))
    assert found["messages"][-1] == said("assistant", "It is")
    assert [each.partition(" – ")[0] for each in words] == [
        "The conversation ends with a turn of the assistant",
        "White space after the assistant’s last word was left out",
    ]
    found, words = warned(chat(ASKED, said("assistant", [{"type": "text", "text": "{ "}])))
    assert (found["messages"][-1]["content"][0]["text"], len(words)) == ("{", 2)


def test_what_a_message_has_beside_its_content_is_named() -> None:
    found, words = warned(chat(said("user", "Hi", name="alice", note=None)))
    assert found["messages"] == [said("user", "Hi")]
    assert words == ["“name” of a message was left out – It has no counterpart."]


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ("Hi", "A message must be an object, not a string"),
        ({"content": "Hi"}, "A message needs the role system, user, assistant or tool"),
        (
            said("critic", "Hi"),
            "A message needs the role system, user, assistant or tool – “critic” is none.",
        ),
        (said("user", None), "A message has no content"),
        ({"role": "user"}, "A message has no content"),
        (said("assistant", None), "A message has no content"),
        (said("user", 5), "content must be a string or a list, not a number"),
        (said("user", [5]), "A part of content must be an object, not a number"),
        (said("user", [{"text": "a"}]), "Each part of content needs a type"),
        (said("user", [{"type": "text", "text": 5}]), "The text of a part must be a string, not a number"),
        (
            said("user", [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]),
            "A part of type input_audio has no counterpart – "
            + "Claude does not listen: give what is said as text.",
        ),
        (said("user", [{"type": "hologram"}]), "A part of type hologram has no counterpart – Take it out."),
        (said("system", [image_url("x")]), "A part of type image_url has no counterpart here – Take it out."),
        (
            said("assistant", [image_url("x")]),
            "A part of type image_url has no counterpart here – Take it out.",
        ),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_message(message: object, complaint: str) -> None:
    assert refused(chat(message)) == [complaint]


def test_a_refusal_is_what_the_assistant_said() -> None:
    parts = [{"type": "refusal", "refusal": "No."}]
    turns = asked(chat(ASKED, said("assistant", parts), ASKED, said("assistant", None, refusal="No!"), ASKED))
    assert [turn["content"] for turn in turns["messages"][1::2]] == [[{"type": "text", "text": "No."}], "No!"]


# Images and files


@pytest.mark.parametrize("kind", ["image/png", "image/PNG", "IMAGE/png;charset=utf-8"])
def test_data_urls_become_images(kind: str) -> None:
    text = {"type": "text", "text": "What is it?"}
    assert blocks(text, image_url(f"data:{kind};base64,{PIXEL}", detail="auto")) == [
        text,
        {"type": "image", "source": IMAGE},
    ]


def test_odd_spellings_of_base64_are_mended() -> None:
    letters = PIXEL.replace("+", "-").replace("/", "_").rstrip("=")
    odd = image_url(f"data:image/png;base64,{letters[:20]}\n{letters[20:]}")
    assert blocks(odd) == [{"type": "image", "source": IMAGE}]


def test_links_stay_links() -> None:
    link = {"type": "url", "url": "https://example.com/a.png"}
    assert blocks(image_url(link["url"])) == [{"type": "image", "source": link}]
    found, words = warned(chat(said("user", [image_url("http://example.com/a.png")])))
    assert found["messages"][0]["content"][0]["source"]["url"] == "http://example.com/a.png"
    assert words == ["An image is a link without https – The service may refuse to fetch it."]


def test_the_detail_of_an_image_is_named() -> None:
    _, words = warned(chat(said("user", [image_url(f"data:image/png;base64,{PIXEL}", detail="high")])))
    assert words == ["The detail of an image was left out – Claude sees each in one resolution."]


def test_an_image_goes_as_what_it_is() -> None:
    found, words = warned(chat(said("user", [image_url(f"data:image/jpeg;base64,{PIXEL}")])))
    assert found["messages"][0]["content"] == [{"type": "image", "source": IMAGE}]
    assert words == ["An image is of another format than its data URL says – It goes as image/png."]


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (
            image_url("data:image/svg+xml;base64,PHN2Zz4="),
            "An image is of a format that Claude does not read",
        ),
        (image_url("data:image/png,%89PNG"), "A data URL holds no base64 – Write data:TYPE;base64,…"),
        (image_url("data:image/png;base64,"), "A data URL holds no base64 – Write data:TYPE;base64,…"),
        (image_url("data:image/png;base64,%%%%"), "A data URL holds no base64 – Write data:TYPE;base64,…"),
        (
            image_url("gs://bucket/a.png"),
            "An image is neither a data URL nor a link – It is “gs://bucket/a.png”.",
        ),
        (image_url(None), "The URL of an image must be a string, not null"),
        ({"type": "image_url"}, "The URL of an image must be a string, not null"),
        ({"type": "input_image", "file_id": "file-1"}, "An image is a file of OpenAI’s – Put its content"),
        (file(file_id="file-1"), "A file is at OpenAI’s – Put its content"),
        (
            file(file_data="data:text/csv;base64,YQ=="),
            "A file is no PDF – It is text/csv. Put its text into the prompt.",
        ),
        (file(file_data=PDF), "The data of a file is no data URL – Write data:application/pdf;base64,…"),
        (file(filename="a.pdf"), "A file has no content – Give file_data, a data URL of a PDF."),
        ({"type": "file", "file": 5}, "file must be an object, not a number"),
    ],
    ids=str,
)
def test_media_that_cannot_be_ported(part: object, complaint: str) -> None:
    (words,) = refused(chat(said("user", [part])))
    assert words.startswith(complaint)


def test_a_pdf_becomes_a_document() -> None:
    source = {"type": "base64", "media_type": "application/pdf", "data": PDF}
    part = file(filename="lease.pdf", file_data=f"data:application/pdf;base64,{PDF}")
    assert blocks(part) == [{"type": "document", "source": source, "title": "lease.pdf"}]


def test_blocks_of_claudes_own_stay() -> None:
    native = [
        {"type": "image", "source": IMAGE},
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
    ]
    assert blocks(*native, "b") == [*native, {"type": "text", "text": "b"}]


# Tools


def test_calls_and_results() -> None:
    turns = [
        said("assistant", "Let me look.", tool_calls=[call(), call("call_b", "time", "{}")]),
        said("tool", "sunny", tool_call_id="call_a"),
        said("tool", [{"type": "text", "text": "noon"}], tool_call_id="call_b"),
        said("user", "Thanks."),
        said("assistant", None, tool_calls=[call("call_c", "time", "")]),
        said("tool", "", tool_call_id="call_c"),
    ]
    assert asked(chat(ASKED, *turns))["messages"] == [
        ASKED,
        said(
            "assistant",
            [
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "call_a", "name": "weather", "input": {"city": "Bern"}},
                {"type": "tool_use", "id": "call_b", "name": "time", "input": {}},
            ],
        ),
        said(
            "user",
            [
                {"type": "tool_result", "tool_use_id": "call_a", "content": "sunny"},
                {
                    "type": "tool_result",
                    "tool_use_id": "call_b",
                    "content": [{"type": "text", "text": "noon"}],
                },
            ],
        ),
        said("user", "Thanks."),
        said("assistant", [{"type": "tool_use", "id": "call_c", "name": "time", "input": {}}]),
        said("user", [{"type": "tool_result", "tool_use_id": "call_c", "content": ""}]),
    ]


def test_calls_in_the_old_form() -> None:
    turns = [
        said("assistant", None, function_call={"name": "time", "arguments": "{}"}),
        said("function", "noon", name="time"),
        said("assistant", None, function_call={"name": "time", "arguments": "{}"}),
        said("function", "one", name="time"),
    ]
    found = asked(chat(ASKED, *turns))["messages"]
    ids = [found[at]["content"][0]["id"] for at in (1, 3)]
    assert ids == [found[at]["content"][0]["tool_use_id"] for at in (2, 4)]
    assert len(set(ids)) == 2


def test_ids_of_calls_become_legal_and_stay_apart() -> None:
    def once(text: str) -> list[object]:
        calls = [call("functions.time:0", "time", "{}")]
        return [said("assistant", "", tool_calls=calls), said("tool", text, tool_call_id="functions.time:0")]

    found = asked(chat(ASKED, *once("a"), *once("b")))["messages"]
    assert [found[at]["content"][0]["id"] for at in (1, 3)] == ["functions_time_0", "functions_time_0_2"]
    assert [found[at]["content"][0]["tool_use_id"] for at in (2, 4)] == [
        "functions_time_0",
        "functions_time_0_2",
    ]


@pytest.mark.parametrize(
    ("turns", "complaint"),
    [
        ([said("tool", "a", tool_call_id="x")], "A tool result answers no call – No call waits as “x”."),
        ([said("tool", "a")], "The call’s id of a tool result must be a string, not null"),
        ([said("function", "a", name="f")], "A tool result answers no call – No call waits for that name."),
        (
            [said("assistant", "", tool_calls=[call()])],
            "A tool call has no result – It is of “weather”. It must come",
        ),
        (
            [said("assistant", "", tool_calls=[call()]), ASKED],
            "A tool call has no result – It is of “weather”.",
        ),
        ([said("assistant", "", tool_calls={"a": 1})], "tool_calls must be a list, not an object"),
        ([said("assistant", "", tool_calls=[5])], "A tool call must be an object, not a number"),
        (
            [said("assistant", "", tool_calls=[{"id": "a", "type": "custom", "custom": {}}])],
            "A tool call of type custom has no counterpart",
        ),
        ([said("assistant", "", tool_calls=[call(name="")])], "A tool call has no name"),
    ],
    ids=str,
)
def test_calls_that_cannot_be_ported(turns: list[object], complaint: str) -> None:
    assert refused(chat(ASKED, *turns))[0].startswith(complaint)


@pytest.mark.parametrize("arguments", ["{", "[1]", "5", '"a"', "NaN", 5, '{"a": "\\ud800"}', ["a"]], ids=str)
def test_arguments_that_are_no_object(arguments: object) -> None:
    turns = [
        said("assistant", "", tool_calls=[call(arguments=arguments)]),
        said("tool", "", tool_call_id="call_a"),
    ]
    (words,) = refused(chat(ASKED, *turns))
    assert words.startswith("The input of a tool call is ")


def test_two_calls_with_one_id() -> None:
    turns = [said("assistant", "", tool_calls=[call(), call()]), said("tool", "", tool_call_id="call_a")]
    assert refused(chat(ASKED, *turns)) == ["Two tool calls have the same id – It is “call_a”."]


def test_the_same_mistake_has_the_same_words() -> None:
    items = ported(
        *[line(chat(said("user", [{"type": "hologram"}], name=str(at))), at) for at in range(1, 4)]
    )
    assert len({json.dumps(told(item)) for item in items}) == 1
    assert all(not item.raw for item in items)


def test_words_after_calls_go_before_them() -> None:
    calls, more = said("assistant", "", tool_calls=[call()]), said("assistant", "One moment.")
    (item,) = ported(line(chat(ASKED, calls, more, said("tool", "sunny", tool_call_id="call_a"))))
    assert [block["type"] for block in params(item)["messages"][1]["content"]] == ["text", "tool_use"]
