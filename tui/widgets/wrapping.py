"""Where a line of text is broken so that it fits, whatever script it is in."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size

Part = tuple[int, int]
"""Where a row begins and ends in its line."""

_JOINER, _WIDENER = "\u200d", "\ufe0f"


def wrapped(line: str, first: int, rest: int) -> Iterator[Part]:
    """The rows of a line; the first may be `first` cells wide, the others `rest`.

    Broken at spaces, which are left out there, and between wide characters; a word that is too long for a row
    is broken anywhere but before what combines with the character to its left.
    """
    first, rest = max(first, 1), max(rest, 1)
    if len(line) <= first and (line.isascii() or cell_len(line) <= first):
        yield 0, len(line)
    elif _has_wide(line):
        yield from _in_cells(line, first, rest)
    else:
        yield from _in_signs(line, first, rest)


def _has_wide(line: str) -> bool:
    return not line.isascii() and any(get_character_cell_size(sign) != 1 for sign in set(line))


def _in_signs(line: str, room: int, rest: int) -> Iterator[Part]:
    """Every character takes one cell, as in most texts."""
    start, least = 0, len(line) - len(line.lstrip(" "))
    while len(line) - start > room:
        cut = line.rfind(" ", start + 1, start + room + 1)
        if cut <= least:
            cut = start + room
        yield start, _before_spaces(line, cut)
        start = least = _after_spaces(line, cut)
        room = rest
    if start < len(line) or not start:
        yield start, len(line)


def _in_cells(line: str, room: int, rest: int) -> Iterator[Part]:
    """Characters of any width, one after the other."""
    start = used = at = 0
    is_widened = _WIDENER in line
    choice = 0  # where the row may be broken nicely
    sizes = {sign: get_character_cell_size(sign) for sign in set(line)}
    while at < len(line):
        sign = line[at]
        width = sizes[sign]
        if is_widened and width and line[at + 1 : at + 2] == _WIDENER:
            width = 2
        if width and used + width > room and at > start and line[at - 1] != _JOINER:
            if sign == " " or choice <= start:
                choice = at
            yield start, _before_spaces(line, choice)
            start = at = _after_spaces(line, choice)
            used, choice, room = 0, start, rest
            continue
        if sign == " " or (width == 2 and at and line[at - 1] != _JOINER):
            choice = at
        used += width
        at += 1
        if width == 2 and at < len(line) and sizes[line[at]]:
            choice = at
    if start < len(line) or not start:
        yield start, len(line)


def _after_spaces(line: str, at: int) -> int:
    while at < len(line) and line[at] == " ":
        at += 1
    return at


def _before_spaces(line: str, at: int) -> int:
    while at and line[at - 1] == " ":
        at -= 1
    return at
