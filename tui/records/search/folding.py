"""Which characters may stand for which others where case does not matter, so that no filter loses a match.

Without case a text is found when its `casefold()` is within the other's. `ß` folds to `ss`, `ﬁ` to `fi`, the
Kelvin sign to `k`: a filter that looks for `fish` must not pass over `ﬁsh`.
"""

from __future__ import annotations

from functools import cache

_LAST_CASED = 0x1E943  # Adlam; a test goes through all of Unicode


@cache
def _sources() -> dict[str, list[str]]:
    """Of each character in some other's folded form, those others; ASCII's own letters left out."""
    found: dict[str, list[str]] = {"i": ["ı"]}  # a regular expression takes the dotless one for it, too
    for code in range(0x80, _LAST_CASED + 1):
        folded = chr(code).casefold()
        if folded != chr(code):
            for sign in dict.fromkeys(folded):
                found.setdefault(sign, []).append(chr(code))
    return found


def has_forms(sign: str) -> bool:
    """Whether anything else folds to a folded character, or to more with it inside."""
    return sign in _sources() or (sign.isascii() and sign.isalpha())


def alternatives(sign: str) -> list[str]:
    """A folded character that is not ASCII, and all that fold to just it."""
    return [sign, *(each for each in _sources().get(sign, ()) if each.casefold() == sign)]


def disguises(sign: str) -> list[str]:
    """What else a folded character may hide in: foreign letters if it is ASCII, else what folds to more."""
    others = _sources().get(sign, [])
    return others if sign.isascii() else [each for each in others if len(each.casefold()) > 1]
