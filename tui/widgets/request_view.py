"""One request of many: as it is sent or as people read it; arrows or a number lead to another one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from ..model import Problem
from . import request_words
from .lines import Line
from .result_pane import ResultPane
from .shown import Shown

MOST_DIGITS = 9


class RequestView(Vertical):
    """Shows what it is given, and says which one is wanted next."""

    class Asked(Message):
        """Another request is wanted, by its number from 1."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    DEFAULT_CSS = """
    RequestView { height: 1fr; }
    RequestView > Line { color: $text-primary; padding: 0 1; }
    RequestView:focus-within > Line { color: $text-accent; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,greater_than_sign", "step(1)", "Next", id="request.next", key_display="→"),
        Binding("left,less_than_sign", "step(-1)", "Previous", id="request.previous", key_display="←"),
        Binding("v", "look", "Raw", id="request.look", tooltip="As people read it, or as it is sent"),
        Binding("enter", "jump", "Go to it", show=False, id="request.jump"),
        Binding("backspace", "untype", show=False, id="request.untype"),
    ]

    def __init__(self, noun: str = "request", *, raw: bool = True, id: str | None = None) -> None:
        super().__init__(id=id)
        self.noun = noun
        self.raw = raw
        """Whether it is shown as it is sent."""
        self.number = 1
        self.total = 0
        """How many there are; 0: nobody has counted yet."""
        self._typed = ""
        self._named = ""
        self._source = b""
        self._problems: tuple[Problem, ...] = ()

    def compose(self) -> ComposeResult:
        """Which one, and what it says."""
        yield Line()
        yield ResultPane()

    def on_mount(self) -> None:
        """Say which one it will be."""
        self._say()

    @property
    def pane(self) -> ResultPane:
        """What scrolls."""
        return self.query_one(ResultPane)

    # -- what is shown -------------------------------------------------------------------------------------

    async def show(self, number: int, source: bytes, problems: Sequence[Problem]) -> None:
        """Show this request, or, where there is none, what is wrong with it."""
        self.number, self._source, self._problems = number, source, tuple(problems)
        await self._draw()

    def show_words(self, said: Content) -> None:
        """Show a sentence in its place."""
        self._source, self._problems, self._named = b"", (), ""
        self._say()
        self.pane.show(said)

    async def _draw(self) -> None:
        source, problems = self._source, self._problems
        if not source:
            self._named = ""
            self._say()
            self.pane.show(request_words.only(problems))
            return
        work = request_words.sent if self.raw else request_words.readable
        shown: Shown = await asyncio.to_thread(work, source, problems)
        named = await asyncio.to_thread(request_words.custom_id, source)
        if source is self._source:
            self._named = named
            self._say()
            self.pane.show(shown)

    def count(self, total: int) -> None:
        """Say how many there are."""
        self.total = total
        self._say()

    def _say(self) -> None:
        which = f"{self._typed}▏" if self._typed else f"{self.number:,}"
        of = f" of {self.total:,}" if self.total else ""
        how = " · enter goes there" if self._typed else f" · {self._named}" if self._named else ""
        self.query_one(Line).say(Content(f"── {self.noun} {which}{of}{how} "))

    # -- what the user does --------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter and backspace mean the number only while one is typed."""
        return bool(self._typed) if action in ("jump", "untype") else True

    def action_step(self, by: int) -> None:
        """The next one, or the one before."""
        self._ask(self.number + by)

    def action_jump(self) -> None:
        """The one whose number was typed."""
        self._ask(int(self._typed or self.number))

    def action_untype(self) -> None:
        """Take the last digit back."""
        self._type(self._typed[:-1])

    async def action_look(self) -> None:
        """As it is sent, or as people read it."""
        self.raw = not self.raw
        if self._source:
            await self._draw()

    def on_key(self, event: events.Key) -> None:
        """Digits name another request."""
        digit = event.character or ""
        if digit.isascii() and digit.isdigit() and len(self._typed) < MOST_DIGITS:
            event.stop()
            self._type(self._typed + digit)

    def _type(self, typed: str) -> None:
        self._typed = typed
        self._say()
        self.refresh_bindings()

    def _ask(self, number: int) -> None:
        self._type("")
        number = max(1, min(number, self.total or number))
        if number != self.number:
            self.post_message(self.Asked(number))
