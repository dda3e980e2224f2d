"""What is said of answers read as data: how they were read, and what a field holds."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from .. import text
from ..records.facets import Facet
from ..records.readings import BROKEN, CUT, NONE, READ

UNREAD = {NONE: "no JSON", CUT: "cut off", BROKEN: "broken JSON"}


def read_words(readings: Mapping[str, int], part: float) -> Content:
    """`fenced 1,438 · prose 78  not read 7 (u): cut off 7`, and how far the reading is."""
    good = [(how, number) for how, number in readings.items() if how in READ and number]
    bad = [(how, number) for how, number in readings.items() if how not in READ and number]
    parts = []
    if part < 1.0:
        parts.append(Content.styled(f"reading {part:.0%}", "bold $text-warning"))
    if good:
        parts.append(
            Content.styled(" · ".join(f"{how_words(how)} {number:,}" for how, number in good), "dim")
        )
    if bad:
        said = " · ".join(f"{how_words(how)} {number:,}" for how, number in bad)
        number = sum(number for _, number in bad)
        parts.append(Content.styled(f"not read {number:,} (u): {said}", "$text-warning"))
    return Content("  ").join(parts)


def how_words(how: str) -> str:
    """How an answer was read, or why it was not, in a word or two."""
    return UNREAD.get(how, text.clean(how))


def facet_heading(facet: Facet, number: int, fields: int) -> Content:
    """Which field, the how-manieth of how many, how many values, of how many answers."""
    if not facet.total:
        return Content.assemble((text.clean(facet.path), "bold"), ("  in none of these answers", "dim"))
    kind = "in ranges" if facet.ranges else text.plural(facet.distinct, "value")
    of = f" ({number}/{fields})" if fields > 1 else ""
    return Content.assemble(
        (text.clean(facet.path), "bold"),
        (f"{of}  {kind} in {text.plural(facet.total - facet.missing, 'answer')}", "dim"),
    )


def no_fields_words(readings: Mapping[str, int], part: float) -> Content:
    """Why there is no field to choose."""
    if part < 1.0 or not readings:
        return Content.styled("No field yet.", "dim")
    return Content.styled("None of the answers can be read as data.", "$text-warning")
