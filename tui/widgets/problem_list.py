"""What is wrong with a source, by kind; enter unfolds all places of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ..model import Draft, Problem, ProblemGroup
from .draft_words import group_words, groups_of
from .flow import lay_out


class ProblemList(OptionList):
    """One entry for each kind of problem, laid out for the width there is."""

    DEFAULT_CSS = """
    ProblemList { border: none; background: $background; scrollbar-size-vertical: 1; }
    ProblemList.-textual-compact > .option-list--option { padding: 0 1; }
    ProblemList:focus { border: none; background-tint: $foreground 0%; }
    ProblemList > .option-list--option-highlighted { color: $foreground; background: $surface; }
    ProblemList:focus > .option-list--option-highlighted {
        color: $foreground; background: $primary-muted; text-style: none;
    }
    ProblemList:ansi:focus > .option-list--option-highlighted { background: ansi_default; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "All places", id="problems.unfold"),
        Binding("j", "cursor_down", show=False, id="problems.down"),
        Binding("k", "cursor_up", show=False, id="problems.up"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self.groups: tuple[ProblemGroup, ...] = ()
        self._problems: Sequence[Problem] = ()
        self._unfolded: set[int] = set()

    def list_problems(self, draft: Draft) -> None:
        """Show these, all of them folded."""
        self.groups, self._problems = groups_of(draft), draft.problems
        self._unfolded.clear()
        self.clear_options()
        self.add_options(Option(self._words(place)) for place in range(len(self.groups)))
        self.highlighted = 0 if self.groups else None

    def on_resize(self, event: events.Resize) -> None:
        """Lines of another length."""
        for place in range(len(self.groups)):
            self.replace_option_prompt_at_index(place, self._words(place))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Unfold it, or fold it."""
        event.stop()
        self._unfolded ^= {event.option_index}
        self.replace_option_prompt_at_index(event.option_index, self._words(event.option_index))

    def _words(self, place: int) -> Content:
        items = group_words(self.groups[place], self._problems, unfolded=place in self._unfolded)
        width = max(self.scrollable_content_region.width - 2, 20)
        rows = lay_out(items, width)
        return Content("\n").join([row.prefix + row.content[row.start : row.end] for row in rows])
