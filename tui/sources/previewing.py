"""Any request of a source as it will be sent, without making the others more than has to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..model import PLAIN, KnownModels, Making, Problem
from .beginning import begun, tell
from .files.opening import open_source
from .files.splitting import Broken


def preview(
    paths: Sequence[Path], making: Making = PLAIN, number: int = 1, *, models: KnownModels | None = None
) -> tuple[bytes, tuple[Problem, ...]]:
    """Request `number`, from 1, as JSON, and what is wrong with it; empty where none could be made.

    UsageError where the recipe cannot be used.
    """
    source = open_source(paths, making)
    flow, checker = begun(source, making, models)
    raw = b""
    try:
        item = flow.of_row(number) if flow is not None else None
        if item is not None:
            checker.take(item)
            raw = item.raw
    except Broken as broken:
        tell(checker, source, broken)
    return raw, tuple(checker.problems)
