"""What one may do with batches, the same on the list and inside one of them."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from textual import work
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from .. import commands, text
from ..messages import Wanted
from ..model import Entry, Selection
from ..paths import safe_name
from ..widgets.lines import saving_words
from .copying import copy
from .desk import Desk, Saving
from .dialogs import Ask, Choose, Confirm

CHANGES_SERVER = frozenset({"cancel", "delete", "retry"})
"""Actions that --read-only hides."""
DEPENDING = ("cancel", "delete", "download", "export", "compare", "retry")
"""Actions that depend on the state of the batches they are about."""


class BatchActions(Screen[None]):
    """Questions first, then a command with the very ids that were confirmed."""

    desk: Desk
    _abilities: tuple[bool | None, ...] = ()
    saving = Saving(done=True)
    """How far an export is that runs now."""

    def follow_saving(self) -> None:
        """Hear of exports that run."""
        self.desk.saving.subscribe(self, self._on_saving)

    def _on_saving(self, saving: Saving) -> None:
        self.saving = saving
        self.show_status()

    def saving_words(self) -> Content:
        """How far an export is, while there is one."""
        saving = self.saving
        return Content() if saving.done else saving_words(saving.rows, saving.total)

    def show_status(self) -> None:
        """Draw the status line."""
        raise NotImplementedError

    def say_facts(self, said: Content) -> None:
        """Draw facts that differ; the layout depends on them only when their number does."""
        box = self.query_one("#facts", Static)
        before = box.content if isinstance(box.content, Content) else Content()
        if not said.is_same(before):
            box.update(said, layout=said.plain.count("\n") != before.plain.count("\n"))

    def targets(self) -> list[Entry]:
        """The batches an action is about: the marked ones, or else the one under the cursor."""
        raise NotImplementedError

    def possible(self, action: str, targets: Sequence[Entry]) -> bool | None:
        """Whether an action makes sense now: None greys it out, False hides it."""
        if self.desk.read_only and action in CHANGES_SERVER:
            return False
        now = self.desk.clock()
        tests: dict[str, Callable[[Entry], bool]] = {
            "cancel": lambda e: e.batch.can_cancel and e.gone_at is None,
            "delete": lambda e: e.gone_at is not None or not e.batch.is_live,
            "download": lambda e: e.gone_at is None and e.batch.has_results(now),
            "export": lambda e: e.results is not None or (e.gone_at is None and e.batch.has_results(now)),
            "compare": lambda e: e.results is not None or (e.gone_at is None and e.batch.has_results(now)),
            "retry": lambda e: not e.batch.is_live and bool(e.problems),
            "label": lambda e: True,
            "copy": lambda e: True,
            "console": lambda e: True,
        }
        test = tests.get(action)
        return True if test is None or any(test(entry) for entry in targets) else None

    def show_abilities(self) -> None:
        """Draw the keys again only when something became possible or impossible."""
        targets = self.targets()
        abilities = tuple(self.possible(action, targets) for action in DEPENDING)
        if abilities != self._abilities:
            self._abilities = abilities
            self.refresh_bindings()

    def want(self, command: commands.Command) -> None:
        """Pass a wish up to the app."""
        self.post_message(Wanted(command))

    def action_refresh(self) -> None:
        """Poll now."""
        self.want(commands.Refresh())

    # -- cancel and delete ---------------------------------------------------------------------------------

    @work(group="question", exclusive=True)
    async def action_cancel(self) -> None:
        """Ask, then cancel those that still run."""
        entries = [e for e in self.targets() if e.batch.can_cancel and e.gone_at is None]
        if not entries:
            return
        what = f"Cancel {_named(entries)}?"
        details = [
            *(self._progress(entry) for entry in entries[:20]),
            "",
            "Requests that are being worked on may still be finished, and are then billed.",
        ]
        if await self.app.push_screen_wait(Confirm(what, details, yes="Cancel it", no="Keep it running")):
            self.want(commands.Cancel(tuple(entry.id for entry in entries)))

    def _progress(self, entry: Entry) -> str:
        counts, ran = entry.batch.counts, text.duration(entry.batch.took(self.desk.clock()))
        done = counts.total - counts.processing
        said = f"{done:,} finished so far" if done else "the service has reported none finished yet"
        return f"{text.clean(entry.id)}: {text.plural(counts.total, 'request')}, running for {ran}, {said}"

    @work(group="question", exclusive=True)
    async def action_delete(self) -> None:
        """Ask, then delete those that ended; what the server no longer has is forgotten here."""
        entries = [e for e in self.targets() if e.gone_at is not None or not e.batch.is_live]
        gone = [entry for entry in entries if entry.gone_at is not None]
        here = [entry for entry in entries if entry.gone_at is None]
        if here and not self.desk.read_only:
            details = [*(_loses(entry) for entry in here[:20]), "", "This cannot be undone."]
            question = f"Delete {_named(here)} on the server, results too?"
            if await self.app.push_screen_wait(Confirm(question, details, yes="Delete", no="Keep")):
                self.want(commands.Delete(tuple(entry.id for entry in here)))
        elif gone:
            details = [_forgets(entry) for entry in gone[:20]]
            question = f"Remove {_named(gone)} from this list?"
            if await self.app.push_screen_wait(Confirm(question, details, yes="Remove", no="Keep")):
                self.want(commands.Forget(tuple(entry.id for entry in gone)))

    # -- results -------------------------------------------------------------------------------------------

    def action_download(self) -> None:
        """Fetch results to disk, or stop a download that runs."""
        now = self.desk.clock()
        running = [e.id for e in self.targets() if _arrives(self.desk, e.id)]
        if running:
            self.want(commands.StopDownload(tuple(running)))
            return
        ids = tuple(e.id for e in self.targets() if e.gone_at is None and e.batch.has_results(now))
        if ids:
            self.want(commands.Download(ids))

    @work(group="question", exclusive=True)
    async def action_export(self) -> None:
        """Ask in which form and where to, never overwrite without asking again, then save."""
        entries = [entry for entry in self.targets() if self.possible("export", [entry])]
        if not entries:
            return
        from .exporting import ExportDialog  # the list is shown without it

        title, selection = self.export_choice(entries)
        scope = tuple(entry.id for entry in entries)
        name = _file_name(entries[0]) if len(entries) == 1 else "results"
        chosen = await self.app.push_screen_wait(
            ExportDialog(title, scope, selection, name, self.table_of(entries))
        )
        if chosen is not None:
            await self._save(chosen)

    def export_choice(self, entries: Sequence[Entry]) -> tuple[str, Selection]:
        """What a dialog calls it, and which results it takes; all, unless a screen shows only some."""
        return f"Save the results of {_named(entries)} as", Selection()

    def table_of(self, entries: Sequence[Entry]) -> str:
        """Path of the table that the requests were made from, where a screen knows it."""
        return ""

    async def _save(self, wish: commands.Export) -> None:
        path, exists = await asyncio.to_thread(_look, wish.path)
        # A folder is never written into: the sentence that says so comes with the command.
        if (
            exists
            and wish.format != "files"
            and not await self.app.push_screen_wait(
                Confirm(f"{text.clean(str(path))} exists. Overwrite it?", yes="Overwrite", no="Keep it")
            )
        ):
            return
        self.want(replace(wish, path=path, overwrite=exists))

    @work(group="question", exclusive=True)
    async def action_compare(self) -> None:
        """Two marked batches, or this one with another that is asked for."""
        chosen = [entry for entry in self.targets() if self.possible("compare", [entry])]
        if len(chosen) == 1 and (other := await self._another(chosen[0])):
            chosen.append(other)
        if len(chosen) == 2:
            from .compare import CompareScreen

            # The older one stands left: one asks what has changed since.
            left, right = sorted(chosen, key=lambda entry: entry.batch.created_at)
            names = left.name, right.name
            self.app.push_screen(CompareScreen(self.desk, (left.id,), (right.id,), names))
        elif len(chosen) > 2:
            self.notify("Mark two batches to compare them.", severity="warning", markup=False)

    async def _another(self, entry: Entry) -> Entry | None:
        entries = await self.desk.store.batches.entries(self.desk.account_id())
        others = {e.id: e for e in entries if e.id != entry.id and self.possible("compare", [e])}
        now = self.desk.clock()
        offers = [
            (
                e.id,
                f"{text.clean(e.name)}  {text.plural(e.batch.counts.total, 'request')}, "
                f"{text.moment(e.batch.created_at, now)}",
            )
            for e in others.values()
        ]
        if not offers:
            self.notify("There is no other batch with results.", severity="warning", markup=False)
            return None
        title = f"Compare {text.clean(entry.name)} with"
        chosen = await self.app.push_screen_wait(Choose(title, offers))
        return others.get(chosen) if chosen else None

    # -- once more -----------------------------------------------------------------------------------------

    @work(group="question", exclusive=True)
    async def action_retry(self) -> None:
        """Choose what to send again, look at it, say yes."""
        from .retrying import retry

        for entry in self.targets()[:1]:
            await retry(self, self.desk, entry.run_id or entry.id, entry.name)

    # -- names, copies, links ------------------------------------------------------------------------------

    @work(group="question", exclusive=True)
    async def action_label(self) -> None:
        """Give one batch a name of the user's own."""
        for entry in self.targets()[:1]:
            title = f"Label for {text.clean(entry.id)}"
            said = await self.app.push_screen_wait(
                Ask(title, entry.label, "kept on this machine only", empty_is_answer=True)
            )
            if said is not None:
                self.want(commands.Label(entry.id, said))

    def action_copy(self) -> None:
        """Copy the ids."""
        ids = [entry.id for entry in self.targets()]
        if ids:
            copy(self.app, "\n".join(ids), text.plural(len(ids), "batch id"))

    def action_console(self) -> None:
        """Open the Console in a browser, or say where it is when this machine has no screen of its own."""
        for entry in self.targets()[:1]:
            url = self.desk.console_url.replace("{id}", quote(entry.id, safe=""))
            if _has_browser():
                self.app.open_url(url)
                self.notify(url, title="Opened in a browser", markup=False)
            else:
                self.app.copy_to_clipboard(url)
                self.notify(url, title="No browser here; sent to your terminal's clipboard", markup=False)


def _has_browser() -> bool:
    """Whether a browser would open in a window: over SSH it could be a text one, amid our screen."""
    if sys.platform in ("darwin", "win32"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _look(path: Path) -> tuple[Path, bool]:
    """The path with `~` resolved, and whether something is there; a disk may be slow."""
    path = Path(os.path.expanduser(path))  # Path's own raises where there is no such user
    return path, path.exists()


def _named(entries: Sequence[Entry]) -> str:
    return text.clean(entries[0].name) if len(entries) == 1 else f"{len(entries)} batches"


def _file_name(entry: Entry) -> str:
    stem = entry.label or entry.source.rsplit(".", 1)[0] or "batch"
    return safe_name(f"{stem}-{entry.id.removeprefix('msgbatch_')[-8:]}-results")


def _loses(entry: Entry) -> str:
    counts = entry.batch.counts
    if entry.results and entry.results.complete:
        kept = "the copy on this machine stays"
    else:
        kept = "there is no whole copy on this machine: its answers are lost"
    good = f"{counts.succeeded:,} of {text.plural(counts.total, 'request')} succeeded"
    return f"{text.clean(entry.id)}: {good}; {kept}"


def _forgets(entry: Entry) -> str:
    if entry.results and entry.results.lines:
        return f"{text.clean(entry.id)}: the {text.plural(entry.results.lines, 'result')} saved here go too"
    return f"{text.clean(entry.id)}: nothing of it is saved here"


def _arrives(desk: Desk, batch_id: str) -> bool:
    progress = desk.now_progress(batch_id)
    return progress is not None and progress.state in ("running", "waiting")
