"""The list of a scope's results: filtered, searched and sorted, also while they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from ..handlers.costing import Costs
from ..model import Entry, ResultFilter, Scope, Selection, Summary
from ..widgets.paged_rows import PagedRows
from ..widgets.result_rows import SORTABLE, result_cells
from ..widgets.selection_words import OUTCOMES, empty_words, filters, shown_words
from ..widgets.virtual_table import VirtualTable
from .choosing import ALL, Choosing, Kept, typed_of
from .desk import Desk
from .dialogs import Choose


class ResultList(Container):
    """Everything about which results are shown; what is done with the chosen one is a subclass's."""

    @dataclass
    class Updated(Message):
        """Other results are shown, or their number changed."""

        browser: ResultList

    BINDINGS: ClassVar[list[BindingType]] = [
        # What is typed right behind the slash must find the search line: hence the priority.
        Binding("slash", "filter", "Search", id="filter", key_display="/", priority=True),
        Binding("F", "narrow", "Filter", id="narrow", tooltip="By outcome, stop reason, model or error"),
        Binding("s", "sort", "Sort", id="sort", tooltip="Choose the column that orders the results"),
        Binding("S", "reverse", "Other way round", id="reverse", show=False),
        *(
            Binding(
                str(n + 1), f"outcome({n})", f"Results: {title}", id=f"outcome.{which or 'all'}", show=False
            )
            for n, (which, title) in enumerate(OUTCOMES)
        ),
    ]

    def __init__(self, desk: Desk, scope: Scope) -> None:
        super().__init__()
        self.desk = desk
        self.scope = scope
        self.entry: Entry | None = None
        kept = desk.kept.get(scope)
        self.kept = kept if isinstance(kept, Kept) else Kept(Choosing(desk, scope))
        """How it was left last time."""
        self.choosing = self.kept.choosing
        self.costs: Costs | None = None
        self._reads = self._again = False

    @property
    def table(self) -> VirtualTable:
        """The list."""
        return self.query_one("#rows", VirtualTable)

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

    # -- what a subclass may want to know ------------------------------------------------------------------

    def index_read(self) -> None:
        """What the index has by now was read."""

    def rows_shown(self) -> None:
        """Other rows may stand there."""

    def rows_came(self) -> None:
        """A page of rows was loaded."""

    def other_pattern(self) -> None:
        """Something else is looked for."""

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
        self.index_read()
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
        self.rows_shown()
        self.keep()
        self.post_message(self.Updated(self))

    def keep(self) -> None:
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
            self.rows_came()

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
            self.other_pattern()
            self._look()  # instead of one that may be under way

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

    def close_search(self) -> None:
        """Back to the rows; what was typed stays in force."""
        self.search_line.add_class("hidden")
        self.table.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        if event.input.has_focus:
            self.want(self.choosing.looking_for(event.value))

    def on_input_submitted(self) -> None:
        """Keep the search, back to the rows."""
        self.close_search()

    def all_again(self) -> bool:
        """Take filter and search away; False where there are none."""
        if replace(self.selection, order=ALL.order) == ALL:
            return False
        self.want(replace(ALL, order=self.selection.order))
        return True
