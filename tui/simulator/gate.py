"""An event that one thread may set while another thread's event loop waits for it."""

import asyncio
from threading import Lock


class Gate:
    """Like `asyncio.Event`, but not bound to a loop: the server may run in a thread of its own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._set = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def is_set(self) -> bool:
        """Tell whether the gate is open."""
        return self._set

    def set(self) -> None:
        """Open the gate for whoever waits and for all who come later."""
        with self._lock:
            self._set = True
            waiting, self._waiting = self._waiting, []
        for loop, event in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def wait(self) -> None:
        """Wait until the gate is open."""
        event = asyncio.Event()
        with self._lock:
            if self._set:
                return
            self._waiting.append((asyncio.get_running_loop(), event))
        await event.wait()
