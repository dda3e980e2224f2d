"""A look at the bytes: where in a block a line begins to be worth decoding.

A file may write `ë` as itself or as `\\u00eb`, a quote or a line break only escaped, and any letter as an
escape if it likes. So a piece of the wanted text is chosen that has one plain form (no quotes, slashes, line
breaks), and a line is worth it if it holds that piece as it is, or an escape of one of its characters – or,
without case, a character that stands for one of them in disguise. No line that says the text lacks all three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from .folding import alternatives, disguises
from .forms import Finder, as_escaped, as_it_is, by_lead, escapes, has_case, pattern

_PLAIN = re.compile(r'[^\x00-\x1f"\\/\ufffd\ud800-\udfff]+')
_LONGEST = 32
"""Characters of a piece: more find no faster."""
_ENOUGH = 8
"""Characters beyond which a longer piece is no rarer."""
_SURE = 1 << 20
_PART = 1 << 18
_EVERY = 16
"""What shows whether a file escapes plain letters: its first bytes, and then one of so many parts."""


class Probe:
    """What to look for in a block; a line that matches holds at least one of the pieces."""

    def __init__(self, pieces: Iterable[str], ignore_case: bool) -> None:
        pieces = list(pieces)
        signs = sorted(set(chain.from_iterable(pieces)))
        hidden = sorted(set(chain.from_iterable(map(disguises, signs)))) if ignore_case else []
        foreign = [sign for sign in signs if not sign.isascii()]
        written = chain.from_iterable(map(alternatives, foreign)) if ignore_case else foreign
        plain = [sign for sign in signs if sign.isascii()]
        plain += [sign.upper() for sign in plain] if ignore_case else []
        self.is_usual = not (foreign or hidden) and all(sign.isalnum() or sign == " " for sign in signs)
        """Whether the pieces are made of nothing but what needs no escape, and gets none."""
        self._raw = [as_it_is(piece, ignore_case) for piece in pieces]
        self._disguised = [(lead, pattern(signs)) for lead, signs in by_lead(hidden)]
        self._any_escape = pattern(escapes([*plain, *hidden, *written]))
        self._odd_escape = pattern(escapes([*plain, *hidden]))
        self._escaped = [as_escaped(piece, ignore_case) for piece in pieces] if foreign else []

    @classmethod
    def of(cls, literals: Iterable[str], ignore_case: bool) -> Probe | None:
        """A probe for texts of which one must be there; None if there is nothing that could be looked for."""
        pieces = {_piece(each.casefold() if ignore_case else each, ignore_case) for each in literals}
        return cls(sorted(pieces), ignore_case) if pieces and "" not in pieces else None

    def finders(self, block: bytearray, size: int) -> list[Finder]:
        """What to look for where nothing is escaped: the pieces, and whoever may be in disguise there."""
        present = [finder for lead, finder in self._disguised if block.find(lead, 0, size) >= 0]
        return [*self._raw, *present]

    def escaped(self, block: bytearray, size: int) -> list[Finder]:
        """What else to look for where something is escaped: nothing in most blocks, as is quickly seen."""
        if self._any_escape(block, 0, size) < 0:
            return []
        if self._escaped and block.isascii():
            # Whoever writes ASCII escapes every foreign letter: then the piece has one escaped form as well.
            return [*self._escaped, self._odd_escape]
        return [self._any_escape]


class Look:
    """One pass over a file, block by block.

    Nobody is known to escape plain letters, and looking for it takes as long as the search itself. Who does
    it, does it from his first line on: so where a piece has only such, some parts show what the others do.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._place = 0
        self._has_escapes = not probe.is_usual

    def lines(self, block: bytearray, size: int) -> Iterator[tuple[int, int]]:
        """Beginning and end of each line that is worth decoding, among the first `size` bytes."""
        finders = self._finders(block, size)
        heads = [finder(block, 0, size) for finder in finders]
        while (found := min((head for head in heads if head >= 0), default=-1)) >= 0:
            first = block.rfind(b"\n", 0, found) + 1
            last = block.find(b"\n", found, size)
            last = size if last < 0 else last
            yield first, last
            heads = [
                head if head < 0 or head > last else finder(block, last, size)
                for head, finder in zip(heads, finders, strict=True)
            ]

    def _finders(self, block: bytearray, size: int) -> list[Finder]:
        finders = self._probe.finders(block, size)
        is_sample = self._place < _SURE or self._place // _PART % _EVERY == 0
        self._place += size
        if not is_sample and not self._has_escapes:
            return finders
        escaped = self._probe.escaped(block, size)
        self._has_escapes |= bool(escaped)
        return [*finders, *escaped]


def _piece(text: str, ignore_case: bool) -> str:
    """The part of a text that is best looked for; none if all of it may be written in several ways."""
    runs = _PLAIN.findall(text)
    if ignore_case:
        runs += chain.from_iterable(_undisguised(run) for run in runs[:])
    return max(runs, key=lambda run: _worth(run, ignore_case), default="")[:_LONGEST]


def _undisguised(run: str) -> list[str]:
    return "".join("\n" if disguises(sign) or not sign.isascii() else sign for sign in run).split("\n")


def _worth(run: str, ignore_case: bool) -> float:
    worth = min(len(run.encode()), _ENOUGH) + len(run) / 1000
    if ignore_case:
        worth -= 2 * any(map(disguises, run)) + 2 * any(not sign.isascii() and has_case(sign) for sign in run)
    return worth
