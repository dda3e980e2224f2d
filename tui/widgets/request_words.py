"""One request as it would be sent, with what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from textual.content import Content

from .. import records, text
from ..model import WARNING, Problem
from . import request_text
from .code import json_lines
from .flow import NOTHING, Item, Words
from .shown import MOST_SHOWN, Shown

_BASE64 = re.compile(r'"([A-Za-z0-9+/]{64})([A-Za-z0-9+/]{200,}={0,2})"')
"""Bytes of a document or an image: nobody reads them."""


def sent(source: bytes, problems: Sequence[Problem] = ()) -> Shown:
    """The request's JSON, laid out over several lines. Blocking: it may be long."""
    # Documents are folded before the text is cut, else nothing behind one would ever be seen.
    whole = records.pretty(source, len(source) * 4 + 1000)
    body = text.clean_block(_BASE64.sub(_folded, whole)[:MOST_SHOWN])
    items: list[Item] = [*_problems(problems)]
    items += [Words(line, NOTHING, _hanging(line)) for line in json_lines(body)]
    if len(body) == MOST_SHOWN:
        items.append(Words(Content.styled(f"… the first {MOST_SHOWN:,} characters", "bold $text-warning")))
    return Shown(tuple(items), source.decode("utf-8", "replace"))


def readable(source: bytes, problems: Sequence[Problem] = ()) -> Shown:
    """The request as people read it, what is the same in every one of them last. Blocking, too."""
    view = records.parse_request(source)
    turns = sorted(view.turns, key=lambda turn: turn.role == "system")
    shown = request_text.requested(replace(view, turns=tuple(turns)))
    return Shown((*_problems(problems), *shown.items), shown.plain)


def custom_id(source: bytes) -> str:
    """What the request is called. Blocking, too."""
    return text.clean(records.parse_request(source).custom_id)


def only(problems: Sequence[Problem]) -> Shown:
    """Why there is no request to be shown."""
    return Shown(tuple(_problems(problems)), "")


def _problems(problems: Sequence[Problem]) -> Iterator[Item]:
    for problem in problems:
        is_warning = problem.severity == WARNING
        tone = "$text-warning" if is_warning else "$text-error"
        place = f"{text.clean(problem.place)}  " if problem.place else ""
        head = Content.styled("! " if is_warning else "✗ ", f"bold {tone}")
        yield Words(Content.assemble((place, "bold"), (text.clean(problem.what), tone)), head, Content("  "))
        if problem.remedy:
            arrow = Content.styled("  → ", "bold $text-accent")
            yield Words(Content(text.clean(problem.remedy)), arrow, Content("    "))
    if problems:
        yield Words(NOTHING)


def _folded(found: re.Match[str]) -> str:
    size = len(found[0]) - 2
    return f'"{found[1]}… {text.size(size * 3 // 4)} as base64"'


def _hanging(line: Content) -> Content:
    said = line.plain
    return Content(" " * (len(said) - len(said.lstrip(" ")) + 4))
