"""What is said of answers read as data: how they were read, and what a field holds."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from .. import text
from ..records.facets import Facet
from ..records.readings import READ

UNREAD = {"none": "no JSON", "cut": "cut off", "broken": "broken JSON", "no answer": "no answer"}


def read_words(readings: Mapping[str, int], part: float) -> Content:
    """`fenced 1,438 · prose 78 · not read 7`, and how far the reading is."""
    good = [(how, number) for how, number in readings.items() if how in READ and number]
    bad = [(how, number) for how, number in readings.items() if how not in READ and number]
    parts = [Content.styled(" · ".join(f"{text.clean(how)} {number:,}" for how, number in good), "dim")]
    if bad:
        said = " · ".join(f"{UNREAD.get(how, how)} {number:,}" for how, number in bad)
        parts.append(Content.styled(f"  not read: {said} (u)", "$text-warning"))
    if part < 1.0:
        parts.append(Content.styled(f"  reading {part:.0%}", "bold $text-warning"))
    return Content("").join(parts)


def facet_heading(facet: Facet) -> Content:
    """Which field, how many values, of how many answers."""
    kind = "in ranges" if facet.ranges else text.plural(facet.distinct, "value")
    return Content.assemble(
        (text.clean(facet.path), "bold"), (f"  {kind} in {facet.total - facet.missing:,} answers", "dim")
    )
