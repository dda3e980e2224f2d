"""One batch: what is known of it, its results, and the chosen one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input, Static

from .. import text
from ..commands import Download
from ..model import DownloadProgress, Entry, Launch, ResultFilter, Summary
from ..query import usual_duration
from ..widgets.batch_facts import error_lines, facts, heading, summary_words
from ..widgets.lines import Keys, Line, sync_words
from ..widgets.result_pane import ResultPane
from ..widgets.result_rows import COLUMNS, ResultRows
from ..widgets.virtual_table import VirtualTable
from .batch_actions import BatchActions
from .desk import Desk
from .reading import Reading

OUTCOME_VIEWS = (
    ("", "All"),
    ("succeeded", "Succeeded"),
    ("problem", "Needs attention"),
    ("errored", "Errored"),
    ("canceled", "Canceled"),
    ("expired", "Expired"),
)
BRIEF = 3
"""Groups of problems named above the list; `i` shows all."""


class BatchScreen(BatchActions):
    """Facts on top, the results below, the chosen result beside or under them."""

    HELP = (
        "# One batch\n\nResults are fetched to this machine in the background and can be read "
        "while they arrive. `enter` reads the chosen result in full, `v` shows it raw, "
        "`[` and `]` jump between problems."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Search", id="filter", key_display="/"),
        Binding("right_square_bracket", "problem(1)", "Next issue", id="problem.next", key_display="]"),
        Binding("v", "raw", "Raw", id="raw"),
        Binding("i", "summary", "Summary", id="summary"),
        Binding("e", "export", "Export", id="export", tooltip="Save the results shown to a file"),
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy what the result says"),
        Binding("p", "pager", "Pager", id="pager", tooltip="The raw result in $PAGER"),
        Binding("x", "cancel", "Cancel", id="cancel"),
        Binding("d", "download", "Get", id="download", tooltip="Download results, or stop a download"),
        Binding("D", "delete", "Delete", id="delete"),
        Binding("l", "label", "Label", id="label"),
        Binding(
            "left_square_bracket", "problem(-1)", "Previous issue", id="problem.previous", key_display="["
        ),
        Binding("Y", "copy_id", "Copy custom_id", id="copy_id"),
        Binding("o", "console", "Console", id="console"),
        Binding("r", "refresh", "Refresh", id="refresh"),
        Binding("escape", "back", "Back", id="back"),
        Binding("tab", "switch", "List or result", id="switch", show=False, priority=True),
        Binding("right,greater_than_sign", "step(1)", "Next result", id="next", show=False),
        Binding("left,less_than_sign", "step(-1)", "Previous result", id="previous", show=False),
        *(
            Binding(
                str(n + 1), f"outcome({n})", f"Results: {title}", id=f"outcome.{which or 'all'}", show=False
            )
            for n, (which, title) in enumerate(OUTCOME_VIEWS)
        ),
    ]

    def __init__(self, desk: Desk, batch_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.batch_id = batch_id
        self.entry: Entry | None = None
        self.launch: Launch | None = None
        self.summary = Summary()
        self.usual: timedelta | None = None
        self.wanted = ResultFilter()
        self.reading = Reading(desk, batch_id)
        self._abilities: tuple[bool | None, ...] = ()
        self._shows_summary = False
        self._counted = -1

    # -- life ----------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Heading, facts, list and pane, search line, status."""
        yield Line(id="heading")
        yield Static(id="facts", markup=False)
        with Container(id="results"):
            yield VirtualTable(COLUMNS, id="rows")
            yield ResultPane(id="pane")
        yield Input(
            placeholder="search custom_id, first words and errors",
            id="search",
            classes="hidden",
            compact=True,
        )
        yield Line(id="status")
        yield Keys(id="keys")

    async def on_mount(self) -> None:
        """Show what the store has; fetch results at once if they can be had."""
        await self._read()
        self.desk.changed.subscribe(self, self._on_changed)
        self.desk.progress.subscribe(self, self._on_progress)
        self.desk.status.subscribe(self, lambda status: self._show_status())
        self.set_interval(20.0, self._show_facts)
        self._fetch_if_due()
        self.table.focus()

    def _fetch_if_due(self) -> None:
        """Whoever opens a batch wants its results: fetch them as soon as they can be had."""
        entry = self.entry
        if entry is None or entry.gone_at is not None or not entry.batch.has_results(self.desk.clock()):
            return
        if not (entry.results and entry.results.complete) and self.desk.now_progress(entry.id) is None:
            self.want(Download((entry.id,)))

    @property
    def table(self) -> VirtualTable:
        """The results list."""
        return self.query_one("#rows", VirtualTable)

    # -- store → screen ------------------------------------------------------------------------------------

    def _on_changed(self, ids: frozenset[str]) -> None:
        if self.batch_id in ids:
            self._reload()

    def _on_progress(self, progress: DownloadProgress) -> None:
        if progress.batch_id == self.batch_id:
            self._show_facts()

    @work(group="load", exclusive=True, description="read the batch and its index")
    async def _reload(self) -> None:
        await self._read()
        self._fetch_if_due()

    async def _read(self) -> None:
        store = self.desk.store
        self.entry = await store.batches.get(self.batch_id) or self.entry
        if self.entry and self.entry.launch_id and self.launch is None:
            self.launch = await store.launches.get(self.entry.launch_id)
        if self.usual is None and self.entry and self.entry.batch.is_live:
            entries = await store.batches.entries(self.desk.account_id())
            self.usual = usual_duration(entries, self.entry.batch.counts.total)
        await self._read_results()
        self._show_facts()

    async def _read_results(self) -> None:
        """Only when lines came or the filter changed: the index is large."""
        file = self.entry.results if self.entry else None
        self.summary = await self.desk.store.results.summary(self.batch_id)
        lines: Sequence[int] = range(self.summary.lines)
        if self.wanted != ResultFilter():
            lines = await self.desk.store.results.lines(self.batch_id, self.wanted)
        self._counted = file.lines if file else -1
        source = self.table.source
        rows = source if isinstance(source, ResultRows) else ResultRows(range(0), self._want_page)
        self.table.empty = self._empty_words()
        self.table.show(rows.grown(lines))
        self.set_class(not self.summary.lines, "-empty")
        if self._shows_summary:
            self._show_summary()

    def _empty_words(self) -> str:
        if self.wanted != ResultFilter():
            return "No result matches. Escape clears the search, 1 shows all."
        return (
            "Results come when the batch has ended."
            if self.entry and self.entry.batch.is_live
            else "No results here yet."
        )

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
            if self.reading.shown is None and not self._shows_summary:
                self._show_result()

    # -- drawing -------------------------------------------------------------------------------------------

    def _show_facts(self) -> None:
        entry = self.entry
        if entry is None:
            return
        now = self.desk.clock()
        self.query_one("#heading", Line).say(heading(entry, now))
        said = facts(entry, self.launch, self.desk.now_progress(entry.id), self.usual, now)
        if self.summary.errors and self.size.height >= 22:
            said = Content("\n").join([said, *error_lines(self.summary, BRIEF)])
        box = self.query_one("#facts", Static)
        if not (isinstance(box.content, Content) and said.is_same(box.content)):
            box.update(
                said, layout=not isinstance(box.content, Content) or _height(box.content) != _height(said)
            )
        self._show_status()
        self._show_abilities()

    def _show_status(self) -> None:
        shown, lines = len(self.table.source), self.summary.lines
        which = dict(OUTCOME_VIEWS).get(self.wanted.outcome, "")
        number = f"{shown:,} of {lines:,}" if shown != lines else f"{lines:,}"
        file = self.entry.results if self.entry else None
        so_far = " so far" if file and not file.complete else ""
        parts = [Content.styled(f"{number} results{so_far}", "bold")]
        if self.wanted.outcome:
            parts.append(Content.styled(f"  {which.lower()}", "$text-accent"))
        if self.wanted.text:
            parts.append(Content.styled(f"  /{text.clean(self.wanted.text)}", "$text-accent"))
        parts += [Content("  "), sync_words(self.desk.now_status(), self.desk.clock())]
        self.query_one("#status", Line).say(Content("").join(parts))

    def _show_abilities(self) -> None:
        targets = self.targets()
        abilities = tuple(self.possible(a, targets) for a in ("cancel", "delete", "download", "export"))
        if abilities != self._abilities:
            self._abilities = abilities
            self.refresh_bindings()

    def _show_summary(self) -> None:
        self.query_one(ResultPane).show(summary_words(self.summary, 1000))

    @work(group="read", exclusive=True, description="read one result")
    async def _show_result(self) -> None:
        """Read the chosen line from disk, and show it unless the user has moved on."""
        source, index = self.table.source, self.table.cursor_index
        row = source.row(index) if isinstance(source, ResultRows) and index < len(source) else None
        shown = await self.reading.read(row)
        if shown is not None:
            self.query_one(ResultPane).show(shown.content)

    # -- what the user does --------------------------------------------------------------------------------

    def targets(self) -> list[Entry]:
        """This batch."""
        return [self.entry] if self.entry else []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done now is greyed out."""
        return self.possible(action, self.targets())

    def on_virtual_table_highlighted(self) -> None:
        """Another result was chosen."""
        self._shows_summary = False
        self._show_result()

    def on_virtual_table_opened(self) -> None:
        """Give the chosen result the whole screen."""
        self.add_class("-reading")
        self.query_one(ResultPane).focus()

    def action_back(self) -> None:
        """Out of the search line, the full-screen result, the filter; then out of the batch."""
        search = self.query_one("#search", Input)
        if search.has_focus:
            search.add_class("hidden")
            self.table.focus()
        elif self.has_class("-reading"):
            self.remove_class("-reading")
            self.table.focus()
        elif self.wanted != ResultFilter():
            self._want_results(ResultFilter())
        else:
            self.dismiss()

    def action_switch(self) -> None:
        """From the list to the result and back."""
        pane = self.query_one(ResultPane)
        if pane.has_focus and not self.has_class("-reading"):
            self.table.focus()
        elif pane.display:
            pane.focus()

    def action_step(self, by: int) -> None:
        """To the next or previous result, also while reading."""
        self.table.action_move(by)

    def action_raw(self) -> None:
        """Formatted ↔ raw."""
        self.reading.raw = not self.reading.raw
        self._shows_summary = False
        self._show_result()

    def action_summary(self) -> None:
        """All outcomes and groups of errors, in place of the result."""
        self._shows_summary = not self._shows_summary
        if self._shows_summary:
            self.add_class("-summary")
            self._show_summary()
        else:
            self.remove_class("-summary")
            self._show_result()

    def action_outcome(self, number: int) -> None:
        """Show only results of one outcome."""
        self._want_results(ResultFilter(OUTCOME_VIEWS[number][0], self.wanted.text))

    def _want_results(self, wanted: ResultFilter) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.query_one("#search", Input).value = wanted.text
            self._reload()

    @work(group="jump", exclusive=True, description="look for the next problem")
    async def action_problem(self, direction: int) -> None:
        """To the next or previous result without a whole answer."""
        filter_ = ResultFilter("problem", self.wanted.text)
        problems = await self.desk.store.results.lines(self.batch_id, filter_)
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
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing."""
        if event.input.has_focus:
            self._want_results(ResultFilter(self.wanted.outcome, event.value))

    def on_input_submitted(self) -> None:
        """Keep the search, back to the rows."""
        self.query_one("#search", Input).add_class("hidden")
        self.table.focus()

    def export_outcome(self) -> str:
        """Export what is shown, where an outcome was chosen."""
        return self.wanted.outcome

    def action_copy(self) -> None:
        """Copy what the result says (raw view: the line)."""
        self.reading.copy(self.app)

    def action_copy_id(self) -> None:
        """Copy the custom_id."""
        self.reading.copy(self.app, custom_id=True)

    def action_pager(self) -> None:
        """Page the raw result."""
        self.reading.page(self.app)


def _height(content: Content) -> int:
    return content.plain.count("\n")
