"""Drafts that nobody knows: what a kill during `prepare` leaves behind, removed at the next start."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path

from ..errors import UsageError
from ..paths import MARK
from .locks import sending_lock
from .services import Services

ORIGINS = ".origins"
OLD = 3600.0
"""Seconds without a write after which nobody is still at work on a draft without a launch."""


async def sweep(services: Services) -> int:
    """Remove old files of the drafts folder that no launch names, and say how many.

    A draft is written before its launch is noted, so that a kill in between leaves a file of up to 256 MB
    that nothing points to. What a launch names is never touched, nor what was sent, nor what somebody holds.
    """
    removed = 0
    for path in await asyncio.to_thread(_old_files, services.paths.drafts):
        launch_id = path.name.removesuffix(".part").removesuffix(".jsonl").removesuffix(ORIGINS)
        if path.suffix != ".part" and await _is_known(services, launch_id):
            continue
        removed += await asyncio.to_thread(_remove_unless_held, path)
    return removed


async def _is_known(services: Services, launch_id: str) -> bool:
    """Whether a launch has this id, or had: a store that was lost has forgotten it, its mark has not."""
    if services.paths.mark_file(launch_id).exists():
        return True
    return await services.store.launches.get(launch_id) is not None


def _old_files(folder: Path) -> list[Path]:
    before = time.time() - OLD
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if entry.name.endswith((".jsonl", ".jsonl.part", f"{MARK}.part"))
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
