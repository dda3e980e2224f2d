"""The results of a scope: a list over the index, and the chosen one beside or below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from ..handlers.costing import Costs
from ..model import Entry, ResultFilter, Scope, Selection, Summary
from ..widgets.field import Field
from ..widgets.paged_rows import PagedRows
from ..widgets.reading_pane import ReadingPane
from ..widgets.result_rows import COLUMNS, SORTABLE, result_cells
from ..widgets.selection_words import OUTCOMES, empty_words, filters, shown_words
from ..widgets.shown import Shown
from ..widgets.summary_words import summary_with_costs
from ..widgets.virtual_table import VirtualTable
from .choosing import ALL, Choosing, Kept, spans_of, typed_of
from .desk import Desk
from .dialogs import Choose
from .fields import FieldsScreen
from .reading import Reading

BINDINGS: list[BindingType] = [
    # What is typed right behind the slash must find the search line: hence the priority.
    Binding("slash", "filter", "Search", id="filter", key_display="/", priority=True),
    Binding("F", "narrow", "Filter", id="narrow", tooltip="By outcome, stop reason, model or error"),
    Binding("s", "sort", "Sort", id="sort", tooltip="Choose the column that orders the results"),
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
    Binding("S", "reverse", "Other way round", id="reverse", show=False),
    Binding("Y", "copy_id", "Copy custom_id", id="copy_id", show=False),
    Binding("tab", "switch", "List or result", id="switch", show=False, priority=True),
    Binding("right,greater_than_sign", "step(1)", "Next result", id="next", show=False),
    Binding("left,less_than_sign", "step(-1)", "Previous result", id="previous", show=False),
    *(
        Binding(str(n + 1), f"outcome({n})", f"Results: {title}", id=f"outcome.{which or 'all'}", show=False)
        for n, (which, title) in enumerate(OUTCOMES)
    ),
]


class ResultBrowser(Container):
    """Browse, search and read results, also while they arrive."""

    @dataclass
    class Updated(Message):
        """Other results are shown, or their number changed."""

        browser: ResultBrowser

    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    def __init__(self, desk: Desk, scope: Scope) -> None:
        super().__init__()
        self.desk = desk
        self.scope = scope
        self.entry: Entry | None = None
        kept = desk.kept.get(scope)
        self.kept = kept if isinstance(kept, Kept) else Kept(Choosing(desk, scope))
        """How it was left last time."""
        self.choosing = self.kept.choosing
        self.reading = Reading(desk, scope[0], self.choosing.batch_of, desk.ask.request_of)
        self.costs: Costs | None = None
        self._shows_request = False
        self._summed_up = Content()
        self._reads = self._again = False

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
    def table(self) -> VirtualTable:
        """The list."""
        return self.query_one("#rows", VirtualTable)

    @property
    def pane(self) -> ReadingPane:
        """The chosen result, and what was asked for it."""
        return self.query_one(ReadingPane)

    @property
    def search_line(self) -> Input:
        """Where a search is typed."""
        return self.query_one("#search", Input)

    @property
    def summary(self) -> Summary:
        """What the index says of all results of the scope."""
        return self.choosing.summary

    @property
    def selection(self) -> Selection:
        """Which results are shown, in which order."""
        return self.choosing.selection

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
                await self.choosing.read()
                self.costs = await self.desk.ask.costs(self.scope) if self.summary.lines else None
                self.show_rows()
        finally:
            self._reads = False
        if self._shows_request and self.reading.lacks_request:
            self._show_result()  # the file that it was in may have been attached
        if self.selection.pattern is not None and not self.choosing.is_looking:
            self._look()  # in what has come since

    def show_rows(self) -> None:
        """Draw what the choice gives now."""
        source = self.table.source
        rows = source if isinstance(source, PagedRows) else PagedRows((), self._load_page, result_cells)
        is_live = self.entry is not None and self.entry.batch.is_live
        choosing = self.choosing
        said = choosing.problem or empty_words(choosing.selection, is_live, choosing.is_searching)
        self.table.say_if_empty(said)
        order = self.selection.order
        self.table.sort_sign(order.column or "number", order.reverse)
        self.table.show(rows.grown(choosing.refs))
        self.set_class(not self.summary.lines, "-empty")
        if self.has_class("-summary"):
            self._show_summary()
        self._keep()
        self.post_message(self.Updated(self))

    def _keep(self) -> None:
        """Remember what is shown, for whoever comes back."""
        if self.table.cursor_key is not None:
            self.desk.kept[self.scope] = Kept(self.choosing, self.table.cursor_key)

    @work(group="page", description="read a page of the index")
    async def _load_page(self, number: int, refs: Sequence[int]) -> None:
        """The list wants to draw rows it does not have."""
        rows = await self.desk.store.results.rows(refs)
        source = self.table.source
        if isinstance(source, PagedRows):
            source.supply(number, rows, refs)
            self.table.redraw()
            if self.reading.shown is None:
                self._show_result()

    def status_words(self) -> Content:
        """How many results are shown, of how many, and by which choice."""
        choosing = self.choosing
        file = self.entry.results if self.entry else None
        return shown_words(
            len(self.table.source),
            self.summary.lines,
            choosing.selection,
            so_far=file is not None and not file.complete,
            missing=file.missing if file else 0,
            looked_at=choosing.looked_at if choosing.is_searching else None,
            undecided=choosing.undecided,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a search is typed, a slash is a part of it."""
        return not (action == "filter" and self.screen.focused is self.search_line)

    # -- choosing ------------------------------------------------------------------------------------------

    @work(group="choose", description="choose results")  # a reading broken off would leave old rows
    async def want(self, selection: Selection) -> None:
        """Show other results, or the same in another order."""
        before = self.selection
        if selection == before:
            return
        self.choosing.choose(selection)
        if not self.search_line.has_focus:
            self.search_line.value = typed_of(selection.pattern)
        await self.read(self.entry)
        if selection.pattern != before.pattern:
            self._mark_matches()
            self._look()  # instead of one that may be under way

    def _mark_matches(self) -> None:
        """Show in the answers what a search has found in them."""
        self.reading.spans = spans_of(self.selection.pattern)
        self._show_result()

    @work(group="look", exclusive=True, description="search the answers")
    async def _look(self) -> None:
        self.search_line.remove_class("-invalid")
        if self.selection.pattern is not None:
            await self.choosing.look(self.show_rows)
            self.search_line.set_class(bool(self.choosing.problem), "-invalid")
            self.show_rows()

    def action_outcome(self, number: int) -> None:
        """Show only results of one outcome."""
        self.want(self.choosing.where(ResultFilter(OUTCOMES[number][0])))

    @work(group="question", exclusive=True)
    async def action_narrow(self) -> None:
        """Choose an outcome, a stop reason, a model or an error, with their numbers."""
        offers = filters(self.summary)
        said = [(str(place), words) for place, (words, _) in enumerate(offers)]
        now = next((str(n) for n, (_, where) in enumerate(offers) if where == self.selection.where), "")
        chosen = await self.app.push_screen_wait(Choose("Show only", said, now))
        if chosen is not None:
            self.want(self.choosing.where(offers[int(chosen)][1]))

    @work(group="question", exclusive=True)
    async def action_sort(self) -> None:
        """Choose the column that orders the results."""
        chosen = await self.app.push_screen_wait(Choose("Sort by", SORTABLE, self.selection.order.column))
        if chosen is not None:
            self.want(self.choosing.sorted_by(chosen))

    def action_reverse(self) -> None:
        """The same order the other way round."""
        self.want(self.choosing.sorted_by(self.selection.order.column))

    def on_virtual_table_header_clicked(self, event: VirtualTable.HeaderClicked) -> None:
        """A click on a title sorts by it."""
        column = "" if event.column == "number" else event.column
        if column in dict(SORTABLE):
            self.want(self.choosing.sorted_by(column))

    def action_filter(self) -> None:
        """Open the search line."""
        self.search_line.remove_class("hidden")
        self.screen.set_focus(self.search_line)  # at once: what was typed ahead must not become commands

    def _close_search(self) -> None:
        self.search_line.add_class("hidden")
        self.table.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        if event.input.has_focus:
            self.want(self.choosing.looking_for(event.value))

    def on_input_submitted(self) -> None:
        """Keep the search, back to the rows."""
        self._close_search()

    @work(group="question", exclusive=True)
    async def action_fields(self) -> None:
        """The same results as data; what is chosen there stays chosen here."""
        title = self.entry.name if self.entry else self.scope[0]
        ref = await self.app.push_screen_wait(FieldsScreen(self.choosing, title))
        await self.read(self.entry)
        if ref is not None and self.table.move_to_key(ref):
            self.on_virtual_table_opened()

    # -- the chosen result ---------------------------------------------------------------------------------

    def _show_summary(self) -> None:
        said = summary_with_costs(self.summary, self.costs)
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
        self._keep()
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
            self.pane.focus()  # it may be all there is to see, and there is something to scroll

    def _leave_summary(self) -> None:
        if self.has_class("-summary"):
            self.remove_class("-summary")
            if not self.screen.has_class("-reading"):
                self.table.focus()

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
            self._close_search()
        elif self.screen.has_class("-reading"):
            self.screen.remove_class("-reading")
            self.table.focus()
        elif self.has_class("-summary"):
            self.action_summary()
        elif replace(self.selection, order=ALL.order) != ALL:
            self.want(replace(ALL, order=self.selection.order))
        else:
            return False
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
