"""What was launched from here: one row a run, whatever the number of its batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from .. import text
from ..commands import DropRun
from ..messages import Wanted
from ..model import Entry, Run, Summary, as_one
from ..widgets.columns import Cell
from ..widgets.lines import Keys, Line, sync_words
from ..widgets.run_words import COLUMNS, run_cells
from ..widgets.virtual_table import VirtualTable
from .desk import Desk
from .dialogs import Confirm


class RunRows:
    """Runs as rows, the newest first."""

    def __init__(self, runs: Sequence[Run], wholes: Mapping[str, Entry], now: datetime) -> None:
        self._runs = runs
        self._wholes = wholes
        self._now = now
        self._places = {run.id: place for place, run in enumerate(runs)}

    def __len__(self) -> int:
        return len(self._runs)

    def key(self, index: int) -> str:
        """The run's id."""
        return self._runs[index].id

    def index(self, key: str) -> int | None:
        """Where this run stands."""
        return self._places.get(key)

    def cells(self, index: int) -> Mapping[str, Cell]:
        """What the row says."""
        run = self._runs[index]
        return run_cells(run, self._wholes[run.id], self._now)


class RunsScreen(Screen[None]):
    """All runs; enter opens one, drafts that wait included."""

    HELP = (
        "# Launched from here\n\nOne row for each run: everything launched from one source, as one batch "
        "or several, with its sample and its retries. `enter` opens it; one that was never sent is gone on "
        "with where it was left. `D` removes the drafts of what was not sent."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "launch", "New", id="new", tooltip="Launch batches from local files"),
        Binding("D", "drop", "Drop drafts", id="delete", tooltip="Give up what was not sent"),
        Binding("u", "unfinished", "Unfinished", id="unfinished"),
        Binding("escape", "dismiss", "Back", id="back"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.runs: dict[str, Run] = {}

    @property
    def table(self) -> VirtualTable:
        """The rows."""
        return self.query_one("#runs", VirtualTable)

    def compose(self) -> ComposeResult:
        """Heading, rows, status."""
        yield Line(id="heading")
        yield VirtualTable(COLUMNS, id="runs", empty="Reading …")
        yield Line(id="status")
        yield Keys(id="keys")

    def on_mount(self) -> None:
        """Read, and read again when a run or a batch changes."""
        self.query_one("#heading", Line).say(Content.styled("Launched from here", "bold"))
        self.desk.runs.subscribe(self, lambda run_id: self._read())
        self.desk.changed.subscribe(self, lambda ids: self._read())
        self.table.focus()
        self._read()

    @work(group="load", exclusive=True, description="read the runs")
    async def _read(self) -> None:
        store = self.desk.store
        known = await store.runs.all(self.desk.account_id())
        found = [run for run in known if not run.is_given_up]
        batches = [batch_id for run in found for batch_id in run.scope]
        entries = await store.batches.some(batches)
        self.runs = {run.id: run for run in found}
        wholes = {run.id: as_one(run, entries, await self._summary(run)) for run in found}
        now = self.desk.clock()
        self.table.say_if_empty("Nothing was launched from here yet. n launches from local files.")
        self.table.show(RunRows(found, wholes, now))
        said = Content.styled(f"  {text.plural(len(found), 'run')}", "dim")
        status = sync_words(self.desk.now_status(), now)
        self.query_one("#status", Line).say(Content("").join([status, said]))
        self.refresh_bindings()

    async def _summary(self, run: Run) -> Summary | None:
        """What all results of a run say together, where it was tried again: sums alone do not tell."""
        return await self.desk.store.results.summary(run.scope) if run.attempts > 1 else None

    def _chosen(self) -> Run | None:
        return self.runs.get(self.table.cursor_key or "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what was not sent can be dropped."""
        if action == "drop" and self.is_mounted and self.query("#runs"):
            run = self._chosen()
            if run is None or run.unfinished or self.desk.is_sending(run.id):
                return None
            return True if run.waiting else None
        return True

    def on_virtual_table_highlighted(self) -> None:
        """Another row: other things are possible."""
        self.refresh_bindings()

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        """Drill down."""
        run = self.runs.get(event.key)
        if run is None:
            return
        is_draft = run.waiting and not run.due and not run.scope and not run.unfinished
        if is_draft and not self.desk.read_only:
            from .launch import LaunchScreen

            self.app.push_screen(LaunchScreen(self.desk, run.id))
            return
        from .run import RunScreen

        self.app.push_screen(RunScreen(self.desk, run.id))

    def action_launch(self) -> None:
        """Launch from files."""
        from .launch import LaunchScreen

        self.app.push_screen(LaunchScreen(self.desk))

    def action_unfinished(self) -> None:
        """Settle launches with an unclear end."""
        from .unfinished import UnfinishedScreen

        self.app.push_screen(UnfinishedScreen(self.desk))

    @work(group="question", exclusive=True)
    async def action_drop(self) -> None:
        """Ask, then give up what was not sent."""
        run = self._chosen()
        if run is None or not run.waiting:
            return
        left = sum(launch.requests for launch in run.waiting)
        details = [f"{text.plural(left, 'request')} were not sent. The file they came from is not touched."]
        question = f"Remove the drafts of {text.clean(run.title)}?"
        if await self.app.push_screen_wait(Confirm(question, details, yes="Remove", no="Keep")):
            self.post_message(Wanted(DropRun(run.id)))
