"""Whether a line says what is looked for, and where in a shown text it stands."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ...errors import UsageError
from ...model import Pattern
from ...text import sound
from .folding import has_forms
from .needed import needed
from .probe import Probe
from .texts import said

PATIENCE = 0.25
"""Seconds for one text: an expression that wants more may want centuries."""
SHORT_PATIENCE = 0.02
"""The same after MOST_PATIENT such texts: the others will hardly be better."""
MOST_PATIENT = 20
SPAN_PATIENCE = 0.05
"""Seconds for the matches of a shown text: somebody waits for its paint."""
MOST_SPANS = 10_000


class TooSlow(Exception):
    """Whether a text matches cannot be told in any reasonable time."""


class Matcher(ABC):
    """What is looked for, ready to be asked."""

    probe: Probe | None
    """Finds the lines that are worth asking about; None where every line is."""

    @staticmethod
    def of(pattern: Pattern) -> Matcher:
        """The matcher of a pattern; UsageError where it is none."""
        if not pattern.text:
            raise UsageError("There is nothing to search for.")
        if pattern.regex:
            return _Expression(pattern.text, pattern.ignore_case)
        text = sound(pattern.text)
        is_cased = pattern.ignore_case and any(map(has_forms, text.casefold()))
        return _Caseless(text) if is_cased else _Exact(text)

    @abstractmethod
    def is_in(self, text: str) -> bool:
        """Whether a text matches; TooSlow if it cannot be told."""

    @abstractmethod
    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Beginning and end of each match in a text, as far as they are found in SPAN_PATIENCE."""

    def says(self, raw: bytes) -> bool:
        """Whether one of the texts of a line matches; TooSlow if it cannot be told."""
        slow: TooSlow | None = None
        for text in said(raw):
            try:
                if self.is_in(text):
                    return True
            except TooSlow as error:
                slow = error
        if slow is not None:
            raise slow
        return False


def spans(matcher: Matcher, text: str) -> list[tuple[int, int]]:
    """Where the matches in a shown text are; at most MOST_SPANS, empty ones left out."""
    return list(islice((span for span in matcher.find(text) if span[0] < span[1]), MOST_SPANS))


class _Exact(Matcher):
    def __init__(self, text: str) -> None:
        self.probe = Probe.of([text], False)
        self._text = text

    def is_in(self, text: str) -> bool:
        return self._text in text

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        return _places(self._text, text)


class _Caseless(Matcher):
    def __init__(self, text: str) -> None:
        self.probe = Probe.of([text], True)
        self._text = text.casefold()

    def is_in(self, text: str) -> bool:
        # Folding a text is slow: most that match have the wanted one in small letters, too.
        return self._text in text or self._text in text.casefold()

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        folded = text.casefold()
        found = _places(self._text, folded)
        if len(folded) == len(text):
            return found
        # Some letters fold to several (ß to ss): whose places are looked up in the text as it is.
        origin = [place for place, sign in enumerate(text) for _ in sign.casefold()]
        return ((origin[first], origin[last - 1] + 1) for first, last in found)


def _places(wanted: str, text: str) -> Iterator[tuple[int, int]]:
    place = text.find(wanted)
    while place >= 0:
        yield place, place + len(wanted)
        place = text.find(wanted, place + len(wanted))


# What `regex` would read as a fuzzy match is plain text to Python: `a{e}`. Named signs and escapes stay.
_BRACE = re.compile(r"\\N\{[^}]*\}|\\.|(\{)(?!\d*,?\d*\})", re.DOTALL)


class _Expression(Matcher):
    """Run by the `regex` library: it can be told when to give up, and lets the others run meanwhile."""

    def __init__(self, text: str, ignore_case: bool) -> None:
        known = needed(text, ignore_case)
        self.probe = Probe.of(known.literals, known.ignore_case) if known.literals else None
        self._pattern = _compiled(text, ignore_case)
        self._slow = 0

    def is_in(self, text: str) -> bool:
        patience = PATIENCE if self._slow < MOST_PATIENT else SHORT_PATIENCE
        try:
            return self._pattern.search(text, timeout=patience, concurrent=True) is not None
        except (TimeoutError, MemoryError):
            self._slow += 1
            raise TooSlow from None

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        try:
            for match in self._pattern.finditer(text, timeout=SPAN_PATIENCE, concurrent=True):
                yield match.span()
        except (TimeoutError, MemoryError):
            return


def _compiled(text: str, ignore_case: bool) -> Any:
    import regex  # only for whoever searches so: 20 ms to load

    brace = _BRACE.sub(lambda found: r"\{" if found[1] else found[0], text)
    try:
        return regex.compile(brace, regex.VERSION0 | (regex.IGNORECASE if ignore_case else 0))
    except (regex.error, RecursionError, MemoryError) as error:
        raise UsageError(f"This regular expression cannot be used here: {error}.") from None
