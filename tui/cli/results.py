"""`results`: the answers, to stdout or to a file."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from pathlib import Path
from typing import BinaryIO, cast

from .. import handlers
from ..commands import Done, Export
from ..errors import UsageError
from ..handlers import Services
from ..paths import expanded
from .finding import find, refreshed
from .terminal import CleanStream, progress, say


async def results(services: Services, options: Namespace) -> int:
    """Fetch the results if they are not here yet, and write them where they are wanted."""
    target: Path | None = options.output if options.output != Path("-") else None
    if target is not None and not options.force:
        await asyncio.to_thread(_refuse_existing, target)
    entry = await find(services, options.id)
    if entry.batch.is_live:  # it may have ended since
        entry = await refreshed(services, entry)
    outcome = options.outcome or ""
    if target is not None:
        command = Export(entry.id, target, format=options.format, outcome=outcome, overwrite=options.force)
        done: Done = await handlers.run(services, command)
        say(done.message)
    else:
        await handlers.export_stream(services, entry.id, _stdout(), format=options.format, outcome=outcome)
        progress("")
    return 0


def _refuse_existing(target: Path) -> None:
    """Before anything is asked for it; a pipe or a device is no file that could be lost."""
    if expanded(target).is_file():
        raise UsageError(f"{target} exists already.", "Choose another name, or add --force to overwrite it.")


def _stdout() -> BinaryIO:
    """Raw bytes for a file or a pipe; a terminal gets them made harmless."""
    if sys.stdout.isatty():
        return cast(BinaryIO, CleanStream())
    return sys.stdout.buffer
