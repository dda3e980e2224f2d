"""Last step of a launch before the yes: what it costs, what goes first, whether it was sent before."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from .. import text
from ..commands import DropRun, SendRun
from ..errors import DeckError
from ..messages import Wanted
from ..model import NO_SAMPLE, Draft, Run, Sample
from ..widgets.look_words import trouble_words
from ..widgets.result_pane import ResultPane
from ..widgets.send_words import launch_question, send_words
from ..widgets.upload_words import reading_line
from .desk import Desk
from .dialogs import Choose, Confirm
from .launch_drafts import save_drafts, still_waits
from .launch_state import CHOOSE
from .launch_step import Step
from .spending import may_go_over

SAMPLES = {
    "none": ("none: everything goes at once", NO_SAMPLE),
    "one": ("the first request", Sample(1)),
    "ten": ("the first ten", Sample(10)),
    "random": ("ten at random", Sample(10, random=True)),
}
LANES = ("1", "2", "3", "4")


class SendStep(Step):
    """The drafts are saved, the cost is estimated; nothing is sent before a yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("L,ctrl+l", "launch", "Launch", id="launch", tooltip="Launch it, after a question"),
        Binding("s", "sample", "Sample", id="launch.sample", tooltip="Send a few requests first"),
        Binding(
            "b", "lanes", "Side by side", id="launch.lanes", tooltip="How many batches are sent at a time"
        ),
        Binding("D", "drop", "Drop", id="launch.drop", tooltip="Remove the draft"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._before: list[Run] = []
        self._trouble = ""
        self._is_busy = False

    def compose(self) -> ComposeResult:
        """One text that says it all."""
        yield ResultPane(id="sending")

    def on_mount(self) -> None:
        """Hear how far the reading is."""
        self.desk.reading.subscribe(self, self._on_reading)

    def enter(self) -> None:
        """Save the drafts if they are not, and reckon."""
        self._pane.focus()
        self._before = []
        self._get_ready()

    def back(self) -> bool:
        """Stop the reading that may be going on."""
        self.stop("ready")
        self._is_busy = False
        return False

    @property
    def _pane(self) -> ResultPane:
        return self.query_one(ResultPane)

    @property
    def draft(self) -> Draft | None:
        """What would be sent."""
        return self.state.draft

    # -- getting ready -------------------------------------------------------------------------------------

    @work(group="ready", exclusive=True, description="save the drafts and reckon what they cost")
    async def _get_ready(self) -> None:
        self._trouble, self._is_busy = "", True
        self.refresh_bindings()
        try:
            adopted = self.state.adopted is not None
            if not await still_waits(self.desk, self.state) and adopted:
                self.state.step = CHOOSE
                self.move(0)
            elif self.state.is_prepared or await self._prepare():
                await self._reckon()
        except DeckError as error:
            self._pane.show(trouble_words(error.title, error.hint))
            self.say(f"✗ {text.clean(error.title)}", "$text-error")
        finally:
            self._is_busy = False
            self.refresh_bindings()

    async def _prepare(self) -> bool:
        """Save the drafts; back to the check where the source is no longer what was checked."""
        self._pane.show(reading_line("saving the draft", 0, 0))
        self.say("escape stops it")
        reason = await save_drafts(self.desk, self.state)
        if reason:
            self.notify(reason, severity="warning", markup=False)
            self.move(-1)
        return not reason

    async def _reckon(self) -> None:
        """What it costs, and whether the same was sent before."""
        state, draft = self.state, self.draft
        if state.run is None or draft is None:
            return
        self._before = await self.desk.ask.same_content(state.run)
        self._show()
        if state.estimate is None:
            self.say("counting tokens …")
            try:
                state.estimate = await self.desk.ask.estimate(draft, state.run.id)
            except DeckError as error:
                self._trouble = str(error)
            self._show()
        self._say_ready()

    def _on_reading(self, progress: tuple[int, int]) -> None:
        if self._is_busy and not self.state.is_prepared:
            self._pane.show(reading_line("saving the draft", *progress))

    # -- drawing -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        draft = self.draft
        if draft is not None:
            making = None if self.state.adopted else self.state.wish.making
            self._pane.show(
                send_words(
                    draft,
                    making,
                    self.state.estimate,
                    self._trouble,
                    sample=self._sample,
                    lanes=self.state.side_by_side,
                    before=self._before,
                    now=self.desk.clock(),
                )
            )

    @property
    def _sample(self) -> Sample:
        """What goes first; of a draft from some other time its own one."""
        run = self.state.run
        if self.state.adopted and run is not None:
            return Sample(run.sample.requests) if run.sample else NO_SAMPLE
        return self.state.sample

    def _say_ready(self) -> None:
        if self.desk.read_only:
            self.say("✓ ready; read-only: nothing is sent", "$text-success")
        elif self.state.estimate is not None and self.state.estimate.over:
            self.say("! over a spending limit; that takes a typed yes", "$text-warning")
        else:
            self.say("✓ ready; L launches it, after a question", "$text-success")

    # -- what the user does --------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is saved and reckoned can be launched, and what is there can be chosen."""
        if action == "launch" and self.desk.read_only:
            return False
        ready = self.state.run is not None and not self._is_busy and self.state.sending is None
        if action == "sample":
            return (True if ready else None) if not self.state.adopted else False
        if action == "lanes":
            return (True if ready else None) if self._parts > 1 else False
        return True if ready else None

    @property
    def _parts(self) -> int:
        """Batches that follow the sample."""
        draft = self.draft
        return sum(not part.sample for part in draft.parts) if draft else 0

    @work(group="question", exclusive=True, description="ask for a sample")
    async def action_sample(self) -> None:
        """Some requests go first, to be looked at before the rest; the drafts are made anew for it."""
        draft = self.draft
        offers = [
            (key, said) for key, (said, sample) in SAMPLES.items() if draft and sample.count < draft.requests
        ]
        chosen = next((key for key, (_, sample) in SAMPLES.items() if sample == self.state.sample), "none")
        key = await self.app.push_screen_wait(Choose("Send first, as a batch of their own", offers, chosen))
        if key is not None and SAMPLES[key][1] != self.state.sample:
            self.state.sample = SAMPLES[key][1]
            self._get_ready()

    @work(group="question", exclusive=True, description="ask how many batches at a time")
    async def action_lanes(self) -> None:
        """How many batches are sent at the same time."""
        offers = [(n, "one after the other" if n == "1" else f"{n} at a time") for n in LANES]
        chosen = await self.app.push_screen_wait(Choose("Send batches", offers, str(self.state.side_by_side)))
        if chosen is not None:
            self.state.side_by_side = int(chosen)
            self._show()

    @work(group="question", exclusive=True, description="ask, then remove the draft")
    async def action_drop(self) -> None:
        """Remove the saved requests; the source stays."""
        run = self.state.run
        details = ["Its saved requests are removed; the file they came from is not touched."]
        question = Confirm("Remove this draft?", details, yes="Remove", no="Keep it")
        if run is not None and await self.app.push_screen_wait(question):
            self.state.dropped()
            self.post_message(Wanted(DropRun(run.id)))
            self.move(-1)

    @work(group="question", exclusive=True, description="ask, then launch")
    async def action_launch(self) -> None:
        """Ask once more, and hand the sending to the app."""
        state, run, draft = self.state, self.state.run, self.draft
        if run is None or draft is None or self._is_busy or state.sending is not None:
            return
        only_sample = run.sample is not None and run.sample in run.waiting
        question, details = launch_question(
            run,
            draft,
            state.estimate,
            self._before,
            self.desk.clock(),
            service=self.desk.service,
            only_sample=only_sample,
        )
        if not await self.app.push_screen_wait(Confirm(question, details, yes="Launch", no="Not yet")):
            return
        launches = (run.sample,) if only_sample and run.sample else run.waiting
        try:  # what was sent meanwhile counts, too
            typed = await may_go_over(self.app, await self.desk.ask.over_limit(run, launches))
        except DeckError as error:
            self.desk.tell_error(error)
            return
        if typed is None or state.sending is not None:
            return
        state.say_yes(SendRun(run.id, only_sample, state.side_by_side, typed))
        self.move(0)
