"""OpenAI batch files, and the bodies in them without their envelope, as requests of Claude's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...model import Making
from ..basics.items import Item, short
from ..files.splitting import Element
from .notes import Notes, rest
from .porting import Opened, Porter

ENVELOPE = frozenset({"custom_id", "method", "url", "body"})
ENDPOINTS = ("/chat/completions", "/responses")
"""What can be ported, by the ends of their URLs; `/completions` alone is the old one of plain prompts."""


def items(elements: Iterator[Element], making: Making) -> Iterator[Item]:
    """One item an element: the request that asks Claude the same, and all that is not the same."""
    return Porter(opened, making, native=False).items(elements)


def opened(value: dict[str, Any], notes: Notes) -> Opened | None:
    """Take the envelope off; a body without one is a body."""
    if "body" not in value:
        return bare(value)
    rest(value, ENVELOPE, (), notes, "the envelope")
    body, url, method = (value.get(key) for key in ("body", "url", "method"))
    if isinstance(method, str) and method.upper() != "POST":
        notes.error(("method",), "method must be POST", detail=f"Not “{short(method)}”.")
    if isinstance(url, str) and not url.partition("?")[0].rstrip("/").endswith(ENDPOINTS):
        remedy = "Only /v1/chat/completions and /v1/responses can be ported."
        notes.error(("url",), f"The endpoint {short(url)} has no counterpart", remedy)
    if not isinstance(body, dict):
        notes.wrong(("body",), "body", "an object", body)
        return None
    return None if notes.failed else Opened(body, ("body",), value.get("custom_id"), ("custom_id",))


def bare(value: dict[str, Any]) -> Opened:
    """A body by itself; a `custom_id` or an `id` beside what it asks is its name."""
    key = next((key for key in ("custom_id", "id") if value.get(key) is not None), None)
    body = {name: each for name, each in value.items() if name not in ("custom_id", key)}
    return Opened(body, (), value.get(key) if key else None, (key or "custom_id",))
