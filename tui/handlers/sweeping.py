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
        if path.suffix != ".part" and await _is_known(services, path.name.removesuffix(".jsonl")):
            continue
        removed += await asyncio.to_thread(_remove_unless_held, path)
    return removed


async def _is_known(services: Services, name: str) -> bool:
    """Whether a draft is of a launch, or a file of origins of a run."""
    if not name.endswith(ORIGINS):
        return await services.store.launches.get(name) is not None
    run_id = name.removesuffix(ORIGINS)
    if await services.store.runs.get(run_id) is not None:
        return True
    return await asyncio.to_thread(_is_of_marked, services.paths.drafts, run_id)


def _is_of_marked(folder: Path, run_id: str) -> bool:
    """Whether anything of this run was sent, its first part or not, which a lost store has forgotten."""
    from . import marks  # and what they are read with: most starts have no use for it

    found = map(marks.read, folder.glob(f"*{MARK}"))
    return any(mark is not None and mark.launch.run_id == run_id for mark in found)


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
    """What nobody has written to for long, but drafts with a mark: those were sent, whoever remembers it."""
    before = time.time() - seconds
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
        sent = {f"{entry.name.removesuffix(MARK)}.jsonl" for entry in found if entry.name.endswith(MARK)}
        return [
            Path(entry.path)
            for entry in found
            if entry.name.endswith((".jsonl", ".jsonl.part", f"{MARK}.part", LOCK))
            and entry.name not in sent
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
