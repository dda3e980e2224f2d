"""The work of a retry in its thread: requests without a whole answer, grouped, and read as they were sent."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreError, UsageError
from ..model import RetryGroup
from ..records.requests import places
from ..store.requests import Known, RequestIndex, changed, open_known
from ..store.unanswered import Asked, Unanswered
from .attaching import indexed
from .retry_groups import MISSING, chosen, grouped, in_order
from .retry_scope import Tried


@contextmanager
def opened(store: Path, tried: Tried, stop: threading.Event) -> Iterator[Again]:
    """Look at all results, and index the requests as far as they are known."""
    with RequestIndex(store) as index:
        known = {each.path: indexed(index, each.path, stop) for each in tried.files.values()}
    with Unanswered(store) as reader:
        reader.gather(tried.scope)
        requests = {batch_id: known[each.path] for batch_id, each in tried.files.items()}
        yield Again(reader, tried, requests)


class Again:
    """What of some batches may be sent again."""

    def __init__(self, reader: Unanswered, tried: Tried, requests: Mapping[str, Known]) -> None:
        self._reader = reader
        self._tried = tried
        self._requests = requests
        self._groups = grouped(reader.reasons())

    @property
    def files(self) -> list[Known]:
        """The files of requests, each once, those of the oldest attempt first."""
        found = [self._requests[each] for each in self._tried.scope if each in self._requests]
        return list({known.id: known for known in found}.values())

    def groups(self) -> tuple[RetryGroup, ...]:
        """Why requests have no whole answer, and how many."""
        found = [group.told(key) for key, group in self._groups.items()]
        return in_order([*found, *self._missing()])

    def choose(self, named: Sequence[str], *, mends: bool) -> None:
        """Choose the requests of these groups, or of those that are chosen by themselves."""
        self.refuse_unknown()
        keys = [each.key for each in chosen(self.groups(), named, mends=mends)]
        kinds = [kind for key in keys if key != MISSING for kind in self._groups[key].kinds]
        self._reader.choose(kinds, self._asked())
        if MISSING in keys:
            if not self._names_missing:
                raise UsageError("Nobody can tell which requests have no result.", "Choose other groups.")
            self._reader.choose_missing([known.id for known in reversed(self.files)])

    def refuse_unknown(self) -> None:
        """UsageError where the requests of a batch are not on this machine."""
        for batch_id in self._tried.scope:
            if batch_id not in self._requests:
                raise UsageError(
                    f"The requests of batch {batch_id} are not known here.",
                    f"Say which file they were in: `batchdeck attach {batch_id} FILE`.",
                )

    def lines(self) -> Generator[bytes]:
        """The chosen requests as they were sent, one a line; attempt after attempt, in the order of files."""
        for known in self.files:
            with open_known(known) as handle:
                for offset, length in zip(*self._reader.chosen(known.id), strict=True):
                    handle.seek(offset)
                    # Between the parts of a request a line feed is white space; texts have none.
                    yield handle.read(length).replace(b"\n", b" ") + b"\n"
                if not known.is_of(os.fstat(handle.fileno())):
                    raise changed(known)

    def strangers(self, edited: Path) -> list[tuple[str, int]]:
        """custom_ids of an edited file that are of no request here, each with the byte where it begins."""
        with edited.open("rb") as handle:
            named = ((place.custom_id, place.offset) for place in places(handle))
            return self._reader.strangers(named, [known.id for known in self.files])

    def _asked(self) -> list[Asked]:
        results = {file.batch_id: file.id for file in self._reader.files(self._tried.scope)}
        if len(results) < len(self._tried.scope):
            raise StoreError("Not all the results are here any more.", "Try again.")
        return [Asked(self._requests[each].id, results[each]) for each in self._tried.scope]

    def _missing(self) -> list[RetryGroup]:
        if self._names_missing:
            number = self._reader.missing([known.id for known in self.files])
            return [RetryGroup(MISSING, number)] if number else []
        lacking = (entry.results.missing for entry in self._tried.entries if entry.results)
        number = sum(lacking)
        why = "Which they are is not known."
        return [RetryGroup(MISSING, number, why, retriable=False, chosen=False)] if number else []

    @property
    def _names_missing(self) -> bool:
        """Whether the files have the requests of these batches and no others."""
        sent: dict[int, int] = {}
        for entry in self._tried.entries:
            if entry.id not in self._requests:
                return False
            file = self._requests[entry.id].id
            sent[file] = sent.get(file, 0) + entry.batch.counts.total
        return all(self._reader.distinct(file) <= number for file, number in sent.items())
