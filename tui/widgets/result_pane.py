"""A text to read: scrolled, searched, selected; of a long one only what is seen is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from time import perf_counter
from typing import ClassVar

from rich.segment import Segment
from textual import events, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from .flow import Row, Words, is_match, lay_out
from .result_text import formatted, raw
from .shown import MOST_SHOWN, Shown

__all__ = ["MOST_SHOWN", "ResultPane", "Shown", "formatted", "raw"]

BREATH = 0.01
"""Seconds of laying out before others have their turn."""
PORTION = 50
"""Rows laid out between looks at the clock."""


class ResultPane(ScrollView, can_focus=True):
    """Scrolls over one result, or over a text that stands in its place."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    ResultPane {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        padding: 0 0 0 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="read.down"),
        Binding("k", "scroll_up", "Up", show=False, id="read.up"),
        Binding("g", "scroll_home", "Top", show=False, id="read.top"),
        Binding("G", "scroll_end", "Bottom", show=False, id="read.bottom"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.shown = Shown((), "")
        """What is shown now."""
        self.unfolded = False
        """Whether thinking is shown in full."""
        self._rows: list[Row] = []
        self._coming: Iterator[Row] = iter(())
        self._styles: dict[str | Style, Style] = {}
        self._goal = 0
        self._seeks = False

    def show(self, content: Content | Shown) -> None:
        """Show from the top, or from the first match of a search where it is further down."""
        if isinstance(content, Content):
            lines = content.split("\n", allow_blank=True)
            content = Shown(tuple(map(Words, lines)), content.plain)
        self.shown = content
        self._seeks = bool(content.matches)
        self.clear_selection()
        self._lay_out(0)
        self.scroll_to(y=0, animate=False, immediate=True)

    def toggle_thinking(self) -> None:
        """Unfold all thinking, or fold it; so it stays for what is read next."""
        self.unfolded = not self.unfolded
        self._lay_out(self._place())

    def clear_selection(self) -> None:
        """Nothing is selected in a text that is new."""
        self.screen.selections = {
            widget: selection for widget, selection in self.screen.selections.items() if widget is not self
        }

    # -- layout --------------------------------------------------------------------------------------------

    @property
    def width(self) -> int:
        """Cells of a row."""
        return max(self.scrollable_content_region.width - 1, 1)

    @property
    def rows(self) -> list[Row]:
        """The rows as they are laid out by now."""
        return self._rows

    def on_resize(self, event: events.Resize) -> None:
        """Other rows; the first one seen stays where it is."""
        self._lay_out(self._place())

    def _place(self) -> int:
        """The line that the first row seen belongs to."""
        top = round(self.scroll_y)
        return self._rows[top].line if 0 < top < len(self._rows) else 0

    def _lay_out(self, goal: int) -> None:
        self._rows = []
        if not self.size.width:
            return  # not on the screen yet: the first resize comes here
        self._goal = goal
        self._coming = lay_out(self.shown.items, self.width, unfolded=self.unfolded)
        if self._take(self._coming):
            self._take_rest(self._coming)
        self.refresh()

    def _take(self, coming: Iterator[Row]) -> bool:
        """Lay out for a moment; whether there is more to come."""
        end = perf_counter() + BREATH
        before = len(self._rows)
        more = True
        while more and perf_counter() < end:
            self._rows += (rows := list(islice(coming, PORTION)))
            more = len(rows) == PORTION
        self.virtual_size = Size(self.width, len(self._rows))
        self._seek(before)
        return more

    @work(group="layout", exclusive=True, description="lay out a long text")
    async def _take_rest(self, coming: Iterator[Row]) -> None:
        more = True
        while more and coming is self._coming:
            await asyncio.sleep(0)
            more = self._take(coming)

    def _seek(self, start: int) -> None:
        """Go to the line that stood on top, or to the first match, once it is laid out."""
        for at in range(start, len(self._rows)):
            row = self._rows[at]
            if self._goal and row.line == self._goal:
                self._goal = 0
                self.call_after_refresh(self.scroll_to, y=at, animate=False)
            elif self._seeks and is_match(row):
                self._seeks = False
                if at >= self.size.height:
                    self.call_after_refresh(self.scroll_to, y=max(at - 2, 0), animate=False)
            elif not self._goal and not self._seeks:
                return

    # -- drawing -------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Another theme: other colours."""
        super().notify_style_update()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        """Draw one row of the window."""
        at = round(self.scroll_offset.y) + y
        base = self.visual_style
        if at >= len(self._rows):
            return Strip.blank(self.size.width, base.rich_style)
        row = self._rows[at]
        body = row.content[row.start : row.end]
        if selected := self._selected(row):
            body = body.stylize(self.screen.get_visual_style("screen--selection"), *selected)
        strip = Strip(self._segments(body, base)).apply_offsets(row.start, row.line)
        if row.prefix:
            strip = Strip([*self._segments(row.prefix, base), *strip])
        return strip.adjust_cell_length(self.size.width, base.rich_style)

    def _segments(self, content: Content, base: Style) -> list[Segment]:
        return [
            Segment(said, (base + style).rich_style)
            for said, style in content.render(base, end="", parse_style=self._style)
        ]

    def _style(self, name: str | Style) -> Style:
        if name not in self._styles:
            self._styles[name] = (
                name if isinstance(name, Style) else Style.parse(name, self.app.theme_variables)
            )
        return self._styles[name]

    # -- selecting -----------------------------------------------------------------------------------------

    def _selected(self, row: Row) -> tuple[int, int] | None:
        selection = self.text_selection
        span = selection.get_span(row.line) if selection else None
        if span is None:
            return None
        start, end = span
        last = row.end if end == -1 else min(end, row.end)
        first = max(start, row.start)
        return (first - row.start, last - row.start) if first < last else None

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, in the lines of its author and without what we put before them."""
        lines = {row.line: row.content.plain for row in self._rows}
        return selection.extract("\n".join(lines.values())), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw it."""
        self.refresh()
