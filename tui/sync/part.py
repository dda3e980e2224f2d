"""A results file while it is being fetched: private, locked, compared and continued."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from ..errors import StoreError, TryAgain, Unreachable

try:
    import fcntl
except ImportError:  # Windows: no such lock there; the store's own check still keeps the index whole
    fcntl = None  # type: ignore[assignment]

BLOCK = 1 << 20

_REASONS = {
    errno.ENOSPC: ("The disk is full.", "Make room; what has arrived is kept and gone on with."),
    errno.EDQUOT: ("Your disk quota is used up.", "Make room; what has arrived is kept and gone on with."),
    errno.EFBIG: ("The file system allows no larger file.", "Choose another data folder with --data-dir."),
    errno.EROFS: ("The data folder is read-only.", "Choose another one with --data-dir."),
    errno.EACCES: ("The data folder may not be written to.", "Check its permissions, or choose --data-dir."),
    errno.EPERM: ("The data folder may not be written to.", "Check its permissions, or choose --data-dir."),
}


class Short(Unreachable):
    """The stream ended cleanly with fewer lines than the batch has requests."""


class Busy(TryAgain):
    """Another process is fetching the same results."""


@contextmanager
def disk() -> Iterator[None]:
    """Say a disk's errors in words."""
    try:
        yield
    except OSError as error:
        title = f"The results cannot be written: {error.strerror or type(error).__name__}."
        raise StoreError(*_REASONS.get(error.errno or 0, (title, ""))) from error


class PartFile:
    """The file under its temporary name, open for reading and writing while the context lasts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._promoted = False
        self._file: IO[Any]
        self._flushing: Flushing | None = None

    def __enter__(self) -> Self:
        with disk():
            while not self._open():
                pass
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with disk(), self._file:
            if not self.size and not self._promoted:
                self.discard()
            if self._flushing is not None and not self._promoted:
                self._flushing.result()

    def _open(self) -> bool:
        """Open and lock; False if the name meanwhile stands for another file (its owner just finished)."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._file = os.fdopen(os.open(self.path, flags, 0o600), "r+b", buffering=0)
        try:
            self._lock()
            mine = os.fstat(self._file.fileno())
            self.size = mine.st_size
            if self.path.exists() and os.path.samestat(mine, self.path.stat()):
                return True
        except BaseException:
            self._file.close()
            raise
        self._file.close()
        return False

    def _lock(self) -> None:
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("Another batchdeck is fetching these results.") from None

    def truncate(self, size: int) -> None:
        """Keep the first `size` bytes."""
        if size != self.size:
            with disk():
                self._file.truncate(size)
            self.size = size

    def read(self, offset: int, length: int) -> bytes:
        """Bytes that are there already."""
        with disk():
            self._file.seek(offset)
            parts: list[bytes] = []
            while length > 0 and (part := self._file.read(length)):
                parts.append(part)
                length -= len(part)
            return b"".join(parts)

    def blocks(self) -> Iterator[bytes]:
        """Everything that is there, in blocks."""
        for offset in range(0, self.size, BLOCK):
            yield self.read(offset, min(BLOCK, self.size - offset))

    def append(self, data: bytes) -> None:
        """Write at the end, through to the system: an index must never be ahead of its file."""
        with disk():
            self._file.seek(self.size)
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
        self.size += len(data)

    def adopt(self, final: Path) -> None:
        """Take a finished file back into work, in place of what is here."""
        with disk():
            with open(final, "rb") as source:
                self.truncate(0)
                while block := source.read(BLOCK):
                    self.append(block)
            final.unlink()

    def flush(self) -> None:
        """Begin to make durable what is there, while other work goes on."""
        self._flushing = Flushing(self._file.fileno(), self.size)
        self._flushing.start()

    def promote(self, final: Path) -> None:
        """Give the whole file its final name, durably."""
        with disk():
            if self._flushing is None or self._flushing.result() != self.size:
                os.fsync(self._file.fileno())
            os.replace(self.path, final)
            self._promoted = True
            _sync_folder(final.parent)

    def discard(self) -> None:
        """Remove the name; for a part that turned out not to be needed."""
        with disk():
            self.path.unlink(missing_ok=True)


class Flushing(threading.Thread):
    """Writes a file through to the disk, in a thread of its own."""

    def __init__(self, descriptor: int, size: int) -> None:
        super().__init__(name="flush", daemon=True)
        self._descriptor = descriptor
        self._size = size
        self._error: OSError | None = None

    def run(self) -> None:
        """Wait for the disk."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._error = error

    def result(self) -> int:
        """How much of the file is durable; raises what the disk said."""
        self.join()
        if self._error is not None:
            raise self._error  # the system says it only once: nobody else would ever hear of it
        return self._size


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
