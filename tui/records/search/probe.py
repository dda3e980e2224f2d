"""A look at the bytes: where in a block a line begins to be worth decoding.

A file may write `ë` as itself or as `\\u00eb`, a quote or a line break only escaped, and any letter as an
escape if it likes. So a piece of the wanted text is chosen that has one plain form (no quotes, slashes, line
breaks), and a line is worth it if it holds that piece as it is, or an escape of one of its characters – or,
without case, a character that stands for one of them in disguise. No line that says the text lacks all three.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from .folding import alternatives, disguises

Finder = Callable[[bytearray, int, int], int]
"""Where something begins in a block, between two places; -1 if nowhere."""

_PLAIN = re.compile(r'[^\x00-\x1f"\\/\ufffd\ud800-\udfff]+')
_LONGEST = 32
"""Characters of a piece: more find no faster."""
_ENOUGH = 8
"""Characters beyond which a longer piece is no rarer."""
_COMMON = b' etaoinsrhl\xc3\xe2"dcu,:m\\p_fg0y.w123b456789v-k{}[]AIST'
"""The bytes that results hold most of, the most frequent first; those that are not here are rare."""
_RARE = _COMMON.index(b"v")
_STEPS = 256
"""Places of a rare byte that are tried in a block before it is taken for a common one."""


class Probe:
    """Finds the lines of a block that may match; at least one of the pieces must be there."""

    def __init__(self, pieces: Iterable[str], ignore_case: bool) -> None:
        pieces = list(pieces)
        signs = sorted(set(chain.from_iterable(pieces)))
        hidden = sorted(set(chain.from_iterable(map(disguises, signs)))) if ignore_case else []
        foreign = [sign for sign in signs if not sign.isascii()]
        written = chain.from_iterable(map(alternatives, foreign)) if ignore_case else foreign
        plain = [sign for sign in signs if sign.isascii()]
        plain += [sign.upper() for sign in plain] if ignore_case else []
        self._raw = [_as_it_is(piece, ignore_case) for piece in pieces]
        self._disguised = [(lead, _pattern(signs)) for lead, signs in _by_lead(hidden)]
        self._any_escape = _pattern(_escapes([*plain, *hidden, *written]))
        self._odd_escape = _pattern(_escapes([*plain, *hidden]))
        self._escaped = [_as_escaped(piece, ignore_case) for piece in pieces] if foreign else []

    @classmethod
    def of(cls, literals: Iterable[str], ignore_case: bool) -> Probe | None:
        """A probe for texts of which one must be there; None if there is nothing that could be looked for."""
        pieces = {_piece(each.casefold() if ignore_case else each, ignore_case) for each in literals}
        return cls(sorted(pieces), ignore_case) if pieces and "" not in pieces else None

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
        """Most blocks need only the first kind: that nothing is escaped or in disguise is quickly seen."""
        finders = list(self._raw)
        finders += [finder for lead, finder in self._disguised if block.find(lead, 0, size) >= 0]
        if self._any_escape(block, 0, size) < 0:
            return finders
        if self._escaped and block.isascii():
            # Whoever writes ASCII escapes every foreign letter: then the piece has one escaped form as well.
            return [*finders, *self._escaped, self._odd_escape]
        return [*finders, self._any_escape]


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
        worth -= 2 * any(map(disguises, run)) + 2 * any(
            not sign.isascii() and _has_case(sign) for sign in run
        )
    return worth


def _as_it_is(piece: str, ignore_case: bool) -> Finder:
    if not ignore_case or not any(_has_case(sign) for sign in piece):
        return _exactly(piece.encode())
    forms = (_any([each.encode() for each in _forms(sign)]) for sign in piece)
    return _caseless(b"".join(forms))


def _exactly(raw: bytes) -> Finder:
    """By its rarest byte, which is ten times faster where that is rare indeed; else as a whole."""
    place = max(range(len(raw)), key=lambda at: _rarity(raw[at]))
    sign = raw[place : place + 1]
    if _rarity(raw[place]) < _RARE:
        return lambda block, first, last: block.find(raw, first, last)

    def find(block: bytearray, first: int, last: int) -> int:
        at = first + place
        for _ in range(_STEPS):
            at = block.find(sign, at, last)
            if at < 0 or block.find(raw, at - place, min(at - place + len(raw), last)) >= 0:
                return at - place if at >= 0 else -1
            at += 1
        return block.find(raw, at - place, last)

    return find


def _rarity(sign: int) -> int:
    place = _COMMON.find(sign)
    return len(_COMMON) if place < 0 else place


def _as_escaped(piece: str, ignore_case: bool) -> Finder:
    forms = (
        re.escape(sign.encode()) if sign.isascii() else _any_escape(_forms(sign) if ignore_case else [sign])
        for sign in piece
    )
    return _caseless(b"".join(forms))


def _has_case(sign: str) -> bool:
    return sign.isalpha() if sign.isascii() else len(alternatives(sign)) > 1


def _forms(sign: str) -> list[str]:
    return [sign] if sign.isascii() else alternatives(sign)


def _any(forms: list[bytes]) -> bytes:
    return re.escape(forms[0]) if len(forms) == 1 else b"(?:" + b"|".join(map(re.escape, forms)) + b")"


def _any_escape(signs: list[str]) -> bytes:
    return b"(?:" + b"|".join(_escapes(signs)) + b")"


def _escapes(signs: Iterable[str]) -> list[bytes]:
    r"""What JSON may write instead: `\u00eb`, a pair of them beyond 16 bits, hex in either case."""
    return [_escape(sign) for sign in dict.fromkeys(signs)]


def _escape(sign: str) -> bytes:
    units = sign.encode("utf-16-be").hex()
    digits = "".join(digit if digit.isdigit() else f"[{digit}{digit.upper()}]" for digit in units[:4])
    more = "".join(digit if digit.isdigit() else f"[{digit}{digit.upper()}]" for digit in units[4:])
    return rf"\\u{digits}".encode() + (rf"\\u{more}".encode() if more else b"")


def _by_lead(signs: Iterable[str]) -> Iterator[tuple[bytes, list[bytes]]]:
    """UTF-8 forms by their first byte: where that is absent, and it is quickly found to be, so are they."""
    leads: dict[bytes, list[bytes]] = {}
    for sign in signs:
        raw = sign.encode()
        leads.setdefault(raw[:1], []).append(re.escape(raw))
    yield from leads.items()


def _pattern(forms: list[bytes]) -> Finder:
    # With what they have in common before the bar, `re` skips ahead; it finds the common beginning by itself.
    return _finder(re.compile(b"|".join(forms) or b"(?!)"))


def _caseless(pattern: bytes) -> Finder:
    import regex  # ten times faster than `re` where case does not matter

    return _finder(regex.compile(b"(?i)" + pattern))


def _finder(pattern: Any) -> Finder:
    search = pattern.search

    def find(block: bytearray, first: int, last: int) -> int:
        found = search(block, first, last)
        return found.start() if found else -1

    return find
