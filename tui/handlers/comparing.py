"""Two scopes that share custom_ids, compared answer by answer, and pairs of them to look at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ..errors import NotAvailable
from ..export import Bodies
from ..model import SUCCEEDED, IndexRow, Scope
from ..records.cells import short
from ..records.comparing import ABSENT, Found, Value, by_index, by_lines, in_words
from ..records.comparison import NOTHING, Comparison
from ..records.fields import LONGEST_LINE
from ..records.side_by_side import DiffLine, readable, side_by_side
from ..records.tallies import DIFFERENT
from .bodies import body_path
from .endings import to_the_end
from .fetching import fetch
from .finding import entries
from .matching import Compared, Work
from .services import Services

__all__ = ["Compared", "Differs", "PairRow", "PairView", "compare", "pair", "pair_rows"]

T = TypeVar("T")


async def compare(services: Services, left: Scope, right: Scope) -> AsyncGenerator[Compared, None]:
    """Compare two scopes, and tell after each portion; what is not on disk is fetched first.

    Whoever stops listening stops the work. A file that is taken away meanwhile ends it with a StoreError.
    """
    await asyncio.gather(*(_here(services, id) for id in dict.fromkeys((*left, *right))))
    work = Work(services, left, right)
    loop = asyncio.get_running_loop()
    # A thread of its own: the connections to the index belong to the one that opened them.
    with ThreadPoolExecutor(1, "compare") as thread:

        async def there(part: Callable[[], T]) -> T:
            return await to_the_end(loop.run_in_executor(thread, part))

        try:
            await there(work.open)
            is_done = False
            while not is_done:
                told = await there(work.portion)
                is_done = told.complete
                yield told
        finally:
            await there(work.close)


async def _here(services: Services, batch_id: str) -> None:
    """Fetch a batch's results, or make do with the part of them that is here."""
    (entry,) = await entries(services, (batch_id,))
    try:
        await fetch(services, entry)
    except NotAvailable:
        if entry.results is None or not entry.results.lines:
            raise


@dataclass(frozen=True, slots=True)
class Differs:
    """A field that is not the same, in words for one line; raw text."""

    path: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """One custom_id for a list; raw text."""

    index: int
    custom_id: str
    verdict: str
    left: IndexRow | None
    right: IndexRow | None
    differs: tuple[Differs, ...] = ()


@dataclass(frozen=True, slots=True)
class PairView:
    """Both results of one custom_id, side by side; raw text."""

    left: IndexRow | None
    right: IndexRow | None
    found: Found
    """Every field with both values, and whether the answers are the same."""
    lines: tuple[DiffLine, ...]
    """What both say; data as JSON with its keys in one order."""
    cut: bool = False
    """Whether there is more than the view holds."""


LONGEST_IN_A_LIST = 200_000
"""Bytes of a line that is read for a list: of longer ones it shows the fields only by name."""
LONGEST_SHOWN = 200_000
"""Characters of an answer in a side-by-side view."""
MOST_DIFFERS = 20
LONGEST_WORD = 60


async def pair_rows(services: Services, comparison: Comparison, indexes: Sequence[int]) -> list[PairRow]:
    """These pairs, as a list shows them: some dozen at a time, for their answers are read."""
    refs = [comparison.refs(index) for index in indexes]
    wanted = sorted({ref for pair in refs for ref in pair if ref != NOTHING})
    rows = {row.ref: row for row in await services.store.results.rows(wanted)}
    files = await _files(services, comparison.left + comparison.right)

    def made() -> list[PairRow]:
        with Bodies(files) as bodies:
            return [
                _row(comparison, index, rows.get(left), rows.get(right), bodies)
                for index, (left, right) in zip(indexes, refs, strict=True)
            ]

    return await asyncio.to_thread(made)


async def pair(services: Services, scope: Scope, left: int, right: int) -> PairView:
    """Both results to be looked at; `scope` has the batches of both, NOTHING stands for none."""
    found = {row.ref: row for row in await services.store.results.rows([left, right])}
    files = await _files(services, scope)

    def made() -> PairView:
        with Bodies(files) as bodies:
            return _view(found.get(left), found.get(right), bodies)

    return await asyncio.to_thread(made)


async def _files(services: Services, scope: Scope) -> dict[int, Path]:
    known = await services.store.results.batch_of(tuple(dict.fromkeys(scope)))
    return {id: body_path(services.paths, batch_id) for id, batch_id in known.items()}


def _row(
    comparison: Comparison, index: int, left: IndexRow | None, right: IndexRow | None, bodies: Bodies
) -> PairRow:
    verdict = comparison.verdict(index)
    known = left or right
    differs = tuple(Differs(path, "", "") for path in comparison.fields(index)[:MOST_DIFFERS])
    if verdict == DIFFERENT and left and right and max(left.length, right.length) <= LONGEST_IN_A_LIST:
        found = _found(left, right, bodies).differing[:MOST_DIFFERS]
        differs = tuple(Differs(each.path, _word(each.left), _word(each.right)) for each in found)
    return PairRow(index, known.custom_id if known else "", verdict, left, right, differs)


def _word(value: Value) -> str:
    return in_words(value if value is ABSENT else short(value, LONGEST_WORD))


def _found(left: IndexRow, right: IndexRow, bodies: Bodies) -> Found:
    return by_index(left, right) or by_lines(_line(left, bodies), _line(right, bodies))


def _line(row: IndexRow, bodies: Bodies) -> bytes:
    ((_, raw),) = bodies.lines([row])
    return raw


def _view(left: IndexRow | None, right: IndexRow | None, bodies: Bodies) -> PairView:
    found = _found(left, right, bodies) if left and right else Found(None)
    ours, theirs = _text(left, bodies), _text(right, bodies)
    lines = side_by_side(ours[:LONGEST_SHOWN], theirs[:LONGEST_SHOWN])
    return PairView(left, right, found, lines, cut=max(len(ours), len(theirs)) > LONGEST_SHOWN)


def _text(row: IndexRow | None, bodies: Bodies) -> str:
    """What a result says; in its place why it says nothing."""
    if row is None:
        return ""
    if row.outcome != SUCCEEDED:
        return "\n".join(filter(None, (row.outcome, row.error_type, row.error_message)))
    return readable(_line(row, bodies)) if row.length <= LONGEST_LINE else row.first_words
