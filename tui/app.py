"""The full-screen face: owns the workers and the news, runs a handler for every wish."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import IO, Any, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.events import AppBlur, AppFocus
from textual.screen import Screen
from textual.signal import Signal
from textual.worker import WorkerFailed

from . import handlers
from .commands import Adopt, Command, Done, Download, Drop, Export, KeepForm, Refresh, Send, SendRun
from .config import Settings
from .errors import DeckError, Uncertain
from .handlers import Services
from .handlers.bodies import body_path
from .handlers.questions import Questions
from .messages import Wanted
from .model import SENDING, Account, DownloadProgress, Launch, Run, SyncStatus
from .screens.batches import BatchesScreen
from .screens.desk import Desk, Saving, Upload
from .screens.dialogs import Confirm
from .text import clean, plural

CONSOLE_URL = "https://platform.claude.com/workspaces/default/batches"
"""The Console's list of batches; an address of a single batch is not documented."""


def _palette() -> type[Provider]:
    """Our offers; what they need is not loaded before somebody asks."""
    from .palette import DeckProvider

    return DeckProvider


class Unheard:
    """A terminal that may be gone: what is written to it then is lost, and nobody minds."""

    def __init__(self, file: IO[str]) -> None:
        self.fileno = file.fileno
        self._file = file

    def write(self, text: str) -> None:
        """Write if somebody is there."""
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """Send what was written."""
        with suppress(OSError):
            self._file.flush()


class DeckApp(App[int]):
    """batchdeck. Screens read the store and post `Wanted`; everything that lasts belongs to this app."""

    TITLE = "batchdeck"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[Any]] = App.COMMANDS | {_palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "Help", id="help", key_display="?", show=False),
        Binding("colon", "command_palette", "Palette", id="palette", show=False),
        Binding("E", "stop_saving", "Stop saving", id="stop_saving", show=False),
        Binding("q", "quit", "Quit", id="quit"),
    ]

    def __init__(self, services: Services, settings: Settings, *, demo: bool = False) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-medium"), (40, "-tall")]
        self.settings = settings
        self._recalling = asyncio.Lock()
        self._sending: set[str] = set()
        """Launches on their way to the service."""
        self.services = replace(
            services,
            on_upload=self._uploaded,
            on_export=self._saved,
            on_read=lambda done, total: self._tell(self.reading, (done, total)),
            on_run=self._run_changed,
        )
        self.changed: Signal[frozenset[str]] = Signal(self, "changed")
        self.status: Signal[SyncStatus] = Signal(self, "status")
        self.progress: Signal[DownloadProgress] = Signal(self, "progress")
        self.uploads: Signal[Upload] = Signal(self, "uploads")
        self.saving: Signal[Saving] = Signal(self, "saving")
        self.launches: Signal[str] = Signal(self, "launches")
        self.runs: Signal[str] = Signal(self, "runs")
        self.reading: Signal[tuple[int, int]] = Signal(self, "reading")
        self.desk = self._desk(demo)
        if settings.theme in self.available_themes:
            self.theme = settings.theme

    def _desk(self, demo: bool) -> Desk:
        services = self.services
        return Desk(
            store=services.store,
            account_id=lambda: services.sync.account.id if services.sync.account else 0,
            clock=services.clock,
            changed=self.changed,
            status=self.status,
            progress=self.progress,
            uploads=self.uploads,
            saving=self.saving,
            launches=self.launches,
            runs=self.runs,
            reading=self.reading,
            now_status=lambda: services.sync.status,
            now_progress=services.downloads.progress.get,
            result_path=self._result_path,
            carry_out=self.carry_out,
            ask=Questions(services),
            tell_error=self.tell_error,
            is_sending=lambda id: id in self._sending,
            read_only=services.read_only,
            demo=demo,
            console_url=self.settings.console_url or CONSOLE_URL,
            service=services.api.base_url,
        )

    # -- life ----------------------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        """Paint from the store; only then think of the network."""
        if self.settings.keys:
            self.set_keymap(dict(self.settings.keys))
        await self.services.sync.start()
        self._listen()
        await self.push_screen(BatchesScreen(self.desk))
        self.call_after_refresh(self._keep_polling)
        self.call_after_refresh(self._go_on)
        self.call_after_refresh(self._settle_in)

    def _listen(self) -> None:
        """News come from callbacks of lower rooms, some from threads: pass them through the message queue."""
        services = self.services
        services.store.subscribe(lambda ids: self._tell(self.changed, ids))
        services.sync.on_status = lambda status: self._tell(self.status, status)
        services.sync.on_account = self._account_changed
        services.downloads.on_progress = lambda progress: self._tell(self.progress, progress)

    def _tell(self, signal: Signal[Any], news: object) -> None:
        self.call_later(signal.publish, news)

    @work(group="go-on", exclusive=True, description="go on with runs that were interrupted")
    async def _go_on(self) -> None:
        """Send what the user has said yes to and a restart has cut off; unclear ends wait for a decision."""
        await self._recall()  # first of all, a store that was put back learns what was sent
        if self.services.read_only or (account := self.services.sync.account) is None:
            return
        going = await self.services.store.runs.going(account.id)
        if going:  # what sends them takes long to load
            await asyncio.to_thread(handlers.load)
        for run in going:
            if await handlers.goes_on(self.services, run):
                self._serve(SendRun(run.id, typed_yes=True))

    def _account_changed(self, account: Account) -> None:
        self._tell(self.changed, frozenset())
        self.call_later(self._recall_of_account)

    @work(group="recall", description="bring back launches of the account that was found out")
    async def _recall_of_account(self) -> None:
        await self._recall()

    async def _recall(self) -> None:
        async with self._recalling:
            with suppress(DeckError):
                if await handlers.recall(self.services):
                    self._run_changed("")  # whoever shows launches has looked before

    @work(group="settle-in", exclusive=True, description="what can wait until the list is seen")
    async def _settle_in(self) -> None:
        """Remove what a kill left behind, and load the handlers, so that no key has to wait for them."""
        with suppress(DeckError):
            await handlers.sweep(self.services)
        with suppress(DeckError):  # one after the other: two imports at once would slow the screen
            await self.services.api.load()
        await asyncio.to_thread(handlers.load)

    async def leave(self) -> None:
        """Keep what was typed last for the next start, however the program ends; awaited behind its end."""
        with suppress(DeckError):
            if (form := self.desk.form) is not None:
                await handlers.run(self.services, KeepForm(form))

    def _run_changed(self, run_id: str) -> None:
        self._tell(self.runs, run_id)
        self._tell(self.launches, run_id)

    def _uploaded(self, launch_id: str, sent: int, total: int) -> None:
        self._tell(self.uploads, Upload(launch_id, sent, total))

    @work(group="poll", exclusive=True, exit_on_error=True, description="keep the list true")
    async def _keep_polling(self) -> None:
        await self.services.sync.run()

    def on_app_focus(self, event: AppFocus) -> None:
        """Somebody looks: back to the full pace."""
        self.services.sync.focused = True

    def on_app_blur(self, event: AppBlur) -> None:
        """Nobody looks: no need to hurry."""
        self.services.sync.focused = False

    def get_driver_class(self) -> type[Driver]:
        """Textual's own, whose threads live on: with bytes that are no UTF-8, and when the terminal goes.

        Its input thread would die of the former, its output thread of the latter; the queue to it would then
        fill up, and the program hang for good, deaf to signals.
        """

        class Forgiving(super().get_driver_class()):  # type: ignore[misc]
            def __init__(self, *arguments: Any, **options: Any) -> None:
                super().__init__(*arguments, **options)
                file: Any = getattr(self, "_file", None)
                if file is not None:
                    self._file = Unheard(file)

            def run_input_thread(self) -> None:
                while True:
                    with suppress(UnicodeDecodeError):
                        return super().run_input_thread()  # type: ignore[no-any-return]

        return Forgiving

    def _saved(self, rows: int, total: int) -> None:
        self._tell(self.saving, Saving(rows, total))

    def _handle_exception(self, error: Exception) -> None:
        """Close down and let `__main__` say why: Textual would print the locals of every frame."""
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error  # what happened, and where
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    @property
    def crash(self) -> Exception | None:
        """What ended the app before its time."""
        return self._exception

    # -- wishes --------------------------------------------------------------------------------------------

    async def carry_out(self, command: Command) -> Any:
        """Run a command's handler and hand back what it answers; raises the errors of `errors`."""
        return await handlers.run(self.services, command)

    def on_wanted(self, event: Wanted) -> None:
        """Carry out what a screen wants, in a worker of the app: leaving the screen does not stop it."""
        event.stop()
        if isinstance(event.command, Export):
            self._save(event.command)
        else:
            self._serve(event.command)

    @work(group="saving", description="save results")
    async def _save(self, command: Export) -> None:
        try:
            done = await self.carry_out(command)
            self.tell(done.message, done.severity)
        except DeckError as error:
            self.tell_error(error)
        finally:
            self._tell(self.saving, Saving(done=True))

    def action_stop_saving(self) -> None:
        """Give up what is being saved; nothing half-written stays."""
        if self.workers.cancel_group(self, "saving"):
            self.tell("The saving was stopped; nothing was written.")

    @work(group="wishes", description="carry out a command")
    async def _serve(self, command: Command) -> None:
        if isinstance(command, Refresh):
            self.services.sync.wake()
            return
        sending = _what_it_sends(command)
        self._sending |= sending
        begun = self.services.clock()
        try:
            answer = await self.carry_out(command)
            if isinstance(answer, Done) and not isinstance(command, Download):
                self.tell(answer.message, answer.severity)
            elif isinstance(answer, Launch):
                self.tell(f"Launched: {answer.batch_id}")
            elif isinstance(answer, Run) and isinstance(command, SendRun):
                self.tell(_launched(answer, begun))
        except DeckError as error:
            self.tell_error(error)
        finally:
            self._sending -= sending
            if isinstance(command, Send | Adopt | Drop):
                self._run_changed(command.launch_id)
            elif isinstance(command, SendRun):
                self._run_changed(command.run_id)

    def tell(self, message: str, severity: Any = "information") -> None:
        """A notice about the user's own act; foreign text in it stays text."""
        self.notify(clean(message), severity=severity, markup=False)

    def tell_error(self, error: DeckError) -> None:
        """What went wrong, and what to do about it."""
        severity: Any = "warning" if isinstance(error, Uncertain) else "error"
        hint = f"{error.hint} (request {error.request_id})" if error.request_id else error.hint
        self.notify(clean(hint), title=clean(error.title), severity=severity, timeout=10, markup=False)

    def _result_path(self, batch_id: str) -> str:
        return str(body_path(self.services.paths, batch_id))

    # -- keys and palette ----------------------------------------------------------------------------------

    def action_help(self) -> None:
        """Keys and words of the screen one is on."""
        from .screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Of Textual's own offers those that make sense here; `palette` adds ours."""
        for command in super().get_system_commands(screen):
            if command.title in ("Theme", "Screenshot"):
                yield command

    async def action_quit(self) -> None:
        """Leave; downloads are gone on with next time, but a launch under way would end unclear: ask."""
        if not isinstance(self.screen, Confirm) and await self._is_on_its_way():
            self._ask_before_quitting()
        else:
            self.exit(0)

    async def _is_on_its_way(self) -> bool:
        """Whether requests are being sent at this moment; a run that waits for the queue can be left."""
        account = self.services.sync.account
        if not self._sending or account is None:
            return False
        unfinished = await self.services.store.launches.unfinished(account.id)
        return any(
            launch.state == SENDING and not self._sending.isdisjoint((launch.id, launch.run_id))
            for launch in unfinished
        )

    @work(group="question", exclusive=True, description="ask before a launch is broken off")
    async def _ask_before_quitting(self) -> None:
        details = ["Whether it creates a batch would be unknown; the next start shows it to be settled."]
        question = Confirm("A launch is being sent. Break it off?", details, yes="Quit", no="Wait for it")
        if await self.push_screen_wait(question):
            self.exit(0)


def _what_it_sends(command: Command) -> set[str]:
    """Ids of the launch or the run that a command sends."""
    if isinstance(command, Send):
        return {command.launch_id}
    return {command.run_id} if isinstance(command, SendRun) else set()


def _launched(run: Run, begun: datetime) -> str:
    """What of a run was sent since that moment, and what was not."""
    new = [each for each in run.launches if each.batch_id and each.sent_at and each.sent_at >= begun]
    sent = plural(sum(launch.requests for launch in new), "request")
    if [launch.part for launch in new] == [0]:
        return f"The sample of {sent} was launched: {new[0].batch_id}"
    waits = f"; {plural(len(run.waiting), 'draft')} not sent" if run.waiting else ""
    if len(new) == 1:
        return f"Launched {sent}: {new[0].batch_id}{waits}"
    return f"Launched {sent} as {plural(len(new), 'batch')}{waits}."
