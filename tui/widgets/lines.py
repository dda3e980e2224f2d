"""One-line texts around the tables; each is drawn again only when it says something else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content
from textual.widgets import Static

from .. import text
from ..model import SyncStatus


class Line(Static):
    """A line of text that ignores updates which change nothing."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(markup=False, id=id, classes=classes)
        self.said: Content = Content()

    def say(self, content: Content) -> None:
        """Show this, if it is not what is shown already."""
        if not content.is_same(self.said):
            self.said = content
            self.update(content, layout=False)


def view_tabs(titles: Sequence[tuple[str, int]], chosen: int, brief: bool) -> Content:
    """`1 All 42  [2 Running 6]  …`: the number keys, with brackets around the chosen one."""
    parts = []
    for index, (title, number) in enumerate(titles):
        word = title.split()[-1].capitalize() if brief else title
        said = f"{index + 1} {word} {number:,}"
        if index == chosen:
            parts.append(Content.styled(f"[{said}]", "bold $text-primary"))
        else:
            parts.append(Content.styled(f" {said} ", "$text-muted"))
    return Content("").join(parts)


_SIGNS = {
    "live": ("●", "$text-success"),
    "loading": ("◐", "$text-accent"),
    "idle": ("○", "$text-muted"),
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
