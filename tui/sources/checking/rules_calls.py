"""Rules for the ids of tool calls: which letters they have, and that each stands for one call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...model import WARNING
from ..basics.items import Finding, Path, short
from ..params.blocks import ToolResult, ToolUse
from ..params.fields import named

_is_legal = re.compile(r"[a-zA-Z0-9_-]+").fullmatch
"""The pattern that the service names when it refuses others."""

_ONCE = "The service takes each id once: give every call one of its own."


def call_ids(messages: list[Any]) -> Iterator[Finding]:
    """What is wrong with the ids of calls and results, and with the places of results."""
    called: set[str] = set()
    answered: set[str] = set()
    for index, message in enumerate(messages):
        content = getattr(message, "content", None)
        after_others = False
        for at, block in enumerate(content if isinstance(content, list) else ()):
            path: Path = ("params", "messages", index, "content", at)
            if isinstance(block, ToolUse):
                yield from _id(block.id, (*path, "id"), called)
            elif isinstance(block, ToolResult):
                yield from _id(block.tool_use_id, (*path, "tool_use_id"), answered)
                if after_others:
                    yield _late(path)
            after_others = not isinstance(block, ToolResult)


def _id(value: str, path: Path, seen: set[str]) -> Iterator[Finding]:
    if not _is_legal(value):
        what = f"{named(path)} has characters that are not allowed" if value else f"{named(path)} is empty"
        remedy = "Use letters, digits, - and _; in the call and in its result."
        yield Finding(what, remedy, detail=f"“{short(value)}”:" if value else "", path=path)
    elif value in seen:
        detail = f"“{short(value)}” was there before."
        yield Finding(f"{named(path)} is not unique", _ONCE, detail=detail, path=path)
    seen.add(value)


def _late(path: Path) -> Finding:
    """The documentation says that this is refused."""
    what = f"{named(path)} is a result of a tool behind other blocks"
    return Finding(what, "Put the results of tools first.", severity=WARNING, path=path)
