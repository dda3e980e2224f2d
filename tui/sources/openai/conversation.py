"""A conversation of the Messages API, grown turn by turn, whatever it is ported from."""

from __future__ import annotations

from typing import Any

from ..basics.items import Path
from .calls import Calls
from .content import words
from .media import Block
from .notes import Notes

Content = str | list[Block]


class Conversation:
    """System texts and turns."""

    def __init__(self, notes: Notes, *, native: bool = False) -> None:
        self._system: list[Block] = []
        self.messages: list[dict[str, Any]] = []
        self._notes = notes
        self._native = native
        """Whether it was meant for Claude: then system messages stay in the middle, and the assistant's turn
        at the end is meant to be gone on with; what is wrong with either, the check says."""
        self._calls = Calls(notes)
        self._blocks: list[Block] | None = None
        """Content of the last message, where it is an assistant's turn that calls may be added to."""
        self._results: list[Block] | None = None
        """Content of the last message, where it is made of results."""
        self._last: Path = ()

    def user(self, content: Content, path: Path) -> None:
        """A turn of the user."""
        self._note(content)
        self._settle(path)
        self._turn("user", content, path)

    def assistant(self, content: Content, path: Path, *, calling: bool = False) -> None:
        """A turn of the assistant; `calling`: calls follow, which may be all that it says."""
        if calling and isinstance(content, str):
            content = as_blocks(content)
        if self._calls.waiting and self._blocks is not None and not calling and not self._native:
            # Words after the calls of the same turn: results must follow a call, so that they go before it.
            first = [block["type"] for block in self._blocks].index("tool_use")
            self._blocks[first:first] = as_blocks(content)
            return
        self._settle(path)
        self._turn("assistant", content, path)
        self._note(content)

    def instruct(self, content: Content, path: Path) -> None:
        """A message of the system."""
        if self.messages and self._native:
            self._turn("system", content, path)
            return
        if self.messages:
            remedy = "It goes into the system prompt: see whether it means the same there."
            self._notes.warn(path, "A system message does not stand at the beginning", remedy)
        self._system += as_blocks(content)

    def call(self, source_id: object, name: object, arguments: object, path: Path) -> None:
        """A call of a tool: a part of the assistant's turn before it, or a turn of its own."""
        if self._blocks is None:
            self._settle(path)
            self._turn("assistant", [], path)
        if not isinstance(name, str) or not name:
            self._notes.error(path, "A tool call has no name")
            return
        given = self._calls.open(source_id, name, path)
        block = {
            "type": "tool_use",
            "id": given,
            "name": name,
            "input": self._calls.arguments(arguments, path),
        }
        assert self._blocks is not None  # either it was, or a turn has just begun
        self._blocks.append(block)

    def result(self, source_id: object, content: Content, path: Path) -> None:
        """The result of a call."""
        self._result(self._calls.close(source_id, path), content, path)

    def function_result(self, name: object, content: Content, path: Path) -> None:
        """The result of a call in the old form, which has no ids."""
        self._result(self._calls.close_by_name(name, path), content, path)

    @property
    def system(self) -> Content:
        """The system prompt: one text, or blocks where one of them says more than its text."""
        if all(block.keys() == {"type", "text"} for block in self._system):
            return "\n\n".join(block["text"] for block in self._system)
        return self._system

    def finish(self, path: Path) -> None:
        """Say what is wrong with the whole of it."""
        self._settle(self._last or path)
        if self._system and not self.messages and not self._notes.failed:
            self._notes.error(path, "There is only a system prompt", "Claude answers a user: add a turn.")
        if self.messages and not self._native and not self._notes.failed:
            self._prefill(self.messages[-1])

    def _note(self, content: Content) -> None:
        for block in content if isinstance(content, list) else ():
            self._calls.note(block)

    def _settle(self, path: Path) -> None:
        self._calls.settle(path, tell=not self._native)

    def _turn(self, role: str, content: Content, path: Path) -> None:
        self.messages.append({"role": role, "content": content})
        self._last = path
        self._results = None
        self._blocks = content if role == "assistant" and isinstance(content, list) else None

    def _result(self, given: str, content: Content, path: Path) -> None:
        results = self._results
        if results is None:
            results = []
            self._turn("user", results, path)
            self._results = results
        results.append({"type": "tool_result", "tool_use_id": given, "content": content})

    def _prefill(self, last: dict[str, Any]) -> None:
        if last["role"] != "assistant":
            return
        remedy = "Claude goes on with its words, if the model does it at all; others answer anew."
        self._notes.warn(self._last, "The conversation ends with a turn of the assistant", remedy)
        holder, key = last, "content"
        if isinstance(last["content"], list):
            holder, key = (last["content"][-1] if last["content"] else {}), "text"
        ends = holder.get(key)
        if isinstance(ends, str) and ends != ends.rstrip():
            holder[key] = ends.rstrip()
            remedy = "The service refuses it there."
            self._notes.warn(self._last, "White space after the assistant’s last word was left out", remedy)


def as_blocks(content: Content) -> list[Block]:
    """Content as blocks, whichever form it has."""
    if isinstance(content, list):
        return content
    block = words(content)
    return [block] if block else []
