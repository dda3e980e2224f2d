"""What the steps of a launch have in common: they read and fill the state, and say where to go."""

from __future__ import annotations

from typing import Any

from textual.containers import Vertical
from textual.message import Message

from ..widgets.lines import Line
from .desk import Desk
from .launch_state import LaunchState


class Step(Vertical):
    """One step: its fields show the state, and what is typed goes into it at once."""

    class Moved(Message):
        """This step is done with: on to the next one, or back to the one before."""

        def __init__(self, step: Step, by: int) -> None:
            super().__init__()
            self.step = step
            self.by = by

    class Said(Message):
        """What stands in the status line."""

        def __init__(self, step: Step, words: str, tone: str) -> None:
            super().__init__()
            self.step = step
            self.words = words
            self.tone = tone

    DEFAULT_CSS = "Step { height: 1fr; }"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.state: LaunchState = desk.launching

    def enter(self) -> None:
        """Come into view: show what the state says, and take the focus."""

    def back(self) -> bool:
        """Deal with a wish to go back; True if there was something in this step to go back from."""
        return False

    def say(self, words: str, tone: str = "dim") -> None:
        """Put a sentence into the status line."""
        self.post_message(self.Said(self, words, tone))

    def move(self, by: int = 1) -> None:
        """Go on, or back; by none: to the step that the state is at now."""
        self.post_message(self.Moved(self, by))

    def line(self, id: str) -> Line:
        """A line of this step."""
        return self.query_one(f"#{id}", Line)

    def stop(self, *groups: str) -> bool:
        """Stop the work of these groups; whether there was any."""
        running: list[Any] = []
        for group in groups:
            running += self.workers.cancel_group(self, group)
        return bool(running)
