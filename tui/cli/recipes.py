"""`recipe`: ready recipes, listed or written to a file to be made one's own."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from ..errors import UsageError
from ..handlers import Services
from ..handlers.questions import Questions
from ..paths import expanded
from .terminal import put, say

BLANK = "blank"


async def recipe(services: Services, options: Namespace) -> int:
    """`list` the ready ones, or write one as a commented file with `new`."""
    ask = Questions(services)
    ready = dict(await ask.recipes())
    if options.action == "list":
        for name, what in ready.items():
            put(f"{name:<12} {what}")
        put(f"{BLANK:<12} Every key, explained, and nothing filled in.")
        return 0
    if options.name not in (*ready, BLANK):
        names = ", ".join((*ready, BLANK))
        raise UsageError(f"There is no ready recipe “{options.name}”.", f"There are: {names}.")
    columns = (await ask.look((options.source,))).columns if options.source else ()
    text = await ask.recipe_text("" if options.name == BLANK else options.name, columns)
    target = expanded(options.output or Path(f"{options.name}.toml"))
    if str(target) == "-":
        put(text.rstrip("\n"))
        return 0
    _write(target, text)
    say(f"Wrote {target}. Edit it, then: batchdeck check {options.source or 'SOURCE'} --recipe {target}")
    return 0


def _write(target: Path, text: str) -> None:
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise UsageError(f"{target} exists already.", "Choose another name with --output.") from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}.", "Choose another place.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
