"""Requests into parts: the fewest batches that take them in their order, none over the service's limits."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import DraftPart, Making
from .basics.items import Lined
from .body import body_length
from .writing import Desk, PartFile, Sum

ENVELOPE = body_length(0)
"""Bytes of a body beyond its requests and the commas between them."""


def is_too_big(raw: bytes, making: Making) -> bool:
    """Whether no batch can take this request, alone as it may be."""
    return len(raw) + ENVELOPE > making.most_bytes


class Packer:
    """Fills one part after the other; without a desk it only counts.

    `whole` hears of everything in the order in which it is packed.
    """

    def __init__(self, making: Making, desk: Desk | None, number: int, whole: Sum | None = None) -> None:
        self._making = making
        self._desk = desk
        self._whole = whole
        self._number = number
        self._requests = 0
        self._size = 0
        """Bytes of the draft file so far: a line feed behind each request."""
        self._file: PartFile | None = None
        self.parts: list[DraftPart] = []
        """Those that are full."""

    @property
    def has_any(self) -> bool:
        """Whether it has taken requests."""
        return bool(self._requests or self.parts)

    def has_room(self, raw: bytes) -> bool:
        """Whether a request fits into the part that is being filled."""
        return self._fits(1, len(raw) + 1)

    def take(self, requests: Lined) -> None:
        """Add requests."""
        if self._fits(requests.count, len(requests.data)):
            self._add(requests)
            return
        raws, begin = requests.raws, 0
        while begin < len(raws):
            begin = self._fill(raws, begin)

    def finish(self) -> list[DraftPart]:
        """All parts; the last one is whatever is left."""
        if self._requests:
            self._close()
        return self.parts

    def write_no_more(self) -> None:
        """Go on counting without files: something is wrong, and nobody will send this."""
        self._desk = self._file = self._whole = None

    def _fits(self, requests: int, size: int) -> bool:
        most = self._making
        if self._requests + requests > most.most_requests:
            return False
        return body_length(self._size + size) <= most.most_bytes

    def _fill(self, raws: Sequence[bytes], begin: int) -> int:
        """Add as many as fit, from this one on; a new part where none does."""
        end, size = begin, 0
        while end < len(raws) and self._fits(end - begin + 1, size + len(raws[end]) + 1):
            size += len(raws[end]) + 1
            end += 1
        if end == begin:
            if self._requests:
                self._close()
                return begin
            end = begin + 1  # too big alone: it is counted, and was complained of
        self._add(Lined.of(raws[begin:end]))
        return end

    def _add(self, requests: Lined) -> None:
        if not requests.count:
            return
        self._requests += requests.count
        self._size += len(requests.data)
        if self._whole is not None:
            self._whole.add(requests.data)
        if self._desk is not None:
            self._file = self._file or self._open(self._desk)
            self._file.write(requests.data)

    def _open(self, desk: Desk) -> PartFile:
        """The file of the part; the first part's sum is the sum of everything up to its end."""
        return desk.part(self._number, is_summed=self._whole is None or self._number > 1)

    def _close(self) -> None:
        sha256 = path = ""
        if self._file is not None:
            sha256, path = self._file.close(), str(self._file.target)
            if self._whole is not None and self._number == 1:
                sha256 = self._whole.hexdigest()
        size = body_length(self._size)
        self.parts.append(DraftPart(self._requests, size, sha256, path, sample=self._number == 0))
        self._file = None
        self._number += 1
        self._requests = self._size = 0
