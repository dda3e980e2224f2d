"""The live list of the account's batches: home."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import ScreenResume
from textual.widgets import Input

from .. import text
from ..errors import DeckError
from ..model import Entry, SyncStatus
from ..query import HELP, ORDERS, VIEWS, QueryError
from ..widgets.batch_rows import COLUMNS, EntryRows
from ..widgets.field import Field
from ..widgets.lines import Keys, Line, sync_words, view_tabs
from ..widgets.virtual_table import VirtualTable
from .batch_actions import BatchActions
from .desk import Desk
from .dialogs import Choose
from .entries import Entries
from .list_state import SETTING, ListState

TICK = 20.0
"""Seconds between looks at the clock: ages and times left are shown by the minute."""


class BatchesScreen(BatchActions):
    """Every batch of the account, from the store; what changes there changes here."""

    HELP = "# Batches\n\nEvery batch of the account. Filter with `/`: " + HELP

    BINDINGS: ClassVar[list[BindingType]] = [
        # What is typed right behind the slash must find the filter line: hence the priority.
        Binding("slash", "filter", "Filter", id="filter", key_display="/", priority=True),
        Binding("n", "launch", "New", id="new", tooltip="Launch a batch from a local file"),
        Binding("x", "cancel", "Cancel", id="cancel"),
        Binding("D", "delete", "Delete", id="delete"),
        Binding("d", "download", "Get", id="download", tooltip="Download results, or stop a download"),
        Binding("e", "export", "Export", id="export", tooltip="Save results to a file"),
        Binding("s", "sort", "Sort", id="sort"),
        Binding("space", "mark", "Mark", id="mark"),
        Binding("c", "compare", "Compare", id="compare", tooltip="Compare the results of two marked batches"),
        Binding("t", "retry", "Retry", id="retry", tooltip="Send again what has no whole answer"),
        Binding("l", "label", "Label", id="label"),
        Binding("L", "runs", "Launched", id="runs", tooltip="What was launched from here, one row a run"),
        Binding("y", "copy", "Copy id", id="copy"),
        Binding("r", "refresh", "Refresh", id="refresh"),
        Binding("S", "reverse", "Reverse", id="reverse"),
        Binding("M", "mark_all", "Mark all", id="mark_all"),
        Binding("o", "console", "Console", id="console"),
        Binding("u", "unfinished", "Unfinished", id="unfinished"),
        Binding("escape", "back", "Clear filter or marks", id="back", show=False),
        *(
            Binding(str(n + 1), f"view({n})", f"View: {view.title}", id=f"view.{view.id}", show=False)
            for n, view in enumerate(VIEWS)
        ),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._entries = Entries(desk)
        self.state = ListState()
        self._unfinished = 0

    @property
    def entries(self) -> dict[str, Entry]:
        """All batches of the account by id, shown or not."""
        return self._entries.by_id

    @property
    def table(self) -> VirtualTable:
        """The rows."""
        return self.query_one("#batches", VirtualTable)

    # -- life ----------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Views on top, the table, the filter and the status below."""
        yield Line(id="tabs")
        yield Line(id="banner", classes="hidden", grows=True)
        yield VirtualTable(COLUMNS, id="batches", empty="")
        yield Field(placeholder=HELP, id="filter", classes="hidden", compact=True, select_on_focus=False)
        yield Line(id="status")
        yield Keys(id="keys")

    async def on_mount(self) -> None:
        """Everything the store has is there with the first paint."""
        self.state.recall(await self.desk.store.settings.get(SETTING))
        await self._entries.load()
        self.show()
        self.desk.changed.subscribe(self, self._on_changed)
        self.desk.status.subscribe(self, self._on_status)
        self.follow_saving()
        self.desk.launches.subscribe(self, lambda launch_id: self._look_for_unfinished())
        self.set_interval(TICK, self._tick)
        self._look_for_unfinished()

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Back from another screen: what changed meanwhile is loaded already; draw it."""
        if self.entries:
            self.show()

    def _tick(self) -> None:
        if self.is_current:
            self.show()

    # -- store → rows --------------------------------------------------------------------------------------

    def _on_status(self, status: SyncStatus) -> None:
        self.table.say_if_empty(self._empty_words())
        self.show_status()

    def _on_changed(self, ids: frozenset[str]) -> None:
        self._entries.note(ids)
        self._reload()

    @work(group="load", exclusive=True, description="read what changed")
    async def _reload(self) -> None:
        await self._entries.catch_up()
        self.show()

    def show(self) -> None:
        """Choose, order, and draw what differs."""
        now = self.desk.clock()
        rows = self.state.rows(self.entries.values(), now)
        table = self.table
        table.say_if_empty(self._empty_words())
        table.sort_sign(self.state.order, self.state.descending)
        table.mark(table.marks & self.entries.keys())
        table.show(EntryRows(rows, now))
        self._show_tabs()
        self.show_status(len(rows))
        self.show_abilities()

    def _empty_words(self) -> str:
        if self.state.filter or self.state.view:
            return "No batch matches. Escape clears the filter, 1 shows all."
        status = self.desk.now_status()
        if status.state in ("idle", "loading"):
            return "Loading the account's batches …"
        if status.checked_at is None:
            return "Nothing is known of this account yet."
        return "No batches yet. n launches one from a local file."

    def _show_tabs(self) -> None:
        entries = self.entries.values()
        counts = [(view.title, sum(map(view.holds, entries))) for view in VIEWS]
        tabs = view_tabs(counts, self.state.view, brief=self.size.width < 90)
        flags = "".join(
            f" {word}" for word, on in (("demo", self.desk.demo), ("read-only", self.desk.read_only)) if on
        )
        name = Content.assemble(("batchdeck", "bold $text-primary"), (flags, "bold $text-warning"), " ")
        self.query_one("#tabs", Line).say(Content("").join([name, tabs]))

    def show_status(self, shown: int | None = None) -> None:
        """How the list relates to the server, how many rows are shown, and by which filter."""
        table = self.table
        shown = len(table.source) if shown is None else shown
        status = self.desk.now_status()
        number = f"{shown:,} of {len(self.entries):,}" if shown != len(self.entries) else f"{shown:,}"
        parts = [sync_words(status, self.desk.clock()), Content.styled(f"  {number} shown", "dim")]
        if self.state.filter:
            parts.append(Content.styled(f"  /{text.clean(self.state.filter)}", "$text-accent"))
        if table.marks:
            parts.append(Content.styled(f"  {len(table.marks):,} marked", "bold $text-accent"))
        parts.append(self.saving_words())
        self.query_one("#status", Line).say(Content("").join(parts))
        self._show_banner(status)

    def _show_banner(self, status: SyncStatus) -> None:
        """What needs the user: a launch with an unclear end, or a credential."""
        banner = self.query_one("#banner", Line)
        said = ""
        if self._unfinished:
            said = f"! {text.plural(self._unfinished, 'launch')} with an unclear end: press u to settle it"
        elif status.state == "no-credential":
            said = f"○ {text.clean(status.problem)} {text.clean(status.remedy)}"
        banner.set_class(not said, "hidden")
        banner.say(Content.styled(said, "bold $text-warning" if self._unfinished else "$text-warning"))

    @work(group="unfinished", exclusive=True, description="look for launches with an unclear end")
    async def _look_for_unfinished(self) -> None:
        try:
            self._unfinished = len(await self.desk.ask.unfinished())
        except DeckError as error:
            self.desk.tell_error(error)
        self.show_status()

    # -- cursor and marks ----------------------------------------------------------------------------------

    def targets(self) -> list[Entry]:
        """The marked batches, or the one under the cursor."""
        table = self.table
        keys = table.marks or ({table.cursor_key} if table.cursor_key else set())
        return [self.entries[key] for key in keys if key in self.entries]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done now is greyed out, in footer and palette alike."""
        if not self.is_mounted or not self.query("#batches"):
            return True
        if isinstance(self.focused, Input) and action != "back":
            return False if action == "filter" else None  # a slash is a part of what is typed
        return self.possible(action, self.targets())

    def on_virtual_table_highlighted(self) -> None:
        """Another row: other things are possible."""
        self.show_abilities()

    def action_mark(self) -> None:
        """Mark or unmark the row, and go on to the next."""
        table = self.table
        if table.cursor_key is not None:
            table.mark(table.marks ^ {table.cursor_key})
            table.action_move(1)
            self.show_status()
            self.show_abilities()

    def action_mark_all(self) -> None:
        """Mark all rows shown, or none if they are."""
        table = self.table
        keys = frozenset(table.source.key(index) for index in range(len(table.source)))
        table.mark(frozenset() if table.marks == keys else keys)
        self.show_status()
        self.show_abilities()

    # -- view, order, filter -------------------------------------------------------------------------------

    def _changed_state(self) -> None:
        self.show()
        self._remember()

    @work(group="remember", exclusive=True, description="remember view, order and filter")
    async def _remember(self) -> None:
        try:
            await self.desk.store.settings.set(SETTING, self.state.dump())
        except DeckError as error:
            self.desk.tell_error(error)

    def action_view(self, number: int) -> None:
        """One of the standing filters."""
        self.state.view = number
        self._changed_state()

    @work(group="question", exclusive=True)
    async def action_sort(self) -> None:
        """Choose the column; choosing the present one turns the order round."""
        options = [(column.id, column.title.capitalize()) for column in COLUMNS if column.id in ORDERS]
        question = Choose("Sort by (the same again: other way round)", options, self.state.order)
        chosen = await self.app.push_screen_wait(question)
        if chosen:
            self.state.sort_by(chosen)
            self._changed_state()

    def action_reverse(self) -> None:
        """The same order, the other way round."""
        self.state.sort_by(self.state.order)
        self._changed_state()

    def on_virtual_table_header_clicked(self, event: VirtualTable.HeaderClicked) -> None:
        """A click on a title sorts."""
        if event.column in ORDERS:
            self.state.sort_by(event.column)
            self._changed_state()

    def action_filter(self) -> None:
        """Open the filter line."""
        line = self.query_one("#filter", Input)
        line.remove_class("hidden")
        line.value = self.state.filter
        self.set_focus(line)  # at once: what was typed ahead must not become commands

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing; a term that is not understood yet changes nothing but says so."""
        if not event.input.has_focus:
            return
        try:
            self.state.filter_by(event.value)
            self.show()
        except QueryError as error:
            self.query_one("#status", Line).say(Content.styled(f"! {error}", "$text-warning"))

    def on_input_submitted(self) -> None:
        """Keep the filter, back to the rows."""
        self._close_filter()

    def _close_filter(self) -> None:
        self.query_one("#filter", Input).add_class("hidden")
        self.table.focus()
        self._changed_state()

    def action_back(self) -> None:
        """One level back: the filter, then the marks, then the view; never out of the program."""
        if self.query_one("#filter", Input).has_focus or self.state.filter:
            self.state.filter_by("")
            self._close_filter()
        elif self.table.marks:
            self.table.mark(frozenset())
            self.show()
        elif self.state.view:
            self.action_view(0)

    # -- elsewhere -----------------------------------------------------------------------------------------

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        """Drill down."""
        from .batch import BatchScreen

        self.app.push_screen(BatchScreen(self.desk, event.key))

    def action_launch(self) -> None:
        """Launch from a file."""
        from .launch import LaunchScreen

        self.app.push_screen(LaunchScreen(self.desk))

    def action_runs(self) -> None:
        """What was launched from here."""
        from .runs import RunsScreen

        self.app.push_screen(RunsScreen(self.desk))

    def action_unfinished(self) -> None:
        """Settle launches with an unclear end."""
        from .unfinished import UnfinishedScreen

        self.app.push_screen(UnfinishedScreen(self.desk))
