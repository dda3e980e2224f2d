"""One run: its batches, and their results read as one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets import Input, Static

from .. import text
from ..commands import Download, SendRun, StopRun
from ..errors import DeckError
from ..model import DownloadProgress, Entry, Run, Selection, as_one
from ..pricing.money import money
from ..widgets.batch_facts import error_lines
from ..widgets.cost_words import cost_line
from ..widgets.lines import Keys, Line, sync_words
from ..widgets.run_words import launch_line, launch_lines, run_facts, run_heading
from ..widgets.send_words import to_words
from .batch_actions import BatchActions
from .desk import Desk, Upload
from .dialogs import Choose, Confirm
from .result_browser import ResultBrowser
from .spending import may_go_over, price_line

MOST = {"-short": 0, "-medium": 3, "-tall": 8}
"""Launches that are listed above the results."""


class RunScreen(BatchActions):
    """Facts and launches on top, the results of all of them below."""

    HELP = (
        "# One run\n\nEverything launched from one source: its parts where it is too large for one batch, a "
        "sample that went first, and the retries of what did not succeed. The results below are those of all "
        "of them, for each custom_id the newest success. `L` sends what waits, `h` holds it, `t` tries again "
        "what has no whole answer, `P` opens one of the batches by itself."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("L", "send", "Send the rest", id="run.send", tooltip="Send what of the run is not sent yet"),
        Binding("h", "hold", "Hold", id="hold", tooltip="Send nothing more of it by itself"),
        Binding("t", "retry", "Retry", id="retry", tooltip="Send again what has no whole answer"),
        Binding("e", "export", "Export", id="export", tooltip="Save the results shown to a file"),
        Binding("P", "parts", "Batches", id="parts", tooltip="Open one of its batches"),
        Binding("x", "cancel", "Cancel", id="cancel"),
        Binding("d", "download", "Get", id="download", tooltip="Download results, or stop downloads"),
        Binding("c", "compare", "Compare", id="compare", tooltip="Compare with the results of another batch"),
        Binding("u", "unfinished", "Unfinished", id="unfinished", show=False),
        Binding("r", "refresh", "Refresh", id="refresh"),
        Binding("escape", "back", "Back", id="back"),
    ]

    def __init__(self, desk: Desk, run_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.run_id = run_id
        self.run: Run | None = None
        self.entries: dict[str, Entry] = {}
        self.whole: Entry | None = None
        self._upload: Upload | None = None

    def compose(self) -> ComposeResult:
        """Heading, facts, results, status."""
        yield Line(id="heading")
        yield Static(id="facts", markup=False)
        yield Container(id="place")
        yield Line(id="status")
        yield Keys(id="keys")

    @property
    def browser(self) -> ResultBrowser | None:
        """The results; there are none before something was sent."""
        with suppress(NoMatches):
            return self.query_one(ResultBrowser)
        return None

    async def on_mount(self) -> None:
        """Show what the store has; fetch results that can be had."""
        await self._read()
        self.desk.changed.subscribe(self, self._on_changed)
        self.desk.runs.subscribe(self, self._on_run)
        self.desk.progress.subscribe(self, self._on_progress)
        self.desk.uploads.subscribe(self, self._on_upload)
        self.desk.status.subscribe(self, lambda status: self.show_status())
        self.follow_saving()
        self._fetch_if_due()

    # -- store → screen ------------------------------------------------------------------------------------

    def _on_changed(self, ids: frozenset[str]) -> None:
        if not ids.isdisjoint(self.entries):
            self._reload()

    def _on_run(self, run_id: str) -> None:
        if run_id == self.run_id:
            self._reload()

    def _on_progress(self, progress: DownloadProgress) -> None:
        if progress.batch_id in self.entries:
            self.show_status()

    def _on_upload(self, upload: Upload) -> None:
        if self.run and any(launch.id == upload.launch_id for launch in self.run.launches):
            self._upload = upload
            self.show_status()

    @work(group="load", exclusive=True, description="read the run and its batches")
    async def _reload(self) -> None:
        await self._read()
        self._fetch_if_due()

    async def _read(self) -> None:
        run = await self.desk.store.runs.get(self.run_id)
        if run is None:
            return
        self.run = run
        self.entries = {entry.id: entry for entry in await self.desk.store.batches.some(run.scope)}
        self.whole = as_one(run, list(self.entries.values()))
        await self._place_browser(run)
        if (browser := self.browser) is not None:
            await browser.read(self.whole)
            self.whole = as_one(run, list(self.entries.values()), browser.summary)
        self._show_facts()

    async def _place_browser(self, run: Run) -> None:
        """Another batch was sent: the results of all of them are another list."""
        browser = self.browser
        if browser is not None and browser.scope == run.scope:
            return
        place = self.query_one("#place", Container)
        await place.remove_children()
        if run.scope:
            browser = ResultBrowser(self.desk, run.scope)
            await place.mount(browser)
            self.set_focus(browser.table)

    def _fetch_if_due(self) -> None:
        now = self.desk.clock()
        due = [
            entry.id
            for entry in self.entries.values()
            if entry.gone_at is None
            and entry.batch.has_results(now)
            and not (entry.results and entry.results.complete)
            and self.desk.now_progress(entry.id) is None
        ]
        if due:
            self.want(Download(tuple(due)))

    # -- drawing -------------------------------------------------------------------------------------------

    def on_result_list_updated(self) -> None:
        """The index has more, or other results are shown."""
        self._show_facts()

    def _show_facts(self) -> None:
        if self.run is None or self.whole is None:
            return
        now = self.desk.clock()
        self.query_one("#heading", Line).say(run_heading(self.run, self.whole))
        lines = run_facts(self.run, self.whole, now)
        most = next((number for name, number in MOST.items() if self.has_class(name)), 3)
        if len(self.run.launches) > 1 and most:
            lines += launch_lines(self.run, self.entries, now, most)
        if (browser := self.browser) is not None:
            lines += [cost_line(browser.costs)] if browser.costs is not None else []
            lines += error_lines(browser.summary, 2) if browser.summary.errors and most else []
        self.say_facts(Content("\n").join(lines))
        self.show_status()
        self.refresh_bindings()

    def show_status(self) -> None:
        """What is shown, what goes up, what is being saved, how the list relates to the server."""
        browser = self.browser
        parts = [
            browser.status_words() if browser else Content(),
            self._sending_words(),
            self.saving_words(),
            Content("  "),
            sync_words(self.desk.now_status(), self.desk.clock()),
        ]
        self.query_one("#status", Line).say(Content("").join(parts))

    def _sending_words(self) -> Content:
        upload = self._upload
        if upload is None or not upload.total or self.run is None or self.run.state != "sending":
            return Content()
        said = f"  sending {upload.sent / upload.total:.0%} of {text.size(upload.total)}"
        return Content.styled(said, "bold $text-warning")

    # -- what the user does --------------------------------------------------------------------------------

    def targets(self) -> list[Entry]:
        """All of its batches."""
        order = self.run.scope if self.run else ()
        return [self.entries[batch_id] for batch_id in order if batch_id in self.entries]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done now is greyed out."""
        if isinstance(self.focused, Input) and action != "back":
            return None
        run = self.run
        if action in ("send", "hold"):
            if self.desk.read_only:
                return False
            if run is None or not run.waiting:
                return None
            if action == "hold":  # also while a part of it is on its way
                return True if run.due else None
            return None if run.due or run.unfinished else True
        return self.possible(action, self.targets())

    @work(group="question", exclusive=True)
    async def action_retry(self) -> None:
        """Choose what to send again, look at it, say yes."""
        from .retrying import retry

        if self.run is not None:
            await retry(self, self.desk, self.run.id, self.run.title)

    def export_choice(self, entries: Sequence[Entry]) -> tuple[str, Selection]:
        """What is shown, in the order it is shown in."""
        if (browser := self.browser) is None or self.run is None:
            return super().export_choice(entries)
        shown, lines = len(browser.table.source), browser.summary.lines
        which = f"{shown:,} of {lines:,} results" if shown != lines else text.plural(lines, "result")
        name = text.clean(self.run.title)
        return f"Save {which} of {name} as", browser.selection

    def table_of(self, entries: Sequence[Entry]) -> str:
        """What was launched, if that was a table."""
        source = self.run.source if self.run else ""
        return source if Path(source).suffix.lower() in (".csv", ".tsv") else ""

    @work(group="question", exclusive=True)
    async def action_send(self) -> None:
        """Ask, then send what waits."""
        run = self.run
        if run is None or not run.waiting:
            return
        left = sum(launch.requests for launch in run.waiting)
        is_retry = all(launch.attempt > 1 for launch in run.waiting)
        requests = text.plural(left, "request")
        question = f"Send {requests} again?" if is_retry else f"Send the other {requests}?"
        try:
            details = await self._rest_details(run)
            if not await self.app.push_screen_wait(Confirm(question, details, yes="Send", no="Not yet")):
                return
            typed = await may_go_over(self.app, await self.desk.ask.over_limit(run))
        except DeckError as error:
            self.desk.tell_error(error)
            return
        if typed is not None:
            self.want(SendRun(run.id, typed_yes=typed))

    async def _rest_details(self, run: Run) -> list[str]:
        """What one should know before the rest is sent."""
        batches = text.plural(len(run.waiting), "batch")
        details = [
            await price_line(self, self.desk, run),
            f"as {batches}; a full queue is waited for, also after a restart.",
            to_words(self.desk.service),
        ]
        if (browser := self.browser) is not None and browser.costs is not None:
            details.append(f"Answers so far cost {money(browser.costs.total)}.")
        return details

    def action_hold(self) -> None:
        """Send nothing more by itself."""
        if self.run is not None:
            self.want(StopRun(self.run.id))

    @work(group="question", exclusive=True)
    async def action_parts(self) -> None:
        """Open one of its batches by itself."""
        if self.run is None:
            return
        now = self.desk.clock()
        offers = [
            (launch.batch_id, launch_line(self.run, launch, self.entries.get(launch.batch_id), now).plain)
            for launch in self.run.launches
            if launch.batch_id
        ]
        chosen = await self.app.push_screen_wait(Choose("Open the batch", offers)) if offers else None
        if chosen:
            from .batch import BatchScreen

            self.app.push_screen(BatchScreen(self.desk, chosen))

    def action_unfinished(self) -> None:
        """Settle launches with an unclear end."""
        from .unfinished import UnfinishedScreen

        self.app.push_screen(UnfinishedScreen(self.desk))

    def action_back(self) -> None:
        """One level back within the results; then out of the run."""
        browser = self.browser
        if browser is None or not browser.go_back():
            self.dismiss()
