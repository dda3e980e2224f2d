"""The index of a file as it grows: made here, or, where the line is fast, by a child process beside it."""

from __future__ import annotations

import time
from contextlib import suppress

from ..records import Indexer
from .child import Child, Lost, is_possible
from .part import BLOCK, PartFile

AT_ONCE = 4_000_000
"""Bytes that must have arrived before a child is worth its start."""
FAST = 20_000_000
"""Bytes per second that make a line a fast one; a slower one leaves time enough to index here."""
PATIENCE = 5.0
"""Seconds without a word after which a child is given up."""


class Indexing:
    """An indexer with the same rows wherever they are made; use it in one thread, and `close` it."""

    def __init__(self, indexer: Indexer, part: PartFile, *, early: bool = False) -> None:
        self._part = part
        self._child: Child | None = None
        self.go_on(indexer)
        if early and is_possible():
            with suppress(Lost):
                self._child = Child(part.path)

    def go_on(self, indexer: Indexer) -> None:
        """Index with this one from here on; a child that has not begun waits for it."""
        if self._child is not None and self._child.is_begun:
            self.close()
        self.indexer = indexer
        """What is known so far; it may be behind the file until `catch_up` has nothing left to do."""
        self._began = time.monotonic()
        self._arrived = 0
        self._is_fast: bool | None = None if is_possible() else False
        """Whether the line is worth a child; None while it is not known."""

    def grown(self, data: bytes) -> None:
        """The part file has just grown by this."""
        self._arrived += len(data)
        try:
            if self._child is not None and self._child.is_begun:
                self._hear(self._child, 0)
            elif self._behind > len(data):
                self._step()
            else:
                self.indexer.scan(data)
                self._call_for_help()
        except Lost:
            self.close()

    def catch_up(self) -> bool:
        """Take one step after the file, which does not grow any more; whether there was one to take."""
        if not self._behind:
            self.close()  # a line without an end is looked at anew, here
        if not self._behind:
            return False
        try:
            if self._child is not None and self._child.is_begun:
                self._hear(self._child, PATIENCE)
            else:
                self._step()
        except Lost:
            self.close()
        return True

    def close(self) -> None:
        """End the child, if there is one; what it leaves undone is done here."""
        if self._child is not None:
            self._child.close()
            if self._child.is_begun:
                self.indexer.rewind()
            self._child = None

    @property
    def _behind(self) -> int:
        """Bytes of the file that have not been looked at."""
        return self._part.size - self.indexer.offset - self.indexer.pending

    def _step(self) -> None:
        """Look at some more of what the file already holds: twice a block, to catch up while it grows."""
        start = self.indexer.offset + self.indexer.pending
        self.indexer.scan(self._part.read(start, min(2 * BLOCK, self._behind)))

    def _call_for_help(self) -> None:
        """Give a child its work, where enough has arrived to tell that it is worth it."""
        if self._is_fast is None and self._arrived >= AT_ONCE:
            self._is_fast = self._arrived >= FAST * (time.monotonic() - self._began)
            if not self._is_fast:
                self.close()
            elif self._child is None:
                self._child = Child(self._part.path)
        elif self._is_fast and self._child is not None and self._child.is_ready():
            # Its first line is the one that has not ended yet.
            self.indexer.rewind()
            self._child.begin(self.indexer.line, self.indexer.offset, self.indexer.kinds)

    def _hear(self, child: Child, patience: float) -> None:
        child.tell(self._part.size)
        for found in child.heard(patience):
            self.indexer.accept(found)
