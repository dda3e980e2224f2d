"""What the service says while a body is still on its way to it.

It may refuse a body by its length alone, and hang up: the write that fails then takes the answer with it, for
nobody reads while something is being written. So somebody listens meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

Read = Callable[[int, float | None], Awaitable[bytes]]
Write = Callable[[bytes, float | None], Awaitable[None]]

PIECE = 64 * 1024
"""Bytes that the transport asks for at once."""

uploading: ContextVar[bool] = ContextVar("uploading", default=False)
"""Whether this task sends a body that may be refused before it is whole."""


async def trace(event: str, info: dict[str, Any]) -> None:
    """Called by the transport at each step: give each new connection an ear."""
    stream: Any = info.get("return_value")
    if not event.endswith(".complete") or not hasattr(stream, "get_extra_info"):
        return
    with suppress(AttributeError):  # one that cannot be changed is deaf while it writes, as ever
        ear = Ear(stream.read, stream.write)
        stream.read, stream.write = ear.read, ear.write


class Ear:
    """Reading and writing of one connection; what comes while a body leaves is kept."""

    def __init__(self, read: Read, write: Write) -> None:
        self._read = read
        self._write = write
        self._coming: asyncio.Future[bytes] | None = None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Write, and listen if an answer may come too soon."""
        if self._coming is None and uploading.get():
            self._coming = asyncio.ensure_future(self._read(PIECE, None))
            self._coming.add_done_callback(_retrieved)
        await self._write(buffer, timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """What was heard, or else what comes."""
        coming, self._coming = self._coming, None
        if coming is None:
            return await self._read(max_bytes, timeout)
        try:
            async with asyncio.timeout(timeout):
                return await coming
        except TimeoutError:
            return await self._read(max_bytes, 0)  # which says so in the transport's own words


def _retrieved(coming: asyncio.Future[bytes]) -> None:
    """Keep asyncio from complaining where nobody asks how it ended."""
    if not coming.cancelled():
        coming.exception()
