"""Drafts that nobody knows: what a kill during `prepare` leaves behind, removed at the next start."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path

from ..errors import UsageError
from .locks import sending_lock
from .services import Services

ORIGINS = ".origins"
OLD = 3600.0
"""Seconds without a write after which nobody is still at work on a draft without a launch."""


async def sweep(services: Services) -> int:
    """Remove old files of the drafts folder that no launch names, and say how many.

    A draft is written before its launch is noted, so that a kill in between leaves a file of up to 256 MB
    that nothing points to. What a launch names is never touched, nor what somebody holds.
    """
    removed = 0
    for path in await asyncio.to_thread(_old_files, services.paths.drafts):
        launch_id = path.name.removesuffix(".part").removesuffix(".jsonl").removesuffix(ORIGINS)
        if path.suffix != ".part" and await services.store.launches.get(launch_id) is not None:
            continue
        removed += await asyncio.to_thread(_remove_unless_held, path)
    return removed


def _old_files(folder: Path) -> list[Path]:
    before = time.time() - OLD
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if entry.name.endswith((".jsonl", ".jsonl.part"))
                and entry.is_file(follow_symlinks=False)
                and entry.stat(follow_symlinks=False).st_mtime < before
            ]
    except OSError:
        return []


def _remove_unless_held(path: Path) -> bool:
    with contextlib.suppress(UsageError, OSError), sending_lock(path):
        path.unlink()
        return True
    return False
