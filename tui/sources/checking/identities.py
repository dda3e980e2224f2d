"""Where each custom_id was first seen, in bounded memory however many there are."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence

EXACT = 300_000
"""custom_ids that are kept as they are."""
MOST = 5_000_000
"""custom_ids that are remembered at all: 60 MB of them, as sums."""

_PLACE = struct.Struct("<IH")
_SUM = 6
"""Bytes of a sum that stand in its bucket; two more say which bucket it is."""
_ENTRY = _SUM + _PLACE.size
_BUCKETS = 1 << 16
_MOST_LINE = (1 << 32) - 1
_MOST_FILE = (1 << 16) - 1

Place = tuple[str, int]
"""File and line."""


class Identities:
    """Remembers custom_ids: the first as they are, the rest by sums of 64 bits.

    Two different ids among two million have the same sum once in ten million sources.
    """

    def __init__(self, exact: int = EXACT, most: int = MOST) -> None:
        self._exact = exact
        self._room = most - exact
        self._known: dict[str, int | Place] = {}
        self._noted: list[tuple[str, int, Sequence[str]]] = []
        """Ids of one line each that are known, too: file, first line, ids."""
        self._seen: set[str] = set()
        """Those ids: where one stands is found out when somebody asks."""
        self._buckets: list[bytearray] = []
        self._files: dict[str, int] = {}
        self._names: list[str] = []

    @property
    def full(self) -> bool:
        """Whether ids come that are not remembered."""
        return self._room < 0

    def first(self, custom_id: str, file: str, line: int) -> Place | None:
        """Where an id was seen before; None the first time."""
        if custom_id in self._seen:
            self._place()
        known = self._known.get(custom_id)
        if known is not None:
            return known if isinstance(known, tuple) else ("", known)
        if len(self._known) + len(self._seen) < self._exact:
            self._known[custom_id] = (file, line) if file else line
            return None
        return self._summed(custom_id, file, line)

    def note(self, custom_ids: Sequence[str], file: str, first: int) -> bool:
        """Remember ids of one line each, from the first on, if all are new and can be kept as they are."""
        known, seen, before = self._known, self._seen, len(self._seen)
        if len(known) + before + len(custom_ids) > self._exact:
            return False
        if known and not known.keys().isdisjoint(custom_ids):
            return False
        seen.update(custom_ids)
        is_new = len(seen) == before + len(custom_ids)
        if is_new:
            self._noted.append((file, first, custom_ids))
        else:
            self._place()
        return is_new

    def _place(self) -> None:
        """Remember for each noted id where it stands."""
        for file, first, ids in self._noted:
            lines = range(first, first + len(ids))
            places: Iterable[int | Place] = ((file, line) for line in lines) if file else lines
            self._known.update(zip(ids, places, strict=True))
        self._noted.clear()
        self._seen.clear()

    def _summed(self, custom_id: str, file: str, line: int) -> Place | None:
        if not self._buckets:
            self._buckets = [bytearray() for _ in range(_BUCKETS)]
        digest = hashlib.blake2b(custom_id.encode(), digest_size=_SUM + 2).digest()
        bucket, key = self._buckets[int.from_bytes(digest[_SUM:], "little")], digest[:_SUM]
        at = bucket.find(key)
        while at >= 0 and at % _ENTRY:  # across two entries
            at = bucket.find(key, at + 1)
        if at >= 0:
            found, number = _PLACE.unpack_from(bucket, at + _SUM)
            return self._names[number], found
        self._room -= 1
        if self._room >= 0:
            bucket += key + _PLACE.pack(min(line, _MOST_LINE), self._file(file))
        return None

    def _file(self, name: str) -> int:
        """A number for a file's name; the last one stands for all further files."""
        number = self._files.get(name)
        if number is None:
            number = min(len(self._names), _MOST_FILE)
            if number == len(self._names):
                self._files[name] = number
                self._names.append(name if number < _MOST_FILE else "another file")
        return number
