"""Sending a body of requests: known length, off the event loop, and knowing how far it got."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

from ..errors import DeckError, StoreError, Uncertain
from ..text import size
from .failures import quote, translate

COMPARE_HINT = (
    "It is never sent again by itself: compare with the batches of the account, then adopt one or send again."
)
UNCLEAR_4XX = frozenset({408, 409, 425, 499})
"""Answers of the 400s that leave open whether the request was carried out."""


class Body(Protocol):
    """A request body that can be read more than once."""

    @property
    def length(self) -> int:
        """Exact number of bytes."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces; each call starts anew."""
        ...


class Upload:
    """One sending of a body; remembers whether any of it was handed to the connection."""

    def __init__(self, body: Body) -> None:
        self.length = body.length
        self.sent = 0
        """Bytes of the pieces that have left."""
        self.handed = 0
        """Those and the piece that was on its way: of it some may have left, or all."""
        self.started = False
        self.broken: OSError | None = None
        """Why the body could not be read to its end, if that is what stopped it."""
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.started = True
        pieces = self._body.chunks()
        coming = _next(pieces)
        try:
            while piece := await self._read(coming):
                coming = _next(pieces)  # read while this one leaves
                self.handed += len(piece)
                yield piece
                self.sent += len(piece)
        finally:
            if not coming.cancel() and not coming.cancelled():
                coming.exception()  # retrieved, or asyncio would complain of it
            with suppress(AttributeError, ValueError):
                pieces.close()  # type: ignore[attr-defined]

    async def _read(self, coming: asyncio.Future[bytes]) -> bytes:
        try:
            return await coming
        except OSError as error:
            self.broken = error
            raise

    def failed(self, error: BaseException, base_url: str) -> DeckError:
        """What an attempt that ended in `error` means: a definite no, or not to be known."""
        if self.broken is not None:
            reason = self.broken.strerror or type(self.broken).__name__
            return StoreError(f"The requests could not be read: {reason}.", "Nothing was created.")
        known = translate(error, base_url)
        status = _status(error)
        if is_definite(status) if status else not self.started:
            return known
        return Uncertain(self._title(known, status), COMPARE_HINT, request_id=known.request_id)

    def _title(self, known: DeckError, status: int) -> str:
        if not status and self.handed < self.length:
            sent = f"{size(self.sent)} of {size(self.length)}"
            if size(self.sent) == size(self.length):
                sent = f"All but {size(self.length - self.sent)} of {size(self.length)}"
            return f"{known.title} {sent} had been sent, so most likely no batch exists."
        return f"{known.title} Whether a batch was created is unknown."


def _next(pieces: Iterator[bytes]) -> asyncio.Future[bytes]:
    """A piece, read in a thread: a cold disk must not hold the event loop up. Empty at the end."""
    return asyncio.get_running_loop().run_in_executor(None, next, pieces, b"")


def is_definite(status: int) -> bool:
    """Whether an error status means that no batch was created."""
    return 300 <= status < 500 and status not in UNCLEAR_4XX


def unclear_answer(response: Any) -> Uncertain:
    """A success that does not say which batch it created, or little more than its id."""
    named = _id(response)
    said = f"names only an id, {named}" if named else "names no batch"
    title = f"The service accepted the requests, but its answer {said}."
    return Uncertain(title, COMPARE_HINT, request_id=response.headers.get("request-id", ""))


def _id(response: Any) -> str:
    """The id in an answer that is no whole batch, or ""."""
    with suppress(ValueError, RecursionError):
        found = response.json()
        if isinstance(found, Mapping) and isinstance(found.get("id"), str):
            return quote(found["id"])
    return ""


def _status(error: BaseException) -> int:
    found: Any = getattr(error, "status_code", None)
    return found if isinstance(found, int) else 0
