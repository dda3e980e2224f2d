"""A process beside this one that indexes a file while it grows; it holds nothing that would be missed."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..records.child import framed, unframed
from ..records.portion import Found, Kinds

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

MOST_TOLD = 8
"""Sizes it may be behind: few enough that neither side ever waits for room in a pipe."""
PIPE = 1 << 20
"""Bytes of rows it may be ahead of us, where the system lets a pipe hold so many."""
LAST_WORDS = 1.0
"""Seconds a process has to end when nobody listens any more."""

_BEGIN = "import sys; sys.path[:] = {path!r}; from tui.records.child import main; main(sys.argv[1])"


class Lost(Exception):
    """The process is gone, silent, or talks nonsense: whatever it was to do has to be done without it."""


def is_possible() -> bool:
    """Whether another process would be of use, and can be started and listened to (not so on Windows)."""
    if os.name != "posix" or getattr(sys, "frozen", False) or not sys.executable:
        return False
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) > 1


class Child:
    """The process as its parent sees it; methods but `close` raise Lost."""

    def __init__(self, path: Path) -> None:
        self.is_begun = False
        self._scanned = 0
        self._told: list[int] = []
        self._received = bytearray()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _BEGIN.format(path=sys.path), os.fspath(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={},  # no secret of ours is its business
                start_new_session=True,  # a Ctrl+C in the terminal is not for it
            )
        except OSError as error:
            raise Lost from error
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        os.set_blocking(self._from.fileno(), False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):  # the system may allow less
                fcntl.fcntl(self._from, fcntl.F_SETPIPE_SZ, PIPE)

    def is_ready(self) -> bool:
        """Whether it is there, and waits for its work."""
        return bool(self._read(0))

    def begin(self, line: int, offset: int, kinds: Kinds) -> None:
        """Give it the work: the next line and where that begins, and the kinds of line there are already."""
        self._scanned = offset
        self._write((line, offset, kinds.names))
        self.is_begun = True

    def tell(self, size: int) -> None:
        """How long the file is by now."""
        self._told = [told for told in self._told if told > self._scanned]
        if len(self._told) < MOST_TOLD and size > max(self._told, default=self._scanned):
            self._told.append(size)
            self._write(size)

    def heard(self, patience: float) -> list[Found]:
        """What it has found; with patience, waits for something."""
        messages = self._read(patience)
        if patience and not messages:
            raise Lost
        try:
            found = [Found(*message) for message in messages]
        except TypeError as error:
            raise Lost from error
        if found:
            self._scanned = found[-1].offset + found[-1].pending
        return found

    def close(self) -> None:
        """End it."""
        self._to.close()
        self._from.close()
        try:
            self._process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _write(self, message: Any) -> None:
        try:
            self._to.write(framed(message))
        except OSError as error:
            raise Lost from error

    def _read(self, patience: float) -> list[Any]:
        messages: list[Any] = []
        try:
            while not messages and select.select([self._from], [], [], patience)[0]:
                if not (data := self._from.read(PIPE)):
                    raise Lost
                self._received += data
                messages = unframed(self._received)
        except (OSError, ValueError, EOFError, TypeError) as error:
            raise Lost from error
        return messages
