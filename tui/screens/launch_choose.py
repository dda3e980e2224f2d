"""First step of a launch: which source, under which name; or drafts that were prepared before."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import DirectoryTree, Input, OptionList
from textual.widgets.option_list import Option

from .. import text
from ..commands import DropRun
from ..errors import DeckError
from ..messages import Wanted
from ..model import PARTIAL, Making, Run
from ..widgets.field import Field
from ..widgets.lines import Line
from ..widgets.look_words import KINDS, intro, look_words, trouble_words
from ..widgets.path_field import FileTree, PathField, PathSuggester
from ..widgets.plan_words import draft_left
from ..widgets.result_pane import ResultPane
from .desk import Desk
from .dialogs import Choose, Confirm
from .launch_fields import split_paths
from .launch_step import Step

PAUSE = 0.15
"""Seconds without a key before the disk is looked at."""


class ChooseStep(Step):
    """A path, and what it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "go_on", "Go on", id="launch.go_on"),
        Binding("enter", "go_on", show=False, id="launch.go_on.enter"),
        Binding("ctrl+o", "browse", "Browse", id="browse", tooltip="Choose the source from a tree"),
        Binding("ctrl+t", "kind", "Take as", id="launch.kind", tooltip="Say what the source is"),
        Binding("D", "drop", "Drop draft", id="launch.drop", tooltip="Remove a draft that waits"),
        Binding("tab", "app.focus_next", "Next field", id="field"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.drafts: list[Run] = []
        """Prepared, and not sent."""

    def compose(self) -> ComposeResult:
        """Path and name; tree, what the source is, and drafts that wait."""
        state = self.state
        yield PathField(
            state.said,
            placeholder="file, folder or pattern: requests.jsonl, tickets.csv, letters/*.md",
            id="path",
            suggester=PathSuggester(),
            select_on_focus=False,
            compact=True,
        )
        yield Field(state.name, placeholder="name (optional; kept on this machine)", id="name", compact=True)
        with Horizontal(id="choose"):
            yield FileTree(Path.cwd(), id="tree")
            with Vertical():
                yield ResultPane(id="preview")
                yield Line(id="waiting")
                yield OptionList(id="drafts", markup=False, compact=True)

    def enter(self) -> None:
        """Start in the path field."""
        state = self.state
        path = self.query_one("#path", Input)
        path.value, self.query_one("#name", Input).value = state.said, state.name
        path.focus()
        self.call_after_refresh(self._show_end, path)
        self._show()
        if state.look is None:
            self._look(0)
        self._list_drafts()

    def back(self) -> bool:
        """From the tree to the path, where the tree has taken its room."""
        if not self.screen.has_class("-browse"):
            return False
        self.screen.remove_class("-browse")
        self.query_one("#path").focus()
        return True

    # -- what the source is --------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another path is another source; the name is kept."""
        if event.input.id == "name":
            self.state.name = event.value
        elif event.value != self.state.said:
            self.state.say(event.value)
            self._look(PAUSE)
            if event.input.cursor_at_end:
                self.call_after_refresh(self._show_end, event.input)

    def _show_end(self, field: Input) -> None:
        """A long path that was pasted would be seen from its beginning."""
        field.scroll_to(x=field.max_scroll_x, animate=False)

    def on_directory_tree_file_selected(self, event: DirectoryTree.FileSelected) -> None:
        """A file of the tree is looked at; enter in the field goes on."""
        self._pick(event.path)
        self.screen.remove_class("-browse")
        self.query_one("#path").focus()

    def on_directory_tree_directory_selected(self, event: DirectoryTree.DirectorySelected) -> None:
        """A folder of the tree may be a source as well; the tree stays, for it was opened."""
        self._pick(event.path)

    def _pick(self, path: Path) -> None:
        field = self.query_one("#path", Input)
        field.value = str(path)
        self.state.picked[field.value] = path
        field.cursor_position = len(field.value)
        self.state.say(field.value)
        self._look(0)

    @work(group="look", exclusive=True, description="see what a source is")
    async def _look(self, pause: float, go_on: bool = False) -> None:
        """Say what it is; go on to the next step if that is wished."""
        await asyncio.sleep(pause)
        state = self.state
        said, kind, known = state.said, state.kind, state.look
        if known is None and said.strip():
            try:
                paths = await asyncio.to_thread(split_paths, said, state.picked)
                look = await self.desk.ask.look(paths, Making(kind=kind))
            except DeckError as error:
                self._pane.show(trouble_words(error.title, error.hint))
                self.say(f"✗ {text.clean(error.title)}" if go_on else "", "$text-error")
                return
            state.looked(said, kind, paths, look)
        self._show()
        if go_on and state.look is not None:
            self.move()
        elif go_on:
            self.say("Type a path, or choose from the tree.", "$text-warning")

    def _show(self) -> None:
        look = self.state.look
        self._pane.show(look_words(look) if look else intro())
        self.say("")
        self.move(0)

    @property
    def _pane(self) -> ResultPane:
        return self.query_one("#preview", ResultPane)

    # -- drafts --------------------------------------------------------------------------------------------

    @work(group="drafts", exclusive=True, description="look for drafts that were not sent")
    async def _list_drafts(self) -> None:
        runs = await self.desk.store.runs.all(self.desk.account_id())
        now = self.desk.clock()
        self.drafts = [run for run in runs if run.waiting and not run.unfinished and not run.going]
        options = self.query_one("#drafts", OptionList)
        options.clear_options()
        options.add_options(Option(draft_left(run, now)) for run in self.drafts)
        options.set_class(not self.drafts, "hidden")
        self.line("waiting").set_class(not self.drafts, "hidden")
        waiting = (
            f"── {text.plural(len(self.drafts), 'draft')} that {'waits' if len(self.drafts) == 1 else 'wait'}"
        )
        self.line("waiting").say(Content.styled(f"{waiting} to be sent ", "$text-primary"))
        self.refresh_bindings()

    @work(group="drafts", description="go on with a draft")
    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go on with it where it was left: before the yes, or, if a part was sent, on its own screen."""
        run = self.drafts[event.option_index]
        if run.state == PARTIAL:
            from .launch_ends import screen_of

            self.app.switch_screen(screen_of(self.desk, run))
            return
        self.state.take_up(run, await self.desk.ask.draft_of(run))
        self.move(0)

    @work(group="drafts", exclusive=True, description="ask, then remove a draft")
    async def action_drop(self) -> None:
        """Remove the draft under the cursor, after a question; what was sent of it stays."""
        options = self.query_one("#drafts", OptionList)
        if options.highlighted is None or not self.drafts:
            return
        run = self.drafts[options.highlighted]
        details = [
            draft_left(run, self.desk.clock()).plain,
            "Its saved requests are removed; the file they came from is not touched.",
        ]
        if await self.app.push_screen_wait(
            Confirm("Remove this draft?", details, yes="Remove", no="Keep it")
        ):
            if self.state.run is not None and self.state.run.id == run.id:
                self.state.dropped()
            self.post_message(Wanted(DropRun(run.id)))

    def on_mount(self) -> None:
        """A path from another time gives way to what is typed; hear of drafts that are sent or dropped."""
        self.query_one("#path", Input).select_all()
        self.desk.runs.subscribe(self, lambda run_id: self._list_drafts())

    # -- what the user does --------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A draft can be dropped while one is under the cursor."""
        return self.query_one("#drafts").has_focus if action == "drop" else True

    def on_input_submitted(self) -> None:
        """Enter goes on."""
        self.action_go_on()

    def action_go_on(self) -> None:
        """To the recipe, or to the check."""
        self._look(0, go_on=True)

    def action_browse(self) -> None:
        """Show the tree where it is hidden for want of room, and go there."""
        tree = self.query_one(DirectoryTree)
        if tree.has_focus:
            self.screen.remove_class("-browse")
            self.query_one("#path").focus()
        else:
            self.screen.add_class("-browse")
            tree.focus()

    @work(group="question", exclusive=True, description="ask what a source is")
    async def action_kind(self) -> None:
        """Say what the source is, where it was not recognised."""
        kind = await self.app.push_screen_wait(Choose("Take the source for", KINDS, self.state.kind))
        if kind is not None:
            self.state.kind = kind
            self._look(0)
