"""The Responses API's input as a conversation."""

from __future__ import annotations

import pytest

from tests.porting import PIXEL, asked, refused, responses, said, warned

CALL = {
    "type": "function_call",
    "call_id": "c1",
    "name": "time",
    "arguments": '{"zone": "CET"}',
    "id": "fc_1",
}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "noon"}
USE = {"type": "tool_use", "id": "c1", "name": "time", "input": {"zone": "CET"}}
RESULT = {"type": "tool_result", "tool_use_id": "c1", "content": "noon"}


def test_a_text_is_a_turn_of_the_user() -> None:
    found = asked(responses(instructions="Be brief."))
    assert (found["system"], found["messages"]) == ("Be brief.", [said("user", "What is it?")])
    assert found["max_tokens"] == 10


def test_messages_with_and_without_a_type() -> None:
    found = asked(
        responses(
            said("developer", "Be kind."),
            said("user", [{"type": "input_text", "text": "Hi"}], type="message"),
            said(
                "assistant",
                [{"type": "output_text", "text": "Hello", "annotations": []}],
                id="m1",
                status="completed",
            ),
            said("user", [{"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"}]),
            instructions="Be brief.",
        )
    )
    assert found["system"] == "Be brief.\n\nBe kind."
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    assert found["messages"] == [
        said("user", [{"type": "text", "text": "Hi"}]),
        said("assistant", [{"type": "text", "text": "Hello"}]),
        said("user", [image]),
    ]


def test_files() -> None:
    part = {
        "type": "input_file",
        "filename": "a.pdf",
        "file_data": "data:application/pdf;base64,JVBERi0xLjcK",
    }
    link = {"type": "input_file", "file_url": "https://example.com/a.pdf"}
    found = asked(responses(said("user", [part, link])))["messages"][0]["content"]
    assert [block["source"]["type"] for block in found] == ["base64", "url"]
    assert found[0]["title"] == "a.pdf"


def test_calls_and_their_outputs() -> None:
    second = {**CALL, "call_id": "c2", "arguments": "{}"}
    outputs = [OUTPUT, {**OUTPUT, "call_id": "c2", "output": [{"type": "input_text", "text": "one"}]}]
    question = said("user", "When?")
    assert asked(responses(question, CALL, second, *outputs))["messages"] == [
        question,
        said("assistant", [USE, {"type": "tool_use", "id": "c2", "name": "time", "input": {}}]),
        said(
            "user",
            [
                RESULT,
                {"type": "tool_result", "tool_use_id": "c2", "content": [{"type": "text", "text": "one"}]},
            ],
        ),
    ]


def test_a_call_belongs_to_the_words_around_it() -> None:
    before = said("assistant", [{"type": "output_text", "text": "Let me see."}])
    after = said("assistant", "One moment.")
    found = asked(responses(said("user", "When?"), before, CALL, after, OUTPUT))["messages"]
    words = [{"type": "text", "text": text} for text in ("Let me see.", "One moment.")]
    assert found[1:] == [said("assistant", [*words, USE]), said("user", [RESULT])]


def test_reasoning_of_another_model_is_left_out() -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": []}
    found, words = warned(responses(said("user", "When?"), reasoning, CALL, OUTPUT))
    assert len(found["messages"]) == 3
    assert words == ["Reasoning of another model was left out – Claude reads only reasoning of its own."]


def test_what_an_answer_quotes_is_named() -> None:
    part = {"type": "output_text", "text": "Hello", "annotations": [{"type": "url_citation"}]}
    _, words = warned(responses(said("assistant", [part]), said("user", "x")))
    assert words == ["“annotations” of a part of type output_text was left out – It has no counterpart."]


@pytest.mark.parametrize(
    ("item", "complaint"),
    [
        (5, "An item of the input must be an object, not a number"),
        ({}, "An item of the input has no type and no role"),
        ({"type": "item_reference", "id": "m1"}, "An item of type item_reference has no counterpart"),
        ({"type": "computer_call"}, "An item of type computer_call has no counterpart"),
        (said("tool", "x"), "A message needs the role system, user or assistant – “tool” is none."),
        (CALL, "A tool call has no result"),
        (OUTPUT, "A tool result answers no call – No call waits as “c1”."),
        ({**CALL, "name": None}, "A tool call has no name"),
    ],
    ids=str,
)
def test_items_that_cannot_be_ported(item: object, complaint: str) -> None:
    assert refused(responses(said("user", "x"), item))[0].startswith(complaint)


def test_state_that_is_kept_elsewhere_is_an_error() -> None:
    remedy = "Write the whole conversation into the request."
    assert refused(responses(previous_response_id="resp_1")) == [
        f"previous_response_id has no counterpart – {remedy}"
    ]
    assert refused(responses(instructions=5)) == ["instructions must be a string, not a number"]


def test_verbosity_is_named() -> None:
    _, words = warned(responses(text={"verbosity": "low"}))
    assert words == ["verbosity was left out – Say in the prompt how long an answer shall be."]
