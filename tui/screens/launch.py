"""From a local file to a batch: choose, check, see what would be sent, say yes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import ClassVar

from rich.text import Text, TextType
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.suggester import Suggester
from textual.widgets import DirectoryTree, Input

from .. import text
from ..commands import Check, Drop, Prepare, Send
from ..errors import DeckError
from ..messages import Wanted
from ..model import SENT, UNCERTAIN, Draft, Launch
from ..widgets.draft_words import draft_words
from ..widgets.field import Field
from ..widgets.lines import Keys, Line
from ..widgets.result_pane import ResultPane
from .desk import Desk, Upload
from .dialogs import Confirm


class PathSuggester(Suggester):
    """Completes paths from the disk, looked up in a thread."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The first entry that goes on as the user began."""
        return await asyncio.to_thread(_completion, value) if value else None


def _completion(value: str) -> str | None:
    folder, start = os.path.split(value)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as found:
            names = sorted(
                entry.name + ("/" if entry.is_dir() else "")
                for entry in found
                if entry.name.startswith(start)
                and (start or not entry.name.startswith("."))
                and text.clean(entry.name) == entry.name  # nobody could type the others
            )
    except (OSError, ValueError):  # NUL and lone surrogates are no names
        return None
    return os.path.join(folder, names[0]) if names and names[0] != start else None


class FileTree(DirectoryTree):
    """Shows names as what they are; a file's name may hold anything."""

    def process_label(self, label: TextType) -> Text:
        """A name on one line, harmless."""
        return Text(text.clean(str(label)))


class LaunchScreen(Screen[None]):
    """Nothing is sent before a yes, and a yes sends once."""

    HELP = (
        "# New batch\n\nA JSONL file (or a JSON array) of `{custom_id, params}`. `enter` checks it; "
        "every problem is named with its line. `L` launches what was checked, after a question."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", id="back"),
        Binding("enter", "check", "Check", id="check"),
        Binding("L,ctrl+l", "launch", "Launch", id="launch"),
        Binding("ctrl+o", "browse", "Browse", id="browse", tooltip="Choose the file from a tree"),
        Binding("tab", "app.focus_next", "Next field", id="field", show=True),
    ]

    def __init__(self, desk: Desk, path: str = "") -> None:
        super().__init__()
        self.desk = desk
        self.path = path
        self.draft: Draft | None = None
        self._picked: dict[str, Path] = {}
        """The file taken from the tree, by what the field shows: its name may hold what cannot be typed."""
        self.sending: str | None = None
        """Launch that is on its way."""

    def compose(self) -> ComposeResult:
        """Path and name, tree and preview."""
        yield Line(id="heading")
        yield Field(
            self.path, placeholder="file: requests.jsonl", id="path", suggester=PathSuggester(), compact=True
        )
        yield Field(placeholder="name (optional; kept on this machine)", id="name", compact=True)
        with Horizontal(id="choose"):
            yield FileTree(Path.cwd(), id="tree")
            with Vertical():
                yield ResultPane(id="preview")
        yield Line(id="status")
        yield Keys(id="keys")

    def on_mount(self) -> None:
        """Start in the path field."""
        self.query_one("#heading", Line).say(Content.styled("New batch from a local file", "bold"))
        self.query_one(ResultPane).show(
            Content.styled(
                "Type a path (→ completes it) or choose a file from the tree.\n\n"
                'One request per line: {"custom_id": "a-1", "params": {"model": …, "max_tokens": …, '
                '"messages": […]}}',
                "dim",
            )
        )
        self.query_one("#path", Input).focus()
        self.desk.uploads.subscribe(self, self._on_upload)
        self.desk.launches.subscribe(self, lambda launch_id: self._on_launch(launch_id))
        if self.path:
            self._check()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what was checked and is in order can be launched, and only once."""
        if action == "launch":
            if self.desk.read_only:
                return False
            return True if self.draft and self.draft.ok and not self.sending else None
        return True

    # -- check ---------------------------------------------------------------------------------------------

    def on_directory_tree_file_selected(self, event: DirectoryTree.FileSelected) -> None:
        """A file of the tree is checked at once."""
        field = self.query_one("#path", Input)
        field.value = str(event.path)
        self._picked = {field.value: event.path}
        self.remove_class("-browse")
        self.query_one("#path", Input).focus()
        self._check()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another path: what was checked no longer counts."""
        if event.input.id == "path" and self.draft is not None:
            self.draft = None
            self.refresh_bindings()

    def on_input_submitted(self) -> None:
        """Enter checks; a second enter does not launch by accident."""
        self._check()

    def action_check(self) -> None:
        """Check the file."""
        self._check()

    def action_browse(self) -> None:
        """Show the tree where it is hidden for want of room, and go there."""
        tree = self.query_one(DirectoryTree)
        if tree.has_focus and self.has_class("-browse"):
            self.remove_class("-browse")
            self.query_one("#path", Input).focus()
        else:
            self.add_class("-browse")
            tree.focus()

    @work(group="check", exclusive=True, description="check a file")
    async def _check(self) -> None:
        said = self.query_one("#path", Input).value
        if not said.strip() or self.sending:
            return
        path = self._picked.get(said) or Path(os.path.expanduser(said.strip()))  # noqa: ASYNC240
        self._say("checking …")
        self.draft = None
        try:
            self.draft = await self.desk.carry_out(Check((path,)))
        except DeckError as error:
            self.query_one(ResultPane).show(Content.styled(text.clean_block(str(error)), "$text-error"))
            self._say(text.clean(error.title), "$text-error")
        if self.draft is not None:
            self._show(self.draft)
        self.refresh_bindings()

    def _show(self, draft: Draft) -> None:
        self.query_one(ResultPane).show(draft_words(draft))
        if draft.ok:
            self.query_one(ResultPane).focus()
            ready = "read-only: nothing is sent" if self.desk.read_only else "press L to launch it"
            self._say(f"✓ {text.plural(draft.requests, 'request')} in order; {ready}", "$text-success")
        else:
            self._say(f"✗ {text.plural(draft.problem_count, 'problem')}: nothing can be sent", "$text-error")

    def _say(self, words: str, tone: str = "dim") -> None:
        self.query_one("#status", Line).say(Content.styled(words, tone))

    # -- launch --------------------------------------------------------------------------------------------

    @work(group="launch", exclusive=True, description="ask, then launch")
    async def action_launch(self) -> None:
        """Ask once more, save the draft, and hand the sending to the app."""
        draft = self.draft
        if draft is None or not draft.ok or self.sending:
            return
        question = f"Launch {text.plural(draft.requests, 'request')}?"
        details = [
            f"from {text.clean(draft.source)}",
            ", ".join(f"{text.clean(model)} × {number:,}" for model, number in draft.models[:5]),
            f"{text.size(draft.bytes)} to send; answers come within 24 hours, at half the standard price.",
            *await self._launched_before(draft),
        ]
        if await self.app.push_screen_wait(Confirm(question, details, yes="Launch", no="Not yet")):
            await self._prepare_and_send(draft)

    async def _launched_before(self, draft: Draft) -> list[str]:
        found = await self.desk.store.launches.same_content(self.desk.account_id(), draft.sha256)
        return [
            f"! The very same requests were launched before: {text.clean(launch.name)}, "
            f"{text.moment(launch.sent_at or launch.created_at, self.desk.clock())}, "
            f"{text.clean(launch.batch_id or launch.state)}"
            for launch in found
        ]

    async def _prepare_and_send(self, seen: Draft) -> None:
        """The file is read again into the draft; should it have changed since the yes, the yes is void."""
        self._say("saving the draft …")
        name = self.query_one("#name", Input).value.strip()
        try:
            launch: Launch
            launch, draft = await self.desk.carry_out(Prepare((Path(seen.source),), name))
        except DeckError as error:
            self.desk.tell_error(error)
            return
        if draft.sha256 != seen.sha256:
            await self.desk.carry_out(Drop(launch.id))
            self.notify("The file has changed since it was checked. Look at it again.", severity="warning")
            self._check()
            return
        self.sending = launch.id
        self.refresh_bindings()
        self._say("sending …")
        self.post_message(Wanted(Send(launch.id)))

    def _on_upload(self, upload: Upload) -> None:
        if upload.launch_id == self.sending and upload.total:
            share = upload.sent / upload.total
            bar = "█" * int(share * 20) + "░" * (20 - int(share * 20))
            waits = " · waiting for the answer" if upload.sent >= upload.total else ""
            done = f"{text.size(upload.sent)} of {text.size(upload.total)}"
            self._say(f"sending {bar} {done}{waits}", "$text-accent")

    @work(group="after", exclusive=True, description="see what became of the launch")
    async def _on_launch(self, launch_id: str) -> None:
        """Sent: on to the batch. Unclear: on to settling it. Refused: the reason stays on the screen."""
        if launch_id != self.sending:
            return
        launch = await self.desk.store.launches.get(launch_id)
        self.sending = None
        self.refresh_bindings()
        if launch is None:
            return
        if launch.state == SENT and launch.batch_id:
            from .batch import BatchScreen

            self.app.switch_screen(BatchScreen(self.desk, launch.batch_id))
        elif launch.state == UNCERTAIN:
            from .unfinished import UnfinishedScreen

            self.app.switch_screen(UnfinishedScreen(self.desk))
        else:
            self._say(f"✗ not sent: {text.clean(launch.problem)}", "$text-error")
