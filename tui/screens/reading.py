"""The chosen result: read from disk off the event loop, shown, copied, paged; and what was asked for it."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from .. import records, text
from ..errors import DeckError
from ..model import IndexRow
from ..widgets import request_text, result_text
from ..widgets.flow import Spans
from ..widgets.shown import MOST_SHOWN, Shown
from .copying import MOST_COPIED, copy
from .desk import Desk

WHOLE = 500_000
"""Bytes of a line that are read as a whole; of a longer one, as much as is shown of it."""

RequestOf = Callable[[str, str], Awaitable[bytes | None]]
"""The request of a batch by its custom_id, or None where nobody knows it."""


class Reading:
    """What of a scope's results is being read."""

    def __init__(
        self,
        desk: Desk,
        batch_id: str = "",
        batch_of: Callable[[IndexRow], str] | None = None,
        request_of: RequestOf | None = None,
    ) -> None:
        self.desk = desk
        self.batch_id = batch_id
        self.batch_of = batch_of or (lambda row: self.batch_id)
        """In which batch's results a row is."""
        self.request_of = request_of
        self.raw = False
        self.spans: Spans | None = None
        """Where the search finds something in a text, while there is one."""
        self.row: IndexRow | None = None
        self.shown: Shown | None = None
        self.lacks_request = False
        """Whether a request was wanted that nobody knows."""

    async def read(self, row: IndexRow | None) -> Shown | None:
        """Read and lay out one result; None where there is none."""
        self.row, self.shown = row, None
        if row is None:
            return None
        path = self.desk.result_path(self.batch_of(row))
        self.shown = await asyncio.to_thread(_lay_out, path, row, self.raw, self.spans)
        return self.shown

    async def read_request(self, row: IndexRow | None) -> Shown | None:
        """Read and lay out what was asked for a result; a sentence where that is not known."""
        if row is None or self.request_of is None:
            return None
        self.lacks_request = True
        try:
            source = await self.request_of(self.batch_of(row), row.custom_id)
        except DeckError as error:
            return request_text.nothing_known(str(error))
        if source is None:
            lacks = "The request of this result is not on this machine; a names the file that it was in."
            return request_text.nothing_known(lacks)
        self.lacks_request = False
        return await asyncio.to_thread(_lay_out_request, source, self.raw, self.spans)

    def copy(self, app: App[Any], *, custom_id: bool = False) -> None:
        """Copy the answer, or the custom_id."""
        if self.row is None or self.shown is None:
            app.notify("There is no result to copy.", severity="warning", markup=False)
        elif custom_id:
            copy(app, self.row.custom_id, "the custom_id")
        elif self.shown.is_whole or len(self.shown.plain) > MOST_COPIED:
            copy(app, self.shown.plain, self._what)
        else:
            path = self.desk.result_path(self.batch_of(self.row))
            app.run_worker(self._copy_whole(app, path, self.row), group="copy", exclusive=True)

    @property
    def _what(self) -> str:
        return "the raw line" if self.raw else "the answer"

    async def _copy_whole(self, app: App[Any], path: str, row: IndexRow) -> None:
        """Of a very long line only the beginning is shown, but the answer in it may be short."""
        what = self._what
        shown = await asyncio.to_thread(_lay_out, path, row, self.raw, None, True)
        copy(app, shown.plain, what)

    def page(self, app: App[Any]) -> None:
        """Show the raw result in $PAGER: indented JSON in which nothing can drive a terminal."""
        if self.row is None:
            app.notify("There is no result to page.", severity="warning", markup=False)
            return
        try:
            with app.suspend():
                source = _read(Path(self.desk.result_path(self.batch_of(self.row))), self.row, None)
                body = records.pretty(source, limit=len(source) * 8 + 1000)
                problem = _run_pager(text.escaped(body))
        except SuspendNotSupported:
            problem = "This terminal cannot be handed over to a pager."
        if problem:
            app.notify(problem, severity="error", markup=False)


def _lay_out(path: str, row: IndexRow, raw: bool, spans: Spans | None, whole: bool = False) -> Shown:
    """Runs in a thread: a line may be long, and a disk slow."""
    source = _read(Path(path), row, None if whole or row.length <= WHOLE else WHOLE)
    is_long = len(source) == WHOLE < row.length
    if raw:
        body = records.pretty(records.completed(source) if is_long else source, MOST_SHOWN * 2)
        shown = result_text.raw(source, body, row.length if is_long else 0)
    elif is_long:
        shown = result_text.formatted(records.parse_beginning(source, row), row.length)
    else:
        shown = result_text.formatted(records.parse_result(source))
    return shown.marked(spans) if spans else shown


def _lay_out_request(source: bytes, raw: bool, spans: Spans | None) -> Shown:
    if raw:
        shown = result_text.raw(source, records.pretty(source, MOST_SHOWN * 2))
    else:
        shown = request_text.requested(records.parse_request(source))
    return shown.marked(spans) if spans else shown


def _read(path: Path, row: IndexRow, limit: int | None) -> bytes:
    """The line's bytes; a download that ends just now renames its file under us."""
    for place in (path, path.with_name(path.name.removesuffix(".part"))):
        try:
            return records.read_line(place, row.offset, row.length, limit)
        except FileNotFoundError:
            continue
        except OSError as error:
            return f"The file {place} cannot be read: {error.strerror}".encode("utf-8", "replace")
    return f"The file {path} is no longer there; d fetches it again.".encode("utf-8", "replace")


def _run_pager(body: str) -> str:
    """Run the user's pager without a shell; what went wrong, in a sentence, or nothing."""
    command = os.environ.get("PAGER") or "less"
    try:
        subprocess.run(shlex.split(command), input=body.encode("utf-8", "replace"), check=False)
    except (OSError, ValueError) as error:
        return f"The pager “{text.clean(command)}” could not be started: {error}"
    return ""
