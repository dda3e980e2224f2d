"""Second step of a launch: how requests are made of the source, with one of them beside it, as one types."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from .. import text
from ..errors import DeckError, UsageError
from ..model import FILES
from ..widgets.field import Field
from ..widgets.lines import Line
from ..widgets.look_words import columns_line
from ..widgets.recipe_editor import RecipeEditor
from ..widgets.request_view import RequestView
from ..widgets.toggle import Toggle
from . import launch_editor
from .dialogs import Ask, Choose, Confirm
from .launch_fields import model_map, tokens
from .launch_preview import PAUSE, PreviewStep
from .launch_recipes import recipe_offers, recipe_stem, recipe_title, written
from .launch_state import EMPTY, OWN

FIELDS = ("model", "max_tokens", "mapping")
READ: dict[str, Callable[[str], object]] = {"max_tokens": tokens, "mapping": model_map}
"""What is more than a name in them."""


class RecipeStep(PreviewStep):
    """Fields and recipe; below or beside them the request of one row."""

    NOUN = "request of row"
    RAW = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "go_on", "Go on", id="launch.go_on"),
        Binding("ctrl+r", "recipe", "Recipe", id="launch.recipe", tooltip="Choose a recipe"),
        Binding("ctrl+e", "edit", "Editor", id="launch.edit", tooltip="Edit it in $EDITOR", priority=True),
        Binding("ctrl+n", "step(1)", "Next one", id="launch.row", tooltip="See the next request"),
        Binding("ctrl+s", "save", "Save", id="launch.save", tooltip="Save the recipe to a file"),
        Binding("tab", "app.focus_next", "Next field", id="field"),
    ]

    def compose(self) -> ComposeResult:
        """Model and length, custom_ids; recipe and request."""
        with Horizontal(id="fields"):
            yield Static("model", markup=False)
            yield Field(id="model", compact=True)
            yield Static("max_tokens", markup=False)
            yield Field(id="max_tokens", compact=True)
            yield Toggle("mend custom_ids", id="maps")
        yield Field(
            placeholder="models by name: gpt-4o-mini=claude-haiku-5-5, gpt-4o=claude-sonnet-5",
            id="mapping",
            compact=True,
        )
        yield Line(id="columns", grows=True)
        with Container(id="making"):
            with Vertical(id="recipe"):
                yield Line(id="which")
                yield RecipeEditor(id="editor")
            yield from self.preview()

    # -- state → fields ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Show what the state says; ask for a recipe where there is none yet."""
        state = self.state
        for name in FIELDS:
            self.query_one(f"#{name}", Input).value = getattr(state, name)
        self.query_one("#maps", Toggle).set(state.maps_ids)
        self.query_one("#mapping").set_class(not state.maps_models, "hidden")
        self.query_one("#recipe").set_class(not state.needs_recipe, "hidden")
        self.query_one("#columns").set_class(not state.needs_recipe, "hidden")
        self.query_one("#model", Input).placeholder = self._placeholder
        self.query_one("#max_tokens", Input).placeholder = "recipe's" if state.needs_recipe else "1024"
        self.view.noun = self.NOUN if state.needs_recipe else "request"
        self._show_recipe()
        self._show_columns()
        is_stale = state.needs_recipe and bool(state.recipe) and state.is_stale(state.recipe)
        if is_stale:
            self._renew()
        self.query_one("#editor" if state.needs_recipe else "#model").focus()
        self.look_at(state.number)
        if self.lacks and not is_stale:
            self.action_recipe()

    @property
    def lacks(self) -> str:
        """What is missing before a request can be made."""
        if not self.state.needs_recipe or self.state.recipe_text.strip():
            return ""
        return "No recipe yet: ctrl+r chooses one."

    @property
    def _placeholder(self) -> str:
        if self.state.maps_models:
            return "for all: claude-haiku-5-5"
        return "the recipe's" if self.state.needs_recipe else "claude-haiku-5-5"

    def _show_recipe(self) -> None:
        editor = self.query_one(RecipeEditor)
        if editor.text != self.state.recipe_text:
            editor.open(self.state.recipe_text)
        self._name_recipe()

    def _name_recipe(self) -> None:
        self.line("which").say(Content(f"── recipe: {recipe_title(self.state.recipe)} "))

    @work(group="columns", exclusive=True, description="name the columns")
    async def _show_columns(self) -> None:
        look = self.state.look
        columns = look.columns if look else ()
        if look and look.kind != FILES:  # what is known of a file is written as it is named
            columns = await asyncio.to_thread(written, columns)
        self.line("columns").say(columns_line(columns))

    # -- fields → state ------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another model, another length: another request."""
        if event.input.id in FIELDS and event.value != getattr(self.state, event.input.id):
            setattr(self.state, event.input.id, event.value)
            self.look_at(self.state.number, PAUSE)

    def on_toggle_changed(self, event: Toggle.Changed) -> None:
        """custom_ids as they are, or made legal."""
        self.state.maps_ids = event.value
        self.look_at(self.state.number)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Another recipe: another request."""
        if event.text_area.text != self.state.recipe_text:
            self.state.edit(event.text_area.text)
            self._name_recipe()
            self.look_at(self.state.number, PAUSE)

    def on_input_submitted(self) -> None:
        """Enter in a field goes on."""
        self.action_go_on()

    def previewed(self, problem: str) -> None:
        """What is wrong stands in the status line, and with its remedy in the request's place."""
        super().previewed(problem)
        if not problem:
            self.say(f"✓ {self.view.noun} {self.state.number:,}; ctrl+g checks all", "$text-success")

    # -- what the user does --------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a recipe there is none to be chosen or edited."""
        return self.state.needs_recipe if action in ("recipe", "edit", "save") else True

    def action_go_on(self) -> None:
        """Check all."""
        if self.lacks:
            self.say(self.lacks, "$text-warning")
        elif not self._is_misread():
            self.move()

    def _is_misread(self) -> bool:
        """Whether a field says what cannot be understood: there it stays, with the focus in it."""
        for name, understood in READ.items():
            try:
                if name != "mapping" or self.state.maps_models:
                    understood(getattr(self.state, name))
            except UsageError as error:
                self.query_one(f"#{name}").focus()
                self.say(f"✗ {error}", "$text-error")
                return True
        return False

    def action_step(self, by: int) -> None:
        """The request of another row."""
        self.query_one(RequestView).action_step(by)

    @work(group="question", exclusive=True, description="ask for a recipe")
    async def action_recipe(self) -> None:
        """Choose a ready recipe, a file, or none; one that was edited before is as it was left."""
        try:
            offers = recipe_offers(await self.desk.ask.recipes(), self.state.texts)
            chosen = await self.app.push_screen_wait(
                Choose("Make the requests with", offers, self.state.recipe)
            )
            if chosen == OWN:
                hint = "a TOML file; what is edited here is not written back unless you save it"
                path = await self.app.push_screen_wait(Ask("The recipe is in", f"{Path.cwd()}/", hint))
                chosen = OWN + path if path else None
            if chosen is not None:
                await self._take(chosen, afresh=True)
        except DeckError as error:
            self.desk.tell_error(error)

    @work(group="question", exclusive=True, description="make a recipe for other columns")
    async def _renew(self) -> None:
        try:
            await self._take(self.state.recipe)
        except DeckError as error:
            self.desk.tell_error(error)

    async def _take(self, name: str, *, afresh: bool = False) -> None:
        """Edit this recipe: as it was left, or as it is now if nobody has edited it."""
        state = self.state
        if state.is_stale(name) or (afresh and not state.is_edited(name)):
            state.open(name, await self._source(name))
        state.recipe = name
        self._show_recipe()
        self.query_one(RecipeEditor).focus()
        self.look_at(state.number)

    async def _source(self, name: str) -> str:
        if name.startswith(OWN):
            path = Path(os.path.expanduser(name.removeprefix(OWN)))  # noqa: ASYNC240
            return await asyncio.to_thread(launch_editor.read, path)
        return await self.desk.ask.recipe_text("" if name == EMPTY else name, self.state.columns)

    def action_edit(self) -> None:
        """Hand the recipe to the user's editor."""
        try:
            source = launch_editor.edit(self.app, self.state.recipe_text)
        except DeckError as error:
            self.desk.tell_error(error)
            return
        self.state.edit(source)
        self._show_recipe()
        self.look_at(self.state.number)

    @work(group="question", exclusive=True, description="ask where to save a recipe")
    async def action_save(self) -> None:
        """Save the recipe to a file; nothing is overwritten unasked."""
        name = self.state.recipe
        place = (
            name.removeprefix(OWN) if name.startswith(OWN) else str(Path.cwd() / f"{recipe_stem(name)}.toml")
        )
        said = await self.app.push_screen_wait(Ask("Save the recipe as", place, "a TOML file"))
        if not said:
            return
        path = Path(os.path.expanduser(said))  # noqa: ASYNC240
        question = Confirm(f"{text.clean(str(path))} exists. Overwrite it?", yes="Overwrite", no="Keep it")
        try:
            if await asyncio.to_thread(os.path.lexists, path) and not await self.app.push_screen_wait(
                question
            ):
                return
            await asyncio.to_thread(launch_editor.save, path, self.state.recipe_text)
        except DeckError as error:
            self.desk.tell_error(error)
            return
        self.notify(text.clean(str(path)), title="Saved", markup=False)
