"""How far the reading of a source is, told often enough to be watched, and no oftener."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from .files.streams import Meter

STEPS = 32
"""Parts of a source after each of which there is something to tell."""
SECONDS = 0.05
"""The same where a part takes longer."""

Progress = Callable[[int, int], None]
"""Hears of the bytes read, and of how many there are."""


class Teller:
    """Tells somebody, if there is anybody; each time whoever hears it takes Python's lock from us."""

    def __init__(self, meter: Meter, heard: Progress | None) -> None:
        self._meter = meter
        self._heard = heard
        self._read = 0
        self._when = 0.0

    def go_on(self) -> None:
        """Something was read: tell of it, unless that was done just now."""
        if self._heard is None:
            return
        now, read = monotonic(), self._meter.read
        if read - self._read >= self._meter.total // STEPS or now - self._when >= SECONDS:
            self._read, self._when = read, now
            self._heard(read, self._meter.total)

    def finish(self) -> None:
        """Everything was read."""
        if self._heard is not None and self._meter.read > self._read:
            self._heard(self._meter.read, self._meter.total)
