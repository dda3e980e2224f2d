"""One-line texts around the tables; each is drawn again only when it says something else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.binding import Binding
from textual.content import Content
from textual.events import Click
from textual.widgets import Static

from .. import text
from ..model import SyncStatus


class Line(Static):
    """A line of text that ignores updates which change nothing."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None, grows: bool = False) -> None:
        super().__init__(markup=False, id=id, classes=classes)
        self.said: Content = Content()
        self.grows = grows
        """Whether it may take more lines than one (by its CSS), so that the layout depends on the text."""

    def say(self, content: Content) -> None:
        """Show this, if it is not what is shown already."""
        if not content.is_same(self.said):
            self.said = content
            self.update(content, layout=self.grows)


class Keys(Line):
    """The keys of the screen in one line: what fits, and at the right end always the way to all of them.

    Textual's Footer is a widget for each key and is built anew at each change; over a slow line a text
    that is compared with what is shown costs a tenth.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._places: list[tuple[range, str]] = []
        """Columns of each key that can be pressed now: a click on one is the key."""

    def on_mount(self) -> None:
        """Follow what is possible."""
        self.screen.bindings_updated_signal.subscribe(self, lambda screen: self.list_keys())

    def on_resize(self) -> None:
        """More or fewer of them fit."""
        self.list_keys()

    def list_keys(self) -> None:
        """Show name and key of each action; what cannot be done now is faint."""
        last = Content.assemble(
            (self._help_key, "bold $footer-key-foreground"), (" Help", "$footer-description-foreground")
        )
        room = self.size.width - last.cell_length - 1
        parts, used = [], 0
        named: set[str] = set()
        self._places = []
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.action == "help":
                self._places.append((range(room, self.size.width), binding.key))
            if not binding.show or binding.action in named or binding.action == "help":
                continue
            named.add(binding.action)
            part = self._key(binding, enabled)
            if used + part.cell_length > room:
                continue  # a shorter one may fit
            if enabled:
                self._places.append((range(used, used + part.cell_length), binding.key))
            parts.append(part)
            used += part.cell_length
        self.say(Content("").join([*parts, Content(" " * (room - used)), last]))

    def on_click(self, event: Click) -> None:
        """A click is the key that stands there."""
        place = event.get_content_offset(self)
        for columns, key in self._places:
            if place is not None and place.x in columns:
                self.app.simulate_key(key)
                return

    @property
    def _help_key(self) -> str:
        """Where one types, a question mark is written and not understood."""
        focused = self.screen.focused
        return "F1" if focused is not None and focused.check_consume_key("question_mark", "?") else "?"

    def _key(self, binding: Binding, enabled: bool) -> Content:
        key = self.app.get_key_display(binding)
        if not enabled:
            return Content.styled(f"{key} {binding.description}  ", "dim")
        return Content.assemble(
            (key, "bold $footer-key-foreground"),
            (f" {binding.description}  ", "$footer-description-foreground"),
        )


def saving_words(rows: int, total: int) -> Content:
    """How far an export is."""
    return Content.styled(f"  saving {rows:,} of {total:,} (E stops)", "bold $text-warning")


def view_tabs(titles: Sequence[tuple[str, int]], chosen: int, brief: bool) -> Content:
    """`1 All 42  [2 Running 6]  …`: the number keys, with brackets around the chosen one."""
    parts = []
    for index, (title, number) in enumerate(titles):
        word = title.split()[-1].capitalize() if brief else title
        said = f"{index + 1} {word} {number:,}"
        if index == chosen:
            parts.append(Content.styled(f"[{said}]", "bold $text-primary"))
        else:
            parts.append(Content.styled(f" {said} ", "dim"))
    return Content("").join(parts)


_SIGNS = {
    "live": ("●", "$text-success"),
    "loading": ("◐", "$text-accent"),
    "idle": ("○", "dim"),
    "no-credential": ("○", "$text-warning"),
    "unauthorized": ("!", "$text-error"),
    "offline": ("!", "$text-warning"),
    "slowed": ("!", "$text-warning"),
    "failing": ("!", "$text-warning"),
}


def sync_words(status: SyncStatus, now: datetime) -> Content:
    """When the last poll was, when the next is, and what is wrong, in plain words.

    No seconds are shown: a poll that changes nothing must not write to the terminal.
    """
    sign, tone = _SIGNS.get(status.state, ("?", "$text-warning"))
    return Content.assemble((f"{sign} ", tone), (_says(status, now), tone if status.problem else ""))


def _says(status: SyncStatus, now: datetime) -> str:
    checked = f"checked {text.moment(status.checked_at, now)}" if status.checked_at else "not checked yet"
    if status.state == "no-credential":
        return text.clean(status.problem)
    if status.problem:
        told = f"{text.clean(status.problem)} {text.clean(status.remedy)}".strip()
        return f"{status.state}: {told} · {checked}{_next(status, now)}"
    if status.state == "loading":
        return f"loading the account: {status.loaded:,} batches so far"
    if status.state == "idle":
        return "connecting …"
    return f"live · {checked}{_next(status, now)}"


def _next(status: SyncStatus, now: datetime) -> str:
    """At a steady pace the pace itself is said; a longer wait has a clock time."""
    if status.next_at is None:
        return ""
    if status.problem or status.every > 90:
        return f" · next try {text.moment(status.next_at, now)}"
    return f" · every {status.every:.0f} s" if status.every else ""
