"""Third step of a launch: everything is checked; every problem, any request, and what it would become."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from .. import text
from ..commands import Check
from ..errors import DeckError
from ..model import Draft
from ..widgets.draft_words import verdict
from ..widgets.lines import Line
from ..widgets.look_words import trouble_words
from ..widgets.plan_words import plan_lines
from ..widgets.problem_list import ProblemList
from ..widgets.upload_words import reading_line
from .desk import Desk
from .launch_preview import PreviewStep

MENDS = "--map-ids"
"""What a problem with a custom_id names as its remedy."""


class CheckStep(PreviewStep):
    """Plan, problems by kind, and the requests."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "go_on", "Go on", id="launch.go_on"),
        Binding("enter", "go_on", show=False, id="launch.go_on.enter"),
        Binding("L", "go_on", show=False, id="launch.go_on.send"),
        Binding("r", "check", "Check again", id="check", tooltip="Read the source once more"),
        Binding(
            "m",
            "mend",
            "Mend custom_ids",
            id="launch.mend",
            tooltip="Make illegal and repeated custom_ids legal, or leave them as they are",
        ),
        Binding("tab", "switch", "Problems ↔ request", id="launch.switch"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._is_checking = False

    def compose(self) -> ComposeResult:
        """Plan, problems, one request."""
        yield Line(id="plan", grows=True)
        yield ProblemList(id="groups")
        yield from self.preview()

    def on_mount(self) -> None:
        """Hear how far the reading is."""
        self.desk.reading.subscribe(self, self._on_reading)

    def enter(self) -> None:
        """Show what was found; check what was not, or has changed."""
        draft = self.state.draft
        if draft is None:
            self.action_check()
        elif not self._is_checking:
            self._show(draft)

    def back(self) -> bool:
        """Stop a check that runs; what it read is forgotten, nothing was written."""
        self.stop("check")
        self._is_checking = False
        return False

    # -- checking ------------------------------------------------------------------------------------------

    @work(group="check", exclusive=True, description="check a source")
    async def action_check(self) -> None:
        """Read all of it."""
        state = self.state
        state.forget_check()
        self._clear()
        try:
            wish = state.wish
            draft = await self.desk.carry_out(Check(wish.paths, wish.making, state.sample))
        except DeckError as error:
            self._fail(error)
            return
        finally:
            self._is_checking = False
        state.checked(wish, draft)
        self._show(draft)

    def _clear(self) -> None:
        self._is_checking = True
        self.line("plan").say(reading_line("checking", 0, 0))
        self.query_one("#groups").add_class("hidden")
        self.view.add_class("hidden")
        self.say("escape stops the check")
        self.screen.set_focus(None)
        self.refresh_bindings()

    def _on_reading(self, progress: tuple[int, int]) -> None:
        if self._is_checking:
            self.line("plan").say(reading_line("checking", *progress))

    def _fail(self, error: DeckError) -> None:
        self.line("plan").say(trouble_words(error.title, error.hint))
        self.say(f"✗ {text.clean(error.title)}", "$text-error")
        self.refresh_bindings()

    # -- drawing -------------------------------------------------------------------------------------------

    def _show(self, draft: Draft) -> None:
        """Problems have the focus where there are any; else the first request."""
        making = self.state.wish.making
        self.line("plan").say(Content("\n").join(plan_lines(draft, making)))
        problems = self.query_one(ProblemList)
        problems.list_problems(draft)
        problems.set_class(not problems.groups, "hidden")
        self.view.set_class(not draft.requests, "hidden")
        self.view.count(draft.requests)
        if draft.requests:
            self.look_at(min(self.state.number, draft.requests))
        (problems if problems.groups else self.view.pane).focus()
        self._say_verdict()
        self.refresh_bindings()

    def previewed(self, problem: str) -> None:
        """The verdict is about all of them."""
        self._say_verdict()

    def _say_verdict(self) -> None:
        draft = self.state.draft
        if draft is not None:
            said, tone = verdict(draft)
            how = (
                ""
                if not draft.ok
                else "; ctrl+g goes on"
                if draft.warning_count
                else "; enter goes on to the cost"
            )
            self.say(said + how, tone)

    # -- what the user does --------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is in order goes on."""
        if action == "go_on":
            draft = self.state.draft
            return draft is not None and draft.ok
        if action == "switch":
            return bool(self.query_one(ProblemList).groups)
        if action == "mend":
            return self._can_mend
        return True

    @property
    def _can_mend(self) -> bool:
        """Whether custom_ids are wrong, or were mended."""
        draft = self.state.draft
        if draft is None or self.state.adopted is not None:
            return False
        return bool(draft.mapped) or any(MENDS in group.remedy for group in draft.groups)

    def action_mend(self) -> None:
        """Make custom_ids legal, or no longer, and check once more."""
        self.state.mend()
        self.action_check()

    def action_switch(self) -> None:
        """From the problems to the request, and back."""
        problems = self.query_one(ProblemList)
        (self.view.pane if problems.has_focus else problems).focus()

    def action_go_on(self) -> None:
        """To the cost, and to the yes."""
        self.move()
