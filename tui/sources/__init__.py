"""Local files to requests: checked by the line, saved as a draft, streamed as a body. No network, no store.

Everything here blocks and belongs into a thread; `stop` ends it early, with `Stopped`. No file is ever held
as a whole.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from ..model import Draft
from .body import DraftBody
from .drafting import Stopped, read, write

__all__ = ["DraftBody", "Stopped", "check", "prepare"]


def check(
    path: Path,
    *,
    stop: threading.Event | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Draft:
    """Say what would be sent and everything that is wrong with it; writes nothing."""
    return read(path, None, stop, progress)


def prepare(
    path: Path,
    target: Path,
    *,
    stop: threading.Event | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Draft:
    """The same, and write the requests to `target`, one a line, unless anything is wrong."""
    return write(path, target, stop, progress)
