"""Places in a text where JSON may begin or end, found in time that grows with its length only."""

from __future__ import annotations

import re

_TOKENS = 200_000  # brackets and strings looked at for the end of something that is no JSON
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]', re.DOTALL)


class Next:
    """Where one of two short texts occurs next; while the places asked for grow, it looks at each but once.

    An expression that may begin in several ways tries every character: on prose that takes most of the time.
    """

    def __init__(self, text: str, either: tuple[str, str]) -> None:
        self._text = text
        self._either = either
        self._asked = 0
        self._places = [-1, -1]

    def __call__(self, position: int) -> int:
        """The first place from here on; beyond the text where there is none."""
        if position < self._asked:
            self._places = [-1, -1]
        self._asked = position
        for number, wanted in enumerate(self._either):
            if self._places[number] < position:
                found = self._text.find(wanted, position)
                self._places[number] = found if found >= 0 else len(self._text) + 1
        return min(self._places)


def end_of(text: str, start: int) -> int:
    """Where the brackets that open here are closed; −1 if they are not."""
    depth = 0
    for number, token in enumerate(_TOKEN.finditer(text, start)):
        depth += 1 if token[0] in "{[" else -1 if token[0] in "}]" else 0
        if depth <= 0:
            return token.end()
        if number > _TOKENS:
            break
    return -1
