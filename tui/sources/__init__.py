"""Local files to requests: checked by the line, saved as a draft, streamed as a body. No network, no store.

Everything here blocks and belongs into a thread; `stop` ends it early, with `Stopped`. No file is ever held
as a whole.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ..model import NO_SAMPLE, PLAIN, Draft, DraftPart, KnownModels, Making, Sample
from .body import DraftBody
from .drafting import Stopped, read, write

__all__ = ["DraftBody", "Stopped", "check", "prepare"]


def check(
    paths: Sequence[Path],
    making: Making = PLAIN,
    *,
    sample: Sample = NO_SAMPLE,
    models: KnownModels | None = None,
    stop: threading.Event | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Draft:
    """Say what would be sent and everything that is wrong with it; writes nothing."""
    return read(paths[0], None, stop, progress)


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
    draft = write(paths[0], target(1), stop, progress)
    if not draft.ok:
        return draft
    return replace(draft, parts=(DraftPart(draft.requests, draft.bytes, draft.sha256, draft.path),))
