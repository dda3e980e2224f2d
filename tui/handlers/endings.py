"""Work that must come to its own end, whoever stops waiting for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def to_the_end(work: Awaitable[T]) -> T:
    """Await `work` to its end even if we are cancelled meanwhile; the cancel is raised after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        task.exception()  # retrieved, or asyncio would complain of it
        raise cancelled
    return task.result()


async def in_thread(work: Callable[[threading.Event], T]) -> T:
    """Run blocking work in a thread; being cancelled sets its event, and waits until it obeyed."""
    stop = threading.Event()
    thread = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait((thread,))
        if not thread.cancelled():
            thread.exception()
        raise


def on_loop(callback: Callable[..., None]) -> Callable[..., None]:
    """The same callback, to be called from a thread and run on the event loop."""
    loop = asyncio.get_running_loop()

    def call(*arguments: object) -> None:
        loop.call_soon_threadsafe(callback, *arguments)

    return call
