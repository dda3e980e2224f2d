"""Which kind of source files make together, and how to say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...model import BODIES, FILES, OPENAI, RECORDS, REQUESTS, TABLE, Making, Recipe
from ...text import plural
from ..basics.items import Finding
from .delimiters import NAMES
from .recognising import ARRAY, LINES, VALUES, Guess

WORDS = {
    REQUESTS: "requests",
    BODIES: "bodies of Messages requests",
    OPENAI: "OpenAI requests",
    TABLE: "a table",
    RECORDS: "records",
    FILES: "text, PDF or images",
}
_FORMS = {LINES: "one a line", ARRAY: "in a list", VALUES: "one after the other"}

TO_MAKE_REQUESTS = (
    "Say how to make a request of {each}: give --recipe, or --model, --max-tokens and --prompt."
)
_NOT_REQUESTS = {
    TABLE: ("It is a table, not a list of requests", "each row"),
    RECORDS: ("It is a list of records, not of requests", "each record"),
    FILES: ("It is text, PDF or images, not a list of requests", "each file"),
}


def one_kind(guesses: Sequence[Guess]) -> str:
    """The kind that all files are of, but for those with nothing in them; empty where they differ."""
    found = {guess.kind for guess in guesses} - {""}
    return "" if len(found) > 1 else next(iter(found), REQUESTS)


def mixed(files: Sequence[tuple[str, str]]) -> Finding:
    """What to say of files of different kinds, given as name and kind."""
    first = {kind: name for name, kind in reversed(files) if kind}
    found = " and ".join(f"{WORDS[kind]} ({name})" for kind, name in reversed(first.items()))
    return Finding("Its files are of different kinds", f"{found}: give one kind, or say which with --kind.")


def needs_recipe(kind: str, making: Making) -> Finding | None:
    """What to say where rows are to become requests and nobody has said how."""
    is_said = making.recipe is not None or making.recipe_text.strip()
    if is_said or replace(making.override, betas=()) != Recipe():
        return None
    if kind not in _NOT_REQUESTS:
        return None
    what, each = _NOT_REQUESTS[kind]
    options = "--recipe, or --model, --max-tokens and --prompt"
    return Finding(what, f"Say how to make a request of {each}: give {options}.")


def in_words(kind: str, guesses: Sequence[Guess]) -> str:
    """How a source was recognised: `CSV, 6 columns, separated by commas`."""
    known = [guess for guess in guesses if guess.kind]
    if not known:
        return "nothing in it"
    several = f", {plural(len(guesses), 'file')}" if len(guesses) > 1 else ""
    if kind == TABLE:
        layout = known[0].layout
        name = {",": "CSV", "\t": "TSV"}.get(layout.delimiter, "table")
        columns = plural(len(layout.head), "column")
        return f"{name}, {columns}, separated by {NAMES[layout.delimiter]}{several}"
    form = _FORMS.get(known[0].form)
    return WORDS[kind] + (f", {form}" if form and kind != FILES else "") + several
