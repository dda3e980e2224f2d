"""Nothing is dropped in silence: whatever is changed in a body shows in its request, or is named."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.porting import ASKED, PIXEL, chat, line, ported, responses, said, told

MARK = "zebra"
NUMBER = 987654321.25
PDF = "data:application/pdf;base64,JVBERi0xLjcK"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Its name."}},
    "required": ["city"],
    "additionalProperties": False,
}
FUNCTION = {"name": "weather", "description": "Says it.", "parameters": SCHEMA, "strict": True}
CALLED = {"name": "weather", "arguments": "{}"}
LAYOUT = {"name": "City", "description": "Where it is.", "strict": True, "schema": SCHEMA}

CHAT = chat(
    said("system", [{"type": "text", "text": "Be brief."}]),
    said(
        "user",
        [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}", "detail": "auto"}},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            {"type": "file", "file": {"file_data": PDF, "filename": "a.pdf"}},
        ],
        name=None,
    ),
    said(
        "assistant", "Wait.", tool_calls=[{"id": "a", "type": "function", "function": CALLED}], refusal=None
    ),
    said("tool", "sunny", tool_call_id="a"),
    said("assistant", None, function_call=CALLED),
    said("function", "windy", name="weather"),
    ASKED,
    tools=[
        {"type": "function", "function": FUNCTION},
        {
            "type": "web_search",
            "user_location": {"type": "approximate", "approximate": {"city": "Bern"}},
            "filters": {"allowed_domains": ["example.com"]},
        },
    ],
    tool_choice={"type": "function", "function": {"name": "weather"}},
    parallel_tool_calls=False,
    response_format={"type": "json_schema", "json_schema": LAYOUT},
    stop=["END"],
    user="u1",
    metadata={"user_id": "u1"},
    reasoning_effort="low",
    service_tier="auto",
    stream=False,
    n=1,
)
RESPONSES = responses(
    said(
        "user",
        [
            {"type": "input_text", "text": "What is it?"},
            {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "auto"},
            {"type": "input_file", "file_data": PDF, "filename": "a.pdf"},
        ],
        type="message",
    ),
    {"type": "function_call", "call_id": "c", "id": "fc", **CALLED},
    {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "sunny"}]},
    said(
        "assistant", [{"type": "output_text", "text": "Sun.", "annotations": []}], id="m", status="completed"
    ),
    said("user", "And now?"),
    instructions="Be brief.",
    text={"format": {"type": "json_schema", **LAYOUT}},
    reasoning={"effort": "low"},
    tools=[{"type": "function", **FUNCTION}],
    tool_choice={"type": "function", "name": "weather"},
)

MEANINGLESS = {
    ("model",): "the user has named another",
    ("messages", 2, "tool_calls", 0, "type"): "what is called is a function all the same",
    ("tools", 1, "user_location", "type"): "there is only one",
    ("input", 1, "id"): "another service's own name of it",
    ("input", 3, "id"): "another service's own name of it",
    ("input", 3, "status"): "another service's own note",
}

Path = tuple[Any, ...]


def spots(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inside:
        yield from spots(each, (*path, step))


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def changes(body: Any) -> Iterator[tuple[Path, Any]]:
    """The body with one value replaced by a mark or a number, or with a mark added somewhere."""
    for path in spots(body):
        for value in (MARK, NUMBER) if path else ():
            changed = copy.deepcopy(body)
            at(changed, path[:-1])[path[-1]] = value
            yield path, changed
        changed = copy.deepcopy(body)
        inside = at(changed, path)
        if isinstance(inside, dict):
            inside[MARK] = MARK
            yield path, changed
        elif isinstance(inside, list):
            inside.append(MARK)
            yield path, changed


@pytest.mark.parametrize("body", [CHAT, RESPONSES], ids=["chat", "responses"])
def test_no_change_goes_unseen(body: Any) -> None:
    (plain,) = ported(line(body))
    assert plain.raw
    unseen = set()
    tried = 0
    for path, changed in changes(body):
        (item,) = ported(line(changed))
        tried += 1
        shown = MARK.encode() in item.raw or str(NUMBER).encode() in item.raw
        if not shown and told(item) == told(plain):
            unseen.add(path)
    assert tried > 100
    assert unseen <= MEANINGLESS.keys()
