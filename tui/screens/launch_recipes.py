"""Recipes by their names: what a dialog offers, what a heading calls one, and how it writes the columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from .. import text
from .launch_state import EMPTY, OWN


def recipe_offers(ready: Sequence[tuple[str, str]], opened: Collection[str]) -> list[tuple[str, str]]:
    """The ready ones, files that were opened before, another file, and a blank one; each with its words."""
    width = max((len(name) for name, _ in ready), default=0) + 2
    offers = [(name, f"{name:<{width}}{text.clean(_brief(said))}") for name, said in ready]
    offers += [(name, text.clean(name.removeprefix(OWN))) for name in opened if name.startswith(OWN)]
    own = "yours, as you left it" if EMPTY in opened else "a blank one"
    return [*offers, (OWN, "a file of your own …"), (EMPTY, own)]


def recipe_title(name: str) -> str:
    """What a heading calls it."""
    if name == EMPTY:
        return "yours"
    if name.startswith(OWN):
        return text.clean(Path(name.removeprefix(OWN)).name)
    return text.clean(name) or "none yet; ctrl+r chooses one"


def recipe_stem(name: str) -> str:
    """The name of a file that it would be saved in."""
    return name if name.isidentifier() else "recipe"


def written(columns: tuple[str, ...]) -> tuple[str, ...]:
    """How templates write the columns. Blocking: the engine is loaded for it."""
    from ..sources.recipes.templates import written as as_written

    return tuple(map(as_written, columns))


def _brief(said: str) -> str:
    """The first clause: dialogs are narrow."""
    return re.split("[:,] ", said, maxsplit=1)[0]
