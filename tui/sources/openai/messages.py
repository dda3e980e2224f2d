"""The `messages` of Chat Completions as a conversation."""

from __future__ import annotations

from typing import Any

from ..basics.items import Path, short
from .content import ASSISTANT, SYSTEM, content
from .conversation import Conversation
from .notes import Notes, rest, says, shown

_SYSTEM = frozenset({"role", "content"})
_ASSISTANT = frozenset({"role", "content", "tool_calls", "function_call", "refusal"})
_TOOL = frozenset({"role", "content", "tool_call_id", "name"})
_CALL = frozenset({"id", "type", "function", "index"})
_FUNCTION = frozenset({"name", "arguments"})


class ChatMessages:
    """Takes messages one by one."""

    def __init__(self, notes: Notes, *, native: bool) -> None:
        self.conversation = Conversation(notes, native=native)
        self._notes = notes
        self._roles = {
            "system": self._system,
            "developer": self._system,
            "user": self._user,
            "assistant": self._assistant,
            "tool": self._tool,
            "function": self._function,
        }

    def take(self, message: object, path: Path) -> None:
        """Port one message."""
        if not isinstance(message, dict):
            self._notes.wrong(path, "A message", "an object", message)
            return
        role = message.get("role")
        ported = self._roles.get(role) if isinstance(role, str) else None
        if ported is None:
            given = f"“{shown(role)}” is none." if role is not None else ""
            self._notes.error(path, "A message needs the role system, user, assistant or tool", detail=given)
        else:
            ported(message, path)

    def _system(self, message: dict[str, Any], path: Path) -> None:
        rest(message, _SYSTEM, path, self._notes, "a message")
        said = content(message.get("content"), (*path, "content"), self._notes, SYSTEM)
        self.conversation.instruct(said, path)

    def _user(self, message: dict[str, Any], path: Path) -> None:
        rest(message, _SYSTEM, path, self._notes, "a message")
        self.conversation.user(content(message.get("content"), (*path, "content"), self._notes), path)

    def _assistant(self, message: dict[str, Any], path: Path) -> None:
        rest(message, _ASSISTANT, path, self._notes, "a message")
        calls, old, refusal = (message.get(key) for key in ("tool_calls", "function_call", "refusal"))
        words = message.get("content")
        if says(refusal) and says(words):
            self._notes.warn((*path, "refusal"), "A refusal was left out", "The message has a content, too.")
        elif says(refusal):
            words = refusal
        elif words is None and (says(calls) or says(old)):
            words = ""
        said = content(words, (*path, "content"), self._notes, ASSISTANT)
        self.conversation.assistant(said, path, calling=says(calls) or says(old))
        if isinstance(calls, list):
            for number, call in enumerate(calls):
                self._call(call, (*path, "tool_calls", number))
        elif says(calls):
            self._notes.wrong((*path, "tool_calls"), "tool_calls", "a list", calls)
        if says(old):
            self._called(None, old, (*path, "function_call"))

    def _call(self, call: object, path: Path) -> None:
        if not isinstance(call, dict):
            self._notes.wrong(path, "A tool call", "an object", call)
            return
        rest(call, _CALL | {"custom"}, path, self._notes, "a tool call")
        if "function" not in call:
            remedy = "Only calls of functions can be ported."
            self._notes.error(
                path, f"A tool call of type {short(str(call.get('type')))} has no counterpart", remedy
            )
            return
        self._called(call.get("id"), call["function"], (*path, "function"))

    def _called(self, source_id: object, function: object, path: Path) -> None:
        if not isinstance(function, dict):
            self._notes.wrong(path, "The function of a tool call", "an object", function)
            return
        rest(function, _FUNCTION, path, self._notes, "a tool call")
        self.conversation.call(source_id, function.get("name"), function.get("arguments"), path)

    def _tool(self, message: dict[str, Any], path: Path) -> None:
        rest(message, _TOOL, path, self._notes, "a message")
        said = content(message.get("content"), (*path, "content"), self._notes)
        self.conversation.result(message.get("tool_call_id"), said, path)

    def _function(self, message: dict[str, Any], path: Path) -> None:
        rest(message, _TOOL, path, self._notes, "a message")
        said = content(message.get("content"), (*path, "content"), self._notes)
        self.conversation.function_result(message.get("name"), said, path)
