"""From a few requests that were counted to the tokens of all of them, with the range that leaves.

The sample is drawn so that every byte has the same chance, which means that each request stands for its size;
the mean of the tokens per byte is then what the whole has, however different the requests are, and the
spread of that mean is its range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..model import ModelLoad
from .sizes import ENVELOPE, LEAST

GUESSED = (1 / 5, 1 / 3.5, 1 / 2.5)
"""Tokens per byte where nothing was counted: fewest, likely, most.

700 answers of claude-haiku-4-5 in JSON have 2.9 to 4.0 bytes to a token, 3.4 in all; prose has up to 4.7, and
tokenizers since then make up to 30 % more of the same text (price page).
"""
MEDIA = (1 / 350, 1 / 70, 1 / 20)
"""Tokens per byte of base64, where only the sum of all media is known.

A photograph of 500 kB has about 1,600; small pictures and PDFs full of text have many times as many a byte.
"""
SURE = 0.01
"""No range is narrower than this to either side: the service calls its own count an estimate."""

_STUDENT = (
    *(12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23),
    *(2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09),
)
"""95 % of Student's distribution lie within, by degrees of freedom from 1."""
_NORMAL = 2.05


class Counted(NamedTuple):
    """A request that the service has counted."""

    size: int
    tokens: int
    hits: int = 1
    """How often it was drawn; 0: it was looked at for its own sake, and stands for no other."""


class Span(NamedTuple):
    """Fewest, likely, most."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class Marks:
    """What requests mark for the prompt cache, on the average of those that were looked at."""

    size: int = 0
    shared: int = 0
    """So much of it is the same in other requests."""
    hour: bool = False
    """Whether it is kept for an hour instead of five minutes."""


@dataclass(frozen=True)
class Load:
    """What a draft asks of one model, and what was found out about it.

    A *size* is bytes of text, or for an image or a document as many as would have its tokens.
    """

    asked: ModelLoad
    sizes: Sequence[int] = ()
    """Of each request; empty where only their sum is known."""
    counted: tuple[Counted, ...] = ()
    marks: Marks = Marks()
    geo: str = ""
    """`us` where that was asked for."""

    @cached_property
    def size(self) -> int:
        """Of all of them together."""
        if self.sizes:
            return sum(self.sizes)
        return self.text + round(self.asked.media * MEDIA[1] / GUESSED[1])

    @property
    def text(self) -> int:
        """That part of it, where only sums are known, which is no image and no document."""
        asked = self.asked
        return max(asked.bytes - asked.media - ENVELOPE * asked.requests, LEAST * asked.requests)

    @property
    def is_counted_whole(self) -> bool:
        """Whether every request was counted."""
        return 0 < self.asked.requests <= len(self.counted)


def drawn(sizes: Sequence[int], number: int) -> dict[int, int]:
    """Places of requests to be counted, spread over all of them, and how often each was drawn.

    Steps of equal length through all bytes: a large request is met more likely, or several times. The largest
    is among them in any case.
    """
    if len(sizes) <= number:
        return dict.fromkeys(range(len(sizes)), 1)
    found: dict[int, int] = {}
    step = sum(sizes) / number
    at, end, largest = step / 2, 0, 0
    for place, size in enumerate(sizes):
        end += size
        while at < end:
            found[place] = found.get(place, 0) + 1
            at += step
        if size > sizes[largest]:
            largest = place
    found.setdefault(largest, 0)
    return found


def per_byte(load: Load) -> Span:
    """Tokens for each byte of what was not counted itself."""
    sample = [(each.tokens / each.size, each.hits) for each in load.counted if each.hits and each.size]
    if not sample:
        return Span(*GUESSED)
    ratios = [ratio for ratio, _ in sample]
    draws = sum(hits for _, hits in sample)
    mean = sum(ratio * hits for ratio, hits in sample) / draws
    if len(sample) == 1:
        return Span(min(mean, GUESSED[0]), mean, max(mean, GUESSED[2]))
    squares = sum(hits * (ratio - mean) ** 2 for ratio, hits in sample) / draws
    free = len(sample) - 1
    student = _STUDENT[free - 1] if free <= len(_STUDENT) else _NORMAL
    margin = max(student * math.sqrt(squares / free), SURE * mean)
    # So few say little, but no text of a kind has half the tokens of the leanest that was seen.
    return Span(max(mean - margin, min(ratios) / 2), mean, min(mean + margin, max(ratios) * 2))


def input_tokens(load: Load) -> Span:
    """Of all requests of a load: what was counted as it is, the rest by its size."""
    known = float(sum(each.tokens for each in load.counted))
    if load.is_counted_whole:
        return Span(known, known, known)
    if not load.sizes:
        media = load.asked.media
        return Span._make(load.text * per + media * each for per, each in zip(GUESSED, MEDIA, strict=True))
    rest = max(load.size - sum(each.size for each in load.counted), 0)
    return Span._make(known + rest * each for each in per_byte(load))


def long_ones(load: Load, ratio: float, most: int) -> tuple[float, int]:
    """The part of the input that lies in requests of more tokens than `most`, and how many those are."""
    if not load.sizes:
        all_are = load.size * ratio > most * load.asked.requests > 0
        return (1.0, load.asked.requests) if all_are else (0.0, 0)
    if ratio * max(load.sizes) <= most:
        return 0.0, 0
    long = [size for size in load.sizes if size * ratio > most]
    return sum(long) / load.size, len(long)
