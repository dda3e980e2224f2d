"""Two scopes compared: every custom_id of both with its verdict, and what that comes to."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..model import Scope
from .comparing import Found
from .tallies import DIFFERENT, NOT_COMPARED, SAME, VERDICTS, FieldReport, Tallies

NOTHING = 0
"""In place of a ref: there is no result. No file has the number 0."""


@dataclass(frozen=True, slots=True)
class SideReport:
    """What there is to say of one of the scopes."""

    scope: Scope
    lines: int = 0
    whole: bool = True
    """Whether all the results are here."""
    unnamed: int = 0
    """Lines without a custom_id: they belong to no pair."""
    repeated: int = 0
    """Lines whose custom_id has a newer success, or a later line."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the comparison has come to by now; it does not change."""

    left: SideReport
    right: SideReport
    counts: dict[str, int] = field(default_factory=dict)
    """How many custom_ids have each of `VERDICTS`."""
    outcomes: tuple[tuple[str, str, int], ...] = ()
    """What became of the requests left and right, with counts, the most frequent first."""
    fields: tuple[FieldReport, ...] = ()

    @property
    def total(self) -> int:
        """Custom_ids looked at."""
        return sum(self.counts.values())


class Comparison:
    """Every custom_id of both scopes with its verdict, by number: those of the left, then the others."""

    def __init__(self, left: Scope, right: Scope) -> None:
        self.left = left
        self.right = right
        self._left = array("Q")
        self._right = array("Q")
        self._verdicts = bytearray()
        self._tallies = Tallies()

    def __len__(self) -> int:
        return len(self._verdicts)

    def refs(self, index: int) -> tuple[int, int]:
        """The two results; NOTHING where there is none."""
        return self._left[index], self._right[index]

    def verdict(self, index: int) -> str:
        """One of `VERDICTS`."""
        return VERDICTS[self._verdicts[index]]

    def fields(self, index: int) -> tuple[str, ...]:
        """The fields that are not the same in this pair."""
        return self._tallies.of(index)

    def select(self, verdict: str = "", field: str = "") -> array[int]:
        """The numbers of the pairs with this verdict, and in which this field is not the same."""
        if field:
            found = self._tallies.differing(field)
        elif not verdict:
            return array("L", range(len(self)))
        else:
            found = array("L", _places(self._verdicts, VERDICTS.index(verdict)))
        if field and verdict:
            wanted = VERDICTS.index(verdict)
            found = array("L", (index for index in found if self._verdicts[index] == wanted))
        return found

    def add(self, left: int, right: int, verdict: str) -> None:
        """Another pair; for the comparing alone."""
        self._left.append(left)
        self._right.append(right)
        self._verdicts.append(VERDICTS.index(verdict))

    def judge(self, left: int, right: int, found: Found) -> None:
        """Another pair that was compared; for the comparing alone."""
        self._tallies.add(len(self), found.fields)
        verdict = NOT_COMPARED if found.same is None else SAME if found.same else DIFFERENT
        self.add(left, right, verdict)

    def counts(self) -> dict[str, int]:
        """How many there are of each verdict."""
        return {verdict: self._verdicts.count(number) for number, verdict in enumerate(VERDICTS)}

    def reports(self) -> tuple[FieldReport, ...]:
        """Each field, counted; while nothing is being added."""
        return self._tallies.reports()


def _places(verdicts: bytearray, wanted: int) -> Iterator[int]:
    place = verdicts.find(wanted)
    while place >= 0:
        yield place
        place = verdicts.find(wanted, place + 1)
