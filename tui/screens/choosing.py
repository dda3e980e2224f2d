"""Which results of a scope are shown: filter, order, and the hits of a search while they are found."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from ..errors import UsageError
from ..model import PROBLEM, IndexRow, Order, Pattern, ResultFilter, Scope, Selection, Summary
from ..widgets.flow import Spans
from .desk import Desk

ALL = Selection()
NUMBERS_FIRST = frozenset({"input", "output", "cache_read", "cache_write", "length"})
"""Columns of which one wants to see the largest first."""


class Choosing:
    """The state behind a list of results; knows no widget."""

    def __init__(self, desk: Desk, scope: Scope) -> None:
        self.desk = desk
        self.scope = scope
        self.selection = ALL
        self.summary = Summary()
        self.is_looking = False
        """Whether a search is under way."""
        self.looked_at = 1.0
        """The part of the files that the search has gone through."""
        self.undecided = 0
        """Lines that a slow expression could not decide."""
        self.problem = ""
        """Why nothing can be looked for: an expression that cannot be understood, in a sentence."""
        self._passing: Sequence[int] = array("Q")
        self._hits: set[int] | None = None
        self._until: dict[int, int] = {}
        self._batches: dict[int, str] = {}

    def batch_of(self, row: IndexRow) -> str:
        """In which batch's results a row is."""
        return self._batches.get(row.file, self.scope[0])

    async def read(self) -> None:
        """Read what the index has by now."""
        results, chosen = self.desk.store.results, self.selection
        self.summary = await results.summary(self.scope)
        self._batches = await results.batch_of(self.scope)
        passing = await results.refs(self.scope, chosen.where, chosen.order)
        if chosen == self.selection:
            self._passing = passing

    @property
    def refs(self) -> Sequence[int]:
        """What is to be shown, in order."""
        if self._hits is None:
            return self._passing
        return array("Q", filter(self._hits.__contains__, self._passing))

    @property
    def hits(self) -> Sequence[int] | None:
        """What a search has found; None where nothing is looked for."""
        return None if self._hits is None else sorted(self._hits)

    @property
    def is_searching(self) -> bool:
        """Whether more hits may come."""
        return self._hits is not None and self.looked_at < 1.0

    def choose(self, selection: Selection) -> None:
        """Want other results; a new pattern forgets the hits of the last one."""
        if selection.pattern != self.selection.pattern:
            self._hits = None if selection.pattern is None else set()
            self._until = {}
            self.looked_at, self.undecided, self.problem = 0.0, 0, ""
        self.selection = selection

    async def look(self, news: Callable[[], None]) -> None:
        """Go through what has not been looked at yet; `news` is called whenever there is more to show."""
        pattern, hits = self.selection.pattern, self._hits
        if pattern is None or hits is None:
            return
        self.is_looking = True
        try:
            async with aclosing(self.desk.ask.search(self.scope, pattern, self._until)) as search:
                async for found in search:
                    hits.update(found.refs)
                    self.undecided += found.undecided
                    self.looked_at = found.part
                    self._until = dict(found.until)
                    news()
            self.looked_at = 1.0
        except UsageError as error:
            self.looked_at, self.problem = 1.0, f"{error.title} {error.hint}".strip()
        finally:
            self.is_looking = False

    # -- other selections ----------------------------------------------------------------------------------

    def sorted_by(self, column: str) -> Selection:
        """Order by a column; the same column again turns the order round."""
        now = self.selection.order
        reverse = not now.reverse if column == now.column else column in NUMBERS_FIRST
        return replace(self.selection, order=Order(column, reverse))

    def where(self, where: ResultFilter) -> Selection:
        """The same search and order, another filter."""
        return replace(self.selection, where=where)

    def looking_for(self, typed: str) -> Selection:
        """The same filter, another pattern: a slash before it makes it a regular expression."""
        return replace(self.selection, pattern=pattern_of(typed))

    async def problems(self) -> Sequence[int]:
        """Of what is shown, the results without a whole answer, in the same order."""
        where = replace(self.selection.where, outcome=PROBLEM)
        found = await self.desk.store.results.refs(self.scope, where, self.selection.order)
        return array("Q", filter(set(self.refs).__contains__, found))


@dataclass(frozen=True, slots=True)
class Kept:
    """How a list of results was left: what was chosen, hits and all, and the row under the cursor."""

    choosing: Choosing
    ref: str | None = None


def pattern_of(typed: str) -> Pattern | None:
    """What somebody typed into a search line; a capital letter in it makes cases differ."""
    is_regex = typed.startswith("/")
    wanted = typed[1:] if is_regex else typed
    return Pattern(wanted, is_regex, wanted == wanted.lower()) if wanted else None


def spans_of(pattern: Pattern | None) -> Spans | None:
    """Finds the matches of a pattern in a shown text; None where there is nothing to find."""
    from ..records.search import Matcher, spans

    try:
        return partial(spans, Matcher.of(pattern)) if pattern else None
    except UsageError:
        return None  # said where it was typed


def typed_of(pattern: Pattern | None) -> str:
    """The other way round."""
    return "" if pattern is None else ("/" if pattern.regex else "") + pattern.text
