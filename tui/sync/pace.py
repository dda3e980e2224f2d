"""How long to wait until the next poll; pure arithmetic."""

from __future__ import annotations

import random

from ..errors import DeckError, NoCredential, SlowedDown, Unauthorized

RELAXED = 60.0
"""Seconds between polls when nothing runs or nobody looks."""
LONGEST = 300.0
"""No wait is longer, whatever a server asks for: five minutes of silence are enough."""
SHORTEST = 0.05


def steady(refresh: float, *, live: bool, focused: bool) -> float:
    """The pace while all is well."""
    return max(refresh if live and focused else max(refresh, RELAXED), SHORTEST)


def after_failure(refresh: float, failures: int, error: DeckError, rng: random.Random) -> float:
    """The pause after the `failures`-th failure in a row: ever longer, and never the same for everybody."""
    if isinstance(error, SlowedDown) and error.retry_after is not None:
        # A little later than asked for, so that clients told the same moment do not come back together.
        return max(min(error.retry_after * rng.uniform(1.0, 1.1), LONGEST), min(refresh, LONGEST), SHORTEST)
    ceiling = min(max(refresh, SHORTEST) * 2.0 ** min(failures, 20), LONGEST)
    pause = ceiling * rng.uniform(0.5, 1.0)
    if isinstance(error, (Unauthorized, NoCredential)):
        return max(pause, min(max(RELAXED, refresh), LONGEST))
    return pause
