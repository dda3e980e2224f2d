"""The keys of a screen, with what they do and the ids to remap them by."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen, Screen

from ..widgets.result_pane import ResultPane


class HelpScreen(ModalScreen[None]):
    """All keys that work on the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", "Back", id="help.back"),
        Binding("j", "scroll_help(1)", show=False, id="help.down"),
        Binding("k", "scroll_help(-1)", show=False, id="help.up"),
    ]

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__(classes="dialog wide")
        self.about = about

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        yield ResultPane(id="help")

    def on_mount(self) -> None:
        """What the screen says of itself, then its keys."""
        pane = self.query_one(ResultPane)
        pane.show(Content("\n").join([_words(self.about), Content(""), *self._keys()]))
        pane.focus()

    def _keys(self) -> list[Content]:
        lines = []
        seen: dict[str, tuple[list[str], str, str]] = {}
        for _, binding, _, _ in self.about.active_bindings.values():
            if binding.description and binding.id:
                keys, _, _ = seen.setdefault(
                    binding.action, ([], binding.tooltip or binding.description, binding.id or "")
                )
                keys.append(self.app.get_key_display(binding))
        for keys, said, name in seen.values():
            shown = " ".join(dict.fromkeys(keys))
            lines.append(
                Content.assemble((f"{shown:>14}  ", "bold $text-accent"), f"{said:<34}  ", (name, "dim"))
            )
        remap = 'The last column is the id for config.toml: [keys]  "cancel" = "ctrl+x"'
        return [*lines, Content(""), Content.styled(remap, "dim")]

    def action_scroll_help(self, by: int) -> None:
        """Scroll as in lists."""
        self.query_one(ResultPane).scroll_relative(y=by, animate=False)


def _words(screen: Screen[Any]) -> Content:
    title, _, rest = (screen.HELP or "").partition("\n\n")
    return Content("\n").join(
        [Content.styled(title.removeprefix("# "), "bold $text-primary"), Content(rest.replace("`", ""))]
    )
