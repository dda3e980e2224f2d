"""Two scopes compared in one worker thread: rows matched by custom_id, their lines read and judged."""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import StoreError
from ..export import Bodies
from ..model import IndexRow, Scope
from ..records.comparing import became, by_index, by_lines
from ..records.comparison import NOTHING, Comparison, Report, SideReport
from ..records.tallies import ONLY_LEFT, ONLY_RIGHT, Often
from .bodies import body_path
from .services import Services

if TYPE_CHECKING:
    from ..store.reader import FileOf, ResultReader

PORTION = 500
"""Rows asked of the index at once."""
MOST_BYTES = 8_000_000
"""Of lines in memory at once, unless a single pair is larger."""
EVERY = 0.25
"""Seconds after which a portion ends."""
MOST_OUTCOMES = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """How far a comparison is."""

    done: int
    """Lines of both scopes that were looked at."""
    total: int
    complete: bool
    report: Report
    comparison: Comparison
    """Always the same one; it grows."""


class Side:
    """One scope while it is read."""

    def __init__(self, services: Services, scope: Scope) -> None:
        self.scope = scope
        self.unnamed = self.repeated = 0
        self.refs = array("Q")
        self.reader: ResultReader = services.store.results.reader()
        self._paths = services.paths
        self._files: list[FileOf] = []
        self._is_open = False
        self.bodies: Bodies

    def open(self) -> None:
        """Before anything else."""
        self.reader.__enter__()
        self._is_open = True
        self._files = self.reader.files(self.scope)
        self.refs = self.reader.refs(self.scope)
        self.bodies = self._bodies()

    def _bodies(self) -> Bodies:
        return Bodies({each.id: body_path(self._paths, each.batch_id) for each in self._files})

    def close(self) -> None:
        """After everything else."""
        if self._is_open:
            self.reader.__exit__(None, None, None)
        if hasattr(self, "bodies"):
            self.bodies.__exit__(None, None, None)

    def check(self) -> None:
        """A download that begins anew makes another file of it: then nothing here is true any more."""
        if [each.id for each in self.reader.files(self.scope)] != [each.id for each in self._files]:
            raise StoreError("The results have changed while they were compared.", "Compare them again.")

    def rows(self, refs: Sequence[int]) -> dict[int, IndexRow]:
        """These lines by ref."""
        return {row.ref: row for row in self.reader.rows(refs)}

    def lines(self, rows: Sequence[IndexRow]) -> dict[int, bytes]:
        """What stands in these lines, read in the file's order."""
        ordered = sorted(rows, key=lambda row: row.ref)
        try:
            return {row.ref: raw for row, raw in self.bodies.lines(ordered)}
        except StoreError:
            # A file that has got its final name just now is found under that one.
            self.bodies.__exit__(None, None, None)
            self.bodies = self._bodies()
            return {row.ref: raw for row, raw in self.bodies.lines(ordered)}

    def counting(self, rows: Sequence[IndexRow]) -> list[IndexRow]:
        """Those of the rows that stand for their custom_id."""
        newest = self.reader.find(self.scope, {row.custom_id for row in rows if row.custom_id})
        found = [row for row in rows if row.custom_id and newest.get(row.custom_id) == row.ref]
        unnamed = sum(not row.custom_id for row in rows)
        self.unnamed += unnamed
        self.repeated += len(rows) - unnamed - len(found)
        return found

    def report(self) -> SideReport:
        """What there is to say of it."""
        whole = len(self._files) == len(set(self.scope)) and all(each.complete for each in self._files)
        return SideReport(self.scope, len(self.refs), whole, self.unnamed, self.repeated)


class Work:
    """The comparing of two scopes; one thread at a time."""

    def __init__(self, services: Services, left: Scope, right: Scope) -> None:
        self._left = Side(services, left)
        self._right = Side(services, right)
        self._comparison = Comparison(left, right)
        self._outcomes: Often[tuple[str, str]] = Often()
        self._done = 0

    def open(self) -> None:
        """Before the first portion."""
        self._left.open()
        self._right.open()

    def close(self) -> None:
        """After the last one."""
        self._left.close()
        self._right.close()

    def portion(self) -> Compared:
        """Compare some more, and say how far it is."""
        until = time.monotonic() + EVERY
        total = len(self._left.refs) + len(self._right.refs)
        while self._done < total:
            self._some()
            if time.monotonic() >= until:
                break
        self._left.check()
        self._right.check()
        return Compared(self._done, total, self._done >= total, self._report(), self._comparison)

    def _some(self) -> None:
        start, of_left = self._done, len(self._left.refs)
        if start < of_left:
            refs = self._left.refs[start : start + PORTION]
            self._match(self._left.reader.rows(refs))
        else:
            refs = self._right.refs[start - of_left : start - of_left + PORTION]
            self._leftovers(self._right.reader.rows(refs))
        self._done += len(refs)

    def _match(self, rows: list[IndexRow]) -> None:
        """Find for each of the left rows the one on the right."""
        ours = self._left.counting(rows)
        theirs = self._right.reader.find(self._right.scope, [row.custom_id for row in ours])
        right = self._right.rows(list(theirs.values()))
        some: list[tuple[IndexRow, IndexRow]] = []
        size = 0
        for row in ours:
            other = right.get(theirs.get(row.custom_id, NOTHING))
            if other is None:
                self._judge(some)
                some, size = [], 0
                self._comparison.add(row.ref, NOTHING, ONLY_LEFT)
                continue
            some.append((row, other))
            size += row.length + other.length
            if size > MOST_BYTES:
                self._judge(some)
                some, size = [], 0
        self._judge(some)

    def _judge(self, pairs: list[tuple[IndexRow, IndexRow]]) -> None:
        told = [by_index(ours, theirs) for ours, theirs in pairs]
        unread = [pair for pair, found in zip(pairs, told, strict=True) if found is None]
        left = self._left.lines([ours for ours, _ in unread])
        right = self._right.lines([theirs for _, theirs in unread])
        for (ours, theirs), known in zip(pairs, told, strict=True):
            found = known or by_lines(left[ours.ref], right[theirs.ref])
            self._outcomes.add((became(ours), became(theirs)), MOST_OUTCOMES)
            self._comparison.judge(ours.ref, theirs.ref, found)

    def _leftovers(self, rows: list[IndexRow]) -> None:
        """Of the right rows those that have nothing on the left."""
        theirs = self._right.counting(rows)
        ours = self._left.reader.find(self._left.scope, [row.custom_id for row in theirs])
        for row in theirs:
            if row.custom_id not in ours:
                self._comparison.add(NOTHING, row.ref, ONLY_RIGHT)

    def _report(self) -> Report:
        outcomes, _ = self._outcomes.most(MOST_OUTCOMES)
        return Report(
            self._left.report(),
            self._right.report(),
            self._comparison.counts(),
            tuple((left, right, number) for (left, right), number in outcomes),
            self._comparison.reports(),
        )
