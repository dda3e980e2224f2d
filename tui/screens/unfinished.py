"""Launches of which nobody knows whether a batch was created: adopt, send again, or drop."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from .. import text
from ..commands import Adopt, Command, Drop, Refresh, Send
from ..errors import DeckError
from ..messages import Wanted
from ..model import Candidate, Launch
from ..widgets.lines import Keys, Line
from .desk import Desk, Upload
from .dialogs import Confirm
from .spending import may_go_over, price_line

INTRO = (
    "These launches were interrupted at a moment when the service may or may not have created a batch. "
    "Nothing is sent again by itself. Compare with the candidates, then choose."
)


class UnfinishedScreen(Screen[None]):
    """One group of choices for each launch with an unclear end."""

    HELP = "# Unfinished launches\n\n" + INTRO
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", id="back"),
        Binding("r", "refresh", "Refresh the list", id="refresh"),
        Binding("j", "move(1)", show=False, id="unfinished.down"),
        Binding("k", "move(-1)", show=False, id="unfinished.up"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._choices: list[tuple[str, list[str], Command] | None] = []
        self._upload: Upload | None = None
        """What goes up at this moment: it is not there to be chosen."""

    def compose(self) -> ComposeResult:
        """Explanation, choices."""
        yield Line(id="heading")
        yield Static(INTRO, id="intro", markup=False)
        yield OptionList(markup=False, compact=True)
        yield Keys(id="keys")

    def on_mount(self) -> None:
        """Read, and read again when a launch or the list changes."""
        self._head()
        self.desk.launches.subscribe(self, self._on_launch)
        self.desk.uploads.subscribe(self, self._on_upload)
        self.desk.changed.subscribe(self, lambda ids: self._read())
        self.query_one(OptionList).focus()
        self._read()

    def _head(self) -> None:
        upload = self._upload
        going = f"  sending {upload.sent / upload.total:.0%} of {text.size(upload.total)}" if upload else ""
        said = Content.assemble(("Launches with an unclear end", "bold $text-warning"), (going, "bold"))
        self.query_one("#heading", Line).say(said)

    def _on_launch(self, id: str) -> None:
        """A launch or its run went on: what went up has an end, or another one follows."""
        self._upload = None
        self._head()
        self._read()

    def _on_upload(self, upload: Upload) -> None:
        is_new = self._upload is None or self._upload.launch_id != upload.launch_id
        self._upload = upload if upload.total else None
        self._head()
        if is_new:
            self._read()

    @work(group="load", exclusive=True, description="read unfinished launches")
    async def _read(self) -> None:
        try:
            found = await self.desk.ask.unfinished()
        except DeckError as error:
            self.desk.tell_error(error)
            return
        options = self.query_one(OptionList)
        chosen = self._choices[options.highlighted] if options.highlighted is not None else None
        self._choices.clear()
        options.clear_options()
        for launch, candidates in found:
            self._add(options, launch, candidates)
        if not found:
            self._choices.append(None)
            settled = "Every launch is settled. Escape goes back."
            going = "One is being sent; leaving this screen does not stop it."
            options.add_option(Option(going if self._upload else settled, disabled=True))
        else:
            self._highlight(chosen[2] if chosen is not None else None)

    def _highlight(self, command: Command | None) -> None:
        """The same choice as before, wherever it stands now; else the first one."""
        options = self.query_one(OptionList)
        places = (place for place, choice in enumerate(self._choices) if choice and choice[2] == command)
        place = next(places, None)
        if place is None:
            options.action_first()
        else:
            options.highlighted = place

    def _add(self, options: OptionList, launch: Launch, candidates: list[Candidate]) -> None:
        now = self.desk.clock()
        when = text.moment(launch.sent_at, now) if launch.sent_at else "?"
        name = text.clean(launch.title)
        head = Content.assemble(
            (name, "bold"),
            f"  {text.plural(launch.requests, 'request')}, {text.size(launch.bytes)}, sent {when}",
            (f"\n{text.clean(launch.problem)}" if launch.problem else "", "dim"),
        )
        self._choices.append(None)
        options.add_option(Option(head, disabled=True))
        for candidate in candidates:
            self._offer(options, name, *_adopt(launch, candidate))
        if not candidates:
            self._choices.append(None)
            none = "  no batch of this size has appeared in the account since; r looks again"
            options.add_option(Option(Content.styled(none, "dim"), disabled=True))
        if not self.desk.read_only:
            self._offer(options, name, *_again(launch, len(candidates)))
        self._offer(options, name, *_drop(launch))
        options.add_option(None)

    def _offer(self, options: OptionList, name: str, said: str, details: list[str], command: Command) -> None:
        self._choices.append((said, [name, *details], command))
        options.add_option(Option(Content(f"  {said}")))

    @work(group="question", exclusive=True)
    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask, then do it."""
        choice = self._choices[event.option_index]
        if choice is not None:
            said, details, command = choice
            try:
                agreed = await self._agreed(f"{said}?", details, command)
            except DeckError as error:
                self.desk.tell_error(error)
                return
            if agreed:
                self.post_message(Wanted(command))

    async def _agreed(self, question: str, details: list[str], command: Command) -> bool:
        """The user's yes: for what costs something with its price, and a typed one over a limit."""
        if not isinstance(command, Send):
            return await self.app.push_screen_wait(Confirm(question, details, yes="Yes", no="Not yet"))
        run = await self.desk.ask.run(command.launch_id)
        launches = [launch for launch in run.launches if launch.id == command.launch_id]
        details = [*details, await price_line(self, self.desk, run, launches)]
        if not await self.app.push_screen_wait(Confirm(question, details, yes="Yes", no="Not yet")):
            return False
        return await may_go_over(self.app, await self.desk.ask.over_limit(run, launches)) is not None

    def action_move(self, by: int) -> None:
        """Move as in every other list."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    def action_refresh(self) -> None:
        """Look at the account again."""
        self.post_message(Wanted(Refresh()))


def _adopt(launch: Launch, candidate: Candidate) -> tuple[str, list[str], Command]:
    batch = candidate.batch
    seconds = candidate.after.total_seconds()
    when = f"{text.apart(candidate.after)} {'before' if seconds < -0.5 else 'after'} sending began"
    said = f"Adopt {text.clean(batch.id)}, created {when}"
    details = [
        f"{text.plural(batch.counts.total, 'request')}, {text.clean(batch.state)}.",
        "From now on this batch counts as the one the launch created.",
    ]
    return said, details, Adopt(launch.id, batch.id)


def _again(launch: Launch, candidates: int) -> tuple[str, list[str], Command]:
    details = [f"{text.plural(launch.requests, 'request')} will be sent as a new batch."]
    if candidates:
        above = text.plural(candidates, "candidate")
        details.append(f"! {above} above: you may pay for the same work twice.")
    else:
        details.append("If the first attempt did create a batch after all, both are billed.")
    return "Send it again", details, Send(launch.id, again=True)


def _drop(launch: Launch) -> tuple[str, list[str], Command]:
    details = ["Its saved requests are removed; the file they came from is not touched."]
    return "Drop it", details, Drop(launch.id)
