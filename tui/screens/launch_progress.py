"""After the yes: how far the sending is, and where to go on when it has ended."""

from __future__ import annotations

from time import monotonic
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from ..commands import StopRun
from ..messages import Wanted
from ..model import SENDING, SENT, Run
from ..pace import Pace
from ..widgets.lines import Line
from ..widgets.result_pane import ResultPane
from ..widgets.upload_words import end_words, part_lines, sample_lines, sent_bytes, upload_line
from .desk import Desk, Upload
from .launch_ends import screen_of
from .launch_step import Step


class ProgressStep(Step):
    """Shows what the app is doing; leaving it stops nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "x", "stop", "Stop", id="launch.stop", tooltip="Send nothing more; what is under way is finished"
        ),
        Binding("enter", "open", "Open the run", id="launch.open"),
        Binding("L", "again", "Try again", id="launch.again", tooltip="Back to the yes"),
        Binding("n", "new", "New", id="new", tooltip="Another launch; this one goes on"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.run: Run | None = None
        self._uploads: dict[str, int] = {}
        self._pace = Pace()
        self._has_ended = False
        self._said = Content()

    def compose(self) -> ComposeResult:
        """Bar, parts, what to do."""
        yield Line(id="bar")
        yield ResultPane(id="parts")

    def on_mount(self) -> None:
        """Hear how far it is."""
        self.desk.uploads.subscribe(self, self._on_upload)
        self.desk.runs.subscribe(self, self._on_run)

    def enter(self) -> None:
        """Hand the yes on, or come back to what was left here: it may have ended since."""
        self.query_one(ResultPane).focus()
        self._has_ended = False
        self._uploads.clear()
        self._pace = Pace()
        state = self.state
        is_new, state.yes = state.yes, False
        if is_new:
            # As our own message: one that is made in a handler of the screen would go no further than there.
            self.call_later(self._hand_on)
        # Of what is only about to begin, the first news says whether it has ended.
        self._read(judge=not is_new)

    def _hand_on(self) -> None:
        if self.state.sending is not None:
            self.post_message(Wanted(self.state.sending))

    @property
    def run_id(self) -> str:
        """The run that is sent."""
        return self.state.sending.run_id if self.state.sending else ""

    @property
    def _sample_only(self) -> bool:
        return self.state.sending is not None and self.state.sending.sample_only

    @property
    def _can_stop(self) -> bool:
        """Whether something waits that a stop would keep back."""
        run = self.run
        if run is None:
            return True
        waiting = [launch for launch in run.waiting if launch.id not in self._uploads]
        return run.sample in waiting if self._sample_only else bool(waiting)

    # -- news ----------------------------------------------------------------------------------------------

    def _on_run(self, run_id: str) -> None:
        if run_id == self.run_id:
            self._read(judge=True)

    def _on_upload(self, upload: Upload) -> None:
        run = self.run
        if run is not None and any(launch.id == upload.launch_id for launch in run.launches):
            is_new = upload.launch_id not in self._uploads
            self._uploads[upload.launch_id] = upload.sent
            self._draw(run)
            if is_new:
                self.refresh_bindings()

    @work(group="read", exclusive=True, description="see how far a run is")
    async def _read(self, judge: bool) -> None:
        run = await self.desk.store.runs.get(self.run_id)
        if run is None:
            return
        self.run = run
        if run.problem:
            self._forget_refused(run)
        if judge and not self.desk.is_sending(run.id):
            self._end(run)
        else:
            self._draw(run)
            self.refresh_bindings()

    def _forget_refused(self, run: Run) -> None:
        """What the service had no room for is sent once more, from its first byte."""
        sending = {launch.id for launch in run.launches if launch.state == SENDING}
        self._uploads = {id: sent for id, sent in self._uploads.items() if id in sending}

    def _end(self, run: Run) -> None:
        """All sent: on to the run. Unclear: on to settling it. A sample, or a refusal: say so here."""
        if run.unfinished:
            from .unfinished import UnfinishedScreen

            self._leave(UnfinishedScreen(self.desk))
        elif not run.waiting:
            self._leave(screen_of(self.desk, run))
        else:
            self._has_ended = True
            self._draw(run)
            self.say(*end_words(run, sample_only=self._sample_only))
        self.refresh_bindings()

    def _leave(self, screen: Screen[Any]) -> None:
        self.state.begin_again()
        self.app.switch_screen(screen)

    # -- drawing -------------------------------------------------------------------------------------------

    def _draw(self, run: Run) -> None:
        lines = list(part_lines(run, {} if self._has_ended else self._uploads))
        if self._has_ended:
            self.line("bar").say(Content())
            lines += sample_lines(run) if self._is_sample_sent else []
        else:
            sent, total = self._bytes(run)
            self._pace.note(monotonic(), sent)
            self.line("bar").say(upload_line(sent, total, self._pace))
            stop = "x stops it" if self._can_stop else "it cannot be called back"
            self.say(f"{stop}; leaving this screen {'does not' if self._can_stop else 'stops nothing'}")
        said = Content("\n").join(lines)
        if not said.is_same(self._said):
            self._said = said
            self.query_one(ResultPane).show(said)

    def _bytes(self, run: Run) -> tuple[int, int]:
        if self._sample_only and run.sample is not None:
            return self._uploads.get(run.sample.id, 0), run.sample.bytes
        return sent_bytes(run, self._uploads)

    @property
    def _is_sample_sent(self) -> bool:
        sample = self.run.sample if self.run else None
        return self._sample_only and sample is not None and sample.state == SENT

    # -- what the user does --------------------------------------------------------------------------------

    def back(self) -> bool:
        """Out of the screen: there is no way back before the yes. What goes on goes on."""
        if self._has_ended:
            self.state.begin_again()
        self.screen.dismiss()
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What goes on can be stopped, what has ended can be opened or tried again."""
        if action == "stop":
            return False if self._has_ended else True if self._can_stop else None
        if action == "again":
            return self._has_ended and self.run is not None and not self.run.scope
        if action == "open":
            return self.run is not None and bool(self.run.scope)
        return True

    def action_stop(self) -> None:
        """Take the yes back."""
        self.post_message(Wanted(StopRun(self.run_id)))

    def action_open(self) -> None:
        """Look at the run."""
        if self.run is not None:
            self._leave(screen_of(self.desk, self.run))

    def action_again(self) -> None:
        """Back to the yes, with the same drafts."""
        if self.run is not None:
            self.state.try_again(self.run)
            self.move(0)

    def action_new(self) -> None:
        """Another launch; this one goes on by itself."""
        self.state.begin_again()
        self.move(0)
