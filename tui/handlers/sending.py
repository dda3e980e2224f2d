"""The one act that must never happen twice: sending a draft.

The order is the guarantee. The draft is held, so that another process sees that somebody sends it; the
intent is durable in the store before a byte leaves; then there is exactly one POST; and whatever its end, it
is written down: `sent` with its batch, `failed` when surely nothing was created, `uncertain` otherwise.
A process that dies in between leaves `sending`, which counts as uncertain once nobody holds the draft.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

from ..commands import Send
from ..errors import DeckError, StoreError, Uncertain, UsageError
from ..model import DROPPED, SENDING, SENT, UNCERTAIN, Batch, Launch, Run
from ..sources import DraftBody
from ..text import begun
from . import marks
from .endings import in_thread, on_loop, to_the_end
from .launches import describe, known, remove
from .locks import sending_lock
from .marks import Mark
from .recalling import recalled
from .services import Services
from .written import has_sum

DIED = "batchdeck ended while it was sending this."
STOPPED = "Sending was stopped on the way."
AGAIN = "Prepare it again from its source."
LOOK = "Look whether one of the account's new batches is it, before you send it again."


async def send(services: Services, command: Send) -> Launch:
    """Send a draft once; the launch comes back as `sent`, every other end is an error."""
    draft = services.paths.draft_file(command.launch_id)
    await services.api.load()  # a missing credential shows here, with nothing begun
    try:
        with sending_lock(draft):
            launch = await _may_be_sent(services, command)
            tell = on_loop(services.on_upload)
            body = await in_thread(lambda _: _body(draft, launch, tell))
            run = await services.store.runs.of_launch(launch.id)
            await _begin(services, launch, run, command)
            services.on_run(launch.run_id)
            return await _send_once(services, launch, body, run.betas if run else ())
    except FileNotFoundError:
        launch = await known(services, command.launch_id)
        raise _refusal(launch) or UsageError(
            f"The draft of {describe(launch)} is no longer there.", AGAIN
        ) from None


async def _may_be_sent(services: Services, command: Send) -> Launch:
    """The launch, if it may be sent now; one whose sender died becomes uncertain first."""
    await recalled(services, command.launch_id)  # the store may be older than its sending
    launch = await known(services, command.launch_id)
    refusal = _refusal(launch)
    if refusal is not None:
        raise refusal
    if launch.state == SENDING:  # and nobody holds the draft but we
        await to_the_end(services.store.launches.uncertain(launch.id, DIED))
        launch = launch.to(UNCERTAIN, problem=DIED)
    if launch.state == UNCERTAIN and not command.again:
        raise Uncertain(f"{begun(describe(launch))} may have created a batch already.", LOOK)
    return launch


def _refusal(launch: Launch) -> UsageError | None:
    if launch.state == SENT:
        return UsageError(f"{begun(describe(launch))} was sent already, as batch {launch.batch_id}.")
    if launch.state == DROPPED:
        return UsageError(f"{begun(describe(launch))} was given up.", AGAIN)
    return None


def _body(draft: Path, launch: Launch, tell: Callable[[str, int, int], None]) -> DraftBody:
    """The body to send, if the draft is still what was checked; StoreError where it cannot be read."""
    try:
        body = DraftBody(draft, on_sent=lambda sent: tell(launch.id, sent, launch.bytes))
        is_whole = body.length == launch.bytes and has_sum(draft, launch.sha256)
    except FileNotFoundError:
        raise
    except OSError as error:
        title = f"The draft of {describe(launch)} cannot be read: {error.strerror or error}."
        raise StoreError(title, "Nothing was sent.") from error
    if not is_whole:
        raise UsageError(f"The draft of {describe(launch)} has changed since it was checked.", AGAIN)
    return body


async def _begin(services: Services, launch: Launch, run: Run | None, command: Send) -> None:
    """Write the intent down; from here on only `_send_once` says how the launch ended."""
    starting = asyncio.ensure_future(_intend(services, launch, run, again=command.again))
    try:
        started = await to_the_end(starting)
    except asyncio.CancelledError:
        # Nothing was sent; left as `sending` it would look as if something might have been.
        if starting.exception() is None and starting.result():
            await _note(_not_created(services, launch, "Stopped before anything was sent."))
        raise
    if not started:
        raise UsageError(f"Somebody else has begun to send {describe(launch)}.", "Look at it again.")


async def _intend(services: Services, launch: Launch, run: Run | None, *, again: bool) -> bool:
    """Claim the launch in the store and mark its draft; where it cannot be marked, nothing is sent."""
    account = await services.account()
    if not await services.store.launches.start(launch.id, services.clock(), again=again):
        return False
    try:
        started = await known(services, launch.id)
        mark = Mark.of(started, run or Run(launch.run_id, (), launch.created_at), account)
        await asyncio.to_thread(marks.put, services.paths.mark_file(launch.id), mark)
    except DeckError as error:
        await _note(_not_created(services, launch, str(error)))
        raise
    return True


async def _send_once(services: Services, launch: Launch, body: DraftBody, betas: tuple[str, ...]) -> Launch:
    """The one POST, and its end on disk."""
    launches = services.store.launches
    asked_at = services.clock()
    try:
        batch = await services.api.create(body, betas)
    except Uncertain as error:
        await _note(launches.uncertain(launch.id, str(error)))
        services.sync.wake()  # the account's newest batches tell more
        raise
    except DeckError as error:
        await _note(_not_created(services, launch, str(error)))
        raise
    except asyncio.CancelledError:
        await _note(launches.uncertain(launch.id, STOPPED))
        raise
    except BaseException as error:  # something nobody thought of, with bytes on the way
        await _note(launches.uncertain(launch.id, f"{type(error).__name__} while sending."))
        raise
    return await _created(services, launch, batch, asked_at)


async def _not_created(services: Services, launch: Launch, problem: str) -> None:
    """The end of an attempt that surely created nothing: an earlier unclear one is as unclear as before."""
    if launch.state == UNCERTAIN:
        before = launch.problem or "An earlier attempt ended unclear."
        await services.store.launches.uncertain(launch.id, f"{before} Sent again: {problem}")
        return
    remove(services.paths.mark_file(launch.id))
    await services.store.launches.failed(launch.id, problem)


async def _created(services: Services, launch: Launch, batch: Batch, asked_at: datetime) -> Launch:
    """Tie the batch to its launch; should that fail, say and keep at least its id."""
    try:
        await to_the_end(_tie(services, launch, batch, asked_at))
    except DeckError as error:
        title = f"Batch {batch.id} was created, but could not be noted: {error.title}"
        await _note(services.store.launches.uncertain(launch.id, title))
        # What is wrong with the batch is the service's doing: there is no other one to choose.
        raise Uncertain(title, error.hint if isinstance(error, StoreError) else LOOK) from error
    services.sync.wake()
    return await known(services, launch.id)


async def _tie(services: Services, launch: Launch, batch: Batch, asked_at: datetime) -> None:
    """Name the batch beside the draft, then in the store: together, for no cancel may come in between."""
    account = await services.account()
    await asyncio.to_thread(marks.name, services.paths.mark_file(launch.id), batch.id)
    await services.store.launches.sent(launch.id, account.id, batch, asked_at)


async def _note(writing: Coroutine[Any, Any, None]) -> None:
    """Write an end down whatever happens meanwhile.

    Where the store refuses, `sending` stays, which is looked at like `uncertain`: the error that is on its
    way to the user matters more. So does a second cancel.
    """
    with contextlib.suppress(StoreError, asyncio.CancelledError):
        await to_the_end(writing)
