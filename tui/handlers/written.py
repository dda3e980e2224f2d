"""Drafts that this very process wrote: what was summed while it was written need not be summed again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from typing import NamedTuple

from ..model import Draft

MOST = 1_000
"""Drafts that are remembered; those before are summed again."""

TICK = 10_000_000
"""Nanoseconds in which two writes may get the same time (10 ms: Linux with the slowest of its clocks)."""
_SECOND = 1_000_000_000


class _As(NamedTuple):
    """A file as it was: whatever writes to it, or puts another in its place, changes one of these."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int
    """Nobody can set this one back."""

    @classmethod
    def of(cls, draft: Path) -> _As:
        found = os.stat(draft)
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    @property
    def is_telling(self) -> bool:
        """Whether the next write will surely have another time; a small draft is written just now."""
        return time.time_ns() - self.modified > TICK and self.modified % _SECOND != 0


_written: dict[Path, tuple[_As, str]] = {}


def remember(draft: Path, sha256: str) -> None:
    """Note that a draft has been written, with this sum."""
    _written.pop(draft, None)
    with contextlib.suppress(OSError):
        now = _As.of(draft)
        if now.is_telling:
            _written[draft] = now, sha256
        if len(_written) > MOST:
            del _written[next(iter(_written))]


def remember_all(draft: Draft) -> None:
    """The same of all files of a draft that may be sent."""
    for part in draft.parts if draft.ok else ():
        remember(Path(part.path), part.sha256)


def is_as_written(draft: Path, sha256: str) -> bool:
    """Whether it surely still is what was written with this sum; if not, only its bytes can tell."""
    return draft in _written and _written[draft] == (_As.of(draft), sha256)


def has_sum(draft: Path, sha256: str) -> bool:
    """Whether a draft has this sum, from its bytes unless it surely is as it was written."""
    if is_as_written(draft, sha256):
        return True
    with open(draft, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == sha256
