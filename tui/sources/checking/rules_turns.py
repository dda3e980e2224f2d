"""Rules for the messages of a request: who may speak when, and what must not be empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import UNSET

from ...model import ERROR, WARNING
from ..basics.items import Finding, Path
from ..params.blocks import Document, Image, SearchResult, ServerToolResult, ToolResult, ToolUse, Words
from ..params.fields import named
from ..params.request import Assistant, Message, System, User
from .rules_media import media

MOST_MESSAGES = 100_000
"""Of one request (SDK, `messages`)."""


class Turn(NamedTuple):
    """One message with its place."""

    path: Path
    message: Message
    last: bool

    @property
    def blocks(self) -> list[Any]:
        """Its blocks; none where its content is a string."""
        return self.message.content if isinstance(self.message.content, list) else []


def turns(messages: list[Any], prefill: bool) -> Iterator[Finding]:
    """What is wrong with messages; `prefill` says whether the last one may be the assistant's."""
    path: Path = ("params", "messages")
    if not messages:
        yield Finding("messages is empty", "Say what the model shall answer.", path=path)
    if len(messages) > MOST_MESSAGES:
        what = f"{len(messages):,} messages are too many for a request"
        yield Finding(what, f"At most {MOST_MESSAGES:,} are accepted.", path=path)
    found = [
        Turn((*path, index), message, index == len(messages) - 1)
        for index, message in enumerate(messages)
        if isinstance(message, User | Assistant | System)
    ]
    for turn in found:
        yield from _content(turn)
    yield from _places_of_system(messages, found)
    yield from _tool_turns(messages, found)
    if found and found[-1].last and isinstance(found[-1].message, Assistant):
        yield from _final(found[-1], prefill)


def _content(turn: Turn) -> Iterator[Finding]:
    content, path = turn.message.content, (*turn.path, "content")
    if not content:
        if not (turn.last and isinstance(turn.message, Assistant)):
            yield Finding(f"{named(path)} is empty", "Write something, or leave the message out.", path=path)
    elif isinstance(content, str):
        yield from _text(content, path)
    for index, block in enumerate(turn.blocks):
        yield from _block(block, (*path, index), turn.message)


def _block(block: object, path: Path, message: Message) -> Iterator[Finding]:
    """What is wrong with a block directly in a message, and with those in it."""
    if isinstance(block, Document) and isinstance(message, Assistant):
        what = f"{named(path)} is a document in a message of the assistant"
        yield Finding(what, "Put documents into messages of the user.", path=path)
    if isinstance(block, Words):
        yield from _text_block(block, path, message)
    elif isinstance(block, Image | Document):
        yield from media(block, path)
    elif isinstance(block, SearchResult):
        for index, each in enumerate(block.content):
            yield from _citations(each, (*path, "content", index), message)
    elif isinstance(block, ToolResult) and isinstance(block.content, list):
        for index, part in enumerate(block.content):
            yield from _in_result(part, (*path, "content", index))


def _in_result(block: object, path: Path) -> Iterator[Finding]:
    if isinstance(block, Image | Document):
        yield from media(block, path)
    elif isinstance(block, Words):
        yield from _text(block.text, (*path, "text"), WARNING)


def _text_block(block: Words, path: Path, message: Message) -> Iterator[Finding]:
    if block.text:
        yield from _text(block.text, (*path, "text"))
    else:
        place = (*path, "text")
        yield Finding(f"{named(place)} is empty", "Leave the block out.", path=place)
    yield from _citations(block, path, message)


def _text(text: str, path: Path, severity: str = ERROR) -> Iterator[Finding]:
    # The service says of both that text must be non-empty, or contain something besides white space.
    if not text or text.isspace():
        what = f"{named(path)} is {'only white space' if text else 'empty'}"
        yield Finding(what, "Write something, or leave it out.", severity=severity, path=path)


def _citations(block: object, path: Path, message: Message) -> Iterator[Finding]:
    if isinstance(block, Words) and block.citations and isinstance(message, User):
        place = (*path, "citations")
        remedy = "Remove them: only the assistant's text may have citations."
        yield Finding(f"{named(place)} are refused in a message of the user", remedy, path=place)


def _final(turn: Turn, prefill: bool) -> Iterator[Finding]:
    """A last message of the assistant, which the model is to go on with."""
    path = (*turn.path, "content")
    content = turn.message.content
    texts = [block for block in turn.blocks if isinstance(block, Words)]
    if not prefill and len(texts) == len(turn.blocks):  # what a tool of the service left open is no prefill
        remedy = "End with a message of the user; ask for the form of the answer in system or output_config."
        yield Finding("This model cannot go on with a message of the assistant", remedy, path=turn.path)
        return
    end = turn.blocks[-1:]
    last = content if isinstance(content, str) else end[0].text if end and end == texts[-1:] else ""
    if last and not last.isspace() and last[-1].isspace():
        what = f"{named(path)} ends with white space, and is to be gone on with"
        yield Finding(what, "Remove the white space at its end.", path=path)


def _places_of_system(messages: list[Any], found: list[Turn]) -> Iterator[Finding]:
    """System messages come after the user's, and before the assistant's or at the end (API documentation)."""
    for turn in found:
        if not isinstance(turn.message, System):
            continue
        at = turn.path[-1]
        assert isinstance(at, int)
        before = next((each for each in reversed(messages[:at]) if not isinstance(each, System)), None)
        after = next((each for each in messages[at + 1 :] if not isinstance(each, System)), None)
        if before is None:
            what = f"{named(turn.path)} is a system message before all others"
            yield Finding(what, "Put it into the parameter system.", path=turn.path)
        elif not _may_precede_system(before) or isinstance(after, User):
            what = f"{named(turn.path)} is a system message where none may be"
            remedy = "Put it after a message of the user, and before one of the assistant or at the end."
            yield Finding(what, remedy, path=turn.path)


def _may_precede_system(message: object) -> bool:
    if not isinstance(message, Assistant):
        return True
    return isinstance(message.content, list) and any(
        isinstance(each, ServerToolResult) for each in message.content[-1:]
    )


def _tool_turns(messages: list[Any], found: list[Turn]) -> Iterator[Finding]:
    """Calls of tools and what they answered stand in neighbouring messages (API documentation)."""
    for turn in found:
        at = turn.path[-1]
        assert isinstance(at, int)
        if isinstance(turn.message, User):
            yield from _unasked(turn, _previous(messages, at))
        elif isinstance(turn.message, Assistant) and not turn.last:
            yield from _unanswered(turn, messages[at + 1])


def _previous(messages: list[Any], at: int) -> object:
    return messages[at - 1] if at else None


def _unasked(turn: Turn, before: object) -> Iterator[Finding]:
    results = [(index, each) for index, each in enumerate(turn.blocks) if isinstance(each, ToolResult)]
    if not results or (before is not None and not isinstance(before, User | Assistant | System)):
        return
    calls = _calls(before)
    for index, result in results:
        if result.tool_use_id not in calls:
            path = (*turn.path, "content", index, "tool_use_id")
            what = f"{named(path)} is of no tool_use in the message before"
            detail = f"“{result.tool_use_id[:60]}”."
            yield Finding(what, "Put the result after its call.", 0, 0, WARNING, detail, path)


def _unanswered(turn: Turn, after: object) -> Iterator[Finding]:
    if not isinstance(after, User | Assistant | System):
        return
    content = after.content if isinstance(after.content, list) else []
    answered = {each.tool_use_id for each in content if isinstance(each, ToolResult)}
    for index, block in enumerate(turn.blocks):
        if isinstance(block, ToolUse) and block.id not in answered:
            path = (*turn.path, "content", index)
            what = f"{named(path)} is a call of a tool without a tool_result in the message after it"
            yield Finding(what, "Put its result there.", severity=WARNING, path=path)


def _calls(message: object) -> set[str]:
    if not isinstance(message, Assistant) or not isinstance(message.content, list):
        return set()
    return {each.id for each in message.content if isinstance(each, ToolUse)}


def system(content: Any) -> Iterator[Finding]:
    """What is wrong with the system prompt."""
    if content is UNSET or not isinstance(content, list):
        return
    for index, block in enumerate(content):
        if isinstance(block, Words):
            yield from _text(block.text, ("params", "system", index, "text"))
