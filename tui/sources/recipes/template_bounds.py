"""What a template may use up: steps, and characters made and read; and values as the text of a prompt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from jinja2 import Undefined
from jinja2.exceptions import TemplateRuntimeError

Value = TypeVar("Value")

LONGEST = 32_000_000
"""Characters of one text: a Messages body may have 32 MB (API documentation)."""
MOST_BITS = 10_000
"""Of a whole number."""
BUDGET = 512_000_000
"""Of each rendering: about half a million steps, or a hundred million characters made on the way."""
STEP = 1024
"""What a turn of a loop, a call or a filter costs, beside what it reads and makes."""
_ITEM = 32
"""What it costs to go over one value of a list."""
_MADE = 4
"""What it costs to make a character, where reading one costs 1."""


class TooMuch(Exception):
    """A template takes too long, or makes too much."""


class Meter:
    """What is left for one rendering."""

    def __init__(self) -> None:
        self._left = BUDGET

    def reset(self) -> None:
        """Begin another rendering."""
        self._left = BUDGET

    def step(self, cost: int = 0) -> None:
        """Pay for one step that costs so much more."""
        self._left -= STEP + cost
        if self._left < 0:
            raise TooMuch("it runs too long")

    def take(self, value: object) -> None:
        """Pay for reading a value."""
        self.step(_size(value))

    def made(self, value: Value) -> Value:
        """Pay for a value that was made, and hand it on."""
        size = _size(value)
        self.allow(size)
        self.step(_MADE * size)
        return value

    def allow(self, size: int) -> None:
        """Refuse what would become too large, before it is made."""
        if size > LONGEST:
            raise TooMuch(f"it becomes longer than {LONGEST:,} characters")


def _size(value: object) -> int:
    """The cost of going over a value once; what is not counted yet (a filter's answer) is 0."""
    if isinstance(value, str):
        return len(value)
    return _ITEM * len(value) if isinstance(value, list | tuple | dict | range) else 0


def weighed(meter: Meter, value: object) -> int:
    """Characters that a value has as text, about; a text that stands in it twice counts twice."""
    if isinstance(value, str):
        return len(value)
    inner: Iterable[object] = ()
    if isinstance(value, dict):
        inner = (each for pair in value.items() for each in pair)
    elif isinstance(value, list | tuple):
        inner = value
    total = 2
    for each in inner:
        meter.step()
        total += weighed(meter, each)
        meter.allow(total)
    return total


def text_of(meter: Meter, value: Any) -> str:
    """A value as the text of a prompt: lists and objects as JSON, and nothing at all for null."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | Undefined):
        return str(value)
    return json_of(meter, value)


def json_of(meter: Meter, value: Any, indent: int | None = None) -> str:
    """A value as JSON that people can read."""
    meter.allow(weighed(meter, value))
    return meter.made(json.dumps(value, ensure_ascii=False, indent=indent, default=_listed))


def _listed(value: Any) -> list[Any]:
    """What a filter left unfinished, as a list; no function is text."""
    if callable(value) or not isinstance(value, Iterable):
        raise TemplateRuntimeError(f"“{getattr(value, '__name__', 'this')}” is no text")
    return list(value)


def joined(meter: Meter, between: str, values: Iterable[Any]) -> str:
    """The texts of values, one after the other."""
    texts: list[str] = []
    size = 0
    for value in values:
        texts.append(text_of(meter, value))
        size += len(texts[-1]) + len(between)
        meter.step()
        meter.allow(size)
    return meter.made(between.join(texts))


def product_size(left: Any, right: Any) -> int:
    """About how long a product is: of a text or a list with a number, or of two numbers."""
    for value, times in ((left, right), (right, left)):
        if isinstance(value, Sequence) and isinstance(times, int):
            return max(times, 0) * (len(value) if isinstance(value, str) else _ITEM * len(value))
    return _as_size(_bits(left) + _bits(right))


def power_size(left: Any, right: Any) -> int:
    """About how long a power is."""
    return _as_size(_bits(left) * right) if isinstance(right, int) else 0


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 0


def _as_size(bits: int) -> int:
    return 0 if bits <= MOST_BITS else LONGEST + bits
