"""Taking results away: in which form, which of them, and where to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ..commands import Export
from ..model import Scope, Selection
from ..widgets.field import Field
from ..widgets.lines import Line


@dataclass(frozen=True, slots=True)
class Form:
    """One way of taking results away."""

    title: str
    hint: str
    suffix: str
    make: Callable[[Scope, Path, Selection, Path | None], Export]
    joins: bool = False
    """Whether it needs the file that the requests were made from."""


FORMS = (
    Form(
        "JSON lines, as received",
        "the very bytes that the service sent, a line for each result",
        ".jsonl",
        lambda ids, to, which, _: Export(ids, to, "jsonl", which),
    ),
    Form(
        "JSON lines, each with its request",
        "needs the requests: launched from here, or attached with a",
        ".jsonl",
        lambda ids, to, which, _: Export(ids, to, "jsonl", which, requests=True),
    ),
    Form(
        "CSV",
        "custom_id, outcome, what it says, error, tokens, cost",
        ".csv",
        lambda ids, to, which, _: Export(ids, to, "csv", which),
    ),
    Form(
        "CSV with a column for each field",
        "the same, and the answers read as data",
        ".csv",
        lambda ids, to, which, _: Export(ids, to, "csv", which, fields=True),
    ),
    Form(
        "your CSV with the answers as new columns",
        "its rows stay as they are, in their order; matched by custom_id",
        ".csv",
        lambda ids, to, which, source: Export(
            ids, to, "csv", Selection(which.where, which.pattern), fields=True, join=source
        ),
        joins=True,
    ),
    Form(
        "Parquet with a column for each field",
        "typed columns for DuckDB, Polars or Spark",
        ".parquet",
        lambda ids, to, which, _: Export(ids, to, "parquet", which, fields=True),
    ),
    Form(
        "a folder with one Markdown file for each answer",
        "a new folder with an index; files are named after the custom_ids",
        "",
        lambda ids, to, which, _: Export(ids, to, "files", which),
    ),
)
KEYS = "↑↓ form · tab place · enter saves; nothing is overwritten unasked"


class ExportDialog(ModalScreen[Export | None]):
    """Form and place; None when the user walks away. Nothing is written here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="export.back"),
        Binding("tab", "app.focus_next", "Next", show=False, id="export.next"),
    ]
    AUTO_FOCUS = "#where"

    def __init__(self, title: str, scope: Scope, selection: Selection, name: str, source: str = "") -> None:
        super().__init__(classes="dialog")
        self.source = source
        """The table that the requests were made from, where it is known."""
        self.heading = title
        self.scope = scope
        self.selection = selection
        self.name_of_file = name
        self.form = FORMS[0]

    def compose(self) -> ComposeResult:
        """Title, place, source, forms."""
        with Vertical():
            yield Static(Content.styled(self.heading, "bold"), markup=False)
            yield Field(self._suggestion(), id="where", select_on_focus=False, compact=True)
            yield Field(
                self.source,
                select_on_focus=False,
                placeholder="the CSV or TSV that the requests were made from",
                id="source",
                classes="hidden",
                compact=True,
            )
            yield OptionList(*(Option(_titled(form)) for form in FORMS), markup=False, compact=True)
            yield Line(id="about")
            yield Static(Content.styled(KEYS, "dim"), markup=False)

    def on_mount(self) -> None:
        """The plainest form first."""
        self.query_one(OptionList).highlighted = 0

    def _suggestion(self) -> str:
        return str(Path.cwd() / f"{self.name_of_file}{self.form.suffix}")

    def on_key(self, event: object) -> None:
        """Up and down choose the form also while the place is being typed."""
        key = getattr(event, "key", "")
        options = self.query_one(OptionList)
        if key in ("up", "down") and not options.has_focus:
            options.action_cursor_up() if key == "up" else options.action_cursor_down()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Another form has another ending, where the user has not chosen one."""
        where = self.query_one("#where", Input)
        is_untouched = where.value == self._suggestion()
        for place in (FORMS.index(self.form), event.option_index):
            form = FORMS[place]
            title = _titled(form, is_chosen=place == event.option_index)
            event.option_list.replace_option_prompt_at_index(place, title)
        self.form = FORMS[event.option_index]
        if is_untouched:
            where.value = self._suggestion()
            where.cursor_position = len(where.value)
        self.query_one("#source").set_class(not self.form.joins, "hidden")
        self._say(self.form.hint)

    def _say(self, words: str, style: str = "") -> None:
        self.query_one("#about", Line).say(Content.styled(words, style))

    def on_option_list_option_selected(self) -> None:
        """Enter on a form saves, unless something is missing yet."""
        self._save()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter saves, unless something is missing yet."""
        event.stop()
        self._save()

    def _save(self) -> None:
        where, source = (self.query_one(f"#{name}", Input) for name in ("where", "source"))
        if not where.value.strip():
            where.focus()
            self._say("Say where to.", "$text-warning")
        elif self.form.joins and not source.value.strip():
            source.focus()
            self._say("Name the table that the requests were made from.", "$text-warning")
        else:
            joined = Path(source.value.strip()) if self.form.joins else None
            self.dismiss(self.form.make(self.scope, Path(where.value.strip()), self.selection, joined))


def _titled(form: Form, *, is_chosen: bool = False) -> str:
    """The sign tells where the place is being typed, and colours do not show."""
    return f"{'›' if is_chosen else ' '} {form.title}"
