"""Why requests have no whole answer, as groups that somebody may want sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..errors import UsageError
from ..model import CANCELED, ERRORED, EXPIRED, SUCCEEDED, RetryGroup
from ..store.unanswered import Reason
from ..text import clean

MISSING = "missing"
USAGE_LIMIT = f"{ERRORED}:usage_limit"
"""Refused because the user's own spending limit was reached: an `invalid_request_error` that says so."""

FUTILE = frozenset(
    {
        "invalid_request_error",
        "not_found_error",
        "authentication_error",
        "permission_error",
        "billing_error",
        "request_too_large",
    }
)
"""Errors that the same request would meet again: something has to be changed first."""

_LIMIT_WORDS = "reached your specified api usage limit"
_OUTCOMES = frozenset({ERRORED, CANCELED, EXPIRED})
"""Ends without an answer, and without a price: nothing is lost by another try."""


@dataclass(slots=True)
class Group:
    """A group while it is made, and what it consists of."""

    outcome: str
    reason: str
    kinds: list[int] = field(default_factory=list)
    """The store's numbers of the kinds of results in it."""
    messages: Counter[str] = field(default_factory=Counter)

    def told(self, key: str) -> RetryGroup:
        """The group as it is shown."""
        is_futile = self.outcome == ERRORED and key != USAGE_LIMIT and self.reason in FUTILE
        ((message, _),) = self.messages.most_common(1)
        return RetryGroup(
            key,
            self.messages.total(),
            message,
            retriable=not is_futile,
            chosen=self.outcome in _OUTCOMES and not is_futile,
        )


def grouped(reasons: Iterable[Reason]) -> dict[str, Group]:
    """The reasons by the key of their group."""
    groups: dict[str, Group] = {}
    for each in reasons:
        group = groups.setdefault(_key(each), Group(each.outcome, each.reason))
        group.kinds.append(each.kind)
        group.messages[each.message] += each.requests
    return groups


def _key(reason: Reason) -> str:
    if reason.outcome == SUCCEEDED:
        return reason.reason or "no_stop_reason"
    if reason.outcome != ERRORED:
        return reason.outcome
    if reason.reason == "invalid_request_error" and _LIMIT_WORDS in reason.message.casefold():
        return USAGE_LIMIT
    return f"{ERRORED}:{reason.reason}" if reason.reason else ERRORED


def in_order(groups: Iterable[RetryGroup]) -> tuple[RetryGroup, ...]:
    """What is sent again by itself first, what would fail again last; the largest first among equals."""
    return tuple(
        sorted(groups, key=lambda each: (not each.chosen, not each.retriable, -each.count, each.key))
    )


def chosen(groups: Sequence[RetryGroup], named: Sequence[str], *, mends: bool) -> list[RetryGroup]:
    """The groups of this name, else those that are chosen by themselves; UsageError if that is nothing.

    `mends`: the requests will be changed, so that what would only fail again has a chance.
    """
    if not groups:
        raise UsageError("Every request has a whole answer.", "There is nothing to be sent again.")
    keys = [each.key for each in groups]
    there = ", ".join(map(clean, keys))
    unknown = [name for name in named if name not in keys]
    if unknown:
        raise UsageError(f"There is no group “{clean(unknown[0])}” in it.", f"There are {there}.")
    if named:
        return [each for each in groups if each.key in named]
    found = [each for each in groups if each.chosen or (mends and not each.retriable)]
    if not found:
        raise UsageError(
            "Nothing of it is sent again by itself.", f"Name a group ({there}), or change the requests."
        )
    return found
