"""`-` as a source: what is piped in is saved to a file of our own, for as long as the command runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from ..errors import StoreError, UsageError
from .daemon import in_daemon

PIPED = Path("-")
NAME = "stdin"


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
    with tempfile.TemporaryDirectory(prefix="batchdeck-", ignore_cleanup_errors=True) as folder:
        target = Path(folder, NAME)
        await in_daemon(lambda: _save(target), "piped")
        yield tuple(target if source == PIPED else source for source in sources)


def called(sources: Sequence[Path], name: str) -> str:
    """What to call a source of this name in words: our own file is nobody's business."""
    return NAME if tuple(sources) == (PIPED,) else name


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
