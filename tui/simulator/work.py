"""What a batch was asked to do, kept as small as the answers allow."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple, Protocol

from .ids import mix

OUTCOMES = ("succeeded", "errored", "canceled", "expired")
"""How a request can end, in the order of the API's counts."""


class Asked(NamedTuple):
    """One request, reduced to what its answer needs.

    `fate` names the kind of answer (see `answers`), `error:TYPE:MESSAGE`, `canceled` or `expired`;
    `excerpt` is the beginning of the prompt, `shape` the tool or JSON schema that was asked for.
    """

    custom_id: str
    model: str
    max_tokens: int
    fate: str
    excerpt: str = ""
    shape: str = ""


class Work(Protocol):
    """The requests of one batch, by position."""

    def __len__(self) -> int: ...

    def asked(self, index: int) -> Asked:
        """Give one request."""
        ...

    def fate(self, index: int) -> str:
        """Give only what becomes of a request."""
        ...


def outcome(fate: str) -> str:
    """Tell which of the four outcomes a fate is."""
    if fate.startswith("error:"):
        return "errored"
    return fate if fate in ("canceled", "expired") else "succeeded"


class Permutation:
    """A fixed shuffle of 0 … n-1 that needs no memory and is the same for the same seed."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.step = 1 + mix(seed) % max(size - 1, 1)
        while math.gcd(self.step, size) != 1:
            self.step += 1
        self.shift = mix(seed + 1) % size

    def __call__(self, index: int) -> int:
        return (index * self.step + self.shift) % self.size


@dataclass(slots=True)
class Launched:
    """The requests of a batch that a client created."""

    requests: Sequence[Asked]

    def __len__(self) -> int:
        return len(self.requests)

    def asked(self, index: int) -> Asked:
        """Give one request."""
        return self.requests[index]

    def fate(self, index: int) -> str:
        """Give only what becomes of a request."""
        return self.requests[index].fate


@dataclass
class Invented:
    """The requests of a batch out of the account's history: counted, but made only when looked at."""

    stem: str
    models: Sequence[str]
    mix: Sequence[tuple[str, int]]
    max_tokens: int = 1024
    topics: Sequence[str] = ("",)
    shape: str = ""
    seed: int = 0
    first: int = 1
    _bounds: list[int] = field(init=False, repr=False)
    _order: Permutation = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._bounds = list(accumulate(count for _, count in self.mix))
        self._order = Permutation(len(self), self.seed)

    def __len__(self) -> int:
        return self._bounds[-1]

    def asked(self, index: int) -> Asked:
        """Make one request."""
        pick = mix(self.seed ^ index)
        return Asked(
            self.stem.format(self.first + index),
            self.models[pick % len(self.models)],
            self.max_tokens,
            self.fate(index),
            self.topics[(pick >> 8) % len(self.topics)],
            self.shape,
        )

    def fate(self, index: int) -> str:
        """Give only what becomes of a request."""
        return self.mix[bisect_right(self._bounds, self._order(index))][0]


def tally(work: Work) -> dict[str, int]:
    """Count the outcomes of a whole work that nothing interrupts."""
    counts = dict.fromkeys(OUTCOMES, 0)
    if isinstance(work, Invented):
        for fate, count in work.mix:
            counts[outcome(fate)] += count
        return counts
    for index in range(len(work)):
        counts[outcome(work.fate(index))] += 1
    return counts
