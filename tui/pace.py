"""How fast bytes leave, and how long the rest will take."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

from .text import duration

MEMORY = 8.0
"""Seconds that the pace is taken from."""
LEAST = 0.5
"""Seconds before a pace means anything."""


@dataclass
class Pace:
    """Bytes per second over the last few seconds."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, at: float, sent: int) -> None:
        """At this second so many bytes were sent in all; fewer than before: it began again."""
        if self._seen and sent < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((at, sent))
        while self._seen[-1][0] - self._seen[0][0] > MEMORY:
            self._seen.popleft()

    @property
    def rate(self) -> float | None:
        """Bytes per second; None while nobody can tell."""
        if not self._seen:
            return None
        (start, first), (end, last) = self._seen[0], self._seen[-1]
        return (last - first) / (end - start) if end - start >= LEAST and last > first else None

    def left(self, rest: int) -> timedelta | None:
        """How long so many bytes more will take."""
        rate = self.rate
        return timedelta(seconds=rest / rate) if rate else None


def left_words(span: timedelta) -> str:
    """Time left: by the second where it is short."""
    whole = max(round(span.total_seconds()), 1)
    return f"{whole} s" if whole < 100 else duration(span)
