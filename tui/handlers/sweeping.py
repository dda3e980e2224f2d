"""What a kill leaves behind, removed at a later start: drafts that nobody knows, edits that nobody sent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path

from ..errors import UsageError
from ..paths import MARK
from .locks import holding, lock_of, sending_lock
from .services import Services

ORIGINS = ".origins"
OLD = 3600.0
"""Seconds without a write after which nobody is still at work on a draft without a launch."""
A_DAY = 86_400.0
"""Seconds that an edit is kept: one that could not be sent can be looked at."""
LOCK = ".lock"
HELD = UsageError("Another batchdeck holds it.")


async def sweep(services: Services) -> int:
    """Remove old drafts that no launch names, old edits and locks, and say how many.

    A draft is written before its launch is noted, so that a kill in between leaves a file of up to 256 MB
    that nothing points to. What a launch names is never touched, nor what was sent, nor what somebody holds.
    """
    removed = await asyncio.to_thread(_sweep_edits, services.paths.edits)
    for path in await asyncio.to_thread(_old_files, services.paths.drafts, OLD):
        if path.suffix == LOCK:
            removed += await asyncio.to_thread(_remove_lock, path)
            continue
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


def _sweep_edits(folder: Path) -> int:
    removed = 0
    for path in _old_files(folder, A_DAY):
        if path.suffix != LOCK:
            with contextlib.suppress(UsageError, OSError), holding(lock_of(path), HELD):
                path.unlink()
                removed += 1
        elif not path.with_suffix(".jsonl").exists():
            removed += _remove_lock(path)
    return removed


def _remove_lock(path: Path) -> int:
    with contextlib.suppress(UsageError, OSError), holding(path, HELD):
        return 1  # and its end removes it
    return 0


def _old_files(folder: Path, seconds: float) -> list[Path]:
    before = time.time() - seconds
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if entry.name.endswith((".jsonl", ".jsonl.part", f"{MARK}.part", LOCK))
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
