"""Problems as they are found: the first of them, the number of all, and the same ones together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ...model import ERROR, WARNING, Problem, ProblemGroup
from ..basics.items import Finding

SHOWN = 1_000
"""Problems kept; the rest is counted."""
WARNINGS_SHOWN = SHOWN // 2
"""Of these, warnings, so that errors which come later have room."""
GROUPS = 200
"""Groups told; of kept ones there are more, as a late one may be of errors, or large."""
GROUPS_KEPT = 2_000
PLACES = 5
"""Told of each group."""

OTHER = "There are more problems of other kinds"

_INDEX = re.compile(r"\[\d+\]")


@dataclass(slots=True)
class _Group:
    what: str
    remedy: str
    severity: str
    count: int = 0
    places: list[str] = field(default_factory=list)


class Problems:
    """Takes findings, and remembers as much of them as there is room for."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.errors = 0
        self.warnings = 0
        self._groups: dict[tuple[str, str], _Group] = {}

    def add(self, finding: Finding, place: Callable[[], str]) -> None:
        """Note a finding; its place is asked for only where it will be told."""
        if finding.severity == WARNING:
            self.warnings += 1
        else:
            self.errors += 1
        group = self._group(finding)
        group.count += 1
        if group.remedy != finding.remedy:
            group.remedy = ""
        keep = len(self.kept) < (WARNINGS_SHOWN if finding.severity == WARNING else SHOWN)
        if not keep and len(group.places) >= PLACES:
            return
        where = place()
        if len(group.places) < PLACES:
            group.places.append(where)
        if keep:
            remedy = f"{finding.detail} {finding.remedy}".strip()
            self.kept.append(Problem(where, finding.what, remedy, finding.severity))

    def groups(self) -> tuple[ProblemGroup, ...]:
        """The same problems together: errors first, then the most frequent."""
        found = sorted(self._groups.values(), key=lambda each: (each.severity != ERROR, -each.count))
        return tuple(
            ProblemGroup(each.what, each.remedy, each.severity, each.count, tuple(each.places))
            for each in found[:GROUPS]
        )

    def _group(self, finding: Finding) -> _Group:
        what = _INDEX.sub("[…]", finding.what)
        key = (finding.severity, what)
        group = self._groups.get(key)
        if group is None and len(self._groups) >= GROUPS_KEPT:
            key = (finding.severity, OTHER)
            group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(key[1], finding.remedy, finding.severity)
        return group
