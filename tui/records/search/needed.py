"""What a regular expression cannot do without: read from its parse tree, or not known.

Python's own parser says whether an expression is one, and where it goes wrong. Its module is private: should
it ever move, searches get slower, not wrong.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from ...errors import UsageError

LONGEST = 10_000
"""Characters of a regular expression; nobody types more, and compiling it blocks."""
HEAVIEST = 20_000
"""Parts of an expression written out with all its repeats, which is how it is compiled."""
MOST_LITERALS = 8

_TURKISH = "İı"  # the `regex` library takes them for `i`, whose folded form is something else


class Needed(NamedTuple):
    """What is known of an expression before it is run."""

    literals: tuple[str, ...] = ()
    """A match holds at least one of these; none where nothing is known."""
    ignore_case: bool = False
    """Whether any part of it ignores case by itself."""


def needed(text: str, ignore_case: bool) -> Needed:
    """Check a regular expression, in Python's syntax; UsageError where it is none, or too large."""
    if len(text) > LONGEST:
        raise UsageError(f"This regular expression is too long: {len(text):,} characters.")
    try:
        with warnings.catch_warnings(record=True) as doubts:
            warnings.simplefilter("always")
            re.compile(text)
        tree = _parsed(text)
        weight = _weight(tree)
    except re.error as error:
        raise _wrong(error) from None
    except (RecursionError, OverflowError):
        raise UsageError("This regular expression is nested too deeply or repeats too often.") from None
    if weight > HEAVIEST:
        raise UsageError("This regular expression repeats too often.", "Use smaller numbers in { }.")
    flags = getattr(getattr(tree, "state", None), "flags", 0) if tree is not None else 0
    ignoring = ignore_case or bool(flags & re.IGNORECASE) or _ignores_case(tree)
    # A doubtful set such as [[:alpha:]] means something else to the library that runs it: believe neither.
    return Needed(() if doubts else _best(tree, ignoring), ignoring)


def _wrong(error: re.error) -> UsageError:
    place = f" at character {error.pos + 1}" if error.pos is not None else ""
    return UsageError(f"This is not a regular expression{place}: {error.msg}.")


def _parsed(text: str) -> Any:
    try:
        parse = import_module("re._parser").parse
    except (ImportError, AttributeError):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse(text)


def _children(code: str, given: Any) -> list[Any]:
    """The trees within one part of an expression."""
    if code in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return [given[2]]
    if code == "SUBPATTERN":
        return [given[3]]
    if code == "BRANCH":
        return list(given[1])
    if code == "ATOMIC_GROUP":
        return [given]
    if code in ("ASSERT", "ASSERT_NOT"):
        return [given[1]]
    return [each for each in given[1:] if each is not None] if code == "GROUPREF_EXISTS" else []


def _weight(tree: Any) -> int:
    total = 0
    for code, given in tree or ():
        within = sum(map(_weight, _children(str(code), given)))
        times = max(int(given[0]), 1) if str(code).endswith("REPEAT") else 1
        total += (1 + within) * times
    return total


def _ignores_case(tree: Any) -> bool:
    return any(
        (str(code) == "SUBPATTERN" and given[1] & re.IGNORECASE)
        or any(map(_ignores_case, _children(str(code), given)))
        for code, given in tree or ()
    )


def _best(tree: Any, ignore_case: bool) -> tuple[str, ...]:
    """The set of literals whose shortest is the longest."""
    return max(_sets(tree, ignore_case), key=_worth, default=())


def _worth(literals: Sequence[str]) -> tuple[int, int]:
    return min(map(len, literals)), -len(literals)


def _sets(tree: Any, ignore_case: bool) -> Iterable[tuple[str, ...]]:
    """Each set of which a match holds at least one."""
    run = ""
    for code, given in tree or ():
        kind = str(code)
        if kind == "LITERAL" and not (ignore_case and chr(given) in _TURKISH):
            run += chr(given)
            continue
        if kind == "AT":
            continue  # takes no room: what stands on both sides of it is next to each other
        if run:
            yield (run,)
            run = ""
        yield from _within(kind, given, ignore_case)
    if run:
        yield (run,)


def _within(kind: str, given: Any, ignore_case: bool) -> Iterable[tuple[str, ...]]:
    if kind == "BRANCH":
        each = [_best(branch, ignore_case) for branch in given[1]]
        together = tuple(dict.fromkeys(literal for literals in each for literal in literals))
        if all(each) and len(together) <= MOST_LITERALS:
            yield together
    elif kind in ("SUBPATTERN", "ATOMIC_GROUP") or (kind.endswith("REPEAT") and given[0] >= 1):
        for child in _children(kind, given):
            yield from _sets(child, ignore_case)
