"""The parts of answers and requests, each as it is read best."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from textual.content import Content

from .. import text
from ..records import Block
from ..records.blocks import indented
from ..records.shapes import Unreadable, loads
from . import markdown
from .code import json_lines
from .flow import NOTHING, Fold, Grid, Item, Words, words

DEEPEST = 3
"""Levels of a tool's input that a table shows; what is deeper is read as JSON."""
MOST_PAIRS = 60
_FENCED = re.compile(r"```[ \t]*(?:json|jsonc|json5)?[ \t]*\n(.*?)\n?```", re.DOTALL | re.IGNORECASE)
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BAR = Content.styled("┊ ", "dim")


class Room:
    """The characters that may still be shown of one result."""

    def __init__(self, size: int) -> None:
        self._left = size
        self.is_full = False
        """Whether something was left out."""

    def cut(self, said: str) -> str:
        """As much of a text as there is room for."""
        taken = said[: self._left]
        self.is_full = self.is_full or len(taken) < len(said)
        self._left -= len(taken)
        return taken


def block_items(run: Sequence[Block], room: Room) -> list[Item]:
    """A block, or a text in several blocks with its citations; nothing where there is no room."""
    if room.is_full:
        return []
    block = run[0]
    if block.kind in ("text", "citations"):
        return _cited(run, room) if len(run) > 1 else text_items(room.cut(block.text))
    if block.kind == "thinking":
        size = f"{len(block.text):,} characters" if len(block.text) > 40 else text.clean(block.text)
        return [Fold(f"thinking, {size}", tuple(words(text.clean_block(room.cut(block.text)), "dim", _BAR)))]
    if block.kind == "attachment":
        return [Words(Content.styled(text.clean(block.text), "italic $text-accent"))]
    if block.kind == "notice" and not block.title:
        return words(text.clean_block(room.cut(block.text)))
    return [_title(block), *_body(block, room)]


def text_items(said: str) -> list[Item]:
    """A text: laid out as JSON if it is that, else by its Markdown, else line by line."""
    if (data := _json_in(said)) is not None:
        return [Words(line, NOTHING, _indent(line)) for line in json_lines(text.clean_block(data))]
    cleaned = text.clean_block(said)
    if len(cleaned) <= markdown.LONGEST:
        return markdown.markdown(cleaned)
    return words(cleaned)


def _indent(line: Content) -> Content:
    return Content(" " * (len(line.plain) - len(line.plain.lstrip(" ")) + 4))


def _json_in(said: str) -> str | None:
    """The JSON that a text consists of, laid out; None where it is anything else."""
    bare = said.strip()
    fenced = _FENCED.fullmatch(bare)
    inner = fenced[1].strip() if fenced else bare
    if inner[:1] not in ("{", "["):
        return None
    try:
        return indented(loads(inner.encode("utf-8", "replace")))
    except Unreadable:
        return None


def _cited(run: Sequence[Block], room: Room) -> list[Item]:
    """The text as one, with raised numbers, and what they stand for below."""
    said: list[str] = []
    sources: list[str] = []
    for block in run:
        if block.kind == "text":
            said.append(block.text)
            continue
        numbers = range(len(sources) + 1, len(sources) + 1 + len(block.data or ()))
        sources += block.data or ()
        said.append("\u2009".join(str(number).translate(_RAISED) for number in numbers))
    items = text_items(room.cut("".join(said)))
    if not sources:
        return items
    items += [Words(NOTHING), Words(Content.styled("sources", "bold $text-accent"))]
    for number, source in enumerate(sources, 1):
        sign = f"{number:>2}. "
        shown = Content.styled(text.clean(room.cut(source)), "dim")
        items.append(Words(shown, Content.styled(sign, "$text-accent"), Content(" " * len(sign))))
    return items


def _title(block: Block) -> Item:
    title = text.clean(block.title) or block.kind
    named = title if block.kind in title else f"{block.kind} {title}"
    return Words(Content.styled(f"── {named} ", "bold $text-accent"))


def _body(block: Block, room: Room) -> list[Item]:
    if block.kind == "tool_use" and isinstance(block.data, dict) and block.data:
        pairs = list(_pairs(block.data, "", 1))
        if len(pairs) <= MOST_PAIRS and None not in pairs:
            rows = tuple(_cells(pair, room) for pair in pairs if pair)
            return [Grid(rows, margin=Content("  "))]
    if block.kind in ("tool_use", "json"):
        shown = text.clean_block(room.cut(block.text))
        return [Words(line, NOTHING, _indent(line)) for line in json_lines(shown)]
    return words(text.clean_block(room.cut(block.text)), "", Content("  "))


def _pairs(value: Any, path: str, level: int) -> Iterator[tuple[str, Any] | None]:
    """Each value by its path; None for what is too deep for a table."""
    if isinstance(value, dict) and value:
        named = [(f"{path}.{key}" if path else str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list) and value:
        if all(isinstance(inner, str | int | float) for inner in value) and len(str(value)) < 200:
            yield path, ", ".join(map(_literal, value))
            return
        named = [(f"{path}[{number}]", inner) for number, inner in enumerate(value)]
    else:
        yield path, value
        return
    if level > DEEPEST or len(named) > MOST_PAIRS:
        yield None
        return
    for name, inner in named:
        yield from _pairs(inner, name, level + 1)


def _cells(pair: tuple[str, Any], room: Room) -> tuple[Content, Content]:
    name, value = pair
    style = "" if isinstance(value, str) else "dim" if value in (None, [], {}) else "$text-warning"
    shown = text.clean_block(room.cut(_literal(value)))
    return Content.styled(text.clean(room.cut(name)), "bold"), Content.styled(shown, style)


def _literal(value: Any) -> str:
    return value if isinstance(value, str) else indented(value)
