"""What there is to say about a foreign request while it is ported: collected by path, told by its place."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from ...model import ERROR, WARNING
from ..basics.items import Finding, Path, kind_of, short
from ..basics.places import Places

MOST = 100
"""Findings of one request: more would only be the same again."""
PLACED = 1_000
"""Times that the same words get a line and a column: looking these up takes longer than porting."""
KINDS = 10_000
"""Different words that are counted, so that a file of garbage cannot fill the memory."""


class Notes:
    """Collects the findings of one request; `told` counts the words that were said about those before."""

    def __init__(self, told: Counter[str]) -> None:
        self._told = told
        self._notes: list[tuple[Path, str, str, str, str]] = []
        self._found: list[Finding] = []
        self._more = 0
        self.failed = False
        """Whether there is an error among them: then no request can be made."""

    def error(self, path: Path, what: str, remedy: str = "", detail: str = "") -> None:
        """Say why no request can be made."""
        self.failed = True
        self._add(path, what, remedy, detail, ERROR)

    def warn(self, path: Path, what: str, remedy: str = "", detail: str = "") -> None:
        """Say what is not quite as it was."""
        self._add(path, what, remedy, detail, WARNING)

    def wrong(self, path: Path, name: str, wanted: str, value: object) -> None:
        """Say that something is of the wrong type: “stop must be a string or a list, not a number”."""
        self.error(path, f"{name} must be {wanted}, not {kind_of(value)}")

    def found(self, finding: Finding) -> None:
        """Take in an error whose place is known."""
        self.failed = True
        self._found.append(finding)

    def text(self, owner: dict[str, Any], key: str, path: Path, name: str) -> str:
        """A text in an object; empty where there is none, or, with an error, where it is something else."""
        value = owner.get(key)
        if isinstance(value, str):
            return value
        if says(value):
            self.wrong((*path, key), name, "a string", value)
        return ""

    def flag(self, owner: dict[str, Any], key: str, path: Path) -> bool | None:
        """A truth value in an object; None where there is none, or, with an error, something else."""
        value = owner.get(key)
        if isinstance(value, bool) or value is None:
            return value
        self.wrong((*path, key), key, "true or false", value)
        return None

    def findings(self, raw: bytes) -> tuple[Finding, ...]:
        """All of them, each with its place in the bytes of the request."""
        if not self._notes:
            return tuple(self._found)
        places: Places | None = None
        found = self._found.copy()
        for path, what, remedy, detail, severity in self._notes:
            line = column = 0
            if self._is_new(what):
                places = places or Places(raw)
                line, column = places.place(path)
            found.append(Finding(what, remedy, line, column, severity, detail))
        if self._more:
            detail = f"{self._more:,} findings are not shown."
            what, remedy = "There is more to say about this request", "Mend what is said first."
            found.append(Finding(what, remedy, 0, 0, WARNING, detail))
        return tuple(found)

    def _is_new(self, what: str) -> bool:
        """Whether these words have not been said so often that nobody will look where."""
        times = self._told[what]
        new = times < PLACED and (times > 0 or len(self._told) < KINDS)
        if new:
            self._told[what] += 1
        return new

    def _add(self, path: Path, what: str, remedy: str, detail: str, severity: str) -> None:
        if len(self._notes) < MOST:
            self._notes.append((path, what, remedy, detail, severity))
        else:
            self._more += 1


def rest(value: dict[str, Any], known: frozenset[str], path: Path, notes: Notes, owner: str) -> None:
    """Name what an object has beyond the known keys, and says something: it is left out."""
    for key, each in value.items():
        if key not in known and says(each):
            notes.warn((*path, key), f"“{short(key)}” of {owner} was left out", "It has no counterpart.")


def says(value: object) -> bool:
    """Whether a value says anything: null and what is empty are the same as nothing."""
    return not (value is None or value == "" or value == [] or value == {})


def shown(value: object) -> str:
    """A value as it stands in the source, short enough for a sentence."""
    if isinstance(value, dict | list):
        return kind_of(value)
    return short(value) if isinstance(value, str) else short(json.dumps(value))
