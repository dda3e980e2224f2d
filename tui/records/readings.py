"""Where JSON lies among what a model said, or why none could be read.

Nothing is repaired: a trailing comma, single quotes or a missing bracket make an answer that cannot be read,
and counts as such. Only what leaves no doubt is taken although it is not quite JSON: line breaks within
strings, `NaN` and numbers beyond any machine's (as the text they are written as), lone surrogates. Of equal
keys the last one counts, as with any JSON reader.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgspec

from .places import Next, end_of

TOOL = "tool"
JSON = "json"
FENCED = "fenced"
PROSE = "prose"
PREFILLED = "prefilled"
SEVERAL = "several"
CUT = "cut"
BROKEN = "broken"
TOO_LONG = "too long"
NONE = "none"
NO_ANSWER = "no answer"

READ = (TOOL, JSON, FENCED, PROSE, PREFILLED, SEVERAL)
"""Readings that gave data."""
HOWS = {
    TOOL: "the input of a tool: the first one called with an object",
    JSON: "nothing but JSON",
    FENCED: "JSON in a fenced block",
    PROSE: "JSON among prose",
    PREFILLED: "JSON whose first bracket was in the request, as the beginning of the answer",
    SEVERAL: "several pieces of JSON, of which the first that can be read is taken",
    CUT: "JSON that breaks off",
    BROKEN: "begins as JSON, but is none",
    TOO_LONG: "too long to be read as data",
    NONE: "no JSON in it",
    NO_ANSWER: "not an answer: errored, expired, canceled or unreadable",
}
"""Every way in which a result may have been read, and what it means."""

LONGEST_TEXT = 2_000_000
"""Characters of an answer; no model can say more today."""
_TRIES = 16  # beginnings looked at among prose
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*([\w.+-]*)\s*")
_FENCES = ("```", "~~~")
_BRACKETS = ("{", "[")
_CLOSING = re.compile(r"\s*(?:`{3,}|~{3,}|\Z)")
_BEGIN = re.compile(r"""\{\s*["']|\[\s*["{]""")
_KEY = re.compile(r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"\s*:')
_SPACE = " \t\r\n\ufeff"
_TRAILING = "`~" + _SPACE


class Extracted(NamedTuple):
    """What an answer says as data, and how that was found."""

    how: str
    """One of `HOWS`."""
    data: Any = None
    reason: str = ""
    """What the parser stumbled over, for those who want to know."""


_strict = msgspec.json.Decoder()


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 400 else digits


def _real(digits: str) -> float | str:
    value = float(digits)
    return value if abs(value) < float("inf") else digits


lenient = json.JSONDecoder(strict=False, parse_int=_integer, parse_float=_real, parse_constant=str)


def read_text(text: str, *, is_cut: bool = False) -> Extracted:
    """The data in what an answer says; `is_cut`: the service says that it is not whole."""
    text = text.strip(_SPACE)
    if len(text) > LONGEST_TEXT:
        return Extracted(TOO_LONG)
    return _quickly(text) or _Reading(text, is_cut).found()


def _quickly(text: str) -> Extracted | None:
    """The common cases: JSON and nothing else, or none whatever."""
    if text.startswith("```json\n") and text.endswith("\n```"):
        try:
            return Extracted(FENCED, _strict.decode(text[8:-4]))
        except (ValueError, RecursionError):
            return None
    if not text:
        return Extracted(NONE)
    if text[0] in '{["-0123456789tfn':
        data = whole(text)
        return None if data is msgspec.UNSET else Extracted(JSON, data)
    if not any(each in text for each in (*_BRACKETS, *_FENCES)):
        return Extracted(NONE)
    return None


def whole(text: str) -> Any:
    """All of it as JSON; UNSET where it is none."""
    try:
        return _strict.decode(text)
    except (ValueError, RecursionError):
        pass
    try:
        return lenient.decode(text)
    except (ValueError, RecursionError):
        return msgspec.UNSET


class _Reading:
    """One look for JSON through a text, from its beginning to its end; the first failure is remembered."""

    def __init__(self, text: str, is_cut: bool) -> None:
        self._text = text
        self._next_fence = Next(text, _FENCES)
        self._next_bracket = Next(text, _BRACKETS)
        self._is_cut = is_cut
        self._failure: Extracted | None = None
        self._ends: dict[int, int] = {}

    def found(self) -> Extracted:
        """What there is, or why there is nothing."""
        found = self._continued() or self._around_fences() or self._fenced()
        if found is None and self._failure is None:
            found = self._among_prose()
        if found is None and self._failure is None and self._text.startswith("{"):
            self._fail(self._text, 0, "no JSON object")
        return found or self._failure or Extracted(NONE)

    def _fence(self, position: int) -> re.Match[str] | None:
        return _FENCE.match(self._text, self._next_fence(position))

    def _begin(self, position: int) -> re.Match[str] | None:
        return _BEGIN.search(self._text, self._next_bracket(position))

    def _value(self, start: int, text: str = "", *, is_sure: bool = True) -> tuple[Any, int]:
        """The value that begins here and where it ends; UNSET where it is none."""
        text = text or self._text
        try:
            value, end = lenient.raw_decode(text, start)
            return value, end
        except (ValueError, RecursionError) as error:
            if is_sure:
                self._fail(text, start, str(error))
            return msgspec.UNSET, start

    def _fail(self, text: str, start: int, reason: str) -> None:
        """Say once that what begins here breaks off, or is none although it comes to an end."""
        if self._failure is not None:
            return
        is_cut = self._is_cut or not (
            text.rstrip(_TRAILING).endswith(("}", "]")) or self._end(start, text) >= 0
        )
        self._failure = Extracted(CUT if is_cut else BROKEN, reason=reason)

    def _end(self, start: int, text: str) -> int:
        """Where the brackets that open here are closed; −1 if they are not."""
        if text is not self._text:
            return end_of(text, start)
        if start not in self._ends:
            self._ends[start] = end_of(text, start)
        return self._ends[start]

    def _continued(self) -> Extracted | None:
        """An answer that goes on where the request's own beginning of it ended: with `{` or `[`."""
        if self._text.startswith('"'):
            opening = "{" if _KEY.match(self._text) else "["
        elif self._text.startswith("{"):
            opening = "["
        else:
            return None
        # With `[` it is only a guess.
        value, _ = self._value(0, opening + self._text, is_sure=opening == "{")
        return None if value is msgspec.UNSET else Extracted(PREFILLED, value)

    def _around_fences(self) -> Extracted | None:
        """JSON in whose strings fences are spoken of."""
        fence = self._fence(0)
        begin = self._begin(0) if fence is not None else None
        if begin is None or fence is None or begin.start() > fence.start():
            return None
        value, end = self._value(begin.start(), is_sure=False)  # what follows may be better
        if value is msgspec.UNSET or end < fence.start():
            return None
        return Extracted(self._how(begin.start(), end), value)

    def _fenced(self) -> Extracted | None:
        position = 0
        while self._failure is None or self._failure.how == BROKEN:
            fence = self._fence(position)
            if fence is None:
                return None
            if self._is_json(fence):
                value, end = self._value(fence.end())
                if value is not msgspec.UNSET:
                    return self._in_fence(value, fence.end(), end)
            close = self._text.find(fence[1], fence.end())
            if close < 0:
                return None
            position = close + len(fence[1])
        return None

    def _is_json(self, fence: re.Match[str]) -> bool:
        """Whether a fenced block means to be JSON: by its name, or without one by its beginning."""
        if fence[2]:
            return "json" in fence[2].lower() and not self._text.startswith("\\", fence.end())
        return _BEGIN.match(self._text, fence.end()) is not None

    def _in_fence(self, value: Any, start: int, end: int) -> Extracted | None:
        closing = _CLOSING.match(self._text, end)
        if closing is None:
            if _BEGIN.match(self._text[end : end + 1_000].lstrip()):
                return Extracted(SEVERAL, value)  # an object per line
            self._fail(self._text, start, f"something follows the value at {end}")
            return None
        following = self._fence(closing.end())
        is_only = self._failure is None and (following is None or not self._is_json(following))
        return Extracted(FENCED if is_only else SEVERAL, value)

    def _among_prose(self) -> Extracted | None:
        position = 0
        for _ in range(_TRIES):
            begin = self._begin(position)
            if begin is None:
                return None
            value, end = self._value(begin.start())
            if value is not msgspec.UNSET:
                return Extracted(self._how(begin.start(), end), value)
            # What lies within something broken is a part of it, and no answer of its own.
            position = self._end(begin.start(), self._text)
            if position < 0:
                return None
        return None

    def _how(self, start: int, end: int) -> str:
        rest = self._text[end:]
        if self._failure is not None or self._begin(end) is not None:
            return SEVERAL
        if start == 0 and rest.strip(_TRAILING) == "":
            return FENCED if rest else JSON
        return PROSE
