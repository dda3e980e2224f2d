"""Answers read as data, from the file into the store: some thousand at a time, as far as they are here."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from ..errors import NotAvailable
from ..model import Scope
from ..records.fields import LONGEST_LINE, READ, TOO_LONG, Extracted, extract, indexed
from .bodies import body_path
from .endings import in_thread, to_the_end
from .services import Services

if TYPE_CHECKING:
    from ..store.field_writer import Entry, FieldWriter, Standing

MOST_LINES = 2_000
"""Lines of a portion, each of which is kept in one go."""
EVERY = 0.25
"""Seconds after which a portion ends in any case."""
RENAMED = 3
"""Times a file is looked for that may be getting its final name."""
_BUFFER = 1 << 18


class Tabulated(NamedTuple):
    """How far a scope's answers have been read."""

    lines: int
    total: int
    """Lines that are here; more may arrive."""


async def tabulate(services: Services, scope: Scope) -> AsyncGenerator[Tabulated, None]:
    """Read what is here and not yet read, and tell after each portion; call it again when more has arrived.

    Whoever stops listening stops the work; what was read stays.
    """
    work = _Work(services, scope)
    await to_the_end(asyncio.to_thread(work.open))
    try:
        is_done = False
        while not is_done:
            told, is_done = await in_thread(work.portion)
            yield told
    finally:
        await to_the_end(asyncio.to_thread(work.close))


class _Work:
    """The reading of one scope; one thread at a time."""

    def __init__(self, services: Services, scope: Scope) -> None:
        self._paths = services.paths
        self._scope = scope
        self._writer: FieldWriter = services.store.fields.writer()

    def open(self) -> None:
        """Before the first portion."""
        self._writer.__enter__()

    def close(self) -> None:
        """After the last one."""
        self._writer.__exit__(None, None, None)

    def portion(self, stop: threading.Event) -> tuple[Tabulated, bool]:
        """Read some more; how far it is then, and whether that is all."""
        for batch_id in self._scope:
            standing = self._writer.standing(batch_id)
            if standing.done < standing.lines:
                self._read_on(batch_id, standing, stop)
                break
        all_of_it = [self._writer.standing(batch_id) for batch_id in self._scope]
        told = Tabulated(sum(each.done for each in all_of_it), sum(each.lines for each in all_of_it))
        return told, told.lines >= told.total

    def _read_on(self, batch_id: str, standing: Standing, stop: threading.Event) -> None:
        rows = self._writer.pending(standing, MOST_LINES)
        # One by one into the store's own form: thousands of small objects would keep the collector busy.
        self._writer.add(batch_id, standing, self._entries(batch_id, rows, stop))
        if not stop.is_set() and self._writer.standing(batch_id)[:2] == standing[:2]:
            # Not begun anew meanwhile: what the index speaks of is not there.
            raise NotAvailable(
                f"The results of batch {batch_id} are not on this disk as they were.", "Download them again."
            )

    def _entries(
        self, batch_id: str, rows: list[tuple[int, int, int]], stop: threading.Event
    ) -> Iterator[Entry]:
        """What the lines say, until the time is up; nothing where they cannot be read."""
        until = time.monotonic() + EVERY
        with self._body(batch_id) as body:
            for found in _each(body, rows):
                if stop.is_set():
                    break
                yield found.how, indexed(found.data) if found.how in READ else {}
                if time.monotonic() >= until:
                    break

    @contextmanager
    def _body(self, batch_id: str) -> Iterator[BinaryIO]:
        """The file, open; an empty one where there is none."""
        for _ in range(RENAMED):
            try:
                file: BinaryIO = body_path(self._paths, batch_id).open("rb", buffering=_BUFFER)
            except OSError:
                continue  # it may have got its final name just now
            with file:
                yield file
            return
        yield io.BytesIO()


def _each(body: BinaryIO, rows: Iterable[tuple[int, int, int]]) -> Iterator[Extracted]:
    """What these lines say, one by one, up to where the file has become shorter or cannot be read."""
    place = -1
    for _, offset, length in rows:
        if length > LONGEST_LINE:
            yield Extracted(TOO_LONG)
            continue
        try:
            if offset != place:
                body.seek(offset)
            raw = body.read(length + 1)  # with the line feed: then the next one needs no search
        except OSError:
            return
        place = offset + len(raw)
        if len(raw) < length:
            return
        yield extract(raw[:length])
