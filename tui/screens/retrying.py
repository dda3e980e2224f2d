"""Sending again what has no whole answer: choose the groups, change or edit, look at it, say yes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widgets import Input, OptionList, SelectionList, Static
from textual.widgets.selection_list import Selection

from .. import text
from ..commands import Drop, Retry, SendRun
from ..errors import BadSource, DeckError, UsageError
from ..messages import Wanted
from ..model import DRAFT, Change, Draft, Launch, RetryGroup, Run
from ..widgets.field import Field
from ..widgets.lines import Line
from ..widgets.send_words import to_words
from .desk import Desk
from .dialogs import Confirm
from .launch_editor import edit_file
from .launch_fields import tokens
from .spending import may_go_over, price_line

MOST_KINDS = 3
"""Kinds of problems that a notice names."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants sent again, and how."""

    groups: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    edit: bool = False


class GroupList(SelectionList[str]):
    """Groups of which several are chosen, told by a sign: Textual's own boxes differ by colour alone."""

    def __init__(self, groups: Sequence[RetryGroup]) -> None:
        chosen = {group.key for group in groups if group.chosen}
        self.groups = groups
        super().__init__(
            *(Selection(_said(each, each.key in chosen), each.key, each.key in chosen) for each in groups),
            compact=True,
        )

    def tick(self) -> None:
        """Show which are chosen now."""
        for place, group in enumerate(self.groups):
            self.replace_option_prompt_at_index(place, _said(group, group.key in self.selected))

    def _get_left_gutter_width(self) -> int:
        return 0

    def render_line(self, y: int) -> Strip:
        """A line as it is written."""
        return OptionList.render_line(self, y)


class RetryDialog(ModalScreen[Choice | None]):
    """Groups with their numbers, and changes for all of them; None when the user walks away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="retry.back"),
        Binding("ctrl+e", "edit", "Edit the requests", id="retry.edit", priority=True),
        Binding("ctrl+r", "accept", "Go on", id="retry.accept", priority=True),
    ]

    def __init__(self, name: str, groups: Sequence[RetryGroup]) -> None:
        super().__init__(classes="dialog")
        self.heading = f"Send again of {name}"
        self.groups = groups

    def compose(self) -> ComposeResult:
        """Title, groups, changes, keys."""
        with Vertical():
            yield Static(Content.styled(self.heading, "bold"), markup=False)
            yield GroupList(self.groups)
            yield Field(placeholder="other model (empty: the same)", id="model", compact=True)
            yield Field(placeholder="other max_tokens (empty: the same)", id="max_tokens", compact=True)
            yield Line(id="about")
            keys = "space chooses · tab fields · ctrl+e edits the requests · enter goes on"
            yield Static(Content.styled(keys, "dim"), markup=False)

    def on_mount(self) -> None:
        """The groups first, and how many requests are chosen."""
        self.query_one(GroupList).focus()
        self._count()

    def on_selection_list_selected_changed(self) -> None:
        """More or fewer requests."""
        self.query_one(GroupList).tick()
        self._count()

    def _count(self) -> None:
        chosen = self.query_one(GroupList).selected
        number = sum(group.count for group in self.groups if group.key in chosen)
        futile = sum(group.count for group in self.groups if group.key in chosen and not group.retriable)
        said = f"{text.plural(number, 'request')} chosen"
        if futile:
            said += f"; {text.plural(futile, 'request')} would fail again as they are"
        self.query_one("#about", Line).say(Content.styled(said, "$text-warning" if futile else "dim"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field goes on."""
        event.stop()
        self.action_accept()

    def on_key(self, event: object) -> None:
        """Enter on the list goes on, too: space is what chooses."""
        if getattr(event, "key", "") == "enter" and self.query_one(GroupList).has_focus:
            event.stop()  # type: ignore[attr-defined]
            event.prevent_default()  # type: ignore[attr-defined]
            self.action_accept()

    def action_edit(self) -> None:
        """The same, and then the editor."""
        self._answer(edit=True)

    def action_accept(self) -> None:
        """Give the choice, unless something is missing."""
        self._answer(edit=False)

    def _answer(self, *, edit: bool) -> None:
        chosen = tuple(self.query_one(GroupList).selected)
        if not chosen:
            self._complain("Choose a group with space.")
            return
        try:
            most = tokens(self.query_one("#max_tokens", Input).value)
        except UsageError:
            self._complain("max_tokens must be a whole number, 1 or more.")
            return
        model = self.query_one("#model", Input).value.strip()
        changes = [Change("model", model)] if model else []
        changes += [Change("max_tokens", most)] if most else []
        self.dismiss(Choice(chosen, tuple(changes), edit))

    def _complain(self, words: str) -> None:
        self.query_one("#about", Line).say(Content.styled(words, "$text-warning"))


def _said(group: RetryGroup, is_chosen: bool) -> Content:
    return Content.assemble(
        "[x]" if is_chosen else "[ ]",
        (f"{group.count:>7,} × ", "bold"),
        text.clean(group.key),
        ("" if group.retriable else "  would fail again", "$text-warning"),
        (f"  {text.clean(group.message)}" if group.message else "", "dim"),
    )


async def retry(screen: Screen[None], desk: Desk, id: str, name: str) -> None:
    """The whole way, from the groups to the yes; run it in a worker of the screen."""
    edited: Path | None = None
    try:
        groups = await desk.ask.retry_groups(id)
        if not groups:
            screen.notify("Every request has a whole answer: there is nothing to be sent again.")
            return
        choice = await screen.app.push_screen_wait(RetryDialog(text.clean(name), groups))
        if choice is None:
            return
        edited = await _edited(screen, desk, id, choice) if choice.edit else None
        run: Run = await desk.carry_out(Retry(id, choice.groups, choice.changes, edited))
        if edited is not None:  # requests may be private: what is in the drafts now need not lie there, too
            await asyncio.to_thread(edited.unlink, missing_ok=True)
    except BadSource as error:
        problems = _wrong(error.draft) if error.draft else []
        problems += [f"Your edit is kept in {edited}."] if edited is not None else []
        said = text.clean_block("\n".join(problems) or error.hint)
        screen.notify(said, title=text.clean(error.title), severity="error", timeout=15, markup=False)
        return
    except DeckError as error:
        desk.tell_error(error)
        return
    await _ask(screen, desk, run)


def _wrong(draft: Draft) -> list[str]:
    """The first kinds of problems, each once with its number and first place: a notice has little room."""
    said = []
    for group in draft.groups[:MOST_KINDS]:
        times = f"{group.count:,} × " if group.count > 1 else ""
        remedy = f" – {group.remedy}" if group.remedy else ""
        said.append(f"{times}{', '.join(group.places[:1])}: {group.what}{remedy}")
    return said


async def _ask(screen: Screen[None], desk: Desk, run: Run) -> None:
    """The yes; without it the attempt leaves nothing behind."""
    new = [launch for launch in run.launches if launch.attempt == run.attempts and launch.state == DRAFT]
    try:
        typed = await _agreed(screen, desk, run, new)
        if typed is None:
            for launch in new:
                await desk.carry_out(Drop(launch.id))
            return
    except DeckError as error:
        desk.tell_error(error)
        return
    screen.post_message(Wanted(SendRun(run.id, typed_yes=typed)))
    from .run import RunScreen

    if not isinstance(screen, RunScreen):
        screen.app.push_screen(RunScreen(desk, run.id))


async def _agreed(screen: Screen[None], desk: Desk, run: Run, new: Sequence[Launch]) -> bool | None:
    """The user's yes: whether a spending limit may be broken by it. None is a no."""
    question = f"Send {text.plural(sum(launch.requests for launch in new), 'request')} again?"
    details = [
        await price_line(screen, desk, run, new),
        f"as {text.plural(len(new), 'batch')}; answers come within 24 hours, at half the standard price.",
        to_words(desk.service),
        "The results of the run are then the newest success of each custom_id.",
    ]
    if not await screen.app.push_screen_wait(Confirm(question, details, yes="Send again", no="Not yet")):
        return None
    return await may_go_over(screen.app, await desk.ask.over_limit(run, new))


async def _edited(screen: Screen[None], desk: Desk, id: str, choice: Choice) -> Path:
    """The chosen requests as the user's editor leaves them."""
    async with desk.ask.for_editor(id, choice.groups) as path:
        try:
            edit_file(screen.app, path)
        except DeckError:
            await asyncio.to_thread(path.unlink, missing_ok=True)  # nothing was edited
            raise
    return path
