"""`-` as a source: what is piped in is saved to a file of our own, for as long as the command runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from ..errors import DeckError, StoreError, UsageError

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
        await _in_daemon(lambda: _save(sys.stdin.fileno(), target))
        yield tuple(target if source == PIPED else source for source in sources)


def called(sources: Sequence[Path], name: str) -> str:
    """What to call a source of this name in words: our own file is nobody's business."""
    return NAME if tuple(sources) == (PIPED,) else name


def _save(descriptor: int, target: Path) -> None:
    """Read straight from the descriptor: no lock of sys.stdin is held when the interpreter shuts down."""
    try:
        with open(descriptor, "rb", buffering=0, closefd=False) as stream, open(target, "xb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
    except OSError as error:
        where = os.path.dirname(target)
        raise StoreError(
            f"What is piped in cannot be saved to {where}: {error.strerror or error}.",
            "Make room there, or name another place with TMPDIR.",
        ) from error


async def _in_daemon(work: Callable[[], None]) -> None:
    """Blocking work in a thread that nobody waits for when the program is stopped: a pipe may stay silent."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[DeckError | None] = loop.create_future()

    def settle(error: DeckError | None) -> None:
        if not done.done():
            done.set_result(error)

    def run() -> None:
        error: DeckError | None = None
        try:
            work()
        except DeckError as found:
            error = found
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, name="piped", daemon=True).start()
    if (error := await done) is not None:
        raise error
