"""Local data to requests: recognised, made, checked by the line, saved as drafts, streamed. No network.

Everything here blocks and belongs into a thread; `stop` ends it early, with `Stopped`. No file is ever held
as a whole.

The modules in this folder are the pipeline, which alone knows all rooms. A room imports from those below it:

    recipes | openai | checking     none imports another
    files
    params
    basics
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ..model import NO_SAMPLE, PLAIN, Draft, KnownModels, Look, Making, Sample
from .body import DraftBody
from .drafting import drafted
from .files.opening import LOOKED_AT, Stopped, open_source
from .origins import Origin, origins, origins_file
from .previewing import preview
from .writing import Desk

__all__ = [
    "DraftBody",
    "Origin",
    "Stopped",
    "check",
    "look",
    "origins",
    "origins_file",
    "prepare",
    "preview",
]


def look(paths: Sequence[Path], making: Making = PLAIN) -> Look:
    """Say what paths, folders and patterns are; reads no more than the beginnings of some files.

    Raises BadSource where that cannot be said.
    """
    return open_source(paths, making, most=LOOKED_AT).look()


def check(
    paths: Sequence[Path],
    making: Making = PLAIN,
    *,
    sample: Sample = NO_SAMPLE,
    models: KnownModels | None = None,
    stop: threading.Event | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Draft:
    """Say what would be sent and everything that is wrong with it; writes nothing.

    UsageError where the recipe cannot be used. `progress` hears of the bytes read, and of how many there are.
    """
    return drafted(paths, making, sample, models, stop, progress)


def prepare(
    paths: Sequence[Path],
    target: Callable[[int], Path],
    making: Making = PLAIN,
    *,
    sample: Sample = NO_SAMPLE,
    models: KnownModels | None = None,
    stop: threading.Event | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Draft:
    """The same, and write the requests, one a line, unless anything is wrong.

    `target` names the file of each part by its number, from 1; 0 is the sample. Beside the first part stand
    the origins, where custom_ids were made: see `origins`.
    """
    with Desk(target) as desk:
        draft = drafted(paths, making, sample, models, stop, progress, desk)
        if draft.ok:
            desk.keep()
        return draft
