"""Where a run is looked at when it was sent."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from ..model import Run
from .desk import Desk


def screen_of(desk: Desk, run: Run) -> Screen[Any]:
    """The screen of its only batch, or of all its batches together."""
    if len(run.launches) == 1 and run.scope:
        from .batch import BatchScreen

        return BatchScreen(desk, run.scope[0])
    from .run import RunScreen

    return RunScreen(desk, run.id)
