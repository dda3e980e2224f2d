"""An answer, and the request it answers beside it where there is room, else above it or in its place."""

from __future__ import annotations

from typing import Self

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from .result_pane import ResultPane
from .shown import Shown

WIDE = 100
"""Cells that two columns need; with less, one stands above the other."""
TALL = 14
"""Rows that two texts need; with less, the request takes the answer's place."""


class ReadingPane(Container):
    """Shows an answer; `show_request` puts the request next to it. Both scroll for themselves."""

    DEFAULT_CSS = """
    ReadingPane {
        layout: vertical;
        & > .request { display: none; height: 2fr; border-bottom: solid $primary-muted; }
        & > .answer { height: 3fr; }
        &.-asked > .request { display: block; }
        &.-asked.-beside { layout: horizontal; }
        &.-asked.-beside > ResultPane { width: 1fr; height: 1fr; }
        &.-asked.-beside > .request { border-bottom: none; border-right: solid $primary-muted; }
        &.-asked.-small > .answer { display: none; }
        &.-asked.-small > .request { border-bottom: none; height: 1fr; }
        &.-asked > .request:focus { border-bottom: solid $accent; }
        &.-asked.-beside > .request:focus { border-bottom: none; border-right: solid $accent; }
        &.-asked.-small > .request:focus { border-bottom: none; }
    }
    """

    def compose(self) -> ComposeResult:
        """Two texts; what is read first stands on the left, or on top."""
        yield ResultPane(classes="request")
        yield ResultPane(classes="answer")

    @property
    def answer(self) -> ResultPane:
        """What was answered."""
        return self.query_one(".answer", ResultPane)

    @property
    def request(self) -> ResultPane:
        """What was asked."""
        return self.query_one(".request", ResultPane)

    @property
    def asked(self) -> bool:
        """Whether the request is shown."""
        return self.has_class("-asked")

    def show(self, content: Content | Shown) -> None:
        """Show an answer from the top, or a text that stands in its place."""
        self.answer.show(content)

    def show_request(self, shown: Shown | None) -> None:
        """Show the request, too; nothing takes it away again."""
        focused = self.has_focus_within
        self.set_class(shown is not None, "-asked")
        if shown is not None:
            self.request.show(shown)
        if focused and (shown is None or self.has_class("-small")):
            self.focus()

    def toggle_thinking(self) -> None:
        """Unfold all thinking, or fold it."""
        self.answer.toggle_thinking()
        self.request.toggle_thinking()

    def focus(self, scroll_visible: bool = True) -> Self:
        """Read the answer, or what stands in its place."""
        pane = self.request if self.asked and self.has_class("-small") else self.answer
        pane.focus(scroll_visible)
        return self

    def focus_other(self) -> bool:
        """From the answer to the request and back; False where there is only one of them."""
        if not self.asked or self.has_class("-small"):
            return False
        (self.answer if self.request.has_focus else self.request).focus()
        return True

    def on_resize(self, event: events.Resize) -> None:
        """Beside, above, or in place."""
        beside = event.size.width >= WIDE
        self.set_class(beside, "-beside")
        self.set_class(not beside and event.size.height < TALL, "-small")
