"""The chosen result: read from disk off the event loop, shown, copied, paged."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from .. import records, text
from ..model import IndexRow
from ..widgets import result_pane
from ..widgets.result_pane import MOST_SHOWN, Shown
from .copying import copy
from .desk import Desk


class Reading:
    """What of a batch's results is being read."""

    def __init__(self, desk: Desk, batch_id: str) -> None:
        self.desk = desk
        self.batch_id = batch_id
        self.raw = False
        self.row: IndexRow | None = None
        self.shown: Shown | None = None
        self._source = b""

    async def read(self, row: IndexRow | None) -> Shown | None:
        """Read and lay out one result; None where there is none."""
        self.row, self.shown = row, None
        if row is None:
            return None
        shown, source = await asyncio.to_thread(_lay_out, self.desk.result_path(self.batch_id), row, self.raw)
        self._source, self.shown = source, shown
        return shown

    def copy(self, app: App[Any], *, custom_id: bool = False) -> None:
        """Copy the answer, or the custom_id."""
        if self.row is None or self.shown is None:
            app.notify("There is no result to copy.", severity="warning", markup=False)
        elif custom_id:
            copy(app, self.row.custom_id, "the custom_id")
        else:
            copy(app, self.shown.plain, "the raw line" if self.raw else "the answer")

    def page(self, app: App[Any]) -> None:
        """Show the raw result in $PAGER: indented JSON in which nothing can drive a terminal."""
        if self.row is None:
            app.notify("There is no result to page.", severity="warning", markup=False)
            return
        body = records.pretty(self._source, limit=len(self._source) * 8 + 1000)
        try:
            with app.suspend():
                problem = _run_pager(text.escaped(body))
        except SuspendNotSupported:
            problem = "This terminal cannot be handed over to a pager."
        if problem:
            app.notify(problem, severity="error", markup=False)


def _lay_out(path: str, row: IndexRow, raw: bool) -> tuple[Shown, bytes]:
    """Runs in a thread: a line may be long, and a disk slow."""
    source = _read(Path(path), row)
    if raw:
        return result_pane.raw(source, records.pretty(source, MOST_SHOWN * 2)), source
    return result_pane.formatted(records.parse_result(source)), source


def _read(path: Path, row: IndexRow) -> bytes:
    """The line's bytes; a download that ends just now renames its file under us."""
    for place in (path, path.with_name(path.name.removesuffix(".part"))):
        try:
            return records.read_line(place, row.offset, row.length)
        except FileNotFoundError:
            continue
        except OSError as error:
            return f"The file {place} cannot be read: {error.strerror}".encode()
    return f"The file {path} is no longer there; d fetches it again.".encode()


def _run_pager(body: str) -> str:
    """Run the user's pager without a shell; what went wrong, in a sentence, or nothing."""
    command = os.environ.get("PAGER") or "less"
    try:
        subprocess.run(shlex.split(command), input=body.encode("utf-8", "replace"), check=False)
    except (OSError, ValueError) as error:
        return f"The pager “{text.clean(command)}” could not be started: {error}"
    return ""
