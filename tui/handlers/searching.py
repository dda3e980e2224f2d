"""Search in what the results of some batches say: off the event loop, hits as they are found."""

from __future__ import annotations

import asyncio
import threading
from array import array
from bisect import bisect_left
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from ..errors import DeckError
from ..model import Pattern, Scope, ref_of
from ..paths import Paths
from ..records.search import Found, Matcher, scan_file
from ..store.reader import FileOf, ResultReader
from .bodies import body_path
from .endings import in_thread, on_loop
from .services import Services

FEW_HITS = 30
"""Hits of a file whose line numbers are looked up one by one; for more, all offsets are loaded at once."""
TRIES = 3
"""Times that a file is looked for: a download may be renaming it at this very moment."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search has found since it last said something, and how far it is."""

    refs: array[int]
    undecided: int
    """Lines of which a slow regular expression could not tell in time whether they match."""
    bytes: int
    """Looked at so far, of all files together."""
    total_bytes: int
    until: Mapping[int, int]
    """How many lines of each file, by its number, need not be searched again by the same search."""
    done: bool = False

    @property
    def part(self) -> float:
        """How much of the work is done, from 0 to 1."""
        return 1.0 if self.done else self.bytes / max(self.total_bytes, 1)


async def search(
    services: Services,
    scope: Scope,
    pattern: Pattern,
    until: Mapping[int, int] | None = None,
    *,
    within: Iterable[int] | None = None,
) -> AsyncGenerator[Hits, None]:
    """Results of the scope that say it, in the order of the files; closing the iterator stops the work.

    Searched is what the index knows at the beginning; of a file in `until` only the lines from that number
    on. Hits outside `within` are left out. UsageError for a bad pattern; another DeckError, after everything
    else has been searched, where a file is gone or was replaced.
    """
    told: asyncio.Queue[Hits | None] = asyncio.Queue()
    tell = on_loop(told.put_nowait)

    def work(stop: threading.Event) -> None:
        try:
            matcher = Matcher.of(pattern)
            with services.store.results.reader() as reader:
                wanted = None if within is None else frozenset(within)
                _Search(reader, services.paths, matcher, wanted, tell, stop).run(scope, until or {})
        finally:
            tell(None)

    task = asyncio.ensure_future(in_thread(work))
    try:
        while (hits := await told.get()) is not None:
            yield hits
        await task
    finally:
        task.cancel()
        await asyncio.wait((task,))
        if not task.cancelled():
            task.exception()  # retrieved, or asyncio would complain of it


@dataclass(frozen=True, slots=True)
class _Part:
    """The bytes of a file that are to be searched."""

    file: FileOf
    start: int
    end: int


class _Search:
    """One search, in its thread."""

    def __init__(
        self,
        reader: ResultReader,
        paths: Paths,
        matcher: Matcher,
        within: frozenset[int] | None,
        tell: Callable[[Hits], None],
        stop: threading.Event,
    ) -> None:
        self._reader = reader
        self._paths = paths
        self._matcher = matcher
        self._within = within
        self._tell = tell
        self._stop = stop
        self._until: dict[int, int] = {}
        self._before = self._total = 0

    def run(self, scope: Scope, until: Mapping[int, int]) -> None:
        """Search file after file; the first that could not be searched is told at the end."""
        self._until = dict(until)
        parts = list(self._parts(scope))
        self._total = sum(part.end - part.start for part in parts)
        problem: DeckError | None = None
        for part in parts:
            try:
                self._search(part)
            except DeckError as error:
                problem = problem or error
            self._before += part.end - part.start
        if problem is not None:
            raise problem
        if not self._stop.is_set():
            self._tell(Hits(array("Q"), 0, self._total, self._total, dict(self._until), done=True))

    def _parts(self, scope: Scope) -> Iterator[_Part]:
        for file in self._reader.files(scope):
            first = self._until.get(file.id, 0)
            if first < file.lines:
                ends = self._reader.rows([ref_of(file.id, first), ref_of(file.id, file.lines - 1)])
                if ends:  # nothing of a file that is started over at this moment
                    yield _Part(file, ends[0].offset, ends[-1].offset + ends[-1].length)

    def _search(self, part: _Part) -> None:
        place = part.start
        lines = _Lines(self._reader, part.file)
        with self._open(part.file) as body:
            try:
                for found in scan_file(body, self._matcher, start=part.start, end=part.end, stop=self._stop):
                    place = found.place
                    self._report(part, found, lines)
            except OSError as error:
                raise _unreadable(part.file, error) from None
        is_same = any(each.id == part.file.id for each in self._reader.files((part.file.batch_id,)))
        if not self._stop.is_set() and (place < part.end or not is_same):
            raise _replaced(part.file)

    def _report(self, part: _Part, found: Found, lines: _Lines) -> None:
        file = part.file.id
        refs = [ref_of(file, lines.number(offset)) for offset in found.offsets]
        kept = array("Q", (ref for ref in refs if self._within is None or ref in self._within))
        self._until[file] = lines.before(found.place)
        looked_at = self._before + found.place - part.start
        self._tell(Hits(kept, found.undecided, looked_at, self._total, dict(self._until)))

    def _open(self, file: FileOf) -> BinaryIO:
        for _ in range(TRIES):
            path = body_path(self._paths, file.batch_id)
            try:
                return path.open("rb", buffering=0)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _unreadable(file, error) from None
        raise DeckError(f"The results of {file.batch_id} are no longer on disk.", "Download them again.")


class _Lines:
    """From the place of a line in its file to its number."""

    def __init__(self, reader: ResultReader, file: FileOf) -> None:
        self._reader = reader
        self._file = file
        self._asked = 0
        self._offsets: array[int] | None = None

    def number(self, offset: int) -> int:
        """The number of the line that begins there; DeckError where the index knows none."""
        self._asked += 1
        if self._asked > FEW_HITS and self._offsets is None:
            self._offsets = self._reader.offsets(self._file.id)
        line = self.before(offset)
        if line >= self._file.lines or self._offset(line) != offset:
            raise _replaced(self._file)
        return line

    def before(self, offset: int) -> int:
        """How many lines begin before that place."""
        if self._offsets is not None:
            return bisect_left(self._offsets, offset)
        return bisect_left(range(self._file.lines), offset, key=self._offset)

    def _offset(self, line: int) -> int:
        if self._offsets is not None:
            return self._offsets[line] if line < len(self._offsets) else -1
        rows = self._reader.rows([ref_of(self._file.id, line)])
        if not rows:
            raise _replaced(self._file)
        return rows[0].offset


def _replaced(file: FileOf) -> DeckError:
    return DeckError(
        f"The results of {file.batch_id} were replaced while they were searched.", "Search again."
    )


def _unreadable(file: FileOf, error: OSError) -> DeckError:
    return DeckError(f"The results of {file.batch_id} cannot be read: {error.strerror or error}.")
