"""The byte forms in which a file may hold a piece of text, each as a function that finds it in a block."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .folding import alternatives

Finder = Callable[[bytearray, int, int], int]
"""Where something begins in a block, between two places; -1 if nowhere."""

_COMMON = b' etaoinsrhl\xc3\xe2"dcu,:m\\p_fg0yx.w123b456789v-k{}[]AIST'
"""The bytes that results hold most of, the most frequent first; those that are not here are rare."""
_RARE = _COMMON.index(b"v")
_STEPS = 256
"""Places of a rare byte that are tried in a block before it is taken for a common one."""


def as_it_is(piece: str, ignore_case: bool) -> Finder:
    """The piece written plainly."""
    if not ignore_case or not any(has_case(sign) for sign in piece):
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


def as_escaped(piece: str, ignore_case: bool) -> Finder:
    """The piece with all that is not ASCII escaped."""
    forms = (
        re.escape(sign.encode()) if sign.isascii() else _one_escape(_forms(sign) if ignore_case else [sign])
        for sign in piece
    )
    return _caseless(b"".join(forms))


def has_case(sign: str) -> bool:
    """Whether a folded character has other forms of its own."""
    return sign.isalpha() if sign.isascii() else len(alternatives(sign)) > 1


def _forms(sign: str) -> list[str]:
    return [sign] if sign.isascii() else alternatives(sign)


def _any(forms: list[bytes]) -> bytes:
    return re.escape(forms[0]) if len(forms) == 1 else b"(?:" + b"|".join(map(re.escape, forms)) + b")"


def _one_escape(signs: list[str]) -> bytes:
    return b"(?:" + b"|".join(escapes(signs)) + b")"


def escapes(signs: Iterable[str]) -> list[bytes]:
    r"""What JSON may write instead: `\u00eb`, a pair of them beyond 16 bits, hex in either case."""
    return [_escape(sign) for sign in dict.fromkeys(signs)]


def _escape(sign: str) -> bytes:
    units = sign.encode("utf-16-be").hex()
    digits = "".join(digit if digit.isdigit() else f"[{digit}{digit.upper()}]" for digit in units[:4])
    more = "".join(digit if digit.isdigit() else f"[{digit}{digit.upper()}]" for digit in units[4:])
    return rf"\\u{digits}".encode() + (rf"\\u{more}".encode() if more else b"")


def by_lead(signs: Iterable[str]) -> Iterator[tuple[bytes, list[bytes]]]:
    """UTF-8 forms by their first byte: where that is absent, and it is quickly found to be, so are they."""
    leads: dict[bytes, list[bytes]] = {}
    for sign in signs:
        raw = sign.encode()
        leads.setdefault(raw[:1], []).append(re.escape(raw))
    yield from leads.items()


def pattern(forms: list[bytes]) -> Finder:
    """Any of these patterns."""
    # With what they have in common before the bar, `re` skips ahead; it finds the common beginning by itself.
    return _finder(re.compile(b"|".join(forms) or b"(?!)"))


def _caseless(form: bytes) -> Finder:
    import regex  # ten times faster than `re` where case does not matter

    return _finder(regex.compile(b"(?i)" + form))


def _finder(compiled: Any) -> Finder:
    search = compiled.search

    def find(block: bytearray, first: int, last: int) -> int:
        found = search(block, first, last)
        return found.start() if found else -1

    return find
