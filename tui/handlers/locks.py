"""A mark on a draft that lasts as long as somebody sends it: the system removes it with the process."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ..errors import StoreError, UsageError

if sys.platform == "win32":
    import msvcrt

    # One byte far beyond any draft, so that the draft itself stays readable.
    _PLACE = 1 << 40

    def _acquire(descriptor: int) -> None:
        os.lseek(descriptor, _PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _acquire(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD = {errno.EWOULDBLOCK, errno.EACCES, errno.EAGAIN, errno.EDEADLK}


@contextlib.contextmanager
def holding(path: Path, held: UsageError) -> Iterator[None]:
    """Hold a lock file, made for as long as it is held; raises `held` where another process does.

    StoreError where it cannot be made.
    """
    try:
        descriptor = _opened(path, held)
    except OSError as error:  # no space, no right to the folder, no folder any more
        title = f"{path} cannot be made: {error.strerror or error}."
        raise StoreError(title, "Look at the space and the rights there.") from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(descriptor)


def lock_of(edited: Path) -> Path:
    """What is held beside a file that is being edited: editors put another file in its place."""
    return edited.with_suffix(".lock")


def _opened(path: Path, held: UsageError) -> int:
    """The file, locked; one that its last holder has removed meanwhile is no longer the lock."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _acquire(descriptor)
        except OSError as error:
            if error.errno in _HELD:
                os.close(descriptor)
                raise held from None
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        os.close(descriptor)


@contextlib.contextmanager
def sending_lock(draft: Path) -> Iterator[None]:
    """Hold the draft, so that no other process sends, adopts or drops its launch meanwhile.

    UsageError if somebody holds it, FileNotFoundError without a draft, StoreError where it cannot be opened.
    On file systems that know no locks only the store's compare-and-swap is left to keep two processes apart,
    which suffices.
    """
    try:
        descriptor = os.open(draft, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        raise
    except OSError as error:  # a folder in its place, no right to it: nothing that could be sent
        title = f"The draft {draft} cannot be opened: {error.strerror or error}."
        raise StoreError(title, "Nothing was sent.") from error
    try:
        try:
            _acquire(descriptor)
        except OSError as error:
            if error.errno in _HELD:
                raise UsageError(
                    "This launch is being sent at this moment.", "Wait until it has ended."
                ) from None
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def held(draft: Path) -> Iterator[None]:
    """Keep other processes from a launch, as far as it still has a draft; UsageError where one has it."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(FileNotFoundError, StoreError):  # what cannot be opened cannot be sent
            stack.enter_context(sending_lock(draft))
        yield


def is_being_sent(draft: Path) -> bool:
    """Whether some process, this one included, is sending the draft now."""
    try:
        with sending_lock(draft):
            return False
    except (StoreError, OSError):
        return False
    except UsageError:
        return True
