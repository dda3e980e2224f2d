"""The results that an export is about, a portion after the other, in the one thread that writes them."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..commands import Export
from ..errors import StoreError
from ..export import Bodies, Pair
from ..model import Order, Selection, file_of, line_of
from ..paths import Paths

if TYPE_CHECKING:
    from ..store.reader import ResultReader

PORTION = 500
"""Rows asked of the index at once."""


class Stopped(Exception):
    """Nobody waits for the export any more."""


@dataclass(frozen=True)
class ExportRows:
    """Index and files of a scope, read together."""

    scope: tuple[str, ...]
    selection: Selection
    hits: array[int] | None
    """What a search has found, where there was one."""
    batches: Mapping[int, str]
    """The batch of each results file."""
    total: int
    """Results in all of them, each request counted once where it was tried again."""
    reader: ResultReader
    bodies: Bodies
    stop: threading.Event

    def go_on(self) -> None:
        """Raise Stopped once nobody waits any more."""
        if self.stop.is_set():
            raise Stopped

    def refs(self, order: Order | None = None) -> array[int]:
        """The results that were asked for, in the order asked for."""
        refs = self.reader.refs(self.scope, self.selection.where, order or self.selection.order)
        if self.hits is None:
            return refs
        hits = set(self.hits)
        return array("Q", (ref for ref in refs if ref in hits))

    def pairs(self, refs: Sequence[int]) -> Iterator[Pair]:
        """Results with their lines, in this order."""
        for start in range(0, len(refs), PORTION):
            self.go_on()
            some = refs[start : start + PORTION]
            rows = self.reader.rows(some)
            if len(rows) != len(some):
                raise StoreError("The results have changed while they were saved.", "Try again.")
            yield from self.bodies.lines(rows)

    def find(self, custom_ids: Iterable[str]) -> Mapping[str, int]:
        """The one result that counts of each custom_id."""
        return self.reader.find(self.scope, custom_ids)

    def is_chosen(self) -> Callable[[int], bool]:
        """A test whether a result is one of those that were asked for."""
        if self.selection.where == Selection().where and self.hits is None:
            return lambda ref: True
        return frozenset(self.refs(Order())).__contains__

    def unused(self, used: Used) -> int:
        """How many custom_ids have a result that was asked for, but not used."""
        number = 0
        left = array("Q", (ref for ref in self.refs(Order()) if ref not in used))
        for start in range(0, len(left), PORTION):
            self.go_on()
            some = {row.ref: row.custom_id for row in self.reader.rows(left[start : start + PORTION])}
            counting = self.find(set(some.values()))
            # Earlier attempts at the same request count no more.
            number += sum(counting.get(custom_id) == ref for ref, custom_id in some.items())
        return number


@contextmanager
def opened(
    command: Export, paths: Paths, reader: ResultReader, hits: array[int] | None, stop: threading.Event
) -> Iterator[ExportRows]:
    """Open index and files; StoreError where they are not all whole and here."""
    scope = tuple(dict.fromkeys(command.ids))
    with reader:
        here = reader.files(scope)
        if len(here) < len(scope) or not all(each.complete for each in here):
            raise StoreError("Not all the results are here any more.", "Download them again.")
        batches = {each.id: each.batch_id for each in here}
        total = reader.summary(scope).lines
        with Bodies({id: paths.result_file(batch_id) for id, batch_id in batches.items()}) as bodies:
            yield ExportRows(scope, command.selection, hits, batches, total, reader, bodies, stop)


class Used:
    """Which results have been used: a byte for each line, for there may be very many."""

    def __init__(self) -> None:
        self._flags: dict[int, bytearray] = {}

    def add(self, ref: int) -> None:
        """This one was."""
        flags, line = self._flags.setdefault(file_of(ref), bytearray()), line_of(ref)
        if line >= len(flags):
            flags.extend(bytes(line + 1 - len(flags)))
        flags[line] = 1

    def __contains__(self, ref: int) -> bool:
        flags = self._flags.get(file_of(ref), b"")
        return line_of(ref) < len(flags) and flags[line_of(ref)] == 1
