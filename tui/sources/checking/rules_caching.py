"""Rules for the marks that end what is cached: how many there may be, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..basics.items import Finding, Path
from ..params.parts import CacheControl
from ..params.request import Params

MOST_MARKS = 4
"""Of one request, that of the request as a whole included (API documentation, prompt caching)."""

Mark = tuple[Path, CacheControl]


def caching(params: Params, tools: list[Any], messages: list[Any]) -> Iterator[Finding]:
    """What is wrong with the marks of a request."""
    found = [*_marks(params.system, tools, messages)]
    number = len(found) + (params.cache_control is not None)
    if number > MOST_MARKS:
        path = found[MOST_MARKS][0] if len(found) > MOST_MARKS else ("params", "cache_control")
        detail = f"There are {number}, of at most {MOST_MARKS}."
        remedy = "Keep those at the ends of what stays the same."
        yield Finding("There are too many cache_control marks", remedy, detail=detail, path=path)
    short = False
    for path, mark in found:
        if mark.ttl == "1h" and short:
            what = "A cache_control of 1h comes after one of 5m"
            yield Finding(what, "Put the longer ones first: in tools, system, messages.", path=path)
        short = short or mark.ttl != "1h"


def _marks(system: Any, tools: list[Any], messages: list[Any]) -> Iterator[Mark]:
    """The marks on parts of a request, in the order in which the service goes through them."""
    yield from _in_list(tools, ("params", "tools"))
    yield from _in_list(system, ("params", "system"))
    for index, message in enumerate(messages):
        path = ("params", "messages", index, "content")
        yield from _in_list(getattr(message, "content", None), path)


def _in_list(blocks: Any, path: Path) -> Iterator[Mark]:
    """Those of blocks, and of the blocks in what tools answered."""
    if not isinstance(blocks, list):
        return
    for index, block in enumerate(blocks):
        mark = getattr(block, "cache_control", None)
        yield from _in_list(getattr(block, "content", None), (*path, index, "content"))
        if isinstance(mark, CacheControl):
            yield (*path, index, "cache_control"), mark
