"""A poll's failure as the words of the status line."""

from __future__ import annotations

from ..errors import (
    DeckError,
    NoCredential,
    NotFound,
    Refused,
    SlowedDown,
    Unauthorized,
    Unreachable,
    UsageError,
)

_STATES: tuple[tuple[type[DeckError], str], ...] = (
    (NoCredential, "no-credential"),
    (Unauthorized, "unauthorized"),
    (Unreachable, "offline"),
    (SlowedDown, "slowed"),
)


def state_of(error: DeckError) -> str:
    """The state that a poll which ended in this error leaves behind."""
    return next((state for kind, state in _STATES if isinstance(error, kind)), "failing")


def not_offered(error: DeckError) -> bool:
    """Whether a service has no list of batches at all (gateways know some of the endpoints only)."""
    return isinstance(error, NotFound) or (isinstance(error, Refused) and error.status in (405, 501))


def remedy_of(error: DeckError) -> str:
    """What to do about it: the error's own hint, else that nothing need be done."""
    if error.hint or isinstance(error, UsageError):
        return error.hint
    return "It is tried again by itself; r tries at once."
