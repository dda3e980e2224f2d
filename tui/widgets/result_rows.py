"""How a result looks as a row of the results list, over pages of the index."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

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
    ("model", "model"),
    ("input", "input tokens"),
    ("output", "output tokens"),
    ("length", "size of the result"),
    ("words", "first words"),
)
"""What the list can be ordered by, and how a menu calls it."""

PAGE = 128
KEPT_PAGES = 64

SIGNS = {
    SUCCEEDED: ("✓", "success"),
    ERRORED: ("✗", "error"),
    CANCELED: ("⊘", "warning"),
    EXPIRED: ("◷", "warning"),
    UNREADABLE: ("?", "error"),
}


class ResultRows:
    """Chosen results; pages of index rows are asked for when they come into view."""

    def __init__(self, refs: Sequence[int], want: Callable[[int, Sequence[int]], None]) -> None:
        self.refs = refs
        self._want = want
        self._pages: OrderedDict[int, list[IndexRow]] = OrderedDict()
        self._asked: set[int] = set()

    def __len__(self) -> int:
        return len(self.refs)

    def key(self, index: int) -> str:
        """The ref, as text."""
        return str(self.refs[index])

    def index(self, key: str) -> int | None:
        """Where a result stands among the chosen ones; they may be in any order."""
        try:
            return self.refs.index(int(key))
        except ValueError:
            return None

    def row(self, index: int) -> IndexRow | None:
        """The index row, if its page is here; asks for it otherwise."""
        number, place = divmod(index, PAGE)
        page = self._pages.get(number)
        if page is not None and place < len(page):
            self._pages.move_to_end(number)
            return page[place]
        if number not in self._asked:
            self._asked.add(number)
            self._want(number, self.refs[number * PAGE : (number + 1) * PAGE])
        return None

    def supply(self, number: int, rows: list[IndexRow], refs: Sequence[int]) -> None:
        """Take a page that was asked for, unless other results stand there by now."""
        self._asked.discard(number)
        if self.refs[number * PAGE : (number + 1) * PAGE][: len(refs)] != refs:
            return
        self._pages[number] = rows
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)

    def grown(self, refs: Sequence[int]) -> ResultRows:
        """These results now: if they begin with the present ones, pages that are whole stay."""
        same = ResultRows(refs, self._want)
        if len(self.refs) <= len(refs) and refs[: len(self.refs)] == self.refs:
            same._pages = OrderedDict((n, page) for n, page in self._pages.items() if len(page) == PAGE)
        return same

    def cells(self, index: int) -> Mapping[str, Cell] | None:
        """What the row says, or None while its page is on the way."""
        row = self.row(index)
        return None if row is None else result_cells(row)


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
