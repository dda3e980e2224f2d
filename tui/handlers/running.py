"""Sending a run: its drafts one after the other, or some side by side, each of them once.

The user's yes covers the whole run and is kept with it (`going`), so that a restart goes on with what was
not sent. A full queue (429) is waited for. Whatever else goes wrong ends the yes: what waits is sent when
somebody says so again.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Sequence

from ..commands import Done, Drop, DropRun, Send, SendRun, StopRun
from ..config import Spending
from ..errors import DeckError, SlowedDown, StoreError, Uncertain, UsageError
from ..model import DRAFT, FAILED, SENDING, Launch, Run
from ..paths import Paths
from ..text import begun, plural
from .endings import to_the_end
from .launches import describe_run, drop
from .locks import holding
from .queueing import until_room
from .sending import send
from .services import Services

NO_LIMITS = Spending()
COPIED = "Its drafts were copied or put back since they were made: what was sent elsewhere is not known here."
SURELY = 60.0
"""Seconds after which whatever is done to a draft is not the making of it any more."""
_under_way: dict[str, asyncio.Event] = {}
"""Runs that this process sends at the moment, each with what stops its waiting."""
SETTLE = "Settle it first: adopt the batch it created, send it again, or drop it."


async def send_run(services: Services, command: SendRun) -> Run:
    """Send what waits of a run, and give it back; every end but a good one is an error."""
    run = await known_run(services, command.run_id)
    await services.api.load()  # a missing credential shows here, with nothing begun
    async with _held(services, run):
        run = await known_run(services, run.id)
        launches = _to_send(run, command)
        await _within_limits(services, run, launches, command)
        if not command.sample_only:
            await services.store.runs.go(run.id, run.attempts)
        services.on_run(run.id)
        try:
            await _Sender(services, run, launches, waits=command.wait).run(command.side_by_side)
        except asyncio.CancelledError:
            raise  # the yes stands: a program that is closed goes on when it is opened again
        except BaseException as error:
            reason = str(error) if isinstance(error, DeckError) else f"{type(error).__name__} while sending."
            await _end_yes(services, run, reason)
            raise
        else:
            if (await known_run(services, run.id)).going:
                await _end_yes(services, run)
        finally:
            services.on_run(run.id)
    return await known_run(services, run.id)


async def _end_yes(services: Services, run: Run, reason: str = "") -> None:
    """Note that nothing more is sent by itself; where that cannot be noted, what became of it matters more.

    An error here would stand in the place of the one that tells of a batch, or hide that all was sent.
    """
    with contextlib.suppress(StoreError):
        await to_the_end(services.store.runs.go(run.id, 0, reason))


async def goes_on(services: Services, run: Run) -> bool:
    """Whether the yes of a run still counts; it ends in a copy of the folder, for the other goes on, too."""
    if run.unfinished:
        return False
    if await asyncio.to_thread(_is_copied, services.paths, run):
        await _end_yes(services, run, COPIED)
        services.on_run(run.id)
        return False
    return True


def _is_copied(paths: Paths, run: Run) -> bool:
    """Whether a draft that is due is another file than was written: nobody can set this time of one back."""
    for launch in run.due:
        with contextlib.suppress(OSError):  # what is not there is not sent, either
            changed_at = os.stat(paths.draft_file(launch.id)).st_ctime
            if changed_at > launch.created_at.timestamp() + SURELY:
                return True
    return False


async def stop_run(services: Services, command: StopRun) -> Done:
    """Take the yes back: what is on its way is finished, nothing further is sent by itself."""
    run = await known_run(services, command.run_id)
    await services.store.runs.go(run.id, 0, "Stopped by the user." if run.waiting else "")
    if (stopped := _under_way.get(run.id)) is not None:
        stopped.set()
    services.on_run(run.id)
    return Done(f"{begun(describe_run(run))} sends nothing more: {_what_is_left(run)}.")


def _what_is_left(run: Run) -> str:
    """What becomes of the rest of a run that was stopped; what is on its way cannot be called back."""
    left = len(run.waiting)
    on_its_way = any(launch.state == SENDING for launch in run.launches)
    said = ["what is on its way is finished"] if on_its_way else []
    if left:
        said.append(f"{plural(left, 'draft')} {'waits' if left == 1 else 'wait'}")
    return ", ".join(said) or "all of it was sent before"


async def drop_run(services: Services, command: DropRun) -> Done:
    """Give up what was not sent; launches that nobody knows the end of have to be settled first."""
    run = await known_run(services, command.run_id)
    if run.unfinished:
        raise UsageError(f"Of {describe_run(run)} nobody knows whether a batch was created.", SETTLE)
    async with _held(services, run):
        await services.store.runs.go(run.id, 0)
        for launch in run.waiting:
            await drop(services, Drop(launch.id))
        if not run.scope:
            with contextlib.suppress(OSError):
                services.paths.origins_file(run.id).unlink()
    services.on_run(run.id)
    return Done(f"{plural(len(run.waiting), 'draft')} of {describe_run(run)} removed.")


async def known_run(services: Services, run_id: str) -> Run:
    """The run of this id, or that of this launch or batch; UsageError if there is none."""
    runs = services.store.runs
    run = await runs.get(run_id) or await runs.of_launch(run_id) or await runs.of_batch(run_id)
    if run is None:
        raise UsageError(f"No such run: {run_id}.", "See `batchdeck runs`.")
    return run


def _to_send(run: Run, command: SendRun) -> list[Launch]:
    if run.unfinished:
        raise Uncertain(f"Of {describe_run(run)} a part may have created a batch already.", SETTLE)
    sample = run.sample
    if command.sample_only:
        if sample is None or sample.state not in (DRAFT, FAILED):
            raise UsageError(f"{begun(describe_run(run))} has no sample to be sent.")
        return [sample]
    if not run.waiting:
        raise UsageError(f"Nothing of {describe_run(run)} waits to be sent.")
    return list(run.waiting)


async def _within_limits(services: Services, run: Run, launches: Sequence[Launch], command: SendRun) -> None:
    limits = () if command.typed_yes else await over_limit(services, run, launches)
    if limits:
        raise UsageError(" ".join(limits), "Only a typed yes goes over it.")


async def over_limit(services: Services, run: Run, launches: Sequence[Launch]) -> tuple[str, ...]:
    """Spending limits that sending these launches may break, in sentences; none where no limit is set."""
    if services.spending == NO_LIMITS:
        return ()
    from .run_costs import over_limits  # and the prices: most runs need none of it

    return await over_limits(services, run, launches)


class _Sender:
    """Sends launches side by side until all are sent or one cannot be."""

    def __init__(self, services: Services, run: Run, launches: list[Launch], *, waits: bool) -> None:
        self._waits = waits
        self._services = services
        self._run = run
        self._waiting = list(reversed(launches))
        self._failure: BaseException | None = None
        self._count = len(run.launches)
        self._stopped = asyncio.Event()
        """Set by whoever takes the yes back in this process: nobody need wait for that."""

    async def run(self, side_by_side: int) -> None:
        """Send all; the worst failure is raised when everything under way has come to its end."""
        _under_way[self._run.id] = self._stopped
        lanes = max(1, min(side_by_side, len(self._waiting)))
        tasks = [asyncio.ensure_future(self._lane()) for _ in range(lanes)]
        try:
            await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
        finally:
            del _under_way[self._run.id]
        if self._failure is not None:
            raise self._failure

    async def _lane(self) -> None:
        while self._waiting and self._failure is None:
            launch = self._waiting.pop()  # before anything is awaited: another lane must not take it, too
            try:
                if await self._may_go_on(launch):
                    await self._send(launch)
            except Exception as error:  # the others come to their end all the same
                if self._failure is None or self._is_worse(error):
                    self._failure = error
            finally:
                self._services.on_run(self._run.id)

    def _is_worse(self, error: Exception) -> bool:
        """Whether it must be heard in the place of what came first: that a batch may exist matters most."""
        is_of_ours = isinstance(self._failure, DeckError)  # a fault of the program is looked into first
        return isinstance(error, Uncertain) and is_of_ours and not isinstance(self._failure, Uncertain)

    async def _send(self, launch: Launch) -> None:
        for refusals in itertools.count(1):
            try:
                await send(self._services, Send(launch.id))
                return
            except SlowedDown as error:
                if not (error.passes and self._waits):
                    raise
                await self._wait(launch, error, refusals)
            if self._failure is not None or not await self._may_go_on(launch):
                return

    async def _may_go_on(self, launch: Launch) -> bool:
        """Whether nobody has taken the yes back since; a sample is sent without one for the rest."""
        if self._stopped.is_set():
            return False
        return launch.part == 0 or bool((await known_run(self._services, self._run.id)).going)

    async def _wait(self, launch: Launch, refusal: SlowedDown, refusals: int) -> None:
        """Say what it waits for, and wait."""
        what = "it" if self._count == 1 else f"part {launch.part} of {self._count}"
        said = f"The service takes no more at this moment ({refusal.title.rstrip('.')}): {what} waits."
        runs = self._services.store.runs
        await runs.waits(self._run.id, said)
        self._services.on_run(self._run.id)
        await until_room(self._services, refusal, self._stopped, refusals)
        if not self._stopped.is_set():
            await runs.waits(self._run.id, "")


@contextlib.asynccontextmanager
async def _held(services: Services, run: Run) -> AsyncIterator[None]:
    """Keep other processes from sending the same run meanwhile."""
    held = UsageError(f"{begun(describe_run(run))} is being sent at this moment.", "Wait until it has ended.")
    with holding(services.paths.run_lock(run.id), held):
        yield
