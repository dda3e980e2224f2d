"""The few requests that go first: from the beginning, or at random in the same pass."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import IO

from ..model import Making, Sample
from .writing import saving

MOST = 1_000
"""Requests of a sample."""


class Spool:
    """Requests put aside, on the disk: a thousand with images in them would fill the memory.

    Where nothing is written, zeros that are as long do for counting.
    """

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file
        self._end = 0

    def put(self, raw: bytes) -> tuple[int, int]:
        """Put a request aside, and say where it is."""
        place = self._end, len(raw)
        self._end += len(raw)
        if self._file is not None:
            with saving():
                self._file.seek(place[0])
                self._file.write(raw)
        return place

    def get(self, place: tuple[int, int]) -> bytes:
        """The request that was put there."""
        if self._file is None:
            return bytes(place[1])
        with saving():
            self._file.seek(place[0])
            return self._file.read(place[1])


class Sampler:
    """Keeps a sample back, and lets the rest pass."""

    def __init__(self, sample: Sample, making: Making, spool: Spool) -> None:
        self._count = min(sample.count, MOST, making.most_requests)
        self._random = random.Random(sample.seed) if sample.random else None
        self._spool = spool
        self._kept: list[tuple[int, tuple[int, int]]] = []
        """Each with its number in the source, and where it is put aside."""
        self._seen = 0

    def take(self, raws: Sequence[bytes]) -> list[bytes]:
        """Take requests in, and give those that go on: not chosen, or chosen once and thrown out again."""
        return [each for raw in raws if (each := self._passing(raw)) is not None]

    def chosen(self) -> Iterator[bytes]:
        """The sample, in the source's order."""
        for _, place in sorted(self._kept):
            yield self._spool.get(place)

    def _passing(self, raw: bytes) -> bytes | None:
        number, self._seen = self._seen, self._seen + 1
        if self._random is not None:
            return self._drawn(number, raw, self._random)
        if number >= self._count:
            return raw
        self._kept.append((number, self._spool.put(raw)))
        return None

    def _drawn(self, number: int, raw: bytes, draw: random.Random) -> bytes | None:
        """Any of the requests so far is in the sample with the same chance."""
        if number < self._count:
            self._kept.append((number, self._spool.put(raw)))
            return None
        slot = draw.randrange(number + 1)
        if slot >= self._count:
            return raw
        _, place = self._kept[slot]
        self._kept[slot] = number, self._spool.put(raw)
        return self._spool.get(place)
