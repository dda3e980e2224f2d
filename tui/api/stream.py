"""The bytes of a batch's results, as a blocking stream that another thread can cut."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from ..errors import DeckError, Unreachable
from .failures import translate
from .sdk import opening

PIECE = 256 * 1024
"""Bytes per piece: large ones keep the turns with the event loop's thread few."""
READ = 1 << 20
"""Bytes asked of the socket at once; the transport's own 64 kB cost four times the time."""
_KEPT = 4 << 20
"""A block of this size, taken once and given back untouched, teaches glibc to keep up to twice as much of
what is freed: else each piece would be made of new pages of the system, which cost more than all the rest."""
LONGEST_WAIT = 0.2
"""Seconds after which a smaller piece is handed on: a slow line should show something too."""


class ResultStream:
    """A context manager for one thread; `close` may come from any other, at any time."""

    def __init__(self, ask: Callable[[], Any], base_url: str) -> None:
        self._ask = ask
        self._base_url = base_url
        self._response: Any = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        failure: DeckError
        token = opening.set(self)
        try:
            self._refuse_if_closed()
            self._response = self._ask()
            return self
        except Exception as error:
            failure = translate(error, self._base_url)
        finally:
            opening.reset(token)
        raise failure

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self._response is not None:
            with suppress(Exception):
                self._response.close()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by the transport at each step: learn the socket as soon as there is one."""
        if not event.endswith(".complete"):
            return
        stream: Any = info.get("return_value")
        if not hasattr(stream, "get_extra_info"):
            return
        _read_more(stream)
        with self._lock:
            self._socket = stream.get_extra_info("socket")
            if self._closed:
                self._cut()

    def chunks(self) -> Iterator[bytes]:
        """The body, decoded, in pieces of 256 kB; raises `Unreachable` where it is cut."""
        failure: DeckError
        try:
            bytes(_KEPT)
            yield from _pieces(self._response.iter_bytes())
            self._refuse_if_closed()
            return
        except GeneratorExit:
            raise
        except Exception as error:
            failure = translate(error, self._base_url)
        raise failure

    def close(self) -> None:
        """End the stream, even one that is waiting for bytes in another thread."""
        with self._lock:
            self._closed = True
            self._cut()

    def _cut(self) -> None:
        # Closing a socket does not wake a thread that reads from it; shutting it down does. Not the TLS
        # socket's own shutdown: that one takes the encryption away under the reading thread.
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise Unreachable("The download was stopped.")


def _read_more(stream: Any) -> None:
    """Let a transport's stream read as much as there is, not only what the transport asks for."""
    read = stream.read
    with suppress(AttributeError):  # one that cannot be changed reads as ever
        stream.read = lambda max_bytes, timeout=None: read(max(max_bytes, READ), timeout)


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    parts: list[bytes] = []
    size, since = 0, time.monotonic()
    failure: Exception | None = None
    try:
        for chunk in chunks:
            parts.append(chunk)
            size += len(chunk)
            if size >= PIECE or time.monotonic() - since > LONGEST_WAIT:
                yield b"".join(parts)
                parts, size, since = [], 0, time.monotonic()
    except Exception as error:
        failure = error
    # What came before a cut counts: first it, then the cut.
    if parts:
        yield b"".join(parts)
    if failure is not None:
        raise failure
