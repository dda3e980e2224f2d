"""Fetching results in the background: two batches side by side, cut lines gone on with, news on the loop."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..api import Api
from ..errors import DeckError, NotAvailable, NotFound, SlowedDown, TryAgain
from ..model import ENDED, Batch, DownloadProgress, ResultFile, utc_now
from ..paths import Paths
from ..store import Store
from . import pace
from .part import Busy, Short

if TYPE_CHECKING:
    from .transfer import Transfer

SIDE_BY_SIDE = 2
ATTEMPTS = 8
"""Failures in a row, without a new byte in between, after which a download is given up."""
SHORT_ANSWERS = 2
"""Clean ends with too few lines, and nothing new, after which the missing lines count as missing."""
NOT_FOUND = 4
"""404s in a row that make results unavailable; single ones come and go (seen with the service)."""
SLOWEST = 60.0
LAST_WORDS = 5.0
"""Seconds a stopped transfer has to close its files."""


@dataclass(slots=True)
class Tries:
    """What went wrong so far with one download."""

    attempt: int = 1
    failures: int = 0
    short: int = 0
    not_found: int = 0

    def note(self, error: DeckError, gained: int) -> None:
        """Count a failed attempt; raises where there is no point in another one."""
        self.attempt += 1
        self.failures = 1 if gained else self.failures + 1
        self.short = 0 if gained else self.short + isinstance(error, Short)
        self.not_found = self.not_found + 1 if isinstance(error, NotFound) else 0
        if self.not_found >= NOT_FOUND:
            raise NotAvailable(
                "The service does not have these results.", error.title, request_id=error.request_id
            )
        if self.failures >= ATTEMPTS or not isinstance(error, (TryAgain, NotFound)):
            raise error


class Downloads:
    """The downloads of one program; they belong to no screen, and end when the program does."""

    def __init__(
        self,
        api: Api,
        store: Store,
        paths: Paths,
        *,
        clock: Callable[[], datetime] = utc_now,
        on_progress: Callable[[DownloadProgress], None] = lambda progress: None,
        rng: random.Random | None = None,
        patience: float = 1.0,
    ) -> None:
        self.progress: dict[str, DownloadProgress] = {}
        self.on_progress = on_progress
        self._api = api
        self._store = store
        self._paths = paths
        self._clock = clock
        self._rng = rng or random.Random()
        self._patience = patience
        """Seconds before the first repetition; each further one waits twice as long."""
        self._tasks: dict[str, asyncio.Task[ResultFile]] = {}
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)

    def start(self, batch: Batch) -> asyncio.Task[ResultFile]:
        """Fetch in the background; joins a download of the same batch that is under way."""
        task = self._tasks.get(batch.id)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._run(batch), name=f"download:{batch.id}")
            self._tasks[batch.id] = task
            task.add_done_callback(lambda done: self._ended(batch.id, done))
        return task

    async def fetch(self, batch: Batch) -> ResultFile:
        """Fetch and wait for the end; the download goes on if the caller no longer waits."""
        task = self.start(batch)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            waiting = asyncio.current_task()
            if task.cancelled() and not (waiting and waiting.cancelling()):
                raise NotAvailable("The download was stopped.") from None
            raise

    def stop(self, batch_id: str) -> None:
        """Stop a download; what has arrived stays."""
        if task := self._tasks.get(batch_id):
            task.cancel()

    async def close(self) -> None:
        """Stop everything and wait until the files are closed."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, batch_id: str, task: asyncio.Task[ResultFile]) -> None:
        del self._tasks[batch_id]
        if not task.cancelled():
            task.exception()  # heard: the progress says it to whoever did not wait

    async def _run(self, batch: Batch) -> ResultFile:
        self._tell(DownloadProgress(batch.id, "waiting", expected=batch.counts.total))
        try:
            file = await self._obtain(batch)
        except asyncio.CancelledError:
            self._change(batch.id, state="stopped")
            raise
        except DeckError as error:
            self._change(batch.id, state="failed", problem=error.title)
            raise
        except Exception as error:
            self._change(batch.id, state="failed", problem=f"An unforeseen error ({type(error).__name__}).")
            raise
        finally:
            self._store.results.touched(batch.id)  # complete or not: the last word on the file is new
        self._change(batch.id, state="done", bytes=file.bytes, lines=file.lines, problem="")
        return file

    async def _obtain(self, batch: Batch) -> ResultFile:
        """From the disk if it is all there, else from the service."""
        known = await self._store.results.file(batch.id)
        size = await asyncio.to_thread(self._final_size, batch.id)
        complete = known is not None and known.complete
        if known is not None and complete and size == known.bytes:
            return known
        available = batch.has_results(self._clock())
        # A whole file whose index is not: nothing need be fetched. One that differs from a whole index was
        # changed by somebody, and is better fetched anew as long as that is possible.
        from_disk = size is not None and (not complete or not available)
        if not available and not from_disk:
            raise _not_available(batch)
        async with self._slots:
            if from_disk:
                return await self._in_thread(self._transfer(batch, local=True))
            await self._api.load()
            return await self._fetch_until_whole(batch)

    def _final_size(self, batch_id: str) -> int | None:
        try:
            return self._paths.result_file(batch_id).stat().st_size
        except OSError:
            return None

    async def _fetch_until_whole(self, batch: Batch) -> ResultFile:
        tries = Tries()
        while True:
            transfer = self._transfer(batch, accept_short=tries.short >= SHORT_ANSWERS)
            self._change(batch.id, state="running", attempt=tries.attempt, problem="")
            try:
                return await self._in_thread(transfer)
            except Busy as error:
                self._change(batch.id, state="waiting", problem=error.title)
                await asyncio.sleep(self._patience)
                if (done := await self._finished_elsewhere(batch)) is not None:
                    return done
            except DeckError as error:
                tries.note(error, transfer.gained)
                self._change(batch.id, state="waiting", problem=error.title)
                await asyncio.sleep(self._pause(error, tries.failures))

    async def _finished_elsewhere(self, batch: Batch) -> ResultFile | None:
        known = await self._store.results.file(batch.id)
        return known if known is not None and known.complete else None

    def _pause(self, error: DeckError, failures: int) -> float:
        if isinstance(error, SlowedDown) and error.retry_after is not None:
            return min(error.retry_after, pace.LONGEST)
        longest = min(self._patience * 2.0 ** (failures - 1), SLOWEST)
        return longest * self._rng.uniform(0.5, 1.0)

    def _transfer(self, batch: Batch, *, local: bool = False, accept_short: bool = False) -> Transfer:
        loop = asyncio.get_running_loop()

        def report(size: int, lines: int) -> None:
            with suppress(RuntimeError):  # the loop may be gone when a program ends in a hurry
                loop.call_soon_threadsafe(self._arrived, batch.id, size, lines)

        from .transfer import Transfer  # and all that reads results: the first paint needs none of it

        return Transfer(
            batch.id,
            expected=batch.counts.total,
            part=self._paths.result_part(batch.id),
            final=self._paths.result_file(batch.id),
            writer=self._store.results.writer,
            open_stream=None if local else self._api.results,
            accept_short=accept_short,
            report=report,
        )

    def _arrived(self, batch_id: str, size: int, lines: int) -> None:
        before = self.progress.get(batch_id)
        self._change(batch_id, bytes=size, lines=lines)
        if before is None or before.lines != lines:
            self._store.results.touched(batch_id)

    async def _in_thread(self, transfer: Transfer) -> ResultFile:
        """Run a transfer in a thread of its own, which no exit of the program has to wait for."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[ResultFile] = loop.create_future()

        def work() -> None:
            try:
                outcome: Callable[[], None]
                file = transfer.run()
                outcome = lambda: future.set_result(file)  # noqa: E731
            except BaseException as error:
                problem = error
                outcome = lambda: future.set_exception(problem)  # noqa: E731
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(outcome)

        thread = threading.Thread(target=work, name="download", daemon=True)
        thread.start()
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            transfer.stop()
            await asyncio.wait({future}, timeout=LAST_WORDS)
            if future.done():
                future.exception()
            raise
        finally:
            if future.done():
                thread.join()  # it has nothing left to do

    def _change(self, batch_id: str, **changes: Any) -> None:
        known = self.progress.get(batch_id) or DownloadProgress(batch_id)
        self._tell(replace(known, **changes))

    def _tell(self, progress: DownloadProgress) -> None:
        if self.progress.get(progress.batch_id) != progress:
            self.progress[progress.batch_id] = progress
            self.on_progress(progress)


def _not_available(batch: Batch) -> NotAvailable:
    if batch.state != ENDED:
        return NotAvailable("This batch still runs.", "Its results come when it has ended.")
    return NotAvailable(
        "The service no longer keeps these results.", "They are kept for 29 days after a batch was created."
    )
