"""The user's own limits: whether a launch may break them, with what was sent since midnight."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from ..config import Spending
from ..model import Estimate
from ..pricing.estimate import from_json
from ..pricing.money import dollars
from ..text import clean, plural
from .costing import costs
from .services import Services

if TYPE_CHECKING:
    from ..store.earlier import Spent

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Today:
    """What was sent from here since midnight, of this machine's local time."""

    most: Decimal = _ZERO
    """Dollars: what results have cost, and the highest estimate of what has none yet."""
    unknown: int = 0
    """Launches of which not everything has a price."""


async def over(
    services: Services, limits: Spending, estimate: Estimate, *, requests: int | None = None
) -> tuple[str, ...]:
    """A sentence for each limit that sending this may break; `requests`, if not just those of it go now.

    The highest estimate counts; where some of it has no price, that is a reason of its own.
    """
    if limits == Spending():
        return ()
    high = _share(estimate, estimate.requests if requests is None else requests)
    unpriced = bool(estimate.unknown_models) or estimate.high is None
    found = [] if limits.launch is None else list(_launch(high, unpriced, estimate, limits.launch))
    if limits.day is not None:
        found += _day(high, unpriced, await today(services), limits.day)
    return tuple(found)


async def today(services: Services) -> Today:
    """What was sent from here since midnight, whichever account it went to."""
    midnight = datetime.combine(services.clock().astimezone().date(), time()).astimezone()
    found = [await _spent(services, each) for each in await services.store.earlier.sent_since(midnight)]
    return Today(sum((amount for amount, _ in found), _ZERO), sum(not is_whole for _, is_whole in found))


async def _spent(services: Services, launch: Spent) -> tuple[Decimal, bool]:
    """Dollars of a launch, and whether that is all of it."""
    if launch.is_whole:
        cost = (await costs(services, (launch.batch_id,))).total
        return cost.known, cost.is_whole
    try:
        estimate = from_json(json.loads(launch.estimate or "null"))
    except (ValueError, RecursionError):
        estimate = None
    if estimate is None or estimate.high is None:
        return _ZERO, False
    return _share(estimate, launch.requests), not estimate.unknown_models


def _share(estimate: Estimate, requests: int) -> Decimal:
    """The highest price of so many requests like its own, as far as it is known."""
    return Decimal(estimate.high or 0) * requests / max(estimate.requests, 1)


def _launch(high: Decimal, unpriced: bool, estimate: Estimate, limit: Decimal) -> Iterator[str]:
    most = f"the {dollars(limit)} that a launch may cost"
    if high > limit:
        yield f"This may cost {_beyond(high, limit)}{' and more' if unpriced else ''}, over {most}."
    elif unpriced:
        yield f"What {_named(estimate.unknown_models)} costs is unknown, and may be over {most}."


def _day(high: Decimal, unpriced: bool, sent: Today, limit: Decimal) -> Iterator[str]:
    most = f"the {dollars(limit)} that a day may cost"
    whole = sent.most + high
    if whole > limit:
        more = " and more" if unpriced or sent.unknown else ""
        total = _beyond(whole, limit) + more
        yield f"With {dollars(sent.most)} for what was sent today it may come to {total}, over {most}."
    elif sent.unknown:
        unknown = plural(sent.unknown, "launch")
        yield f"What {unknown} of today cost is unknown: with this one it may come to more than {most}."
    elif unpriced:
        yield f"As a price is unknown, today may come to more than {most}."


def _named(models: Sequence[str]) -> str:
    """The first of them; names of models are foreign text, and there may be many."""
    if not models:
        return "this"
    return clean(models[0]) + (f" and {plural(len(models) - 1, 'other model')}" if len(models) > 1 else "")


def _beyond(amount: Decimal, limit: Decimal) -> str:
    """An amount over a limit, in words that do not read as the limit itself."""
    return f"{dollars(amount)} and a bit" if dollars(amount) == dollars(limit) else dollars(amount)
