"""One attempt at fetching a batch's results, in a worker thread: socket → file → index."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from ..api import ResultStream
from ..errors import NotAvailable, Unreachable
from ..model import UNREADABLE, ResultFile
from ..records import Indexer
from ..store.writer import ResultWriter
from .indexing import Indexing
from .part import BLOCK, PartFile, Short, disk

EVERY = 0.25
"""Seconds between commits: rows can be looked at this soon after their arrival."""
MANY = 10_000
"""Results of a batch whose download gets a helper at once, not only when its line turns out to be fast."""
NO_RESULTS = frozenset({UNREADABLE, "error"})
"""Lines that are no results, the second being an error of the service itself where its status is lost."""
MOST_ROWS = 5_000
"""Rows held before a commit, so that a fast line does not fill the memory."""


class Transfer:
    """Goes on from what is on disk; everything whole that arrives stays, however it ends."""

    def __init__(
        self,
        batch_id: str,
        *,
        expected: int,
        part: Path,
        final: Path,
        writer: Callable[[str], ResultWriter],
        open_stream: Callable[[str], ResultStream] | None,
        accept_short: bool = False,
        report: Callable[[int, int], None] = lambda size, lines: None,
    ) -> None:
        self.gained = 0
        """Bytes of this attempt that were not on disk before."""
        self._batch_id = batch_id
        self._expected = expected
        self._part_path = part
        self._final = final
        self._open_writer = writer
        self._open_stream = open_stream
        self._accept_short = accept_short
        self._most = 0
        """How much of the results was on disk before, with what had come of a line that broke off."""
        self._report = report
        self._stopped = threading.Event()
        self._stream: ResultStream | None = None
        self._part: PartFile
        self._writer: ResultWriter
        self._indexing: Indexing
        self._committed_at = 0.0

    def stop(self) -> None:
        """End soon, from any thread."""
        self._stopped.set()
        if self._stream is not None:
            self._stream.close()

    def run(self) -> ResultFile:
        """Fetch (or, where the file is whole, only index) and give what is then on disk."""
        with PartFile(self._part_path) as self._part:
            if self._open_stream is None:
                with self._open_writer(self._batch_id) as self._writer:
                    return self._index_final()
            self._most = self._part.size
            self._stream = self._open_stream(self._batch_id)
            # A big file's helper gets ready while the service looks for the results.
            self._indexing = Indexing(Indexer(), self._part, early=self._expected >= MANY)
            try:
                return self._fetch(self._stream)
            finally:
                self._indexing.close()

    def _fetch(self, stream: ResultStream) -> ResultFile:
        # The answer's head comes before anything is written: a batch without results leaves no trace.
        with stream, self._open_writer(self._batch_id) as self._writer:
            self._indexing.go_on(Indexer(kinds=self._writer.kinds))
            try:
                self._receive(stream.chunks(), self._resume())
                self._part.flush()  # while the last lines are indexed
            finally:
                self._settle()
            return self._finish()

    def _resume(self) -> int:
        """Make file and index agree; the index is the truth, unless it speaks of bytes that are not there."""
        if self._final.exists():
            # Not as long as the index says: somebody changed it. What the server confirms of it will stay.
            self._part.adopt(self._final)
            self._start_over(self._part.size)
            return self._part.size
        have, lines = self._writer.resume()
        if have > self._part.size:
            self._writer.clear()
            have = lines = 0
        self._part.truncate(have)
        self._indexing.go_on(Indexer(lines, have, self._writer.kinds))
        self._report(have, lines)
        return have

    def _receive(self, chunks: Iterable[bytes], have: int) -> None:
        """Compare what is known already, append what is new."""
        position = 0
        self._committed_at = time.monotonic()
        for chunk in chunks:
            self._check_stopped()
            known = self._part.read(position, min(len(chunk), have - position)) if position < have else b""
            if known and not chunk.startswith(known):
                # The server may give the lines in another order this time (it promises none).
                same = _common(known, chunk)
                self._start_over(position + same)
                have, known = position + same, known[:same]
            if len(known) < len(chunk):
                self._append(chunk[len(known) :] if known else chunk)
            position += len(chunk)
        if position < have:
            raise Unreachable("The results broke off.")

    def _start_over(self, keep: int) -> None:
        """Index anew what the file and the server agree on."""
        self._writer.clear()
        self._part.truncate(keep)
        self._indexing.go_on(Indexer(kinds=self._writer.kinds))
        for block in self._part.blocks():
            self._check_stopped()
            self._index(block)
        self._commit()

    def _append(self, data: bytes) -> None:
        self._part.append(data)
        self.gained = max(self.gained, self._part.size - self._most)
        self._index(data)

    def _index(self, data: bytes) -> None:
        self._indexing.grown(data)
        self._commit_in_time()

    def _commit_in_time(self) -> None:
        waiting = self._indexing.indexer.waiting
        if waiting >= MOST_ROWS or time.monotonic() - self._committed_at >= EVERY:
            self._commit()

    def _settle(self) -> None:
        """Index what has arrived, however it ended."""
        try:
            while self._indexing.catch_up():
                self._commit_in_time()
            self._commit()
        finally:
            self._indexing.close()

    def _commit(self, end: int | None = None) -> None:
        self._writer.add(self._indexing.indexer.take(), end)
        size, lines = self._writer.resume()
        self._report(max(size, self._part.size), lines)
        self._committed_at = time.monotonic()

    def _finish(self) -> ResultFile:
        """The stream ended cleanly: is it all?"""
        self._take_last_line()
        lines = self._writer.resume()[1]
        if self._expected and NO_RESULTS.issuperset(kind[0] for kind in self._writer.kinds.names):
            # An empty answer, or somebody's page: taken for all there is, it would be paid for a second time.
            raise Short("The answer holds no results.")
        if lines < self._expected and not self._accept_short:
            raise Short(f"The results broke off after {lines:,} of {self._expected:,} lines.")
        self._part.promote(self._final)
        return self._writer.finish(
            complete=True, missing=max(self._expected - lines, 0), bytes=self._part.size
        )

    def _take_last_line(self) -> None:
        """A last line may lack its line feed; if it lacks more, the stream was cut where no length told."""
        indexer = self._indexing.indexer
        raw = self._part.read(indexer.offset, indexer.pending)
        if not raw or raw.isspace():
            return
        if not _is_json(raw) and not self._accept_short:
            raise Short("The results broke off within a line.")
        indexer.scan_last()
        self._commit(end=self._part.size)

    def _index_final(self) -> ResultFile:
        """A whole file without a whole index: stopped after the renaming, or the index was thrown away."""
        self._writer.clear()
        indexer = Indexer(kinds=self._writer.kinds)
        self._indexing = Indexing(indexer, self._part)
        with disk(), open(self._final, "rb") as source:
            while block := source.read(BLOCK):
                self._check_stopped()
                indexer.scan(block)
                self._commit()
            size = source.tell()
        indexer.scan_last()
        self._commit(end=size)
        self._part.discard()
        lines = self._writer.resume()[1]
        return self._writer.finish(complete=True, missing=max(self._expected - lines, 0), bytes=size)

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise NotAvailable("The download was stopped.")


def _common(one: bytes, other: bytes) -> int:
    """How many bytes the two begin with alike; they differ somewhere."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _is_json(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return False
    return True
