"""Results from where they are kept to where the user wants them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from .. import export as files
from ..commands import Done, Export
from ..errors import UsageError
from ..export import NewFile, NewFolder, Out, Stream
from ..model import Entry
from ..paths import expanded
from ..records.search import Matcher
from ..text import clean, plural
from . import export_parts as parts
from .endings import in_thread, on_loop
from .export_job import Job, Written
from .fetching import fetch
from .finding import entries
from .services import Services, nobody_listens

Told = Callable[[int, int], None]


async def export(services: Services, command: Export, told: Told = nobody_listens) -> Done:
    """Save results as the user wishes; `told` hears on the event loop of rows done, and of how many."""
    check(command)
    target = expanded(command.path)
    place = _place(command, target)
    await asyncio.to_thread(_refuse, command, target)
    written = await _carry_out(services, command, place, told)
    return Done(f"Saved {written.said(f' to {clean(str(target))}')}.")


async def export_stream(
    services: Services, command: Export, stream: BinaryIO, told: Told = nobody_listens
) -> Done:
    """Write results to a stream such as stdout; a reader that has enough is no error, and nothing is said."""
    check(command)
    if command.format in ("parquet", "files"):
        raise UsageError(f"{command.format} cannot go to standard output.", "Say where with --output PATH.")
    written = await _carry_out(services, command, lambda: Stream(stream), told)
    return Done(f"{written.said()}." if written.what else "")


def check(command: Export) -> None:
    """Raise UsageError for wishes that do not go together."""
    if command.format not in files.FORMATS:
        raise UsageError(
            f"There is no format “{clean(command.format)}”.", f"Choose one of {', '.join(files.FORMATS)}."
        )
    if command.join is not None and command.format != "csv":
        raise UsageError("A source with its answers is a table.", "Choose the format csv.")
    if command.key and command.join is None:
        raise UsageError("A key column is that of a source to join.", "Name the source with --join.")
    if command.fields and command.format not in ("csv", "parquet"):
        raise UsageError("Only tables have columns for fields.", "Choose the format csv or parquet.")
    if command.requests and command.format != "jsonl":
        raise UsageError("Only JSON lines can hold the requests.", "Choose the format jsonl.")
    if command.join is not None and command.selection.order.column:
        raise UsageError("A source with its answers keeps its own order.", "Leave out the sorting.")
    if command.selection.pattern is not None:
        Matcher.of(command.selection.pattern)


def _place(command: Export, target: Path) -> Callable[[], Out]:
    if command.format == "files":
        return lambda: NewFolder(target)
    return lambda: NewFile(target, overwrite=command.overwrite)


def _refuse(command: Export, target: Path) -> None:
    """Say what stands against it before anything is fetched."""
    if command.format == "parquet":
        files.load_parquet()
    if command.format == "files":
        files.refuse_folder(target)
        return
    files.refuse_at_once(target, overwrite=command.overwrite)
    if command.join is not None:
        _refuse_source(expanded(command.join), target)


def _refuse_source(source: Path, target: Path) -> None:
    if target.exists() and source.exists() and target.samefile(source):
        raise UsageError(f"{target} is the source itself.", "Choose another name: it is not written over.")


async def _carry_out(services: Services, command: Export, out: Callable[[], Out], told: Told) -> Written:
    known = await entries(services, command.ids)
    for entry in known:
        await fetch(services, entry)
    known = await entries(services, command.ids)  # with what was fetched
    join = expanded(command.join) if command.join is not None else None
    command = replace(command, ids=tuple(entry.id for entry in known), join=join)
    await parts.read_as_data(services, command)
    hits = await parts.hits(services, command)
    job = Job(
        command=command,
        paths=services.paths,
        reader=services.store.results.reader,
        told=on_loop(told),
        hits=hits.refs if hits else None,
        extras=await parts.extras(services, command),
        requests=await parts.requests(services, command),
        made=await parts.made_ids(services, command, known),
    )
    written = await in_thread(lambda stop: job.run(stop, out))
    untold = hits.untold if hits else 0
    slow = f"of {plural(untold, 'result')} the regular expression could not tell in time" if untold else ""
    notes = filter(None, (written.notes, slow, _lacking(known)))
    return written._replace(notes="; ".join(notes))


def _lacking(known: Sequence[Entry]) -> str:
    """What to say of requests that have no line at all; where they were tried again, another may have it."""
    if any(entry.attempt > 1 for entry in known):
        return ""
    number = sum(entry.results.missing for entry in known if entry.results)
    return f"{plural(number, 'request')} {'has' if number == 1 else 'have'} no result" if number else ""
