"""Two answers as texts, and these side by side, line by line."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from ..text import sound
from .blocks import indented
from .fields import READ, extract
from .said import said
from .shapes import Unreadable, loads

MOST_LINES = 1_000
"""Lines that are matched with each other; the time for more grows with their square."""
MOST_SHOWN = 20_000


Row = tuple[str | None, str | None]


class DiffLine(NamedTuple):
    """One line of the view: what stands left and right, None where there is nothing."""

    left: str | None
    right: str | None
    left_number: int = 0
    """Counted from 1; 0 where there is none."""
    right_number: int = 0

    @property
    def same(self) -> bool:
        """Whether both sides say the same here."""
        return self.left == self.right


def readable(raw: bytes) -> str:
    """What an answer says, in a form that shows what differs: data as JSON with its keys in order."""
    found = extract(raw)
    if found.how in READ:
        return _in_order(found.data)
    answer = said(raw)
    if not answer.is_answer:
        return sound(raw.decode("utf-8", "replace"))
    called = [f"{block.name or block.type} {_input(bytes(block.input))}".strip() for block in answer.calls]
    return sound("\n".join(filter(None, (answer.text, *called))))


def _in_order(data: object) -> str:
    try:
        return sound(json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True))
    except (ValueError, RecursionError):  # too deep, or a number of thousands of digits
        return indented(data)


def _input(raw: bytes) -> str:
    try:
        return _in_order(loads(raw)) if raw else ""
    except Unreadable:
        return raw.decode("utf-8", "replace")


def side_by_side(left: str, right: str) -> tuple[DiffLine, ...]:
    """Both texts, each line beside the one it belongs to; cut after very many lines."""
    ours, theirs = left.split("\n")[:MOST_SHOWN], right.split("\n")[:MOST_SHOWN]
    start = _shared(ours, theirs)
    end = _shared(ours[start:][::-1], theirs[start:][::-1])
    rows: list[Row] = [(line, line) for line in ours[:start]]
    rows += _matched(ours[start : len(ours) - end], theirs[start : len(theirs) - end])
    rows += [(line, line) for line in ours[len(ours) - end :]]
    return tuple(_numbered(rows))


def _shared(ours: list[str], theirs: list[str]) -> int:
    """How many lines are the same from the beginning."""
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        if one != other:
            return number
    return min(len(ours), len(theirs))


def _matched(ours: list[str], theirs: list[str]) -> list[Row]:
    if max(len(ours), len(theirs)) > MOST_LINES:
        return list(zip_longest(ours, theirs))
    rows: list[Row] = []
    for _, first, last, start, end in SequenceMatcher(None, ours, theirs).get_opcodes():
        rows += zip_longest(ours[first:last], theirs[start:end])
    return rows


def _numbered(rows: list[Row]) -> list[DiffLine]:
    lines = []
    left_number = right_number = 0
    for left, right in rows:
        left_number += left is not None
        right_number += right is not None
        lines.append(
            DiffLine(
                left, right, left_number if left is not None else 0, right_number if right is not None else 0
            )
        )
    return lines
