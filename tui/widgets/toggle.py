"""A yes or no on one line, told by a sign and not by colour alone."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class Toggle(Static, can_focus=True):
    """`[x] said` or `[ ] said`; space or enter changes it."""

    class Changed(Message):
        """The user has changed it."""

        def __init__(self, toggle: Toggle, value: bool) -> None:
            super().__init__()
            self.toggle = toggle
            self.value = value

        @property
        def control(self) -> Toggle:
            """The toggle that was changed."""
            return self.toggle

    DEFAULT_CSS = """
    Toggle { width: auto; height: 1; text-wrap: nowrap; }
    Toggle:focus { text-style: bold reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "change", "Change", show=False, id="toggle.change"),
    ]

    def __init__(self, said: str, *, id: str | None = None) -> None:
        super().__init__(markup=False, id=id)
        self.said = said
        self.value = False

    def on_mount(self) -> None:
        """Show what is set."""
        self.set(self.value)

    def set(self, value: bool) -> None:
        """Show a yes or a no, and tell nobody."""
        self.value = value
        self.update(Content(f"[{'x' if value else ' '}] {self.said}"))

    def action_change(self) -> None:
        """Yes becomes no, and no yes."""
        self.set(not self.value)
        self.post_message(self.Changed(self, self.value))

    def on_click(self) -> None:
        """A mouse may do it, too."""
        self.action_change()
