"""A table that draws only the rows one sees, and of those only what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .columns import Cell, Column, Placed, fit, place

NOTHING = Cell("")
WAITING = Cell("·", "muted")


class RowSource(Protocol):
    """Rows by index and by key; cells are asked for only when a row is to be drawn."""

    def __len__(self) -> int: ...

    def key(self, index: int) -> str:
        """What stays with a row when it moves."""
        ...

    def index(self, key: str) -> int | None:
        """Where the row with this key is now."""
        ...

    def cells(self, index: int) -> Mapping[str, Cell] | None:
        """The row's cells by column id, or None while it is being loaded."""
        ...


class NoRows:
    """The source of a table that has none yet."""

    def __len__(self) -> int:
        return 0

    def key(self, index: int) -> str:
        """There is none."""
        raise IndexError(index)

    def index(self, key: str) -> int | None:
        """There is none."""
        return None

    def cells(self, index: int) -> Mapping[str, Cell] | None:
        """There is none."""
        return None


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What a screen line shows, so that the next update can tell what differs."""

    key: str
    look: str
    marked: bool
    cells: tuple[Cell, ...]

    @property
    def row(self) -> tuple[str, str, bool]:
        """What concerns the whole line; where it differs, single cells do not matter."""
        return self.key, self.look, self.marked


class VirtualTable(ScrollView, can_focus=True):
    """Rows of a `RowSource`; the cursor stays on its key, marks stay on theirs."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "virtual-table--header",
        "virtual-table--cursor",
        "virtual-table--marked",
        "virtual-table--muted",
        "virtual-table--success",
        "virtual-table--warning",
        "virtual-table--error",
        "virtual-table--accent",
    }

    DEFAULT_CSS = """
    VirtualTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & > .virtual-table--header { text-style: bold dim; }
        & > .virtual-table--cursor { background: $surface-lighten-1; }
        &:focus > .virtual-table--cursor { background: $primary-muted; text-style: bold; }
        & > .virtual-table--marked { color: $accent; text-style: bold; }
        & > .virtual-table--muted { text-style: dim; }
        & > .virtual-table--success { color: $text-success; }
        & > .virtual-table--warning { color: $text-warning; }
        & > .virtual-table--error { color: $text-error; }
        & > .virtual-table--accent { color: $text-primary; }
        &:ansi > .virtual-table--cursor { background: ansi_default; text-style: underline; }
        &:ansi:focus > .virtual-table--cursor { background: ansi_default; text-style: bold reverse; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="move.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="move.down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="move.page_up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="move.page_down"),
        Binding("g,home", "jump('first')", "First", show=False, id="move.first"),
        Binding("G,end", "jump('last')", "Last", show=False, id="move.last"),
        Binding("enter", "open", "Open", id="open"),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor came to another row."""

        table: VirtualTable
        key: str | None

    @dataclass
    class Opened(Message):
        """Enter, or a double click, on a row."""

        table: VirtualTable
        key: str

    @dataclass
    class HeaderClicked(Message):
        """A click on a column's title."""

        table: VirtualTable
        column: str

    def __init__(
        self, columns: Sequence[Column], *, id: str | None = None, classes: str | None = None, empty: str = ""
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.empty = empty
        """What to say where there are no rows."""
        self.source: RowSource = NoRows()
        self.sorted_by: tuple[str, bool] = ("", False)
        """Column id, and whether the largest comes first: drawn as an arrow in the header."""
        self.current = ""
        """Id of a column that is chosen: its title stands out."""
        self.cursor_key: str | None = None
        self.cursor_index = 0
        self.marks: frozenset[str] = frozenset()
        self._placed: tuple[Placed, ...] = ()
        self._placed_for = -1
        self._drawn: dict[int, _Drawn | None] = {}

    # -- what it shows -------------------------------------------------------------------------------------

    def show(self, source: RowSource) -> None:
        """Show these rows: the cursor stays on its key, what did not change is not drawn again."""
        before, size = self.cursor_index, len(self.source)
        seen = self.first_visible <= before < self.first_visible + self.visible_rows
        self.source = source
        if len(source) != size:
            self.virtual_size = Size(1, len(source) + 1)
            if not size or not len(source):
                self.refresh()  # the sentence for an empty table comes or goes
        self._follow_key(before)
        if seen:
            # Another filter or order may have put the row anywhere. With more rows than before, scrolling
            # becomes possible only with the next layout.
            self._into_view()
            self.call_after_refresh(self._into_view)
        self.redraw()

    def _follow_key(self, before: int) -> None:
        """Put the cursor where its row is now, or, if that has vanished, where it was."""
        size = len(self.source)
        found = self.source.index(self.cursor_key) if self.cursor_key is not None else None
        index = found if found is not None else max(min(before, size - 1), 0)
        if found is not None and index != before and self.scroll_offset.y > 0:
            # Rows came or went above: move along, so that the row stays under the user's eye.
            self.scroll_to(y=self.scroll_offset.y + index - before, animate=False)
        self._set_cursor(index)

    def _set_cursor(self, index: int) -> None:
        old_key = self.cursor_key
        self.cursor_index = index
        self.cursor_key = self.source.key(index) if index < len(self.source) else None
        if self.cursor_key != old_key:
            self.post_message(self.Highlighted(self, self.cursor_key))

    def redraw(self) -> None:
        """Send to the terminal only those cells that differ from what it shows."""
        self._fit()
        for y in range(self.size.height):
            was, now = self._drawn.get(y), self._line(y)
            if was == now:
                continue
            if was is None or now is None or was.row != now.row:
                self.refresh(Region(0, y, self.width, 1))
                continue
            differing = [
                placed
                for placed, old, new in zip(self._placed, was.cells, now.cells, strict=False)
                if old != new
            ]
            if differing:
                # One region a line: Textual sends a line from its beginning for each of them.
                first, last = differing[0], differing[-1]
                self.refresh(Region(first.x, y, last.x + last.width - first.x, 1))

    def say_if_empty(self, words: str) -> None:
        """What stands there while there are no rows."""
        if words != self.empty:
            self.empty = words
            if not len(self.source):
                self.refresh()

    def show_columns(self, columns: Sequence[Column], current: str = "") -> None:
        """Other columns over the same rows, one of them perhaps chosen."""
        if self.columns != tuple(columns) or self.current != current:
            self.columns, self.current = tuple(columns), current
            self._placed_for = -1
            self._fit()
            self.refresh()

    def sort_sign(self, column: str, descending: bool) -> None:
        """Show in the header which column orders the rows."""
        if self.sorted_by != (column, descending):
            self.sorted_by = (column, descending)
            self.refresh(Region(0, 0, self.width, 1))

    def mark(self, keys: frozenset[str]) -> None:
        """Mark exactly these rows."""
        self.marks = keys
        self.redraw()

    # -- drawing -------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._into_view()

    def _fit(self) -> None:
        """Place the columns anew when the width is another one: a scrollbar comes and goes unannounced."""
        if self._placed_for != self.width:
            self._placed_for = self.width
            self._placed = place(self.columns, self.width)
            self._drawn.clear()

    def _line(self, y: int) -> _Drawn | None:
        """What belongs on screen line `y`; None for the header and for lines below the last row."""
        index = y - 1 + self.scroll_offset.y
        if y == 0 or index >= len(self.source):
            return None
        key = self.source.key(index)
        cells = self.source.cells(index)
        look = "cursor" if index == self.cursor_index else ""
        row = tuple(
            WAITING if cells is None else cells.get(placed.column.id, NOTHING) for placed in self._placed
        )
        return _Drawn(key, look, key in self.marks, row)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window (header, row, or empty)."""
        self._fit()
        if y == 0:
            return self._header()
        drawn = self._drawn[y] = self._line(y)
        if drawn is not None:
            return self._row(drawn)
        if self.empty and len(self.source) == 0 and y == 2:
            style = self._style("muted")
            return Strip([Segment(fit("  " + self.empty, self.width), self.rich_style + style)])
        return Strip.blank(self.width, self.rich_style)

    def _header(self) -> Strip:
        style = self.rich_style + self._style("header")
        by, descending = self.sorted_by
        segments = [Segment("  ", style)]
        for placed in self._placed:
            arrow = ("▼" if descending else "▲") if placed.column.id == by else ""
            title = fit(placed.column.title + arrow, placed.width, placed.column.align)
            chosen = style + Style(reverse=True) if placed.column.id == self.current else style
            segments += [Segment(title, chosen), Segment(" " * placed.gap, style)]
        return Strip(segments).adjust_cell_length(self.width, style)

    def _row(self, drawn: _Drawn) -> Strip:
        base = self.rich_style
        if drawn.look == "cursor":
            base += self._style("cursor")
        sign = ("›" if drawn.look == "cursor" else " ") + ("*" if drawn.marked else " ")
        segments = [Segment(sign, base + self._style("marked"))]
        for placed, cell in zip(self._placed, drawn.cells, strict=True):
            style = base + self._style(cell.tone) if cell.tone else base
            # The gap in the cell's own style: another one would cost 40 bytes each time a line is sent.
            words = fit(cell.text, placed.width, placed.column.align) + " " * placed.gap
            segments.append(Segment(words, style))
        return Strip(segments).adjust_cell_length(self.width, base)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"virtual-table--{name}", partial=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """All lines are others now."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._drawn.clear()

    # -- moving --------------------------------------------------------------------------------------------

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, draw the two lines concerned, and bring it into view."""
        index = max(min(index, len(self.source) - 1), 0)
        if index == self.cursor_index and self.cursor_key is not None:
            return
        self._set_cursor(index)
        self._into_view()
        self.redraw()

    def move_to_key(self, key: str) -> bool:
        """Put the cursor on a row by its key; False where it is not shown."""
        index = self.source.index(key)
        if index is not None:
            self.move_to(index)
        return index is not None

    @property
    def width(self) -> int:
        """Cells of a line, without the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def first_visible(self) -> int:
        """Index of the topmost row in the window."""
        return self.scroll_offset.y

    @property
    def visible_rows(self) -> int:
        """How many rows the window holds."""
        return max(self.size.height - 1, 1)

    def _into_view(self) -> None:
        top, rows = self.first_visible, self.visible_rows
        if self.cursor_index < top:
            self.scroll_to(y=self.cursor_index, animate=False)
        elif self.cursor_index >= top + rows:
            self.scroll_to(y=self.cursor_index - rows + 1, animate=False)

    def action_move(self, by: int) -> None:
        """One row up or down."""
        self.move_to(self.cursor_index + by)

    def action_page(self, by: int) -> None:
        """One window up or down."""
        self.move_to(self.cursor_index + by * max(self.visible_rows - 1, 1))

    def action_jump(self, where: str) -> None:
        """To the first or the last row."""
        self.move_to(0 if where == "first" else len(self.source) - 1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.cursor_key is not None:
            self.post_message(self.Opened(self, self.cursor_key))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a double click opens, one on the header sorts."""
        event.stop()
        if event.y == 0:
            self._click_header(event.x)
            return
        index = event.y - 1 + self.first_visible
        if index < len(self.source):
            self.move_to(index)
            if event.chain > 1:
                self.action_open()

    def _click_header(self, x: int) -> None:
        for placed in self._placed:
            if placed.x <= x < placed.x + placed.width + placed.gap:
                self.post_message(self.HeaderClicked(self, placed.column.id))
