"""Recipes: from a file or ready-made, with options before them; every mistake is named where it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from ...model import Making, Recipe
from ...text import clean
from .fields import TEXTS, Wrong, checked, disagreement
from .reading import RecipeFile, parsed, read

if TYPE_CHECKING:
    from .templates import WrongTemplate

_FOLDER = Path(__file__).with_name("ready")
_TYPED = "recipe"
"""What a recipe is called that is in no file."""
_TEXT = re.compile(r"(\{[{%] (?:if )?)text\b")

_FIELDS = tuple(each.name for each in fields(Recipe) if each.name != "name")
_OPTIONS = {"params": "--param", "betas": "--beta"}
_OF_TEXT = """
text body content message request question prompt description review comment article document email abstract
title
"""
"""Names of columns that are likely to hold what a prompt is about, the likeliest first."""


def load(making: Making) -> Recipe:
    """The recipe of a source: that of its file, and over it what was given as options. Raises UsageError."""
    file = _said(making)
    given = _given(making.override)
    merged = dict(file.fields) if file else {}
    for key, value in given.items():
        merged[key] = _over(key, merged.get(key), value)
    name = file.path.stem if file and file.path.name != _TYPED else making.override.name
    recipe = Recipe(**merged, name=name)
    if found := disagreement(recipe):
        key, wrong = found
        raise file.wrong(key, wrong) if file and key not in given else _wrong_option(key, wrong)
    _compile(recipe, file, given)
    return recipe


def ready() -> tuple[tuple[str, str], ...]:
    """The recipes that come with the program: name and purpose."""
    found = sorted(_FOLDER.glob("[a-z]*.toml"))
    return tuple((path.stem, _purpose(path.read_text(encoding="utf-8"))) for path in found)


def text(name: str = "", columns: Sequence[str] = ()) -> str:
    """A recipe to begin with: a ready one or a blank one, commented, for a table with these columns."""
    content = (_ready(name) if name else _FOLDER / "_blank.toml").read_text(encoding="utf-8")
    if not columns:
        return content
    from .templates import written

    names = ", ".join(clean(f"{{{{ {written(column)} }}}}") for column in columns if column)
    head, _, rest = content.partition("\n\n")
    return f"{head}\n#\n# Columns: {names}\n\n{_aimed(rest, written(next(_likeliest(columns))))}"


def _aimed(content: str, about: str) -> str:
    """The templates of a recipe, with another column in place of the usual one."""
    about = about.replace("\\", r"\\")  # in TOML it stands in quotation marks
    lines = content.split("\n")
    return "\n".join(
        line if line.startswith("#") else _TEXT.sub(lambda found: found[1] + about, line) for line in lines
    )


def _purpose(content: str) -> str:
    return content.partition("\n")[0].lstrip("# ").rstrip(".")


def _ready(name: str) -> Path:
    """The file of a recipe that comes with the program."""
    names = [each for each, _ in ready()]
    if name in names:
        return _FOLDER / f"{name}.toml"
    near = difflib.get_close_matches(name, names, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}; or give a file."
    raise UsageError(f"There is no recipe “{clean(name)}”.", remedy)


def _said(making: Making) -> RecipeFile | None:
    """The recipe that was typed, else that of a file; what a typed one names stands beside its file."""
    if making.recipe_text.strip():
        return parsed(making.recipe_text, Path(making.recipe or _TYPED).expanduser())
    return _found(making.recipe) if making.recipe is not None else None


def _found(wanted: Path | str) -> RecipeFile:
    """The file of a recipe; what is called like a ready one is that, unless a path says otherwise."""
    path = Path(wanted).expanduser()
    is_path = path.suffix or len(path.parts) > 1 or path.is_file()
    if is_path and not (isinstance(wanted, str) and wanted in dict(ready())):
        return read(path)
    return read(_ready(str(wanted)))


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
            raise _wrong_option(key, wrong) from None
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
            if file and key not in given:
                raise file.wrong_text(key, wrong.line, wrong.what, wrong.remedy) from None
            place = Wrong(f"{wrong.what} (line {wrong.line})", wrong.remedy)
            raise _wrong_option(key, place if wrong.line > 1 else wrong) from None


def _wrong_option(key: str, wrong: Wrong | WrongTemplate) -> UsageError:
    inner = getattr(wrong, "key", "")
    place = f"{_option(key)} {inner}" if inner else _option(key)
    return UsageError(f"{clean(place)}: {clean(wrong.what)}.", clean(wrong.remedy))


def _option(key: str) -> str:
    return _OPTIONS.get(key, f"--{key.replace('_', '-')}")


def _likeliest(columns: Sequence[str]) -> Iterator[str]:
    """The columns that a prompt may be about, the likeliest first."""
    folded = {column.casefold(): column for column in reversed(columns)}
    yield from (folded[name] for name in _OF_TEXT.split() if name in folded)
    yield from (column for column in columns if column)
    yield "text"
