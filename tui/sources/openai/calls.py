"""Calls of tools and their results: ids that the Messages API takes, and every call with its result."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ..basics.items import Path, kind_of, short
from .notes import Notes

_ILLEGAL = re.compile(r"[^a-zA-Z0-9_-]")


class Calls:
    """The calls that wait for their results."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._open: dict[str, tuple[str, str]] = {}
        """By the source's id: the id that is sent, and the tool's name."""
        self._given: set[str] = set()
        """Ids that were sent already: the service refuses them twice."""

    @property
    def waiting(self) -> bool:
        """Whether a result is due."""
        return bool(self._open)

    def open(self, source_id: object, name: str, path: Path) -> str:
        """Take in a call, and give the id to send; a call without an id, as of old, gets one."""
        if source_id is not None and not isinstance(source_id, str):
            self._notes.wrong(path, "The id of a tool call", "a string", source_id)
        key = source_id if isinstance(source_id, str) and source_id else f"call_{len(self._given) + 1}"
        if key in self._open:
            self._notes.error(path, "Two tool calls have the same id", detail=f"It is “{short(key)}”.")
        sent = self._unused(_ILLEGAL.sub("_", key))
        self._open[key] = sent, name
        return sent

    def close(self, source_id: object, path: Path) -> str:
        """Take in a result, and give the id of its call."""
        if not isinstance(source_id, str):
            self._notes.wrong(path, "The call’s id of a tool result", "a string", source_id)
            return ""
        found = self._open.pop(source_id, None)
        if found is None:
            self._notes.error(
                path, "A tool result answers no call", detail=f"No call waits as “{short(source_id)}”."
            )
            return ""
        return found[0]

    def close_by_name(self, name: object, path: Path) -> str:
        """The same by the tool's name, which is all that the results of functions had."""
        key = next((key for key, (_, called) in self._open.items() if called == name), None)
        if key is None:
            self._notes.error(path, "A tool result answers no call", "No call waits for that name.")
            return ""
        return self.close(key, path)

    def note(self, block: dict[str, Any]) -> None:
        """Take in a block of the Messages API's own."""
        if block.get("type") == "tool_use":
            self._open[str(block.get("id"))] = str(block.get("id")), str(block.get("name"))
        elif block.get("type") == "tool_result":
            self._open.pop(str(block.get("tool_use_id")), None)

    def settle(self, path: Path, *, tell: bool) -> None:
        """Say which calls have no result: each must have one before anybody goes on."""
        for _, name in self._open.values() if tell else ():
            remedy = "It must come right after the call."
            self._notes.error(path, "A tool call has no result", remedy, f"It is of “{short(name)}”.")
        self._open = {}

    def arguments(self, value: object, path: Path) -> dict[str, Any]:
        """What a tool is called with: an object, or one written as a string."""
        remedy = "It must be an object, written as a string."
        try:
            found = msgspec.json.decode(value or "{}") if isinstance(value, str) else value
        except (msgspec.DecodeError, UnicodeError):
            self._notes.error(path, "The input of a tool call is not JSON", remedy)
            return {}
        if isinstance(found, dict):
            return found
        self._notes.error(path, "The input of a tool call is no object", remedy, f"Not {kind_of(found)}.")
        return {}

    def _unused(self, wanted: str) -> str:
        found, number = wanted, 1
        while found in self._given:
            number += 1
            found = f"{wanted}_{number}"
        self._given.add(found)
        return found
