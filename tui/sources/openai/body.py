"""The body of a request to another service as params of the Messages API."""

from __future__ import annotations

from typing import Any

from ...model import Making
from ..basics.items import Path, short
from .choice import choice
from .content import SYSTEM, content
from .conversation import Content, Conversation, as_blocks
from .input import InputItems
from .messages import ChatMessages
from .notes import Notes, says
from .options import Options
from .tools import Tools

Params = dict[str, Any]

LENGTHS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
"""Names of the longest answer, the one that counts before others first."""

_ELSEWHERE = frozenset(
    {
        "model",
        *LENGTHS,
        "messages",
        "input",
        "instructions",
        "system",
        "system_prompt",
        "tools",
        "functions",
        "tool_choice",
        "function_call",
        "parallel_tool_calls",
        "web_search_options",
    }
)
"""What is not ported one by one."""


def ported(body: dict[str, Any], path: Path, notes: Notes, making: Making, *, native: bool) -> Params:
    """The params that ask Claude the same; what is lost on the way is in the notes.

    `native`: the body was meant for Claude, whatever its content looks like. `max_tokens` is absent where
    neither the body nor the user says one.
    """
    params: Params = {}
    model = _model(body, path, notes, making)
    if model:
        params["model"] = model
    length = _max_tokens(body, path, notes, making)
    if length is not None:
        params["max_tokens"] = length
    conversation = _conversation(body, path, notes, native)
    system = _system(body, path, notes, conversation.system)
    if system:
        params["system"] = system
    params["messages"] = conversation.messages
    tools = Tools(body, path, notes).tools
    if tools:
        params["tools"] = tools
    if (chosen := choice(body, path, notes, tools=bool(tools))) is not None:
        params["tool_choice"] = chosen
    options = Options(params, notes)
    for key, value in body.items():
        if key not in _ELSEWHERE:
            options.take(key, value, (*path, key))
    return params


def _model(body: dict[str, Any], path: Path, notes: Notes, making: Making) -> str:
    """The model that takes the place of the named one: as mapped, as given for all, or itself."""
    named = body.get("model")
    if isinstance(named, str) and (mapped := dict(making.map_model).get(named)):
        return mapped
    if making.override.model:
        return making.override.model
    if not isinstance(named, str):
        if named is not None:
            notes.wrong((*path, "model"), "model", "a string", named)
        else:
            notes.error(path, "model is missing", "Give --model.")
    elif named.startswith("claude"):
        return named
    else:
        name = short(named) or "An empty model"
        remedy = f"Give --model, or --map-model {short(named)}=claude-haiku-5-5" if named else "Give --model."
        notes.error((*path, "model"), f"{name} has no counterpart", remedy)
    return ""


def _max_tokens(body: dict[str, Any], path: Path, notes: Notes, making: Making) -> Any:
    """The longest answer; None where nobody says one. Whether it is a good number, the check says."""
    given = [(key, body[key]) for key in LENGTHS if body.get(key) is not None]
    if not given:
        return making.override.max_tokens or None
    chosen, length = given[0]
    for key, value in given[1:]:
        if value != length:
            notes.warn((*path, key), f"{key} was left out", f"{chosen} says another length.")
    return length


def _conversation(body: dict[str, Any], path: Path, notes: Notes, native: bool) -> Conversation:
    taker: ChatMessages | InputItems
    key = "messages" if body.get("input") is None else "input"
    if key == "input":
        taker = InputItems(notes)
        if says(body.get("messages")):
            notes.error((*path, "messages"), "There are both messages and input", "Keep one of them.")
    else:
        taker = ChatMessages(notes, native=native)
    inside = (*path, key)
    for number, item in enumerate(_turns(body.get(key), inside, notes)):
        taker.take(item, (*inside, number))
    taker.conversation.finish(inside)
    return taker.conversation


def _turns(value: object, path: Path, notes: Notes) -> list[Any]:
    """What is said, turn by turn; an input may be one text."""
    key = str(path[-1])
    if key == "input" and isinstance(value, str):
        return [{"role": "user", "content": value}]
    if isinstance(value, list):
        if not value:
            notes.error(path, f"{key} is empty", "Say what the model shall answer.")
        return value
    if value is None:
        notes.error(path[:-1], f"{key} is missing", "Say what the model shall answer.")
    else:
        notes.wrong(path, key, "a list", value)
    return []


def _system(body: dict[str, Any], path: Path, notes: Notes, said: Content) -> Content:
    """The system prompt: what the body says of it by itself stands before what messages say."""
    parts: list[Content] = []
    for key in ("instructions", "system", "system_prompt"):
        value = body.get(key)
        if isinstance(value, str):
            parts.append(value)
        elif isinstance(value, list) and key != "instructions":
            parts.append(content(value, (*path, key), notes, SYSTEM))
        elif value is not None:
            notes.wrong((*path, key), key, "a string", value)
    parts = [part for part in (*parts, said) if part]
    if all(isinstance(part, str) for part in parts):
        return "\n\n".join(part for part in parts if isinstance(part, str))
    return [block for part in parts for block in as_blocks(part)]
