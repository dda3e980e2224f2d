"""The files of a draft: written beside their places, synced, and put there together, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from ..errors import StoreError
from ..paths import open_private, sync_folder
from .origins import origins_file

Target = Callable[[int], Path]

AHEAD = 6
"""Things that a helper may be behind by: they bound the memory."""
SYNCED = 32 << 20
"""Bytes after which the disk is asked to have them, while the checking goes on: less is left for the end."""


class Helper:
    """A thread that does one thing after the other; what fails there is raised where more is asked of it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "draft")
        self._waiting: deque[Future[Any]] = deque()

    def do(self, work: Callable[..., object], *given: object) -> None:
        """Have something done when all before it is done."""
        self._waiting.append(self._pool.submit(work, *given))
        while len(self._waiting) > AHEAD:
            self._waiting.popleft().result()

    def wait(self) -> None:
        """Wait until everything is done."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Let go of the thread; what has not begun is not done."""
        self._pool.shutdown(cancel_futures=True)


class Sum:
    """A SHA-256 of what passes, made by a helper: hashing lets go of Python's lock."""

    def __init__(self, helper: Helper) -> None:
        self._sum = hashlib.sha256()
        self._helper = helper

    def add(self, data: bytes) -> None:
        """Take in some bytes."""
        self._helper.do(self._sum.update, data)

    def hexdigest(self) -> str:
        """The sum of everything so far."""
        self._helper.wait()
        return self._sum.hexdigest()


class PartFile:
    """A file under way; summed unless somebody else sums the same bytes."""

    def __init__(self, target: Path, helper: Helper, syncer: Helper, *, is_summed: bool) -> None:
        self.target = target
        self.beside = target.with_name(target.name + ".part")
        self._helper = helper
        self._syncer = syncer
        self._summed = Sum(helper) if is_summed else None
        self._unsynced = 0
        self._is_put = False
        with saving():
            self._handle = open_private(self.beside)

    def write(self, data: bytes) -> None:
        """Add some bytes."""
        if self._summed is not None:
            self._summed.add(data)
        self._helper.do(self._write, data)

    def close(self) -> str:
        """Wait until everything is on the disk, and give the sum, if it is made here."""
        self._helper.wait()
        self._syncer.wait()
        with saving():
            self._handle.flush()
            os.fsync(self._handle.fileno())
            self._handle.close()
        return self._summed.hexdigest() if self._summed is not None else ""

    def put(self) -> None:
        """Give it its name."""
        with saving():
            os.replace(self.beside, self.target)
        self._is_put = True

    def remove(self) -> None:
        """Remove it, whatever it is called by now."""
        with contextlib.suppress(OSError):
            self._handle.close()
        with contextlib.suppress(OSError):
            (self.target if self._is_put else self.beside).unlink()

    def _write(self, data: bytes) -> None:
        with saving():
            self._handle.write(data)
            self._unsynced += len(data)
            if self._unsynced >= SYNCED:
                self._unsynced = 0
                self._syncer.do(self._sync)

    def _sync(self) -> None:
        with saving():
            os.fsync(self._handle.fileno())


class Desk:
    """Where the files of a draft are under way until all of them are whole; they go, unless they are kept."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._helper = Helper()
        self._syncer = Helper()
        self._files: list[PartFile] = []
        self._origins: PartFile | None = None
        self._open = contextlib.ExitStack()
        self._kept = False

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self._helper.close()
        self._syncer.close()
        self._open.close()
        if not self._kept:
            for file in self._files:
                file.remove()

    def part(self, number: int, *, is_summed: bool) -> PartFile:
        """A new file for the part of this number."""
        return self._file(self._target(number), is_summed)

    def note(self, lines: bytes) -> None:
        """Add lines to the origins."""
        if self._origins is None:
            self._origins = self._file(origins_file(self._target(1)), False)
        self._origins.write(lines)

    def spool(self) -> IO[bytes]:
        """A file without a name, for what nobody knows the place of yet."""
        with saving():
            return self._open.enter_context(tempfile.TemporaryFile(dir=self._target(1).parent))

    def keep(self) -> None:
        """Put everything in its place."""
        if self._origins is not None:
            self._origins.close()
        else:  # those of an earlier draft of this name
            with saving():
                origins_file(self._target(1)).unlink(missing_ok=True)
        for file in self._files:
            file.put()
        for folder in {file.target.parent for file in self._files}:
            sync_folder(folder)
        self._kept = True

    def _file(self, target: Path, is_summed: bool) -> PartFile:
        file = PartFile(target, self._helper, self._syncer, is_summed=is_summed)
        self._files.append(file)
        return file


@contextlib.contextmanager
def saving() -> Iterator[None]:
    """Trouble with the disk, in words."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"The draft cannot be saved: {error.strerror or error}.",
            "Look at the space and the rights there.",
        ) from error
