"""`results`: the answers, to stdout, to a file or to a folder."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from ..commands import Done, Export
from ..errors import UsageError
from ..handlers import Services, exporting
from ..model import Order, Pattern, ResultFilter, Selection
from ..paths import expanded
from ..text import count
from .finding import find_all, refreshed
from .terminal import CleanStream, progress, say

STDOUT = Path("-")


async def results(services: Services, options: Namespace) -> int:
    """Fetch the results if they are not here yet, and write them where they are wanted."""
    command = _command(options)
    exporting.check(command)
    if command.path != STDOUT and not command.overwrite:
        await asyncio.to_thread(_refuse_existing, command.path)
    command = replace(command, ids=await _ids(services, command.ids))
    if command.path == STDOUT:
        told = _nothing if sys.stdout.isatty() else _tell
        done: Done = await exporting.export_stream(services, command, _stdout(), told)
    else:
        done = await exporting.export(services, command, _tell)
    progress("")
    if done.message:
        say(done.message)
    return 0


async def _ids(services: Services, texts: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for entry in await find_all(services, texts):
        if entry.batch.is_live:  # it may have ended since
            entry = await refreshed(services, entry)
        found.append(entry.id)
    return tuple(dict.fromkeys(found))


def _command(options: Namespace) -> Export:
    text, is_regex = options.search, options.regex is not None
    if is_regex:
        text = options.regex
    pattern = Pattern(text, regex=is_regex, ignore_case=not options.case) if text is not None else None
    return Export(
        tuple(options.ids),
        options.output or STDOUT,
        options.format,
        Selection(ResultFilter(outcome=options.outcome or ""), pattern, options.sort or Order()),
        fields=options.fields,
        requests=options.with_requests,
        join=options.join,
        key=options.key or "",
        guard=not options.no_guard,
        overwrite=options.force,
        suffix=".txt" if options.txt else ".md",
    )


def _refuse_existing(target: Path) -> None:
    """Before anything is asked for it; a pipe or a device is no file that could be lost."""
    if expanded(target).is_file():
        raise UsageError(f"{target} exists already.", "Choose another name, or add --force to overwrite it.")


def _tell(done: int, total: int) -> None:
    progress(f"Writing {count(done)} of {count(total)} …" if done < total else "")


def _nothing(done: int, total: int) -> None:
    """Keep a line of progress out of results on the same terminal."""


def _stdout() -> BinaryIO:
    """Raw bytes for a file or a pipe; a terminal gets them made harmless."""
    if sys.stdout.isatty():
        return cast(BinaryIO, CleanStream())
    return sys.stdout.buffer
