"""All that a summary of results says: what became of them, what they cost, what needs attention."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content

from ..handlers.costing import Costs
from ..model import Summary
from .batch_facts import error_lines, summary_words
from .cost_words import cost_table

MOST_ERRORS = 1000


def summary_with_costs(summary: Summary, costs: Costs | None) -> Content:
    """The costs before the errors, of which there may be pages."""
    said = [summary_words(replace(summary, errors=()), 0)]
    if costs is not None:
        said += [cost_table(costs)]
    if summary.errors:
        said += [Content(""), Content.styled("What needs attention", "bold")]
        said += error_lines(summary, MOST_ERRORS)
    return Content("\n").join(said)
