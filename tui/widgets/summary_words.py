"""All that a summary of results says: what became of them, what they cost, what needs attention."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content

from .. import text
from ..handlers.attaching import Missing
from ..handlers.costing import Costs
from ..model import Summary
from .batch_facts import error_lines, summary_words
from .cost_words import cost_table

MOST_ERRORS = 1000


MOST_MISSING = 20
"""Requests named that have no result."""


def _missing(missing: Missing) -> Content:
    named = ", ".join(map(text.clean, missing.custom_ids[:MOST_MISSING]))
    more = missing.count - min(len(missing.custom_ids), MOST_MISSING)
    said = f"{named} and {more:,} more" if more else named
    if not named:
        said = "a names the file with the requests"
    return Content.assemble((f"{missing.count:>7,} × ", "bold"), ("missing ", "$text-warning"), said)


def summary_with_costs(summary: Summary, costs: Costs | None, missing: Missing | None = None) -> Content:
    """The costs before the errors, of which there may be pages."""
    said = [summary_words(replace(summary, errors=()), 0)]
    if costs is not None:
        said += [cost_table(costs)]
    lacking = missing is not None and missing.count > 0
    if summary.errors or lacking:
        said += [Content(""), Content.styled("What needs attention", "bold")]
        said += [_missing(missing)] if missing is not None and lacking else []
        said += error_lines(summary, MOST_ERRORS)
    return Content("\n").join(said)
