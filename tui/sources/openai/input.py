"""The `input` of the Responses API as a conversation."""

from __future__ import annotations

from typing import Any

from ..basics.items import Path, short
from .content import ASSISTANT, SYSTEM, content
from .conversation import Conversation
from .notes import Notes, rest, shown

_MESSAGE = frozenset({"type", "role", "content", "id", "status", "phase"})
"""`id` and `status` name what another service answered: they ask nothing."""
_CALL = frozenset({"type", "call_id", "name", "arguments", "id", "status"})
_OUTPUT = frozenset({"type", "call_id", "output", "id", "status"})


class InputItems:
    """Takes the items of an input one by one."""

    def __init__(self, notes: Notes) -> None:
        self.conversation = Conversation(notes)
        self._notes = notes
        self._types = {
            "message": self._message,
            "function_call": self._call,
            "function_call_output": self._output,
            "reasoning": self._reasoning,
        }

    def take(self, item: object, path: Path) -> None:
        """Port one item."""
        if not isinstance(item, dict):
            self._notes.wrong(path, "An item of the input", "an object", item)
            return
        named = item.get("type") or ("message" if "role" in item else None)
        ported = self._types.get(named) if isinstance(named, str) else None
        if ported is not None:
            ported(item, path)
        elif isinstance(named, str):
            remedy = "Take it out, or say what it holds in a message."
            self._notes.error(path, f"An item of type {short(named)} has no counterpart", remedy)
        else:
            self._notes.error(path, "An item of the input has no type and no role")

    def _message(self, item: dict[str, Any], path: Path) -> None:
        rest(item, _MESSAGE, path, self._notes, "a message")
        role, said = item.get("role"), item.get("content")
        inside = (*path, "content")
        if role == "user":
            self.conversation.user(content(said, inside, self._notes), path)
        elif role == "assistant":
            self.conversation.assistant(content(said, inside, self._notes, ASSISTANT), path)
        elif role in ("system", "developer"):
            self.conversation.instruct(content(said, inside, self._notes, SYSTEM), path)
        else:
            given = f"“{shown(role)}” is none." if role is not None else ""
            self._notes.error(path, "A message needs the role system, user or assistant", detail=given)

    def _call(self, item: dict[str, Any], path: Path) -> None:
        rest(item, _CALL, path, self._notes, "a tool call")
        self.conversation.call(item.get("call_id"), item.get("name"), item.get("arguments"), path)

    def _output(self, item: dict[str, Any], path: Path) -> None:
        rest(item, _OUTPUT, path, self._notes, "a tool result")
        said = content(item.get("output"), (*path, "output"), self._notes)
        self.conversation.result(item.get("call_id"), said, path)

    def _reasoning(self, item: dict[str, Any], path: Path) -> None:
        remedy = "Claude reads only reasoning of its own."
        self._notes.warn(path, "Reasoning of another model was left out", remedy)
