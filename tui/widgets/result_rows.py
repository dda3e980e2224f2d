"""How a result looks as a row of the results list."""

from __future__ import annotations

from .. import text
from ..model import CANCELED, ERRORED, EXPIRED, SUCCEEDED, UNREADABLE, IndexRow
from .columns import Cell, Column

COLUMNS = (
    Column("number", "#", 6, keep=90, align="right"),
    Column("custom_id", "CUSTOM_ID", 16, keep=99),
    Column("outcome", "OUTCOME", 14, keep=98),
    Column("input", "IN", 5, keep=20, align="right"),
    Column("output", "OUT", 5, keep=30, align="right"),
    Column("words", "SAYS", 16, keep=100, flexible=True),
)

SORTABLE = (
    ("", "order in the file"),
    ("custom_id", "custom_id"),
    ("outcome", "outcome"),
    ("stop_reason", "stop reason"),
    ("error", "error"),
    ("model", "model"),
    ("input", "input tokens"),
    ("output", "output tokens"),
    ("cache_read", "tokens read from the cache"),
    ("cache_write", "tokens written to the cache"),
    ("length", "size of the result"),
    ("words", "first words"),
)
"""What the list can be ordered by, and how a menu calls it."""

SIGNS = {
    SUCCEEDED: ("✓", "success"),
    ERRORED: ("✗", "error"),
    CANCELED: ("⊘", "warning"),
    EXPIRED: ("◷", "warning"),
    UNREADABLE: ("?", "error"),
}


def outcome_cell(row: IndexRow) -> Cell:
    """Sign and word: the stop reason of an answer, else the outcome."""
    sign, tone = SIGNS.get(row.outcome, ("?", "warning"))
    if row.outcome == SUCCEEDED:
        if row.is_problem:
            sign, tone = "!", "warning"
        return Cell(f"{sign} {text.clean(row.stop_reason) or 'no stop'}", tone)
    return Cell(f"{sign} {text.clean(row.outcome)}", tone)


def result_cells(row: IndexRow) -> dict[str, Cell]:
    """The cells of one result."""
    failed = row.outcome != SUCCEEDED
    if row.outcome == ERRORED:
        says = f"{row.error_type}: {row.error_message}"
    else:
        says = row.first_words or ("(empty answer)" if not failed else "")
    return {
        "number": Cell(text.count(row.line + 1), "muted"),
        "custom_id": Cell(text.clean(row.custom_id)),
        "outcome": outcome_cell(row),
        "input": Cell(text.compact(row.total_input) if row.total_input else "·", "muted"),
        "output": Cell(text.compact(row.output_tokens) if row.output_tokens else "·", "muted"),
        "words": Cell(text.clean(says), "error" if failed else ""),
    }
