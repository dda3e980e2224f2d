"""Any request of a source as it will be sent, without making the others more than has to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..model import PLAIN, KnownModels, Making, Problem
from .checking import Checker
from .diagnosis import Finding
from .flow import Flow
from .kinds import needs_recipe
from .opening import open_source
from .splitting import Broken


def preview(
    paths: Sequence[Path], making: Making = PLAIN, number: int = 1, *, models: KnownModels | None = None
) -> tuple[bytes, tuple[Problem, ...]]:
    """Request `number`, from 1, as JSON, and what is wrong with it; empty where none could be made.

    UsageError where the recipe cannot be used.
    """
    source = open_source(paths, making)
    checker = Checker(source.name, models)
    for trouble in source.troubles:
        checker.add(trouble.line, trouble.finding, trouble.file if source.several else "")
    missing = needs_recipe(source.kind, making)
    if missing is not None:
        checker.add(0, missing)
    raw = b""
    if not checker.problem_count:
        try:
            item = Flow(source, making).of_row(number)
            if item is not None:
                checker.take(item)
                raw = item.raw
        except Broken as broken:
            checker.add(
                broken.line, Finding(broken.what, broken.remedy), broken.file if source.several else ""
            )
    return raw, tuple(checker.problems)
