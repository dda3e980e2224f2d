"""Texts that flow into whatever width there is: lines with hanging indents, tables, and what can be folded.

Made once, in a thread; laid out for a width as often as that changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len
from textual.content import Content

from .wrapping import wrapped

NOTHING = Content("")
MATCH = "bold reverse"
"""How a match of the search is shown: in every theme, and without colours, too."""
NARROWEST = 8
"""Cells that a column needs: with less, a table becomes a list."""

Spans = Callable[[str], Iterable[tuple[int, int]]]
"""Where in a text the matches of a search are."""


@dataclass(frozen=True, slots=True)
class Words:
    """One line, broken into rows where it is too long."""

    content: Content
    first: Content = NOTHING
    """What stands before its first row …"""
    rest: Content = NOTHING
    """… and before the others."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells in columns; a cell may have several lines."""

    rows: tuple[tuple[Content, ...], ...]
    headed: bool = False
    """Whether the first row names the columns."""
    rights: frozenset[int] = frozenset()
    """Columns that are aligned to the right."""
    margin: Content = NOTHING


@dataclass(frozen=True, slots=True)
class Fold:
    """A part that is one line until somebody wants to see it."""

    title: str
    items: tuple[Item, ...]
    matches: int = 0


Item: TypeAlias = Words | Grid | Fold


class Row(NamedTuple):
    """What stands on one line of the screen: a part of a line, after its prefix."""

    content: Content
    start: int
    end: int
    prefix: Content
    line: int
    """Number of the line among all lines laid out."""


def words(said: str, style: str = "", first: Content = NOTHING, rest: Content | None = None) -> list[Item]:
    """A cleaned text of several lines."""
    after = first if rest is None else rest
    return [Words(Content.styled(line, style), first, after) for line in said.split("\n")]


def lay_out(items: Sequence[Item], width: int, *, unfolded: bool = False) -> Iterator[Row]:
    """The rows for this width, one after the other: who wants them may take breaths."""
    for line, each in enumerate(_lines(items, width, unfolded)):
        first, rest = _narrowed(each.first, width), _narrowed(each.rest, width)
        rooms = width - first.cell_length, width - rest.cell_length
        for number, (start, end) in enumerate(wrapped(each.content.plain, *rooms)):
            yield Row(each.content, start, end, rest if number else first, line)


def _narrowed(prefix: Content, width: int) -> Content:
    """A prefix that leaves at least half of the width to the text."""
    return prefix if not prefix or prefix.cell_length <= width // 2 else prefix[: width // 2]


def plain(items: Sequence[Item], width: int = 100) -> Content:
    """Everything unfolded, as one text."""
    return Content("\n").join(
        each.first + each.content if each.first else each.content for each in _lines(items, width, True)
    )


def _lines(items: Sequence[Item], width: int, unfolded: bool) -> Iterator[Words]:
    for item in items:
        if isinstance(item, Words):
            yield item
        elif isinstance(item, Grid):
            yield from _table(item, width)
        else:
            found = f", {item.matches:,} found" if item.matches and not unfolded else ""
            sign = "▾" if unfolded else "▸"
            yield Words(Content.styled(f"{sign} {item.title}{found}", "bold $text-accent"))
            if unfolded:
                yield from _lines(item.items, width, unfolded)


# -- matches ------------------------------------------------------------------------------------------------


def marked(items: Sequence[Item], spans: Spans) -> tuple[list[Item], int]:
    """The same with the matches shown, and their number."""
    found = 0
    made: list[Item] = []
    for item in items:
        number = 0
        if isinstance(item, Words):
            content, number = _marked(item.content, spans)
            made.append(replace(item, content=content) if number else item)
        elif isinstance(item, Fold):
            inner, number = marked(item.items, spans)
            made.append(replace(item, items=tuple(inner), matches=number))
        else:
            cells = [[_marked(cell, spans) for cell in row] for row in item.rows]
            number = sum(count for row in cells for _, count in row)
            made.append(replace(item, rows=tuple(tuple(cell for cell, _ in row) for row in cells)))
        found += number
    return made, found


def _marked(content: Content, spans: Spans) -> tuple[Content, int]:
    found = 0
    for start, end in spans(content.plain):
        if end > start:
            content = content.stylize(MATCH, start, end)
            found += 1
    return content, found


def is_match(row: Row) -> bool:
    """Whether a match begins in this row, or goes on in it."""
    return any(
        span.style == MATCH and span.start < row.end and span.end > row.start for span in row.content.spans
    )


# -- tables -------------------------------------------------------------------------------------------------


def _table(grid: Grid, width: int) -> Iterator[Words]:
    if not grid.rows:
        return
    room = width - grid.margin.cell_length
    between = " │ " if grid.headed else "  "
    columns = max(map(len, grid.rows))
    free = room - len(between) * (columns - 1)
    naturals = [
        max((_natural(row[column]) for row in grid.rows if column < len(row)), default=0)
        for column in range(columns)
    ]
    widths = _shared(naturals, free)
    if any(got < min(wanted, NARROWEST) for got, wanted in zip(widths, naturals, strict=True)):
        yield from _as_list(grid)
        return
    for number, row in enumerate(grid.rows):
        yield from _row(grid, row, widths, between)
        if grid.headed and not number:
            rule = "─┼─".join("─" * each for each in widths)
            yield Words(Content.styled(rule, "dim"), grid.margin, grid.margin)


def _natural(cell: Content) -> int:
    return max(map(cell_len, cell.plain.split("\n")))


def _shared(naturals: list[int], free: int) -> list[int]:
    """As wide as each needs; where there is less, what the narrow ones leave is shared by the wide ones."""
    widths = [0] * len(naturals)
    left = sorted(range(len(naturals)), key=lambda column: naturals[column])
    while left:
        column = left.pop(0)
        widths[column] = max(min(naturals[column], free // (len(left) + 1)), 0)
        free -= widths[column]
    return widths


def _as_list(grid: Grid) -> Iterator[Words]:
    """Too many columns for the width: each cell on a line of its own, after its column's name."""
    names = grid.rows[0] if grid.headed else ()
    for number, row in enumerate(grid.rows[1:] if grid.headed else grid.rows):
        if number:
            yield Words(NOTHING, grid.margin, grid.margin)
        for column, cell in enumerate(row):
            named = column < len(names) and names[column].plain
            head = Content.styled(f"{names[column].plain}: ", "bold") if named else NOTHING
            first, *others = cell.split("\n", allow_blank=True)
            for part in (head + first, *(Content("  ") + other for other in others)):
                yield Words(part, grid.margin, grid.margin + "  ")


def _row(grid: Grid, row: Sequence[Content], widths: list[int], between: str) -> Iterator[Words]:
    cells = [_broken(cell, width) for cell, width in zip(row, widths, strict=False)]
    separator = Content.styled(between, "dim")
    for number in range(max(map(len, cells), default=0)):
        parts = []
        for column, width in enumerate(widths):
            lines = cells[column] if column < len(cells) else []
            part = lines[number] if number < len(lines) else NOTHING
            space = " " * max(width - part.cell_length, 0)
            parts.append(Content(space) + part if column in grid.rights else part + space)
        yield Words(separator.join(parts).rstrip(), grid.margin, grid.margin)


def _broken(cell: Content, width: int) -> list[Content]:
    lines: list[Content] = []
    for line in cell.split("\n", allow_blank=True):
        lines += [line[start:end] for start, end in wrapped(line.plain, width, width)]
    return lines
