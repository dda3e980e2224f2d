"""Small questions: yes or no, one line of text, one of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from ..widgets.field import Field


class Confirm(ModalScreen[bool]):
    """A question whose safe answer has the focus; enter alone never destroys anything."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "No", id="confirm.no"),
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("left,right,h,l", "other", "Other button", show=False, id="confirm.other"),
    ]
    AUTO_FOCUS = "#no"

    def __init__(
        self, question: str, details: Sequence[str] = (), *, yes: str = "Yes", no: str = "No"
    ) -> None:
        super().__init__(classes="dialog")
        self.question = question
        self.details = details
        self.yes = yes
        self.no = no

    def compose(self) -> ComposeResult:
        """Question, details, two buttons."""
        with Vertical():
            yield Static(Content.styled(self.question, "bold"), markup=False)
            with VerticalScroll(can_focus=False):
                for line in self.details:
                    yield Static(Content(line), markup=False)
            with Horizontal():
                yield Button(Content(self.no), id="no", variant="primary", compact=True)
                yield Button(Content(self.yes), id="yes", variant="error", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button was chosen."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """A key was chosen."""
        self.dismiss(yes)

    def action_other(self) -> None:
        """Move between the two buttons."""
        self.focus_next()


class Ask(ModalScreen[str | None]):
    """One line of text; None when the user walks away."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back", id="ask.back")]

    def __init__(self, title: str, value: str = "", hint: str = "", *, empty_is_answer: bool = False) -> None:
        super().__init__(classes="dialog")
        self.heading = title
        self.value = value
        self.hint = hint
        self.empty_is_answer = empty_is_answer

    def compose(self) -> ComposeResult:
        """Title, input, hint."""
        with Vertical():
            yield Static(Content.styled(self.heading, "bold"), markup=False)
            yield Field(self.value, select_on_focus=False, compact=True)
            yield Static(Content.styled(self.hint, "dim"), markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter gives the answer."""
        event.stop()
        if event.value.strip() or self.empty_is_answer:
            self.dismiss(event.value.strip())


class Choose(ModalScreen[str | None]):
    """One of several; None when the user walks away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="choose.back"),
        Binding("j", "cursor(1)", show=False, id="choose.down"),
        Binding("k", "cursor(-1)", show=False, id="choose.up"),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], chosen: str = "") -> None:
        super().__init__(classes="dialog")
        self.heading = title
        self.options = options
        self.chosen = chosen

    def compose(self) -> ComposeResult:
        """Title and list."""
        with Vertical():
            yield Static(Content.styled(self.heading, "bold"), markup=False)
            yield OptionList(
                *(Option(Content(said), id=f"o{place}") for place, (_, said) in enumerate(self.options)),
                markup=False,
                compact=True,
            )

    def on_mount(self) -> None:
        """Start on what is chosen now."""
        values = [value for value, _ in self.options]
        if self.chosen in values:
            self.query_one(OptionList).highlighted = values.index(self.chosen)

    def action_cursor(self, by: int) -> None:
        """Move as in every other list."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter gives the answer."""
        self.dismiss(self.options[event.option_index][0])
