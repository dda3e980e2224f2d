"""Recipes: from a file or ready-made, with options before them; every mistake is named where it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..model import Making, Recipe
from ..text import clean
from .recipe_fields import TEXTS, Wrong, checked, disagreement
from .recipe_files import RecipeFile, read

_FOLDER = Path(__file__).with_name("ready")
_BLANK = "_blank"

_FIELDS = tuple(each.name for each in fields(Recipe) if each.name != "name")
_OPTIONS = {"params": "--param", "betas": "--beta"}
_OF_TEXT = """
text body content message request question prompt description review comment article document email abstract
title
"""
"""Names of columns that are likely to hold what a prompt is about, the likeliest first."""


def load(making: Making) -> Recipe:
    """The recipe of a source: that of its file, and over it what was given as options. Raises UsageError."""
    file = _found(making.recipe) if making.recipe is not None else None
    given = _given(making.override)
    merged = dict(file.fields) if file else {}
    for key, value in given.items():
        merged[key] = _over(key, merged.get(key), value)
    recipe = Recipe(**merged, name=file.path.stem if file else making.override.name)
    wrong = disagreement(recipe)
    if wrong:
        raise _error(file, given, wrong[0], wrong[1].what, wrong[1].remedy)
    _compile(recipe, file, given)
    return recipe


def ready() -> tuple[tuple[str, str], ...]:
    """The recipes that come with the program: name and purpose."""
    found = sorted(_FOLDER.glob("[a-z]*.toml"))
    return tuple((path.stem, _purpose(path.read_text(encoding="utf-8"))) for path in found)


def text(name: str = "", columns: Sequence[str] = ()) -> str:
    """A recipe to begin with: a ready one or a blank one, commented, for a table with these columns."""
    content = _ready_path(name or _BLANK, name).read_text(encoding="utf-8")
    if not columns:
        return content
    from .templates import written

    names = [written(column) for column in columns if column]
    listed = ", ".join(clean(f"{{{{ {each} }}}}") for each in names)
    head, _, rest = content.partition("\n\n")
    about = next(iter(_likeliest(columns)))
    aimed = re.sub(r"(\{[{%] (?:if )?)text\b", lambda found: found[1] + written(about), rest)
    return f"{head}\n#\n# Columns: {listed}\n\n{aimed}"


def _purpose(content: str) -> str:
    return content.partition("\n")[0].lstrip("# ").rstrip(".")


def _ready_path(name: str, said: str) -> Path:
    path = _FOLDER / f"{name}.toml"
    names = [each for each, _ in ready()]
    if name in (*names, _BLANK):
        return path
    near = difflib.get_close_matches(said, names, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}; or give a file."
    raise UsageError(f"There is no recipe “{clean(said)}”.", remedy)


def _found(wanted: Path | str) -> RecipeFile:
    """The file of a recipe; what is called like a ready one is that, unless a path says otherwise."""
    said = str(wanted)
    is_ready = any(said == name for name, _ in ready())
    path = Path(said).expanduser()
    if is_ready and (isinstance(wanted, str) or not path.is_file()):
        return read(_FOLDER / f"{said}.toml")
    if path.suffix or len(path.parts) > 1 or path.exists():
        return read(path)
    return read(_ready_path(said, said))


def _given(override: Recipe) -> dict[str, Any]:
    """What was given as options, checked like a file's."""
    given: dict[str, Any] = {}
    for key in _FIELDS:
        value = getattr(override, key)
        if value in ("", 0, (), None, {}):
            continue
        try:
            given[key] = checked(key, value)
        except Wrong as wrong:
            raise UsageError(f"{_option(key)}: {clean(wrong.what)}.", clean(wrong.remedy)) from None
    return given


def _over(key: str, below: Any, value: Any) -> Any:
    """An option over what the file says: betas and params are added, everything else takes its place."""
    if below is None:
        return value
    if key == "params":
        return {**below, **value}
    return tuple(dict.fromkeys((*below, *value))) if key == "betas" else value


def _compile(recipe: Recipe, file: RecipeFile | None, given: dict[str, Any]) -> None:
    """Raise UsageError for a template that is none."""
    from .templates import Template, WrongTemplate

    for key, name in TEXTS.items():
        try:
            Template(getattr(recipe, key), name)
        except WrongTemplate as wrong:
            raise _error(file, given, key, wrong.what, wrong.remedy, wrong.line) from None


def _error(
    file: RecipeFile | None, given: dict[str, Any], key: str, what: str, remedy: str, below: int = 0
) -> UsageError:
    if file and key not in given:
        return file.error(key, what, remedy, below)
    place = f"{_option(key)}, line {below}" if below > 1 else _option(key)
    return UsageError(f"{place}: {clean(what)}.", clean(remedy))


def _option(key: str) -> str:
    return _OPTIONS.get(key, f"--{key.replace('_', '-')}")


def _likeliest(columns: Sequence[str]) -> Iterator[str]:
    """The columns that a prompt may be about, the likeliest first."""
    folded = {column.casefold(): column for column in reversed(columns)}
    yield from (folded[name] for name in _OF_TEXT.split() if name in folded)
    yield from (column for column in columns if column)
    yield "text"
