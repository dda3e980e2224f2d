"""What many comparisons of pairs come to: verdicts, and for each field how often it differs and how.

Bounded, however many pairs and fields there are: numbers and a byte for each pair, a bit for each pair and
field, and the most frequent changes.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Generic, NamedTuple, TypeVar

from .cells import short
from .comparing import ABSENT, MORE, OWN_FIELDS, FieldPair, Value, in_words

SAME = "same"
DIFFERENT = "different"
ONLY_LEFT = "only left"
ONLY_RIGHT = "only right"
NOT_COMPARED = "not compared"
VERDICTS = (SAME, DIFFERENT, ONLY_LEFT, ONLY_RIGHT, NOT_COMPARED)
"""What is said of a custom_id; `not compared`: an answer is too long for it."""

MOST_FIELDS = 300
"""Fields that are counted one by one."""
MOST_CHANGES = 20_000
"""Different changes that are remembered, of all fields together."""
LEAST_CHANGES = 60
"""Of each field in any case."""
SHOWN_CHANGES = 10
LONGEST_VALUE = 60

K = TypeVar("K", bound=Hashable)


class Often(Generic[K]):
    """Counts how often something occurs; of too many different things the rarer ones go by `others`."""

    def __init__(self) -> None:
        self.others = 0
        self._counts: Counter[K] = Counter()

    def add(self, key: K, room: int) -> None:
        """Once more; `room`: for how many different ones there is room."""
        if key not in self._counts and len(self._counts) >= room:
            kept = Counter(dict(self._counts.most_common(room // 2)))
            self.others += self._counts.total() - kept.total()
            self._counts = kept
        self._counts[key] += 1

    def most(self, number: int) -> tuple[list[tuple[K, int]], int]:
        """The most frequent ones with their counts, and how often it was any other."""
        found = self._counts.most_common(number)
        return found, self.others + self._counts.total() - sum(count for _, count in found)


class Bits:
    """A set of small numbers that are added in ascending order."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, number: int) -> None:
        """Take it in."""
        place, bit = divmod(number, 8)
        if place >= len(self._bytes):
            self._bytes.extend(bytes(place + 1 - len(self._bytes)))
        self._bytes[place] |= 1 << bit

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number, 8)
        return place < len(self._bytes) and bool(self._bytes[place] >> bit & 1)

    def numbers(self) -> array[int]:
        """All of them, ascending."""
        return array(
            "L",
            (
                place * 8 + bit
                for place, byte in enumerate(bytes(self._bytes))
                if byte
                for bit in range(8)
                if byte >> bit & 1
            ),
        )


class Change(NamedTuple):
    """A value that became another one, so many times; both as they are shown, raw text."""

    left: str
    right: str
    times: int


@dataclass(frozen=True, slots=True)
class FieldReport:
    """How a field fares among the pairs of which at least one answer has it.

    A path with `[]` is counted for each element of the list.
    """

    path: str
    same: int
    different: int
    only_left: int
    only_right: int
    changes: tuple[Change, ...] = ()
    """The most frequent ones."""
    other_changes: int = 0
    numbers: int = 0
    """How many of the different ones are numbers on both sides."""
    up: int = 0
    """How many of those are larger on the right."""
    mean_change: float = 0.0
    """By how much, on average; 0 without numbers, or where they are beyond reckoning."""

    @property
    def is_own(self) -> bool:
        """Whether it is no field of the answers, but one of `OWN_FIELDS`."""
        return self.path in OWN_FIELDS

    @property
    def agreement(self) -> float | None:
        """The share of the same among the pairs in which both have it; None without any."""
        both = self.same + self.different
        return self.same / both if both else None


class _Field:
    """One field while it is counted."""

    def __init__(self) -> None:
        self.same = self.different = self.only_left = self.only_right = 0
        self.numbers = self.up = 0
        self.sum = 0.0
        self.changes: Often[tuple[str, str]] = Often()
        self.marks = Bits()

    def differs(self, index: int, left: Value, right: Value, room: int) -> None:
        """Count a pair in which it is not the same."""
        self.marks.add(index)
        if left is ABSENT and right is not ABSENT:
            self.only_right += 1
        elif right is ABSENT and left is not ABSENT:
            self.only_left += 1
        else:
            self.different += 1
            if left is not ABSENT:
                self.changes.add((_word(left), _word(right)), room)
            self._number(left, right)

    def _number(self, left: Value, right: Value) -> None:
        if type(left) in (int, float) and type(right) in (int, float):
            change = float(right) - float(left)  # type: ignore[arg-type]
            self.numbers += 1
            self.up += change > 0
            self.sum += change

    def report(self, path: str) -> FieldReport:
        """What is known of it by now."""
        changes, others = self.changes.most(SHOWN_CHANGES)
        return FieldReport(
            path,
            self.same,
            self.different,
            self.only_left,
            self.only_right,
            tuple(Change(left, right, count) for (left, right), count in changes),
            others,
            self.numbers,
            self.up,
            self.sum / self.numbers if self.numbers and isfinite(self.sum) else 0.0,
        )


def _word(value: Value) -> str:
    return in_words(value if value is ABSENT else short(value, LONGEST_VALUE))


class Tallies:
    """The fields of all pairs, counted; in order of appearance."""

    def __init__(self) -> None:
        self._fields: dict[str, _Field] = {}

    def add(self, index: int, fields: Iterable[FieldPair]) -> None:
        """Count the fields of one pair, which has this number."""
        for path, left, right, same in fields:
            field = self._fields.get(path) or self._new(path)
            if same:
                field.same += 1
            else:
                field.differs(index, left, right, self._room())

    def _new(self, path: str) -> _Field:
        if len(self._fields) >= MOST_FIELDS and path not in OWN_FIELDS:
            path = MORE
        return self._fields.setdefault(path, _Field())

    def _room(self) -> int:
        return max(LEAST_CHANGES, MOST_CHANGES // len(self._fields))

    def reports(self) -> tuple[FieldReport, ...]:
        """Each field; our own first."""
        known = dict(self._fields)
        own = [path for path in OWN_FIELDS if path in known]
        return tuple(known[path].report(path) for path in (*own, *(p for p in known if p not in OWN_FIELDS)))

    def differing(self, path: str) -> array[int]:
        """The numbers of the pairs in which this field is not the same."""
        field = self._fields.get(path)
        return field.marks.numbers() if field else array("L")

    def of(self, index: int) -> tuple[str, ...]:
        """The fields that are not the same in this pair."""
        return tuple(path for path, field in list(self._fields.items()) if index in field.marks)
