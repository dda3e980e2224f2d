"""What somebody has said and seen on the way from a source to a batch; what was typed outlives the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..commands import SendRun
from ..errors import UsageError
from ..model import (
    FILES,
    MAP,
    NEEDS_RECIPE,
    NO_SAMPLE,
    OPENAI,
    REFUSE,
    REQUESTS,
    Draft,
    Estimate,
    Form,
    Look,
    Making,
    Recipe,
    Run,
    Sample,
)
from .launch_fields import model_map, tokens

CHOOSE = "choose"
RECIPE = "recipe"
CHECK = "check"
SEND = "send"
PROGRESS = "progress"
"""The steps, in their order; the last one is not gone to, but come to by a yes."""
STEPS = (CHOOSE, RECIPE, CHECK, SEND)
OWN = "file:"
"""Before the path of a recipe of the user's own, where recipes are known by their names."""
EMPTY = "empty:"
"""The name of a recipe that begins with a blank one."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be checked: whatever differs makes an earlier check worthless."""

    paths: tuple[Path, ...]
    making: Making


@dataclass
class LaunchState:
    """Every step's fields, and what was found for them; what was found counts only for the same fields."""

    step: str = CHOOSE
    said: str = ""
    """What the path field shows."""
    picked: dict[str, Path] = field(default_factory=dict)
    """Paths taken from the tree, by what the field shows: their names may hold what cannot be typed."""
    name: str = ""
    kind: str = ""
    """One of KINDS where the user has overridden what was recognised."""
    recipe: str = ""
    """Name of the recipe that is edited."""
    texts: dict[str, str] = field(default_factory=dict)
    """Each recipe that was opened, as it was edited."""
    ready: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Recipes as they were before anybody edited them, and the columns they were opened for."""
    model: str = ""
    max_tokens: str = ""
    mapping: str = ""
    """`gpt-4o-mini=claude-haiku-5-5, …`"""
    maps_ids: bool = False
    mends_ready: bool = False
    """The same for requests that are ready-made: asked for at the check, and of this source alone."""
    number: int = 1
    """The request that is looked at, from 1."""
    sample: Sample = NO_SAMPLE
    side_by_side: int = 1
    run: Run | None = None
    """The run whose drafts were saved last."""
    estimate: Estimate | None = None
    """What that run will cost."""
    sending: SendRun | None = None
    """The user's yes, from when it is given until its end was seen."""
    yes: bool = False
    """Whether nobody has carried it out yet."""
    is_restored: bool = False
    """Whether what was left when the program ran last was asked for."""
    adopted: Draft | None = None
    """The draft of a run that was prepared some other time; nobody knows what its source was made with."""
    _looked: tuple[str, str, tuple[Path, ...], Look] | None = None
    _checked: tuple[Wish, Draft] | None = None
    _prepared: tuple[Wish, str, Sample] | None = None

    def begin_again(self) -> None:
        """Forget everything but recipes: the next launch is another, and somebody has worked on them."""
        kept = LaunchState(
            recipe=self.recipe, texts=self.texts, ready=self.ready, is_restored=self.is_restored
        )
        vars(self).update(vars(kept))

    @property
    def form(self) -> Form:
        """What would have to be said again; of what is sent, or was prepared before, only the recipes."""
        texts = {name: source for name, source in self.texts.items() if self.is_edited(name)}
        if self.sending is not None or self.adopted is not None:
            return Form(recipe=self.recipe, texts=texts)
        return Form(
            self.said,
            {shown: str(path) for shown, path in self.picked.items() if shown == self.said},
            self.name,
            self.kind,
            self.recipe,
            texts,
            self.model,
            self.max_tokens,
            self.mapping,
            self.maps_ids,
        )

    def restore(self, form: Form) -> None:
        """Put back what was typed when the program ran last."""
        self.is_restored = True
        self.said, self.name, self.kind = form.said, form.name, form.kind
        self.picked = {shown: Path(path) for shown, path in form.picked.items()}
        self.recipe, self.texts = form.recipe, dict(form.texts)
        self.model, self.max_tokens, self.mapping = form.model, form.max_tokens, form.mapping
        self.maps_ids = form.maps_ids

    # -- the steps -----------------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[str, ...]:
        """Those that this source needs."""
        if self.adopted:
            return (CHOOSE, SEND)
        return tuple(step for step in STEPS if not (self.is_ready and step == RECIPE))

    @property
    def next_step(self) -> str | None:
        """Where to go on to; None from the last one."""
        return self._beside(1)

    @property
    def step_before(self) -> str | None:
        """Where to go back to; None from the first one."""
        return self._beside(-1)

    def _beside(self, by: int) -> str | None:
        if self.step not in self.steps:
            return None
        place = self.steps.index(self.step) + by
        return self.steps[place] if 0 <= place < len(self.steps) else None

    # -- the source ----------------------------------------------------------------------------------------

    @property
    def look(self) -> Look | None:
        """What the source is, if it was looked at as it is named now."""
        return self._looked[3] if self._looked and self._looked[:2] == (self.said, self.kind) else None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths that were looked at."""
        return self._looked[2] if self._looked and self.look else ()

    def looked(self, said: str, kind: str, paths: tuple[Path, ...], look: Look) -> None:
        """Keep what a source is."""
        self._looked = said, kind, paths, look
        self.adopted = None

    def say(self, said: str) -> None:
        """Another source: its requests are seen from the first."""
        if said != self.said:
            self.said, self.number, self.adopted, self.mends_ready = said, 1, None, False

    # -- the recipe ----------------------------------------------------------------------------------------

    @property
    def needs_recipe(self) -> bool:
        """Whether only a recipe makes requests of the source."""
        return self.look is not None and self.look.kind in NEEDS_RECIPE

    @property
    def is_ready(self) -> bool:
        """Whether the source is requests already."""
        return self.look is not None and self.look.kind == REQUESTS

    def mend(self) -> None:
        """Have illegal and repeated custom_ids made legal, or all left as they are."""
        if self.is_ready:
            self.mends_ready = not self.mends_ready
        else:
            self.maps_ids = not self.maps_ids

    @property
    def maps_models(self) -> bool:
        """Whether the source names other services' models."""
        return self.look is not None and self.look.kind == OPENAI

    @property
    def recipe_text(self) -> str:
        """The recipe as it was edited."""
        return self.texts.get(self.recipe, "")

    @property
    def _recipe_file(self) -> Path | None:
        """The file that an edited recipe is from: what it names stands beside it."""
        if not self.recipe.startswith(OWN) or not self.recipe_text:
            return None
        return Path(self.recipe.removeprefix(OWN))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a recipe is made for; what is known of files has names of its own."""
        return self.look.columns if self.look is not None and self.look.kind != FILES else ()

    def is_edited(self, name: str) -> bool:
        """Whether somebody has changed a recipe since it was opened."""
        return name in self.texts and self.texts[name] != self.ready.get(name, ("", ()))[0]

    def is_stale(self, name: str) -> bool:
        """Whether a recipe has to be opened: it was not, or for other columns and not edited since."""
        return not self.is_edited(name) and self.ready.get(name, (None, None))[1] != self.columns

    def open(self, name: str, source: str) -> None:
        """Keep a recipe as it is before anybody edits it."""
        self.texts[name] = source
        self.ready[name] = source, self.columns

    def edit(self, source: str) -> None:
        """Keep the recipe as it stands now; what is written where none was chosen is the user's own."""
        self.recipe = self.recipe or (EMPTY if source else "")
        self.texts[self.recipe] = source

    def making(self) -> Making:
        """What the fields say, as the sources understand it; UsageError names the field that says nothing."""
        if self.is_ready:
            return Making(kind=self.kind, ids=MAP if self.mends_ready else REFUSE)
        return Making(
            kind=self.kind,
            recipe=self._recipe_file if self.needs_recipe else None,
            recipe_text=self.recipe_text if self.needs_recipe else "",
            override=Recipe(model=self.model.strip(), max_tokens=tokens(self.max_tokens)),
            map_model=model_map(self.mapping) if self.maps_models else (),
            ids=MAP if self.maps_ids else REFUSE,
        )

    # -- the draft -----------------------------------------------------------------------------------------

    @property
    def wish(self) -> Wish:
        """What is to be checked; UsageError as in `making`."""
        return Wish(self.paths, self.making())

    @property
    def draft(self) -> Draft | None:
        """What a check found, if it was about this very wish; or what was prepared some other time."""
        if self.adopted is not None:
            return self.adopted
        if self._checked is None or self._checked[0] != self._safe_wish():
            return None
        return self._checked[1]

    def checked(self, wish: Wish, draft: Draft) -> None:
        """Keep what a check found."""
        self._checked = wish, draft

    def forget_check(self) -> None:
        """The source is not what it was."""
        self._checked = None

    @property
    def is_prepared(self) -> bool:
        """Whether the drafts that were saved are those of this very wish."""
        if self.run is None:
            return False
        now = self._safe_wish(), self.name.strip(), self.sample
        return self.adopted is not None or self._prepared == now

    def prepared(self, wish: Wish, name: str, sample: Sample, run: Run, draft: Draft) -> None:
        """Keep the run whose drafts were saved; its cost is kept with it, and asked for anew."""
        self.run, self.estimate, self._prepared = run, None, (wish, name, sample)
        self.checked(wish, draft)

    def say_yes(self, command: SendRun) -> None:
        """The drafts are to be sent; who shows the progress hands it on, and so misses no news of it."""
        self.sending, self.yes, self.step = command, True, PROGRESS

    def try_again(self, run: Run) -> None:
        """Nothing was sent: back to the yes, with the same drafts."""
        self.sending, self.run, self.step = None, run, SEND

    def dropped(self) -> None:
        """There are no drafts any more."""
        self.run = self.estimate = self._prepared = self.adopted = None

    def take_up(self, run: Run, draft: Draft) -> None:
        """Go on with drafts that were prepared some other time."""
        if self.run is None or self.run.id != run.id:
            self.estimate = None
        self.said, self.name, self.number = run.source, run.name, 1
        self.run, self.adopted, self.step = run, draft, SEND

    def _safe_wish(self) -> Wish | None:
        try:
            return self.wish
        except UsageError:
            return None
