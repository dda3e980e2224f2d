"""Which of the tools is called, in the words of the Messages API."""

from __future__ import annotations

from typing import Any

from ..basics.items import Path
from .notes import Notes, rest, says, shown

Choice = dict[str, Any]

_WORDS = {"auto": "auto", "none": "none", "required": "any", "any": "any"}
_NAMED = frozenset({"type", "function", "name"})


def choice(body: dict[str, Any], path: Path, notes: Notes, *, tools: bool) -> Choice | None:
    """What a body says about the choice between its tools; None leaves it to the model."""
    alone = notes.flag(body, "parallel_tool_calls", path) is False
    key = "tool_choice" if says(body.get("tool_choice")) else "function_call"
    value, at = body.get(key), (*path, key)
    if key == "tool_choice" and says(body.get("function_call")):
        notes.warn((*path, "function_call"), "function_call was left out", "tool_choice goes before it.")
    if not tools:
        if says(value) and value not in ("none", "auto") and not notes.failed:
            notes.warn(at, f"{key} was left out", "There is no tool to choose.")
        return None
    found = _choice(value, at, notes) if says(value) else None
    if alone and (found is None or found["type"] != "none"):
        return {**(found or {"type": "auto"}), "disable_parallel_tool_use": True}
    return found


def _choice(value: object, path: Path, notes: Notes) -> Choice | None:
    if isinstance(value, str) and value in _WORDS:
        return {"type": _WORDS[value]}
    if isinstance(value, dict):
        if value.get("type") in ("auto", "any", "none", "tool"):
            return value  # as the Messages API has it
        named = value.get("function", value)
        known = value.get("type", "function") == "function" and isinstance(named, dict)
        if known and isinstance(named.get("name"), str):
            rest(value, _NAMED, path, notes, "the choice of a tool")
            rest(named, _NAMED, (*path, "function"), notes, "the choice of a tool")
            return {"type": "tool", "name": named["name"]}
    given = value.get("type") if isinstance(value, dict) else value
    remedy = "Use auto, none, required, or the name of a function."
    notes.error(path, "The choice of a tool has no counterpart", remedy, f"It is “{shown(given)}”.")
    return None
