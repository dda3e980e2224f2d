"""From local data to a batch, step by step: choose, make the requests, check, reckon, say yes."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen

from ..commands import KeepForm
from ..errors import DeckError
from ..messages import Wanted
from ..text import clean
from ..widgets.lines import Keys, Line
from ..widgets.step_line import step_line
from .desk import Desk
from .launch_check import CheckStep
from .launch_choose import ChooseStep
from .launch_progress import ProgressStep
from .launch_recipe import RecipeStep
from .launch_send import SendStep
from .launch_state import CHECK, CHOOSE, PROGRESS, RECIPE, SEND
from .launch_step import Step

STEPS: dict[str, type[Step]] = {
    CHOOSE: ChooseStep,
    RECIPE: RecipeStep,
    CHECK: CheckStep,
    SEND: SendStep,
    PROGRESS: ProgressStep,
}
KEPT_EVERY = 1.0
"""Seconds after which what was typed is kept for the next start, if anything was."""
TITLES = {CHOOSE: "choose", RECIPE: "recipe", CHECK: "check", SEND: "send"}


class LaunchScreen(Screen[None]):
    """Nothing is sent before a yes, and a yes sends once."""

    HELP = (
        "# New batch\n\nFrom local data to a batch in steps. `ctrl+g` goes on, `escape` one step back, which "
        "loses nothing; what you leave is there when you come back.\n\n"
        "Choose: a file, a folder or a pattern; what it is stands below, and `ctrl+t` takes it for something "
        "else. Drafts that were prepared and not sent are listed there.\n\n"
        "Recipe: how a request is made of each row, with the request of one row beside it as you type. "
        "`ctrl+r` chooses another recipe, `ctrl+e` opens your $EDITOR, `ctrl+s` saves it to a file. In the "
        "request, arrows or a number and `enter` lead to another row; `v` shows it as it is sent. Mended "
        "custom_ids: illegal or repeated ones become legal, and the draft remembers their rows.\n\n"
        "Check: every problem with its places and its remedy; any request as it will be sent. `m` mends "
        "custom_ids.\n\n"
        "Send: what it costs, and a sample that goes first if you wish (`s`). `L` launches, after a question."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="back"),
    ]
    AUTO_FOCUS = ""

    def __init__(self, desk: Desk, run_id: str = "", *, path: str = "") -> None:
        super().__init__()
        self.desk = desk
        self.state = desk.launching
        self.run_id = run_id
        """A run whose drafts are gone on with."""
        self._path = path
        """A source to begin with."""
        self._kept = self.state.form

    def compose(self) -> ComposeResult:
        """Heading, the step one is at, status."""
        yield Line(id="heading")
        yield Container(id="step")
        yield Line(id="status")
        yield Keys(id="keys")

    @property
    def step(self) -> Step | None:
        """The step that is shown."""
        shown = (step for step in self.query(Step) if step.display)
        return next(shown, None)

    async def on_mount(self) -> None:
        """Go on where this was left, now or when the program ran last."""
        state = self.state
        if not state.is_restored:
            state.restore(await self.desk.ask.kept_form())
        self._kept = state.form
        if self._path:
            state.begin_again()
            state.say(self._path)
        if self.run_id:
            try:
                run = await self.desk.ask.run(self.run_id)
                draft = await self.desk.ask.draft_of(run)
                state.begin_again()
                state.take_up(run, draft)
            except DeckError as error:
                self.desk.tell_error(error)
        await self._show()
        self.set_interval(KEPT_EVERY, self._keep)

    def on_unmount(self) -> None:
        """Keep how it is left."""
        self._keep()

    def _keep(self) -> None:
        if self.state.form != self._kept:
            self._kept = self.state.form
            self.app.post_message(Wanted(KeepForm(self._kept)))

    async def _show(self) -> None:
        """Show the step that the state is at; each is made when it is first come to."""
        state = self.state
        for step in self.query(Step):
            step.display = False
        kind = STEPS[state.step]
        found = next(iter(self.query(kind)), None)
        if found is None:
            found = kind(self.desk)
            await self.query_one("#step").mount(found)
        found.display = True
        self.query_one("#status", Line).say(Content())
        found.enter()
        self._show_heading()
        self.refresh_bindings()

    def _show_heading(self) -> None:
        state = self.state
        current = TITLES.get(state.step, "")
        name = clean(Path(state.said).name if not state.name else state.name)
        title = f"Sending {name}" if state.step == PROGRESS else "New batch"
        said = step_line(title, [TITLES[step] for step in state.steps], current)
        self.query_one("#heading", Line).say(said)

    # -- what steps say ------------------------------------------------------------------------------------

    def on_step_said(self, event: Step.Said) -> None:
        """A sentence for the status line; work of a step that was left may still come to its end."""
        if event.step is self.step:
            self.query_one("#status", Line).say(Content.styled(event.words, event.tone))

    async def on_step_moved(self, event: Step.Moved) -> None:
        """On, back, or somewhere that the state says already."""
        if event.step is not self.step:
            return
        state = self.state
        before = state.step
        if event.by > 0:
            state.step = state.next_step or state.step
        elif event.by < 0:
            state.step = state.step_before or state.step
        if state.step != before or not isinstance(event.step, STEPS[state.step]):
            await self._show()
        else:
            self._show_heading()

    async def action_back(self) -> None:
        """One level back within the step, one step back, or out."""
        step = self.step
        if step is not None and step.back():
            return
        if self.state.step_before is None:
            self.dismiss()
        else:
            self.state.step = self.state.step_before
            await self._show()
