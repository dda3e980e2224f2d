"""What answers say in text and tools, and whether that is the same."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..model import SUCCEEDED
from .cells import compact
from .shapes import Content, Unreadable, decode, loads

_SILENT = ("thinking", "redacted_thinking")
_TEXT = ("text", "", None)


def alike(left: Any, right: Any) -> bool:
    """Whether two values of JSON mean the same: 1 is 1.0, but neither is true; keys have no order."""
    try:
        return _alike(left, right)
    except RecursionError:
        return compact(left) == compact(right)


def _alike(left: Any, right: Any) -> bool:
    kind = type(left)
    if kind is dict:
        if type(right) is not dict or len(left) != len(right):
            return False
        return all(key in right and _alike(value, right[key]) for key, value in left.items())
    if kind is list:
        if type(right) is not list or len(left) != len(right):
            return False
        return all(map(_alike, left, right))
    if kind is bool or type(right) is bool:
        return left is right
    return bool(left == right)


class Said(NamedTuple):
    """What an answer says beside data."""

    is_answer: bool
    text: str = ""
    """Lines without white space at their ends."""
    calls: tuple[Content, ...] = ()
    """What else it holds: tools with their inputs, blocks of other kinds."""

    @property
    def called(self) -> list[list[Any]]:
        """The tools and other blocks in a form that can be compared."""
        return [[block.type, block.name, _input(bytes(block.input))] for block in self.calls]


def said(raw: bytes) -> Said:
    """The text and the tools of an answer; never raises."""
    try:
        result = decode(raw).result
    except Unreadable:
        return Said(False)
    content = result.message.content if result.message else None
    blocks = [block for block in content or [] if block.type not in _SILENT]
    text = "".join((block.text or "") if block.type in _TEXT else "\n" for block in blocks)
    calls = tuple(block for block in blocks if block.type not in _TEXT)
    lines = (line.rstrip() for line in text.split("\n"))
    return Said(result.type == SUCCEEDED, "\n".join(lines).strip("\n"), calls)


def say_the_same(left: bytes, right: bytes) -> bool:
    """Whether two lines say the same in text and call the same tools."""
    if left.strip() == right.strip():
        return True
    ours, theirs = said(left), said(right)
    if not (ours.is_answer and theirs.is_answer):
        return False  # of lines that cannot be read only equal ones are the same
    return ours.text == theirs.text and alike(ours.called, theirs.called)


def call_the_same(left: bytes, right: bytes, both: bool) -> bool:
    """Whether the same tools are called; where only one side calls any, beside the one that gave the data."""
    ours, theirs = said(left).called, said(right).called
    return alike(ours, theirs) if both else alike(_further(ours), _further(theirs))


def _further(called: list[list[Any]]) -> list[list[Any]]:
    first = next((at for at, each in enumerate(called) if isinstance(each[2], dict)), len(called))
    return called[:first] + called[first + 1 :]


def _input(raw: bytes) -> Any:
    try:
        return loads(raw) if raw else None
    except Unreadable:
        return raw.decode("utf-8", "replace")
