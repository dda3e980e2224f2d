"""Requests made up for the tests of the check, and what it says of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from tui.model import KnownModels
from tui.sources.basics.items import Item
from tui.sources.checking.checker import Checker

Json = dict[str, Any]
TODAY = date(2026, 11, 22)

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(82) + b"IEND" + bytes(4)).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(88) + b"\xff\xd9").decode()
PDF = base64.b64encode(b"%PDF-1.7\n" + bytes(86) + b"%%EOF").decode()


def user(content: Any) -> Json:
    return {"role": "user", "content": content}


def assistant(content: Any) -> Json:
    return {"role": "assistant", "content": content}


def text(said: str = "Look.", **more: Any) -> Json:
    return {"type": "text", "text": said, **more}


def image(data: str = PNG, media_type: str = "image/png", **more: Any) -> Json:
    source = {"type": "base64", "media_type": media_type, "data": data}
    return {"type": "image", "source": source, **more}


def pdf(data: str = PDF, **more: Any) -> Json:
    source = {"type": "base64", "media_type": "application/pdf", "data": data}
    return {"type": "document", "source": source, **more}


def params(**changes: Any) -> Json:
    """Good ones, with changes."""
    return {"model": "claude-haiku-5-5", "max_tokens": 2000, "messages": [user("What is it?")], **changes}


def request(number: int = 1, **changes: Any) -> Json:
    return {"custom_id": f"id-{number}", "params": params(**changes)}


def checker(
    *, betas: Sequence[str] = (), models: KnownModels | None = None, name: str = "a.jsonl"
) -> Checker:
    return Checker(name, models, betas, today=TODAY)


def item(value: object, line: int = 1, column: int | None = 1, file: str = "") -> Item:
    """A request as it comes from a reader; bytes are taken as they are."""
    raw = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return Item(line, raw, file=file, column=column)


def check(*values: object, betas: Sequence[str] = (), models: KnownModels | None = None) -> Checker:
    """Requests on lines of their own, checked."""
    found = checker(betas=betas, models=models)
    for line, value in enumerate(values, 1):
        found.take(item(value, line))
    found.finish()
    return found


def said(found: Checker) -> list[str]:
    return [str(problem) for problem in found.problems]


def column_of(value: object, needle: str) -> int:
    """Where text stands in a request that `item` wrote, in characters from 1."""
    return json.dumps(value, ensure_ascii=False).index(needle) + 1


FULL_BLOCKS: list[Json] = [
    text("Look.", cache_control={"type": "ephemeral", "ttl": "1h"}, citations=None),
    image(cache_control=None, transformations={"oversized_image": "error"}),
    {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
    {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
    pdf(title="A", context=None, citations={"enabled": True}),
    {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Words."}},
    {"type": "document", "source": {"type": "content", "content": [text(), image()]}},
    {"type": "document", "source": {"type": "content", "content": "Words."}},
    {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
    {
        "type": "search_result",
        "source": "s",
        "title": "t",
        "content": [text()],
        "citations": {"enabled": False},
    },
    {"type": "container_upload", "file_id": "file_2"},
]
FULL_CALLS: list[Json] = [
    {"type": "thinking", "thinking": "Hm.", "signature": "abc"},
    {"type": "redacted_thinking", "data": "abc"},
    text(
        "So it is.",
        citations=[
            {
                "type": "char_location",
                "cited_text": "a",
                "document_index": 0,
                "document_title": None,
                "start_char_index": 0,
                "end_char_index": 1,
            }
        ],
    ),
    {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"q": ["ä", 1.5, None]}},
    {
        "type": "web_search_tool_result",
        "tool_use_id": "s1",
        "content": [
            {
                "type": "web_search_result",
                "title": "t",
                "url": "u",
                "encrypted_content": "e",
                "page_age": None,
            }
        ],
    },
    {
        "type": "code_execution_tool_result",
        "tool_use_id": "s2",
        "content": {
            "type": "code_execution_result",
            "content": [],
            "return_code": 0,
            "stdout": "",
            "stderr": "",
        },
    },
    {
        "type": "tool_use",
        "id": "t1",
        "name": "look",
        "input": {"deep": {"er": [1, 2]}},
        "caller": {"type": "direct"},
    },
]
FULL: Json = params(
    model="claude-opus-4-6",
    system=[text("Be brief.")],
    messages=[
        user(FULL_BLOCKS),
        assistant(FULL_CALLS),
        user(
            [
                {
                    "type": "tool_result",
                    "tool_use_id": "t1",
                    "is_error": False,
                    "content": [text(), image(), pdf()],
                }
            ]
        ),
        {"role": "system", "content": [text("Go on.")]},
    ],
    cache_control={"type": "ephemeral"},
    container={"id": None, "skills": [{"type": "anthropic", "skill_id": "pdf", "version": "latest"}]},
    diagnostics={"previous_message_id": None},
    inference_geo=None,
    metadata={"user_id": "u-1"},
    output_config={"effort": "low"},
    service_tier="auto",
    speed=None,
    stop_sequences=["END"],
    stream=False,
    thinking={"type": "enabled", "budget_tokens": 1024, "display": "omitted"},
    tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    tools=[
        {
            "name": "look",
            "description": "Looks.",
            "input_schema": {"type": "object", "properties": {"a": {"type": "string"}}},
            "strict": True,
        },
        {"type": "custom", "name": "see", "input_schema": {"type": "object"}, "input_examples": [{"a": 1}]},
        {
            "type": "web_search_20250305",
            "name": "web_search",
            "max_uses": 5,
            "allowed_domains": ["example.com"],
        },
        {"type": "bash_20250124", "name": "bash"},
        {"type": "browser_toolset_20260801", "configs": {"zoom": {"enabled": False}}},
    ],
    user_profile_id="p",
)
"""One request with about everything in it."""
