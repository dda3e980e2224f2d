"""Two batches, or unions of them, that share custom_ids: what is the same, what differs, and how."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import Screen

from .. import text
from ..errors import DeckError
from ..handlers.comparing import PairRow
from ..model import Scope
from ..records.comparison import Comparison, Report
from ..widgets.compare_rows import (
    CHOICES,
    FIELDS,
    PAIRS,
    FieldRows,
    change_words,
    no_pairs_words,
    pair_cells,
    pair_heading,
    verdict_tabs,
)
from ..widgets.lines import Keys, Line
from ..widgets.paged_rows import PagedRows
from ..widgets.pair_pane import PairPane
from ..widgets.virtual_table import VirtualTable
from .desk import Desk

BRIEF = 80
"""Cells of a terminal in which the verdicts' full names do not fit."""


class CompareScreen(Screen[None]):
    """How two runs over the same requests differ."""

    HELP = (
        "# Two runs compared\n\nResults belong together by custom_id. Answers that read as data are compared "
        "field by field, others as text. `1` to `5` choose by what was found, `enter` on a pair shows both "
        "side by side; `tab` leads to the fields with their most frequent changes, where `enter` shows only "
        "the pairs that differ in one of them."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "switch", "Fields", id="switch", tooltip="The fields that differ", priority=True),
        Binding("right,greater_than_sign", "step(1)", "Next pair", id="next", key_display="→"),
        Binding("left,less_than_sign", "step(-1)", "Previous", id="previous", key_display="←"),
        Binding("backspace", "widen", "All fields", id="widen", tooltip="Take the field's filter away"),
        *(
            Binding(str(n + 1), f"verdict({n})", verdict or "all", id=f"verdict.{n}", show=False)
            for n, verdict in enumerate(CHOICES)
        ),
        Binding("escape", "back", "Back", id="back"),
    ]

    def __init__(self, desk: Desk, left: Scope, right: Scope, names: tuple[str, str]) -> None:
        super().__init__()
        self.desk = desk
        self.left = left
        self.right = right
        self.names = names
        self.verdict = ""
        self.field = ""
        self.part = 0.0
        self.comparison: Comparison | None = None
        self.report: Report | None = None

    def compose(self) -> ComposeResult:
        """Heading, verdicts, pairs, fields, one pair."""
        yield Line(id="heading")
        yield Line(id="tabs")
        with Container(id="results"):
            yield VirtualTable(PAIRS, id="rows", empty="Comparing …")
            with Vertical(id="pane"):
                yield VirtualTable(FIELDS, id="values", empty="No fields: the answers were compared as text.")
                yield Line(id="changes", grows=True)
        yield Line(id="of")
        yield PairPane(id="pair")
        yield Line(id="status")
        yield Keys(id="keys")

    def on_mount(self) -> None:
        """Begin at once."""
        left, right = map(text.clean, self.names)
        self.query_one("#heading", Line).say(Content.assemble((left, "bold"), "  ↔  ", (right, "bold")))
        self.table.focus()
        self._compare()

    @property
    def table(self) -> VirtualTable:
        """One row for each custom_id."""
        return self.query_one("#rows", VirtualTable)

    @property
    def fields(self) -> VirtualTable:
        """One row for each field."""
        return self.query_one("#values", VirtualTable)

    # -- handler → screen ----------------------------------------------------------------------------------

    @work(group="compare", exclusive=True, description="compare two scopes")
    async def _compare(self) -> None:
        try:
            async with aclosing(self.desk.ask.compare(self.left, self.right)) as comparing:
                async for news in comparing:
                    self.comparison, self.report = news.comparison, news.report
                    self.part = 1.0 if news.complete else news.done / max(news.total, 1)
                    self._show()
        except DeckError as error:
            self.desk.tell_error(error)
            self.table.say_if_empty(f"{error.title} {error.hint}".strip())

    def _show(self) -> None:
        if self.comparison is None or self.report is None:
            return
        self._show_tabs()
        self.table.say_if_empty(no_pairs_words(self.verdict, self.field, self.part))
        source = self.table.source
        rows = source if isinstance(source, PagedRows) else PagedRows((), self._load_page, pair_cells)
        self.table.show(rows.grown(self.comparison.select(self.verdict, self.field)))
        self.fields.show(FieldRows(self.report.fields))
        self._show_status()
        self.refresh_bindings()

    def _show_tabs(self) -> None:
        if self.report is not None:
            self.query_one("#tabs", Line).say(
                verdict_tabs(self.report, self.verdict, self.size.width < BRIEF)
            )

    def _show_status(self) -> None:
        shown, total = len(self.table.source), self.report.total if self.report else 0
        parts = [Content.styled(f"{shown:,} of {total:,} custom_ids", "bold")]
        if self.part < 1.0:
            parts.append(Content.styled(f"  comparing {self.part:.0%}", "bold $text-warning"))
        if self.field:
            parts.append(Content.styled(f"  differ in {text.clean(self.field)}", "$text-accent"))
        sides = (self.report.left, self.report.right) if self.report else ()
        for side, name in zip(sides, self.names, strict=False):
            if not side.whole:
                parts.append(Content.styled(f"  {text.clean(name)} is not all here", "$text-warning"))
            if side.repeated:
                parts.append(Content.styled(f"  {side.repeated:,} repeated in {text.clean(name)}", "dim"))
        self.query_one("#status", Line).say(Content("").join(parts))

    @work(group="page", description="read a page of pairs")
    async def _load_page(self, number: int, indexes: Sequence[int]) -> None:
        if self.comparison is None:
            return
        rows = await self.desk.ask.pair_rows(self.comparison, indexes)
        source = self.table.source
        if isinstance(source, PagedRows):
            source.supply(number, rows, indexes)
            self.table.redraw()

    @work(group="pair", exclusive=True, description="read two results")
    async def _show_pair(self) -> None:
        source = self.table.source
        if self.comparison is None or not isinstance(source, PagedRows) or not len(source):
            return
        left, right = self.comparison.refs(source.refs[self.table.cursor_index])
        try:
            view = await self.desk.ask.pair(self.left + self.right, left, right)
        except DeckError as error:
            self.desk.tell_error(error)
            return
        self.query_one("#pair", PairPane).show_pair(view, self.names)
        row = source.row(self.table.cursor_index)
        self.query_one("#of", Line).say(pair_heading(row if isinstance(row, PairRow) else None))

    def on_resize(self) -> None:
        """Other widths: other columns, other words."""
        self._show_tabs()

    # -- what the user does --------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a pair is read, other keys make sense than in the lists."""
        is_reading = self.has_class("-reading")
        if action in ("switch", "verdict"):
            return not is_reading
        if action == "widen":
            return bool(self.field) and not is_reading
        return is_reading if action == "step" else True

    def action_verdict(self, number: int) -> None:
        """Show only pairs with one verdict."""
        self.verdict = CHOICES[number]
        self._show()

    def _read(self, reading: bool) -> None:
        self.set_class(reading, "-reading")
        (self.query_one("#pair") if reading else self.table).focus()
        self.refresh_bindings()

    def action_widen(self) -> None:
        """All fields again."""
        self.field = ""
        self._show()

    def action_switch(self) -> None:
        """From the pairs to the fields and back."""
        (self.table if self.fields.has_focus else self.fields).focus()

    def action_step(self, by: int) -> None:
        """The next pair, also while reading."""
        self.table.action_move(by)

    def on_virtual_table_highlighted(self, event: VirtualTable.Highlighted) -> None:
        """Another pair is read along; another field shows its changes."""
        if event.table is self.table and self.has_class("-reading"):
            self._show_pair()
        source = self.fields.source
        if event.table is self.fields and isinstance(source, FieldRows) and len(source):
            self.query_one("#changes", Line).say(change_words(source.reports[self.fields.cursor_index]))

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        """A pair: both side by side. A field: only pairs that differ in it."""
        if event.table is self.table:
            self._read(True)
            self._show_pair()
            return
        self.field = "" if self.field == event.key else event.key
        self._show()

    def action_back(self) -> None:
        """From the pair to the list, then out."""
        if self.has_class("-reading"):
            self._read(False)
        elif self.field or self.verdict:
            self.field = self.verdict = ""
            self._show()
        else:
            self.dismiss()
