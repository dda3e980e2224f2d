"""The requests of a source as they would be sent, one by one."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.content import Content

from .. import text
from ..errors import DeckError
from ..model import ERROR
from ..widgets.look_words import trouble_words
from ..widgets.request_view import RequestView
from .launch_step import Step

PAUSE = 0.3
"""Seconds without a key before a request is made anew."""


class PreviewStep(Step):
    """A step that shows a request beside what it is made of."""

    NOUN: ClassVar[str] = "request"
    RAW: ClassVar[bool] = True

    def preview(self) -> ComposeResult:
        """Where the request is shown."""
        yield RequestView(self.NOUN, raw=self.RAW, id="request")

    @property
    def view(self) -> RequestView:
        """Where the request is shown."""
        return self.query_one("#request", RequestView)

    def on_request_view_asked(self, event: RequestView.Asked) -> None:
        """Another one."""
        event.stop()
        self.look_at(event.number)

    @work(group="preview", exclusive=True, description="make one request")
    async def look_at(self, number: int, pause: float = 0) -> None:
        """Show this request, or why it cannot be made."""
        await asyncio.sleep(pause)
        if self.lacks:
            self.view.show_words(Content.styled(self.lacks, "dim"))
            self.say("")
            return
        try:
            making = self.state.making()
            source, problems = await self.desk.ask.preview(self.state.paths, making, number)
        except DeckError as error:
            self.view.show_words(trouble_words(error.title, error.hint))
            self.previewed(error.title)
            return
        self.state.number = number
        await self.view.show(number, source, problems)
        errors = [problem for problem in problems if problem.severity == ERROR]
        self.previewed(errors[0].what if errors else "")

    @property
    def lacks(self) -> str:
        """What is missing before a request can be made, in a sentence; empty: nothing."""
        return ""

    def previewed(self, problem: str) -> None:
        """Say how the request came out; an empty problem: well."""
        if problem:
            self.say(f"✗ {text.clean(problem)}", "$text-error")
        else:
            self.say("")
