"""`-` as a source: what is piped in is saved to a file of our own, for as long as the command runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from ..errors import StoreError, UsageError
from .daemon import in_daemon

PIPED = Path("-")
NAME = "stdin"
PREFIX = "batchdeck-piped-"
A_DAY = 86_400.0
"""Seconds after which what a killed command has left is removed."""


@contextlib.asynccontextmanager
async def spooled(sources: Sequence[Path]) -> AsyncIterator[tuple[Path, ...]]:
    """The same sources, with a file in the place of `-`.

    A source is read more than once, and beside questions, which a pipe does not allow.
    """
    if PIPED not in sources:
        yield tuple(sources)
        return
    if sources.count(PIPED) > 1:
        raise UsageError("`-` stands twice among the sources.", "What is piped in can be read once.")
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError(
            "`-` is what is piped in, and nothing is.", "Write `… | batchdeck …`, or name a file."
        )
    await in_daemon(_sweep, "piped")
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        target = Path(folder, NAME)
        await in_daemon(lambda: _save(target), "piped")
        yield tuple(target if source == PIPED else source for source in sources)


def called(sources: Sequence[Path], name: str) -> str:
    """What to call a source of this name in words: our own file is nobody's business."""
    return NAME if tuple(sources) == (PIPED,) else name


def _sweep() -> None:
    """Remove what a kill has left of earlier ones: it may be large, and is nobody else's business."""
    before = time.time() - A_DAY
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    if Path(entry.path, NAME).lstat().st_mtime < before:
                        shutil.rmtree(entry.path)


def _save(target: Path) -> None:
    try:
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as stream, open(target, "xb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
    except OSError as error:
        where = os.path.dirname(target)
        raise StoreError(
            f"What is piped in cannot be saved to {where}: {error.strerror or error}.",
            "Make room there, or name another place with TMPDIR.",
        ) from error
