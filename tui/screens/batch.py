"""One batch: what is known of it, and its results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from .. import text
from ..commands import Attach, Download
from ..model import DownloadProgress, Entry, Launch, Selection
from ..query import usual_duration
from ..widgets.batch_facts import error_lines, facts, heading
from ..widgets.cost_words import cost_line
from ..widgets.lines import Keys, Line, sync_words
from .batch_actions import BatchActions
from .desk import Desk
from .dialogs import Ask
from .result_browser import ResultBrowser

BRIEF = 3
"""Groups of problems named above the list; the summary has all."""

TALL_ENOUGH = 30
"""Lines of a terminal on which there is room for them; on a lower one, of `MEDIUM` at least, for one."""

MEDIUM = 22

TICK = 20.0
"""Seconds between looks at the clock: times are shown by the minute."""


class BatchScreen(BatchActions):
    """Facts on top, the results below."""

    HELP = (
        "# One batch\n\nResults are fetched to this machine in the background and can be read "
        "while they arrive. `enter` reads the chosen result in full, `v` shows it raw, `b` puts the request "
        "beside it, `[` and `]` jump between problems.\n\n`/` searches all that the answers say; a slash "
        "first makes it a regular expression, a capital letter makes cases differ. `F` filters, `s` sorts, "
        "`f` shows the answers as a table of their fields, `c` compares them with another batch's."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export", "Export", id="export", tooltip="Save the results shown to a file"),
        Binding("x", "cancel", "Cancel", id="cancel"),
        Binding("d", "download", "Get", id="download", tooltip="Download results, or stop a download"),
        Binding("D", "delete", "Delete", id="delete"),
        Binding("c", "compare", "Compare", id="compare", tooltip="Compare with the results of another batch"),
        Binding("t", "retry", "Retry", id="retry", tooltip="Send again what has no whole answer"),
        Binding("l", "label", "Label", id="label"),
        Binding("L", "run", "Its run", id="run", tooltip="The run it is a part of"),
        Binding("a", "attach", "Attach", id="attach", tooltip="Name the file that the requests were in"),
        Binding("o", "console", "Console", id="console"),
        Binding("r", "refresh", "Refresh", id="refresh"),
        Binding("escape", "back", "Back", id="back"),
    ]

    def __init__(self, desk: Desk, batch_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.batch_id = batch_id
        self.entry: Entry | None = None
        self.launch: Launch | None = None
        self.usual: timedelta | None = None
        self.requests: Path | None = None
        """The file with what was asked."""

    def compose(self) -> ComposeResult:
        """Heading, facts, results, status."""
        yield Line(id="heading")
        yield Static(id="facts", markup=False)
        yield ResultBrowser(self.desk, (self.batch_id,))
        yield Line(id="status")
        yield Keys(id="keys")

    @property
    def browser(self) -> ResultBrowser:
        """The results."""
        return self.query_one(ResultBrowser)

    async def on_mount(self) -> None:
        """Show what the store has; fetch results at once if they can be had."""
        # First of all: rows are seen before the reading is done, and keys pressed then must find them.
        self.set_focus(self.browser.table)
        await self._read()
        self.desk.changed.subscribe(self, self._on_changed)
        self.desk.progress.subscribe(self, self._on_progress)
        self.desk.status.subscribe(self, lambda status: self.show_status())
        self.follow_saving()
        self.set_interval(TICK, self._show_facts)
        self._fetch_if_due()

    # -- store → screen ------------------------------------------------------------------------------------

    def _on_changed(self, ids: frozenset[str]) -> None:
        if self.batch_id in ids:
            self._reload()

    def _on_progress(self, progress: DownloadProgress) -> None:
        if progress.batch_id == self.batch_id:
            self._show_facts()

    @work(group="load", description="read the batch and its index")
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
        self.requests = await self.desk.ask.requests_at(self.batch_id)
        self._show_facts()
        await self.browser.read(self.entry)

    def _fetch_if_due(self) -> None:
        """Whoever opens a batch wants its results: fetch them as soon as they can be had."""
        entry = self.entry
        if entry is None or entry.gone_at is not None or not entry.batch.has_results(self.desk.clock()):
            return
        if not (entry.results and entry.results.complete) and self.desk.now_progress(entry.id) is None:
            self.want(Download((entry.id,)))

    # -- drawing -------------------------------------------------------------------------------------------

    def on_result_list_updated(self) -> None:
        """The index has more, or other results are shown."""
        self._show_facts()

    def _show_facts(self) -> None:
        entry = self.entry
        if entry is None:
            return
        now = self.desk.clock()
        self.query_one("#heading", Line).say(heading(entry, now))
        said = facts(entry, self.launch, self.requests, self.desk.now_progress(entry.id), self.usual, now)
        summary, costs = self.browser.summary, self.browser.costs
        if costs is not None:
            said = Content("\n").join([said, cost_line(costs)])
        if summary.errors and self.size.height >= MEDIUM:
            most = None if self.size.height >= TALL_ENOUGH else 1
            said = Content("\n").join([said, *error_lines(summary, BRIEF)[:most]])
        self.say_facts(said)
        self.show_status()
        self.show_abilities()

    def show_status(self) -> None:
        """What is shown, what is being saved, how the list relates to the server."""
        parts = [
            self.browser.status_words(),
            self.saving_words(),
            Content("  "),
            sync_words(self.desk.now_status(), self.desk.clock()),
        ]
        self.query_one("#status", Line).say(Content("").join(parts))

    # -- what the user does --------------------------------------------------------------------------------

    def targets(self) -> list[Entry]:
        """This batch."""
        return [self.entry] if self.entry else []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done now is greyed out; so is everything that a search typed fast might hit."""
        if isinstance(self.focused, Input) and action != "back":
            return None
        if action == "run":
            return True if self.entry is not None and self.entry.run_id else None
        return self.possible(action, self.targets())

    def export_choice(self, entries: Sequence[Entry]) -> tuple[str, Selection]:
        """What is shown, in the order it is shown in."""
        shown, lines = len(self.browser.table.source), self.browser.summary.lines
        which = f"{shown:,} of {lines:,} results" if shown != lines else text.plural(lines, "result")
        return f"Save {which} of {text.clean(entries[0].name)} as", self.browser.selection

    def table_of(self, entries: Sequence[Entry]) -> str:
        """What was launched, if that was a table."""
        source = self.launch.source if self.launch else ""
        return source if Path(source).suffix.lower() in (".csv", ".tsv") else ""

    @work(group="question", exclusive=True)
    async def action_attach(self) -> None:
        """Tie a batch that was launched elsewhere to its file of requests."""
        hint = "JSON lines or a JSON array; it stays where it is, and is checked by the custom_ids"
        path = await self.app.push_screen_wait(Ask("Requests of this batch are in", f"{Path.cwd()}/", hint))
        if path:
            self.want(Attach(self.batch_id, Path(path)))

    def action_run(self) -> None:
        """The run that it is a part of."""
        if self.entry is not None and self.entry.run_id:
            from .run import RunScreen

            self.app.push_screen(RunScreen(self.desk, self.entry.run_id))

    def action_back(self) -> None:
        """One level back within the results; then out of the batch."""
        if not self.browser.go_back():
            self.dismiss()
