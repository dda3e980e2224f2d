"""What a source is, before anything is made of it; and what a template may name."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from .. import text
from ..model import BODIES, FILES, OPENAI, RECORDS, REQUESTS, TABLE, Look

KINDS = (
    ("", "what it is recognised as"),
    (REQUESTS, "requests, ready-made: {custom_id, params}"),
    (BODIES, "bodies of Messages requests, without an envelope"),
    (OPENAI, "OpenAI batch: chat completions or responses"),
    (TABLE, "CSV or TSV; a recipe makes a request of each row"),
    (RECORDS, "JSON objects; a recipe makes a request of each"),
    (FILES, "texts, PDFs and images; a recipe makes a request of each file"),
)
"""What a source may be taken for, in words."""
_NEXT = {
    REQUESTS: "Nothing is to be added: enter checks them.",
    BODIES: "enter goes on to the model and the length of the answers.",
    OPENAI: "enter goes on to the models that take the places of theirs.",
    TABLE: "enter goes on to the recipe, which makes a request of each row.",
    RECORDS: "enter goes on to the recipe, which makes a request of each object.",
    FILES: "enter goes on to the recipe, which makes a request of each file.",
}
_EMPTY = "There is nothing in it to send; choose something else."
_INTRO = (
    "Type a path (→ completes it), or choose from the tree (ctrl+o).",
    "",
    "A source is a file, a folder or a pattern such as tickets/*.md; several with ; between them:",
    "  · requests, ready-made: JSON of {custom_id, params}",
    "  · an OpenAI batch file",
    "  · CSV, TSV or JSON objects, with a recipe for the prompt",
    "  · texts, PDFs and images, with a recipe",
)


def intro() -> Content:
    """What can be launched, while nothing is chosen."""
    return Content.styled("\n".join(_INTRO), "dim")


def look_words(look: Look) -> Content:
    """What was recognised, how to go on, and the columns, of which there may be more than fit."""
    sign = ("! ", "bold $text-warning") if look.is_empty else ("✓ ", "bold $text-success")
    lines = [Content.assemble(sign, (text.clean(look.note or look.kind), "bold"))]
    if look.files > 1 and "file" not in look.note:
        lines.append(Content(f"  {text.plural(look.files, 'file')}"))
    said = f"{_NEXT.get(look.kind, 'enter goes on.')} ctrl+t takes it for something else."
    lines += [Content(""), Content.styled(_EMPTY if look.is_empty else said, "dim")]
    if look.columns:
        lines += [Content(""), columns_line(look.columns)]
    return Content("\n").join(lines)


def columns_line(columns: Sequence[str]) -> Content:
    """The names that a template may use."""
    names = Content(", ").join([Content.styled(text.clean(name), "$text-accent") for name in columns])
    return Content.assemble(("columns  ", "dim"), names) if columns else Content()


def trouble_words(title: str, hint: str = "") -> Content:
    """Why it cannot be used, and what to do."""
    lines = [Content.assemble(("✗ ", "bold $text-error"), (text.clean(title), "$text-error"))]
    return Content("\n").join(
        [*lines, *(Content(line) for line in text.clean_block(hint).split("\n") if line)]
    )
