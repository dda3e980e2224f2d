"""custom_ids: taken as they are, made of a row's number, or mapped to legal ones on request."""

from __future__ import annotations

import re

from ...model import MAP, REFUSE

CUSTOM_ID = r"^[a-zA-Z0-9_-]{1,64}\Z"
"""As the API documentation has it; `$` would let a line feed through."""

LONGEST = 64
"""Characters of a custom_id (API documentation)."""

is_legal = re.compile(CUSTOM_ID).match
_ILLEGAL = re.compile(r"[^a-zA-Z0-9_-]+")


class Namer:
    """Gives every request its custom_id; remembers what it gave, so that mapped ids are unique."""

    def __init__(self, ids: str = REFUSE) -> None:
        self._maps = ids == MAP
        self._given: set[str] = set()
        self._next: dict[str, int] = {}
        """By what was wanted, the number to try next: a hundred thousand equal wishes are no search."""

    def name(self, wanted: str | None, number: int) -> tuple[str, bool]:
        """The custom_id of row `number` that is called `wanted`, and whether it was made here.

        Without `map`, illegal and repeated ids come back as they are: the check says what is wrong.
        """
        if wanted is None:
            return self._unique(f"row-{number}"), True
        if not self._maps:
            return wanted, False
        if is_legal(wanted) and wanted not in self._given:
            self._given.add(wanted)
            return wanted, False
        return self._unique(_ILLEGAL.sub("_", wanted).strip("_")[:LONGEST] or f"row-{number}"), True

    def _unique(self, wanted: str) -> str:
        found, number = wanted, self._next.get(wanted, 1)
        while found in self._given:
            number += 1
            end = f"-{number}"
            found = wanted[: LONGEST - len(end)] + end
        if number > 1:
            self._next[wanted] = number
        self._given.add(found)
        return found
