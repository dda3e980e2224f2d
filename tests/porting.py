"""What the tests of ported requests share: foreign requests, ported, and held against the SDK's types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from tui.model import ERROR, Making, Recipe
from tui.sources.basics.items import Item
from tui.sources.openai import batches, bodies

Json = dict[str, Any]

MODEL = "claude-haiku-5-5"
GIVEN = Making(override=Recipe(model=MODEL, max_tokens=50))
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
NO_LENGTH = (
    "max_tokens is missing – Give --max-tokens: it holds wherever a request names no length of its own."
)
ASKED = {"role": "user", "content": "What is it?"}


def said(role: str, content: object, **more: object) -> Json:
    return {"role": role, "content": content, **more}


def chat(*messages: object, **more: object) -> Json:
    """A body of chat completions; without messages, one that asks something."""
    return {"model": "gpt-4o-mini", "messages": list(messages) or [ASKED], "max_tokens": 10, **more}


def responses(*items: object, **more: object) -> Json:
    """A body of the Responses API."""
    return {"model": "gpt-5", "input": list(items) or "What is it?", "max_output_tokens": 10, **more}


def line(body: object, number: int = 1, url: str = "/v1/chat/completions") -> Json:
    """A line of a batch file."""
    return {"custom_id": f"id-{number}", "method": "POST", "url": url, "body": body}


def elements(values: Iterable[object]) -> Iterator[tuple[int, bytes]]:
    for number, value in enumerate(values, 1):
        yield number, value if isinstance(value, bytes) else json.dumps(value).encode()


def ported(*values: object, making: Making = GIVEN) -> list[Item]:
    """The items of a batch file of these lines, or of these bodies."""
    return list(batches.items(elements(values), making))


def bare(*values: object, making: Making = GIVEN) -> list[Item]:
    """The items of a file of Messages bodies."""
    return list(bodies.items(elements(values), making))


def params(item: Item) -> Json:
    """The params of a request that was made: legal to the SDK."""
    assert item.raw, told(item)
    request = json.loads(item.raw)
    assert request.keys() == {"custom_id", "params"}
    _adapter().validate_python(request["params"], strict=True)
    found: Json = request["params"]
    return found


def asked(body: object) -> Json:
    """The params that a body becomes, with nothing to say about it."""
    (item,) = ported(line(body))
    assert not item.findings, told(item)
    return params(item)


def warned(body: object) -> tuple[Json, list[str]]:
    """The params that a body becomes, and what there is to say about it."""
    (item,) = ported(line(body))
    return params(item), told(item)


def refused(body: object) -> list[str]:
    """The errors of a body that cannot be ported."""
    (item,) = ported(line(body))
    assert item.raw == b""
    return [words for words, each in zip(told(item), item.findings, strict=True) if each.severity == ERROR]


def told(item: Item) -> list[str]:
    """What there is to say about an item, in the words that people read."""
    return [
        f"{each.what} – {each.detail} {each.remedy}".replace("–  ", "– ").strip(" –")
        for each in item.findings
    ]


@cache
def _adapter() -> TypeAdapter[Any]:
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

    return TypeAdapter(MessageCreateParamsNonStreaming)
