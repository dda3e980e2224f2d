"""What is told on stderr while a run is sent: how far it is, what it waits for, each batch that exists."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from ..handlers import Services
from ..model import Launch, Run
from ..pace import Pace, left_words
from ..text import plural, size
from .terminal import progress, say


class RunTeller:
    """Hears of each launch of a run, also of some side by side, and tells of them as one."""

    def __init__(
        self,
        services: Services,
        run: Run,
        launches: Sequence[Launch],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._now = now
        self._total = sum(launch.bytes for launch in launches)
        self._sent: dict[str, int] = {}
        self._pace = Pace()
        self._known = set(run.scope)
        """Batches that were there before, or were told of."""
        self._waits_for = ""
        self._tasks: set[asyncio.Task[None]] = set()

    def upload(self, launch_id: str, sent: int, total: int) -> None:
        """So many bytes of a launch have left."""
        del total
        self._sent[launch_id] = sent
        done = sum(self._sent.values())
        self._pace.note(self._now(), done)
        progress(self._words(done) if done < self._total else "Waiting for the answer …")

    def change(self, run_id: str) -> None:
        """Something about the run has changed."""
        task = asyncio.get_running_loop().create_task(self._look(run_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def launched(self, run: Run) -> None:
        """Name each new batch, once: who is stopped in the middle knows what exists."""
        for launch in run.launches:
            if launch.batch_id and launch.batch_id not in self._known:
                self._known.add(launch.batch_id)
                say(f"Launched {plural(launch.requests, 'request')} as {launch.batch_id}.")

    async def _look(self, run_id: str) -> None:
        run = await self._services.store.runs.get(run_id)
        if run is None:
            return
        self.launched(run)
        if run.going and run.problem != self._waits_for:
            self._waits_for = run.problem
            if run.problem:
                say(f"{run.problem} Ctrl-C stops; `batchdeck launch --resume {run.id}` goes on.")

    def _words(self, done: int) -> str:
        said = f"Sending {size(done)} of {size(self._total)}"
        left = self._pace.left(self._total - done)
        return f"{said}, {size(self._pace.rate or 0)}/s, {left_words(left)} left …" if left else f"{said} …"
