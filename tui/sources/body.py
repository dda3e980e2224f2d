"""A draft as the body of a create."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from time import monotonic

LEAST, MOST = 64 << 10, 1 << 20
"""Bytes that are sent at once: each time costs a way to another thread and back, and tells how far it is."""
SOON, LATE = 0.05, 0.5
"""Seconds for a piece within which the next may be larger, or after which it is smaller: the line is slow."""
OPENING = b'{"requests":['
CLOSING = b"]}"


class DraftBody:
    """The requests of a draft file as one JSON document of known length, made while it is sent.

    A draft has one request a line and no line feed inside, so that its body is the same bytes with commas for
    line feeds, and as long whatever is in it.
    """

    def __init__(self, path: Path, *, on_sent: Callable[[int], None] | None = None) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._on_sent = on_sent
        self.length = body_length(self._size)
        """Bytes of the whole body."""

    @cached_property
    def requests(self) -> int:
        """Number of requests, counted in the file."""
        with open(self._path, "rb") as handle:
            return sum(block.count(b"\n") for block in iter(lambda: handle.read(MOST), b""))

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces; each call starts anew. `on_sent` hears of the bytes that were taken so far."""
        sent = 0
        for piece in self._pieces():
            yield piece
            sent += len(piece)
            if self._on_sent is not None:
                self._on_sent(sent)

    def _pieces(self) -> Iterator[bytes]:
        left, most = self._size, LEAST
        with open(self._path, "rb") as handle:
            yield OPENING
            while left:
                block = handle.read(min(most, left))
                if not block:
                    raise OSError(f"{self._path.name} became shorter while it was sent")
                left -= len(block)
                begun = monotonic()
                yield (block if left else block[:-1]).replace(b"\n", b",")
                most = _next_size(most, monotonic() - begun)
            yield CLOSING


def _next_size(size: int, seconds: float) -> int:
    """Bytes of the piece behind one of this size that took so long."""
    if seconds < SOON:
        return min(2 * size, MOST)
    return max(size // 2, LEAST) if seconds > LATE else size


def body_length(draft_size: int) -> int:
    """Bytes of the body made of a draft file of this size: the last line feed becomes nothing."""
    return len(OPENING) + max(draft_size - 1, 0) + len(CLOSING)
