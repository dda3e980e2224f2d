"""The results of a scope: the list, and the chosen one beside or below it."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content

from ..errors import DeckError
from ..handlers.attaching import Missing
from ..model import Scope
from ..widgets.field import Field
from ..widgets.paged_rows import PagedRows
from ..widgets.reading_pane import ReadingPane
from ..widgets.result_rows import COLUMNS
from ..widgets.shown import Shown
from ..widgets.summary_words import summary_with_costs
from ..widgets.virtual_table import VirtualTable
from .choosing import spans_of, typed_of
from .desk import Desk
from .fields import FieldsScreen
from .reading import Reading
from .result_list import ResultList


class ResultBrowser(ResultList):
    """Browse, search and read results, also while they arrive."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "fields", "Fields", id="fields", tooltip="The answers as a table of their fields"),
        Binding("i", "summary", "Summary", id="summary", tooltip="Outcomes, tokens, cost, errors by message"),
        Binding("e", "screen.export", "Export", id="export", tooltip="Save the results shown to a file"),
        Binding("right_square_bracket", "problem(1)", "Issue", id="problem.next", key_display="]"),
        Binding("b", "request", "Request", id="request", tooltip="What was asked, beside the answer"),
        Binding("v", "raw", "Raw", id="raw", tooltip="Formatted or raw"),
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy what the result says"),
        Binding("T", "thinking", "Thinking", id="thinking", tooltip="Unfold or fold thinking", show=False),
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
    ]

    def __init__(self, desk: Desk, scope: Scope) -> None:
        super().__init__(desk, scope)
        self.reading = Reading(desk, scope[0], self.choosing.batch_of, desk.ask.request_of)
        self._shows_request = False
        self._summed_up = Content()
        self._missing: Missing | None = None

    def compose(self) -> ComposeResult:
        """List and pane, search line."""
        with Container(id="results"):
            table = VirtualTable(COLUMNS, id="rows")
            table.cursor_key = self.kept.ref
            yield table
            yield ReadingPane(id="pane")
        hint = "search all that the answers say; a slash first: a regular expression"
        typed = typed_of(self.selection.pattern)
        yield Field(typed, placeholder=hint, id="search", classes="hidden", compact=True)

    @property
    def pane(self) -> ReadingPane:
        """The chosen result, and what was asked for it."""
        return self.query_one(ReadingPane)

    @work(group="question", exclusive=True)
    async def action_fields(self) -> None:
        """The same results as data; what is chosen there stays chosen here."""
        title = self.entry.name if self.entry else self.scope[0]
        ref = await self.app.push_screen_wait(FieldsScreen(self.choosing, title))
        await self.read(self.entry)
        if ref is not None and self.table.move_to_key(ref):
            self.on_virtual_table_opened()

    # -- what the list tells -------------------------------------------------------------------------------

    def index_read(self) -> None:
        """The file with the request may have been attached."""
        if self._shows_request and self.reading.lacks_request:
            self._show_result()

    def rows_shown(self) -> None:
        """The summary has other numbers."""
        if self.has_class("-summary"):
            self._show_summary()

    def rows_came(self) -> None:
        """The chosen one may be among them."""
        if self.reading.shown is None:
            self._show_result()

    def other_pattern(self) -> None:
        """Show in the answers what a search has found in them."""
        self.reading.spans = spans_of(self.selection.pattern)
        self._show_result()

    # -- the chosen result ---------------------------------------------------------------------------------

    def _show_summary(self) -> None:
        said = summary_with_costs(self.summary, self.costs, self._missing)
        if not said.is_same(self._summed_up):  # more results may come while it is read
            self._summed_up = said
            self.pane.show_request(None)
            self.pane.show(said)

    @work(group="read", exclusive=True, description="read one result")
    async def _show_result(self) -> None:
        """Read the chosen line from disk, and show it unless the user has moved on."""
        source, index = self.table.source, self.table.cursor_index
        row = source.row(index) if isinstance(source, PagedRows) and index < len(source) else None
        shown = await self.reading.read(row)
        if self.has_class("-summary"):
            return
        if not len(source):
            shown = Shown((), "")  # an answer that is not in the list must not stand beside it
        if shown is None:
            return
        self.pane.show(shown)
        if self._shows_request:
            self.pane.show_request(await self.reading.read_request(row))

    def on_virtual_table_highlighted(self) -> None:
        """Another result was chosen."""
        self.keep()
        self._leave_summary()
        self._show_result()

    def on_virtual_table_opened(self) -> None:
        """Give the chosen result the whole screen."""
        self.screen.add_class("-reading")
        self.pane.focus()

    def action_raw(self) -> None:
        """Formatted ↔ raw."""
        self.reading.raw = not self.reading.raw
        self._leave_summary()
        self._show_result()

    def action_summary(self) -> None:
        """All outcomes and groups of errors, in place of the result."""
        if self.has_class("-summary"):
            self._leave_summary()
            self._show_result()
        else:
            self.add_class("-summary")
            self._summed_up = Content()
            self._show_summary()
            self._look_for_missing()
            # It may be all there is to see, and there is something to scroll. At once, as below: keys typed
            # ahead must not go to what is no longer there.
            self.screen.set_focus(self.pane.answer)

    @work(group="missing", exclusive=True, description="look for requests without a result")
    async def _look_for_missing(self) -> None:
        file = self.entry.results if self.entry else None
        if file is None or not file.missing:
            return
        self._missing = Missing(file.missing)  # which they are is not known without their file
        with suppress(DeckError):
            found = await self.desk.ask.missing(self.scope)
            self._missing = found if found.custom_ids else self._missing
        if self.has_class("-summary"):
            self._show_summary()

    def _leave_summary(self) -> None:
        if self.has_class("-summary"):
            self.remove_class("-summary")
            if not self.screen.has_class("-reading"):
                self.screen.set_focus(self.table)

    def action_request(self) -> None:
        """Show what was asked, or no longer."""
        self._shows_request = not self._shows_request
        self._leave_summary()
        if not self._shows_request:
            self.pane.show_request(None)
        elif not self.pane.display and self.table.cursor_key is not None:
            self.on_virtual_table_opened()  # a small terminal has no pane beside the list
        self._show_result()

    def action_thinking(self) -> None:
        """Unfold all thinking, or fold it."""
        self.pane.toggle_thinking()

    def action_copy(self) -> None:
        """Copy what the result says (raw view: the line)."""
        self.reading.copy(self.app)

    def action_copy_id(self) -> None:
        """Copy the custom_id."""
        self.reading.copy(self.app, custom_id=True)

    def action_pager(self) -> None:
        """Page the raw result."""
        self.reading.page(self.app)

    # -- moving --------------------------------------------------------------------------------------------

    def go_back(self) -> bool:
        """One level back inside the results; False where there is none left."""
        if self.search_line.has_focus:
            self.close_search()
        elif self.screen.has_class("-reading"):
            self.screen.remove_class("-reading")
            self.table.focus()
        elif self.has_class("-summary"):
            self.action_summary()
        else:
            return self.all_again()
        return True

    def action_switch(self) -> None:
        """From the list to the result and back."""
        is_reading = self.screen.has_class("-reading")
        if self.pane.request.has_focus and not is_reading:
            self.table.focus()
        elif self.pane.has_focus_within and (self.pane.focus_other() or is_reading):
            return
        elif self.pane.has_focus_within:
            self.table.focus()
        elif self.pane.display:
            self.pane.focus()

    def action_step(self, by: int) -> None:
        """To the next or previous result, also while reading."""
        self.table.action_move(by)

    @work(group="jump", exclusive=True, description="look for the next problem")
    async def action_problem(self, direction: int) -> None:
        """To the next or previous result without a whole answer."""
        problems = set(await self.choosing.problems())
        refs, here = self.choosing.refs, self.table.cursor_index
        places = range(here + 1, len(refs)) if direction > 0 else range(here - 1, -1, -1)
        found = next((place for place in places if refs[place] in problems), None)
        if found is None:
            self.notify("No further result that needs attention in this direction.", markup=False)
        else:
            self.table.move_to(found)
