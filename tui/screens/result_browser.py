"""The results of one batch: a list over the index, and the chosen one beside or below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from .. import text
from ..model import Entry, ResultFilter, Summary
from ..widgets.batch_facts import summary_words
from ..widgets.field import Field
from ..widgets.result_pane import ResultPane
from ..widgets.result_rows import COLUMNS, ResultRows
from ..widgets.virtual_table import VirtualTable
from .desk import Desk
from .reading import Reading

OUTCOMES = (
    ("", "All"),
    ("succeeded", "Succeeded"),
    ("problem", "Needs attention"),
    ("errored", "Errored"),
    ("canceled", "Canceled"),
    ("expired", "Expired"),
)
ALL = ResultFilter()


class ResultBrowser(Container):
    """Browse, search and read results, also while they arrive."""

    @dataclass
    class Updated(Message):
        """Other results are shown, or their number changed."""

        browser: ResultBrowser

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Search", id="filter", key_display="/"),
        Binding("right_square_bracket", "problem(1)", "Next issue", id="problem.next", key_display="]"),
        Binding("v", "raw", "Raw", id="raw", tooltip="Formatted or raw"),
        Binding("i", "summary", "Summary", id="summary", tooltip="Outcomes, tokens, errors by message"),
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy what the result says"),
        Binding("p", "pager", "Pager", id="pager", tooltip="The raw result in $PAGER"),
        Binding(
            "left_square_bracket",
            "problem(-1)",
            "Previous issue",
            id="problem.previous",
            key_display="[",
            show=False,
        ),
        Binding("Y", "copy_id", "Copy custom_id", id="copy_id", show=False),
        Binding("tab", "switch", "List or result", id="switch", show=False, priority=True),
        Binding("right,greater_than_sign", "step(1)", "Next result", id="next", show=False),
        Binding("left,less_than_sign", "step(-1)", "Previous result", id="previous", show=False),
        *(
            Binding(
                str(n + 1), f"outcome({n})", f"Results: {title}", id=f"outcome.{which or 'all'}", show=False
            )
            for n, (which, title) in enumerate(OUTCOMES)
        ),
    ]

    def __init__(self, desk: Desk, batch_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.batch_id = batch_id
        self.entry: Entry | None = None
        self.wanted = ALL
        self.summary = Summary()
        self.reading = Reading(desk, batch_id)
        self._reads = self._again = False

    def compose(self) -> ComposeResult:
        """List and pane, search line."""
        with Container(id="results"):
            yield VirtualTable(COLUMNS, id="rows")
            yield ResultPane(id="pane")
        hint = "search custom_id, first words and errors"
        yield Field(placeholder=hint, id="search", classes="hidden", compact=True)

    @property
    def table(self) -> VirtualTable:
        """The list."""
        return self.query_one("#rows", VirtualTable)

    @property
    def pane(self) -> ResultPane:
        """The chosen result."""
        return self.query_one(ResultPane)

    # -- index → list --------------------------------------------------------------------------------------

    async def read(self, entry: Entry | None) -> None:
        """Read what the index has by now.

        While lines arrive this is asked for several times a second; a reading under way is not broken off,
        or a slow one would never come to its end, but followed by another.
        """
        self.entry = entry
        self._again = True
        if self._reads:
            return
        self._reads = True
        try:
            while self._again:
                self._again = False
                await self._read()
        finally:
            self._reads = False

    async def _read(self) -> None:
        results, wanted = self.desk.store.results, self.wanted
        self.summary = await results.summary(self.batch_id)
        lines: Sequence[int] = range(self.summary.lines)
        if wanted != ALL:
            lines = await results.lines(self.batch_id, wanted)
        source = self.table.source
        rows = source if isinstance(source, ResultRows) else ResultRows(range(0), self._want_page)
        self.table.say_if_empty(self._empty_words())
        self.table.show(rows.grown(lines))
        self.set_class(not self.summary.lines, "-empty")
        if self.has_class("-summary"):
            self._show_summary()
        self.post_message(self.Updated(self))

    def _empty_words(self) -> str:
        if self.wanted != ALL:
            return "No result matches. Escape clears the search, 1 shows all."
        if self.entry and self.entry.batch.is_live:
            return "Results come when the batch has ended."
        return "No results here yet."

    def _want_page(self, number: int, lines: Sequence[int]) -> None:
        """The list wants to draw rows it does not have."""
        self._load_page(number, lines)

    @work(group="page", description="read a page of the index")
    async def _load_page(self, number: int, lines: Sequence[int]) -> None:
        rows = await self.desk.store.results.rows(self.batch_id, lines)
        source = self.table.source
        if isinstance(source, ResultRows):
            source.supply(number, rows)
            self.table.redraw()
            if self.reading.shown is None:
                self._show_result()

    def status_words(self) -> Content:
        """How many results are shown, of how many, and by which filter."""
        shown, lines = len(self.table.source), self.summary.lines
        number = f"{shown:,} of {lines:,}" if shown != lines else f"{lines:,}"
        file = self.entry.results if self.entry else None
        so_far = " so far" if file and not file.complete else ""
        parts = [Content.styled(f"{number} results{so_far}", "bold")]
        if self.wanted.outcome:
            parts.append(Content.styled(f"  {dict(OUTCOMES)[self.wanted.outcome].lower()}", "$text-accent"))
        if self.wanted.text:
            parts.append(Content.styled(f"  /{text.clean(self.wanted.text)}", "$text-accent"))
        return Content("").join(parts)

    # -- the chosen result ---------------------------------------------------------------------------------

    def _show_summary(self) -> None:
        self.pane.show(summary_words(self.summary, 1000))

    @work(group="read", exclusive=True, description="read one result")
    async def _show_result(self) -> None:
        """Read the chosen line from disk, and show it unless the user has moved on."""
        source, index = self.table.source, self.table.cursor_index
        row = source.row(index) if isinstance(source, ResultRows) and index < len(source) else None
        shown = await self.reading.read(row)
        if shown is not None and not self.has_class("-summary"):
            self.pane.show(shown.content)

    def on_virtual_table_highlighted(self) -> None:
        """Another result was chosen."""
        self.remove_class("-summary")
        self._show_result()

    def on_virtual_table_opened(self) -> None:
        """Give the chosen result the whole screen."""
        self.screen.add_class("-reading")
        self.pane.focus()

    def action_raw(self) -> None:
        """Formatted ↔ raw."""
        self.reading.raw = not self.reading.raw
        self.remove_class("-summary")
        self._show_result()

    def action_summary(self) -> None:
        """All outcomes and groups of errors, in place of the result."""
        self.toggle_class("-summary")
        if self.has_class("-summary"):
            self._show_summary()
        else:
            self._show_result()

    def action_copy(self) -> None:
        """Copy what the result says (raw view: the line)."""
        self.reading.copy(self.app)

    def action_copy_id(self) -> None:
        """Copy the custom_id."""
        self.reading.copy(self.app, custom_id=True)

    def action_pager(self) -> None:
        """Page the raw result."""
        self.reading.page(self.app)

    # -- moving and choosing -------------------------------------------------------------------------------

    def go_back(self) -> bool:
        """One level back inside the results; False where there is none left."""
        if self.query_one("#search", Input).has_focus:
            self._close_search()
        elif self.screen.has_class("-reading"):
            self.screen.remove_class("-reading")
            self.table.focus()
        elif self.has_class("-summary"):
            self.action_summary()
        elif self.wanted != ALL:
            self._want(ALL)
        else:
            return False
        return True

    def action_switch(self) -> None:
        """From the list to the result and back."""
        if self.pane.has_focus and not self.screen.has_class("-reading"):
            self.table.focus()
        elif self.pane.display:
            self.pane.focus()

    def action_step(self, by: int) -> None:
        """To the next or previous result, also while reading."""
        self.table.action_move(by)

    def action_outcome(self, number: int) -> None:
        """Show only results of one outcome."""
        self._want(ResultFilter(OUTCOMES[number][0], self.wanted.text))

    @work(group="filter", exclusive=True, description="choose results")
    async def _want(self, wanted: ResultFilter) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            search = self.query_one("#search", Input)
            if not search.has_focus:
                search.value = wanted.text
            await self.read(self.entry)

    @work(group="jump", exclusive=True, description="look for the next problem")
    async def action_problem(self, direction: int) -> None:
        """To the next or previous result without a whole answer."""
        wanted = ResultFilter("problem", self.wanted.text)
        problems = await self.desk.store.results.lines(self.batch_id, wanted)
        here = int(self.table.cursor_key or 0)
        if direction > 0:
            found = next((line for line in problems if line > here), None)
        else:
            found = next((line for line in reversed(problems) if line < here), None)
        if found is None or not self.table.move_to_key(str(found)):
            self.notify("No further result that needs attention in this direction.", markup=False)

    def action_filter(self) -> None:
        """Open the search line."""
        line = self.query_one("#search", Input)
        line.remove_class("hidden")
        self.screen.set_focus(line)  # at once: what was typed ahead must not become commands

    def _close_search(self) -> None:
        self.query_one("#search", Input).add_class("hidden")
        self.table.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        if event.input.has_focus:
            self._want(ResultFilter(self.wanted.outcome, event.value))

    def on_input_submitted(self) -> None:
        """Keep the search, back to the rows."""
        self._close_search()
