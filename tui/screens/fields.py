"""Answers as data: a table of their fields, and the values of one field with their counts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import Screen

from .. import text
from ..errors import DeckError
from ..model import FieldTest
from ..records.facets import FieldColumn
from ..widgets.data_rows import FACET_COLUMNS, DataRow, FacetRows, data_cells, data_columns
from ..widgets.field_words import facet_heading, no_fields_words, read_words
from ..widgets.lines import Keys, Line
from ..widgets.paged_rows import PagedRows
from ..widgets.selection_words import no_data_words, shown_words
from ..widgets.virtual_table import NoRows, VirtualTable
from .choosing import Choosing

UNREAD_ONES = FieldTest("", missing=True)
NOT_YET: tuple[str, dict[str, object]] = ("not read yet", {})


class FieldsScreen(Screen[str | None]):
    """What a classification run is judged by; gives back the ref of an answer to be read."""

    HELP = (
        "# Answers as data\n\nEvery answer is read as data: a tool's input, bare or fenced JSON, JSON within "
        "prose. `←` `→` choose a field; its values stand beside the table with their counts, and `enter` on "
        "one of them shows only those answers; more fields narrow it further, backspace takes the last "
        "one away. `enter` on an answer reads it. `u` shows what could not be read. What is chosen here "
        "stays chosen in the list, and is what an export takes."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,greater_than_sign", "column(1)", "Next field", id="column.next", key_display="→"),
        Binding(
            "left,less_than_sign",
            "column(-1)",
            "Previous field",
            id="column.previous",
            key_display="←",
            show=False,
        ),
        Binding(
            "tab",
            "switch",
            "Values",
            id="switch",
            tooltip="From the answers to the values and back",
            priority=True,
        ),
        Binding("u", "unread", "Unread", id="unread", tooltip="Answers that could not be read as data"),
        Binding("backspace", "widen", "Clear", id="widen", tooltip="Take the last field's filter away"),
        Binding("escape", "back", "Back", id="back"),
    ]

    def __init__(self, choosing: Choosing, title: str) -> None:
        super().__init__()
        self.choosing = choosing
        self.heading = title
        self.columns: list[FieldColumn] = []
        self.readings: dict[str, int] = {}
        self.chosen = 0
        self.part = 0.0
        self._before_unread: tuple[FieldTest, ...] = ()
        """What was chosen before only unread answers were."""
        self._is_stale = False
        """Answers were read of which pages may have been loaded before."""

    def compose(self) -> ComposeResult:
        """Heading, table, values, status."""
        yield Line(id="heading")
        with Container(id="results"):
            yield VirtualTable((), id="rows")
            with Vertical(id="pane"):
                yield Line(id="facet")
                yield VirtualTable(FACET_COLUMNS, id="values")
        yield Line(id="status")
        yield Keys(id="keys")

    async def on_mount(self) -> None:
        """Show what was read before; read the rest."""
        self.table.focus()
        await self._read()
        self.choosing.desk.changed.subscribe(self, self._on_changed)
        self._tabulate()

    @property
    def table(self) -> VirtualTable:
        """One row for each answer."""
        return self.query_one("#rows", VirtualTable)

    @property
    def values(self) -> VirtualTable:
        """The values of the chosen field."""
        return self.query_one("#values", VirtualTable)

    @property
    def path(self) -> str:
        """Of the chosen field."""
        return self.columns[self.chosen].path if self.chosen < len(self.columns) else ""

    # -- store → screen ------------------------------------------------------------------------------------

    def _on_changed(self, ids: frozenset[str]) -> None:
        if self.part >= 1.0 and not ids.isdisjoint(self.choosing.scope):
            self._tabulate()

    @work(group="tabulate", exclusive=True, description="read answers as data")
    async def _tabulate(self) -> None:
        self.part = 0.0
        try:
            async with aclosing(self.choosing.desk.ask.tabulate(self.choosing.scope)) as reading:
                async for news in reading:
                    self.part = news.lines / news.total if news.total else 1.0
                    self._is_stale = True
                    await self._read()
        except DeckError as error:
            self.choosing.desk.tell_error(error)
        self.part = 1.0
        await self._read()

    async def _read(self) -> None:
        path, fields = self.path, self.choosing.desk.store.fields
        await self.choosing.read()
        self.columns = await fields.columns(self.choosing.scope, derived=True)
        self.readings = await fields.readings(self.choosing.scope)
        paths = [column.path for column in self.columns]
        self.chosen = paths.index(path) if path in paths else 0
        self._show()
        self._show_facet()

    def _show(self) -> None:
        source = self.table.source
        rows: PagedRows[DataRow] = PagedRows((), self._load_page, data_cells)
        if isinstance(source, PagedRows):
            rows = source.aged() if self._is_stale else source
        self._is_stale = False
        self.table.say_if_empty(no_data_words(self.choosing.selection))
        columns = data_columns(self.columns, self.chosen, say_how=len(self.readings) > 1)
        self.table.show_columns(columns, self.path)
        self.table.show(rows.grown(self.choosing.refs))
        self.query_one("#heading", Line).say(
            Content.assemble((text.clean(self.heading), "bold"), "  ", read_words(self.readings, self.part))
        )
        shown = shown_words(len(self.table.source), self.choosing.summary.lines, self.choosing.selection)
        self.query_one("#status", Line).say(shown)

    @work(group="page", description="read a page of fields")
    async def _load_page(self, number: int, refs: Sequence[int]) -> None:
        store = self.choosing.desk.store
        rows = await store.results.rows(refs)
        values = await store.fields.cells(refs, derived=True)
        source = self.table.source
        if isinstance(source, PagedRows):
            page = [DataRow(row, *values.get(row.ref, NOT_YET)) for row in rows]
            source.supply(number, page, refs)
            self.table.redraw()

    @work(group="facet", exclusive=True, description="count the values of a field")
    async def _show_facet(self) -> None:
        if not self.columns:
            self.query_one("#facet", Line).say(no_fields_words(self.readings, self.part))
            self.values.show(NoRows())
            return
        path, number = self.path, self.chosen + 1
        where = self.choosing.selection.where
        # The chosen field's own filter is left out: one wants to see what else could be chosen.
        others = replace(where, fields=tuple(test for test in where.fields if test.path != path))
        facet = await self.choosing.desk.store.fields.facet(
            self.choosing.scope, others, path, within=self.choosing.hits
        )
        self.query_one("#facet", Line).say(facet_heading(facet, number, len(self.columns)))
        self.values.show(FacetRows(facet))

    # -- what the user does --------------------------------------------------------------------------------

    def action_column(self, by: int) -> None:
        """Choose the next or previous field."""
        if self.columns:
            self.chosen = (self.chosen + by) % len(self.columns)
            self._show()
            self._show_facet()

    def action_switch(self) -> None:
        """From the answers to the values and back."""
        (self.table if self.values.has_focus else self.values).focus()

    def action_unread(self) -> None:
        """Only answers that could not be read as data, or all again."""
        fields = self.choosing.selection.where.fields
        if UNREAD_ONES in fields:
            self._want(self._before_unread)
        else:  # such an answer has no fields that could be chosen, too
            self._before_unread = fields
            self._want((UNREAD_ONES,))

    def action_widen(self) -> None:
        """Take the last filter by a field away."""
        where = self.choosing.selection.where
        self._want(where.fields[:-1])

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        """On an answer: read it. On a value: show only the answers with it."""
        if event.table is self.table:
            self.dismiss(event.key)
            return
        source = self.values.source
        if not isinstance(source, FacetRows):
            return
        if test := source.rows[self.values.cursor_index].test:
            self._filter(test)
        else:
            self.notify("These are many rare values; / in the list of results finds one.", markup=False)

    def _filter(self, test: FieldTest) -> None:
        """By one value of each field; the same again takes it away."""
        fields = self.choosing.selection.where.fields
        others = tuple(each for each in fields if each.path != test.path and each != UNREAD_ONES)
        self._want(others if test in fields else (*others, test))

    @work(group="choose", exclusive=True, description="choose answers")
    async def _want(self, fields: tuple[FieldTest, ...]) -> None:
        selection = self.choosing.selection
        self.choosing.choose(replace(selection, where=replace(selection.where, fields=fields)))
        await self._read()

    def action_back(self) -> None:
        """Back to the results; what was chosen stays chosen there."""
        self.dismiss(None)
