"""One request to read: what it asks of whom, turn by turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .blocks import LONGEST_JSON, Block, indented, read
from .shapes import Unreadable, contents, identifier, loads, table, text

_TOLD = frozenset({"custom_id", "model", "max_tokens", "system", "messages", "tools"})


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says: `system`, `user`, `assistant`, or whatever the file calls it."""

    role: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request ready to be shown; raw text, to be cleaned before it is."""

    custom_id: str = ""
    model: str = ""
    max_tokens: int = 0
    turns: tuple[Turn, ...] = ()
    tools: tuple[str, ...] = ()
    others: str = ""
    """The parameters that are none of the above, as JSON."""
    problem: str = ""
    """Why it cannot be read as a request, in a few words."""


def parse_request(raw: bytes) -> RequestView:
    """One request taken apart; never raises, whatever the bytes are."""
    try:
        data = loads(raw)
    except Unreadable as problem:
        return _as_received(str(problem), raw.decode("utf-8", "replace")[:LONGEST_JSON])
    params = table(table(data).get("params")) or table(data)
    turns = tuple(_turns(params))
    if not turns:
        return _as_received("no messages in it", indented(data))
    most = params.get("max_tokens")
    others = {name: value for name, value in params.items() if name not in _TOLD}
    return RequestView(
        custom_id=identifier(table(data).get("custom_id")),
        model=text(params.get("model")),
        max_tokens=most if isinstance(most, int) and abs(most) < 10**12 else 0,
        turns=turns,
        tools=tuple(filter(None, map(_tool, contents(params.get("tools"))))),
        others=indented(others) if others else "",
    )


def _as_received(problem: str, said: str) -> RequestView:
    return RequestView(turns=(Turn("", (Block("json", said, "as received"),)),), problem=problem)


def _turns(params: dict[str, Any]) -> Iterator[Turn]:
    if system := _blocks(params.get("system")):
        yield Turn("system", system)
    for message in contents(params.get("messages")):
        yield Turn(text(message.get("role")), _blocks(message.get("content")))


def _blocks(value: Any) -> tuple[Block, ...]:
    return tuple(part for block in contents(value) for part in read(block))


def _tool(tool: dict[str, Any]) -> str:
    # What a server offers is named by its type, with a date in it.
    return text(tool.get("name")) or text(tool.get("type"))
