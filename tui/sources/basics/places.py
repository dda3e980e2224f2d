"""Where a value stands in the JSON text of a request: found again only for what there is to say about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecoder

from .items import Path

Step = dict[str | int, tuple[int, int]]

_SPACE = re.compile(r"[ \t\r\n]*").match
_skip = JSONDecoder().raw_decode


class Places:
    """The text of one element, with what was found in it before."""

    def __init__(self, raw: bytes) -> None:
        self._text = raw.decode("utf-8", "replace")
        self._steps: dict[int, Step] = {}

    def place(self, path: Path) -> tuple[int, int]:
        """Line below the first, and column from 1, of a key or a list's item; of the nearest around, else.

        Column 0 is the element as a whole.
        """
        at = self._offset(path)
        if at is None:
            return 0, 0
        return self._text.count("\n", 0, at), at - self._text.rfind("\n", 0, at)

    def _offset(self, path: Path) -> int | None:
        found, inside = None, self._after_space(0)
        for step in path:
            if inside not in self._steps:
                self._steps[inside] = self._children(inside)
            child = self._steps[inside].get(step)
            if child is None:
                break
            found, inside = child
        return found

    def _children(self, at: int) -> Step:
        """What stands in the object or the list at `at`: where each begins, and where its value does."""
        inside = {"{": self._members, "[": self._items}.get(self._text[at : at + 1])
        found: Step = {}
        if inside is None:
            return found
        try:
            for name, begin, value in inside(at + 1):
                found[name] = begin, value
        except (ValueError, IndexError, RecursionError):
            pass  # a text that nothing can be found in has no places
        return found

    def _members(self, at: int) -> Iterator[tuple[str | int, int, int]]:
        at = self._after_space(at)
        while self._text[at] == '"':
            key, end = _skip(self._text, at)
            value = self._after_space(self._after_space(end) + 1)
            yield key, at, value
            at = self._next(value)

    def _items(self, at: int) -> Iterator[tuple[str | int, int, int]]:
        at, number = self._after_space(at), 0
        while self._text[at] != "]":
            yield number, at, at
            at, number = self._next(at), number + 1

    def _next(self, value: int) -> int:
        """Where the one after this value begins; at the closing bracket, if there is none."""
        end = self._after_space(_skip(self._text, value)[1])
        return self._after_space(end + 1) if self._text[end] == "," else end

    def _after_space(self, at: int) -> int:
        found = _SPACE(self._text, at)
        assert found is not None  # the pattern matches nothing at all, too
        return found.end()
