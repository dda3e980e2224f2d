"""The requests that a batch was made of: its draft, or a file that the user says it was."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

from ..commands import Attach, Detach, Done
from ..errors import NotAvailable, UsageError
from ..model import Entry, Launch, Scope
from ..paths import expanded
from ..records.requests import Place, places
from ..store.requests import Attached, Known, RequestFile, RequestIndex
from ..text import clean, count, plural
from .attachable import refuse_other
from .endings import in_thread
from .finding import entries
from .launches import describe
from .services import Services

NAMED = 1_000
"""Missing requests that are named; the others are counted."""

_one_at_a_time = threading.Lock()
"""Two readers of one file would throw away each other's index."""


class Requests(NamedTuple):
    """The file that has the requests of a batch."""

    batch_id: str
    path: Path
    sha256: str = ""
    """Of what was sent, or attached; empty where nobody knows."""
    launch: Launch | None = None
    """Whose draft it is; None for a file of the user's."""

    def changed(self) -> UsageError:
        """Why a file that is no longer what was sent, or attached, is not believed; and what to do."""
        attach = f"`batchdeck attach {self.batch_id} FILE`"
        if self.launch is not None:
            title = f"The draft of {describe(self.launch)} has changed since it was sent."
            return UsageError(title, f"Remove {self.path}, and name its requests: {attach}.")
        title = f"{clean(str(self.path))} has changed since it was attached to batch {self.batch_id}."
        return UsageError(title, f"Put it back as it was, or name the right one: {attach}.")


@dataclass(frozen=True, slots=True)
class Missing:
    """Requests that have no line in the results."""

    count: int = 0
    custom_ids: tuple[str, ...] = ()
    """The first of them, where their file tells which they are."""


class _Stopped(Exception):
    """Nobody waits for the index any more."""


async def attach(services: Services, command: Attach) -> Done:
    """Tie a batch to the file that its requests were in, if its results agree."""
    (entry,) = await entries(services, (command.batch_id,))
    path = await asyncio.to_thread(_absolute, command.path)
    if entry.launch_id is not None and await asyncio.to_thread(
        services.paths.draft_file(entry.launch_id).exists
    ):
        raise UsageError("This batch was launched from here: its requests are known already.")

    def work(stop: threading.Event) -> Done:
        with RequestIndex(services.store.path) as index:
            known = indexed(index, path, stop)
            try:
                refuse_other(index, known)
                done = _judged(index, known, entry)
            except UsageError:
                index.forget(known.path)
                raise
            index.attach(entry.id, str(path), known.sha256, services.clock())
            return done

    done = await in_thread(work)
    services.store.publish([entry.id])
    return done


async def detach(services: Services, command: Detach) -> Done:
    """Forget which file a batch's requests were in; the file itself stays."""

    def work() -> bool:
        with RequestIndex(services.store.path) as index:
            return index.detach(command.batch_id)

    known = await asyncio.to_thread(work)
    services.store.publish([command.batch_id])
    return Done("The file of requests was detached." if known else "No file was attached to this batch.")


async def requests_of(services: Services, batch_id: str) -> RequestFile | None:
    """The requests of a batch, indexed now if need be; None where nobody knows them.

    Raises NotAvailable where the file that has them went away, UsageError where it is another by now.
    """
    requests = await place(services, batch_id)
    if requests is None:
        return None

    def work(stop: threading.Event) -> Known:
        with RequestIndex(services.store.path) as index:
            return unchanged(index, requests, stop)

    return RequestFile(services.store.path, await in_thread(work))


async def request_of(services: Services, batch_id: str, custom_id: str) -> bytes | None:
    """One request of a batch as it was sent, or None where nobody knows it."""
    file = await requests_of(services, batch_id)
    if file is None:
        return None

    def work() -> bytes | None:
        try:
            return file.line(custom_id)
        finally:
            file.close()

    return await asyncio.to_thread(work)


async def missing(services: Services, scope: Scope) -> Missing:
    """Requests of these batches without a line in their results; of running batches there are none yet."""
    ended = [entry for entry in await entries(services, scope) if not entry.batch.is_live]
    files = {entry.id: found for entry in ended if (found := await place(services, entry.id)) is not None}

    def work(stop: threading.Event) -> Missing:
        found: list[Missing] = []
        with RequestIndex(services.store.path) as index:
            for requests, asked, tried in _together(ended, files):
                found.append(_unanswered(index, unchanged(index, requests, stop), asked, tried))
        named = [custom_id for each in found for custom_id in each.custom_ids]
        return Missing(sum(each.count for each in found), tuple(named[:NAMED]))

    return await in_thread(work)


def _together(
    ended: Sequence[Entry], files: Mapping[str, Requests]
) -> Iterator[tuple[Requests, list[Entry], list[Entry]]]:
    """Each file of requests with the batches that they were first sent in, and with all that may answer them.

    What a run tries again is in the files of its first attempt already.
    """
    groups: dict[str, list[Entry]] = {}
    for entry in ended:
        if entry.id in files:
            groups.setdefault(entry.run_id or str(files[entry.id].path), []).append(entry)
    for tried in groups.values():
        first = min(entry.attempt for entry in tried)
        by_file: dict[Path, list[Entry]] = {}
        for entry in tried:
            if entry.attempt == first:
                by_file.setdefault(files[entry.id].path, []).append(entry)
        for asked in by_file.values():
            yield files[asked[0].id], asked, tried


async def place(services: Services, batch_id: str) -> Requests | None:
    """Where the requests of a batch are: the draft of a launch, else the file that was attached."""
    draft = await _draft(services, batch_id)
    if draft is not None and await asyncio.to_thread(draft.path.exists):
        return draft

    def work() -> Attached | None:
        with RequestIndex(services.store.path) as index:
            return index.attachment(batch_id)

    attached = await asyncio.to_thread(work)
    return draft if attached is None else Requests(batch_id, Path(attached.path), attached.sha256)


async def _draft(services: Services, batch_id: str) -> Requests | None:
    """The draft that a batch was sent from, there or not; None where it was launched elsewhere."""
    entry = await services.store.batches.get(batch_id)
    launch = await services.store.launches.get(entry.launch_id) if entry and entry.launch_id else None
    if launch is None:
        return None
    return Requests(batch_id, services.paths.draft_file(launch.id), launch.sha256, launch)


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(expanded(path)))


# -- in a thread --------------------------------------------------------------------------------------------


def unchanged(index: RequestIndex, requests: Requests, stop: threading.Event) -> Known:
    """The index of the requests of a batch; UsageError where they are no longer what was sent."""
    known = indexed(index, requests.path, stop)
    if requests.sha256 not in ("", known.sha256):
        raise requests.changed()
    return known


def indexed(index: RequestIndex, path: Path, stop: threading.Event) -> Known:
    """The index of a file of requests as it is now; blocks.

    NotAvailable where the file cannot be read, UsageError where it is none.
    """
    with _one_at_a_time, _opened(path) as handle:
        status = os.fstat(handle.fileno())
        known = index.known(str(path))
        if known is not None and known.is_of(status):
            return known
        try:
            sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
            handle.seek(0)
            return index.write(str(path), status, sha256, _until(stop, places(handle)))
        except OSError as error:
            raise _unreadable(path, error) from error


def _opened(path: Path) -> BufferedReader:
    try:
        handle = open(path, "rb", opener=_at_once)  # noqa: SIM115
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
        handle.close()
        raise UsageError(f"{clean(str(path))} is not a regular file.", "Save the requests to a file first.")
    return handle


def _at_once(name: str, flags: int) -> int:
    """Open without waiting for whoever is at the other end of a pipe."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _unreadable(path: Path, error: OSError) -> NotAvailable:
    reason = error.strerror or type(error).__name__
    return NotAvailable(
        f"The requests in {clean(str(path))} cannot be read: {reason}.",
        "Put it back, or attach another.",
    )


def _until(stop: threading.Event, found: Iterator[Place]) -> Iterator[Place]:
    for number, place in enumerate(found):
        if number % 1_000 == 0 and stop.is_set():
            raise _Stopped
        yield place


def _judged(index: RequestIndex, known: Known, entry: Entry) -> Done:
    """How the requests and the results of a batch go together; UsageError where they do not at all."""
    name = clean(Path(known.path).name)
    distinct = index.distinct(known.id)
    said = f"Attached {name}: {plural(known.requests, 'request')}"
    if distinct < known.requests:
        said += f", {count(known.requests - distinct)} of them with a repeated custom_id (the last counts)"
    results, ids = index.results(entry.id)
    if not ids:
        return Done(f"{said}; there are no results yet to compare them with.")
    matching = index.matching(known.id, results)
    if not matching:
        raise UsageError(
            f"None of the {plural(ids, 'result')} of this batch has its request in {name}.",
            "Is it the file of another batch?",
        )
    if matching < ids:
        return Done(f"{said}, but only {count(matching)} of {plural(ids, 'result')} have theirs.", "warning")
    return Done(f"{said}, among them those of all {plural(ids, 'result')}.")


def _unanswered(index: RequestIndex, known: Known, asked: Sequence[Entry], tried: Sequence[Entry]) -> Missing:
    sent = sum(entry.batch.counts.total for entry in asked)
    if index.distinct(known.id) > sent:
        # A file of which more was sent than these batches: nobody can tell which requests were theirs.
        return Missing(max(sent - sum(index.results(entry.id)[1] for entry in asked), 0))
    ids = index.unanswered(known.id, [index.results(entry.id)[0] for entry in tried])
    return Missing(len(ids), tuple(ids[:NAMED]))
