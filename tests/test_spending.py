"""The user's limits: what a launch may cost, what a day may cost, and what nobody knows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.estimating import answered, kept, launch
from tui.config import Spending
from tui.handlers import Services
from tui.handlers.spending import Today, over, today
from tui.model import DROPPED, FAILED, SENDING, UNCERTAIN, Estimate
from tui.paths import Paths

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEN = Estimate(requests=100, low="1", likely="5", high="10", standard_high="20")
"""A hundred requests for ten dollars."""
UNKNOWN = Estimate(requests=100, unknown_models=("mystery\x1b[31m", "other"))
PARTLY = replace(TEN, unknown_models=("mystery",))


@pytest.fixture
def at_noon(services: Services) -> Services:
    return replace(services, clock=lambda: NOW)


def limits(launch: str = "", day: str = "") -> Spending:
    return Spending(Decimal(launch) if launch else None, Decimal(day) if day else None)


# ── one launch ───────────────────────────────────────────────────────────────────────────────────────────


async def test_nothing_is_limited_unasked(services: Services) -> None:
    for estimate in (TEN, UNKNOWN, PARTLY, Estimate()):
        assert await over(services, Spending(), estimate) == ()


async def test_a_launch_below_and_over_its_limit(services: Services) -> None:
    assert await over(services, limits(launch="10"), TEN) == ()
    (said,) = await over(services, limits(launch="9.99"), TEN)
    assert said == "This may cost $10.00, over the $9.99 that a launch may cost."
    assert await over(services, limits(launch="0"), TEN) != ()


async def test_an_amount_never_reads_as_the_limit_that_it_is_over(services: Services) -> None:
    (said,) = await over(services, limits(launch="10"), replace(TEN, high="10.0001"))
    assert said == "This may cost $10.00 and a bit, over the $10.00 that a launch may cost."


async def test_only_what_goes_now_counts(services: Services) -> None:
    assert await over(services, limits(launch="1", day="1"), TEN, requests=10) == ()
    assert len(await over(services, limits(launch="1", day="1"), TEN, requests=11)) == 2
    assert "$100.00" in (await over(services, limits(launch="9"), TEN, requests=1_000))[0]


async def test_an_unknown_price_may_break_any_limit(services: Services) -> None:
    (said,) = await over(services, limits(launch="1000000"), UNKNOWN)
    assert said == (
        "What mystery␛[31m and 1 other model costs is unknown, and may be over"
        " the $1,000,000.00 that a launch may cost."
    )
    (said,) = await over(services, limits(launch="50"), PARTLY)
    assert said.startswith("What mystery costs is unknown")
    (said,) = await over(services, limits(launch="5"), PARTLY)
    assert said == "This may cost $10.00 and more, over the $5.00 that a launch may cost."
    (said,) = await over(services, limits(day="50"), PARTLY)
    assert said == "As a price is unknown, today may come to more than the $50.00 that a day may cost."
    assert (await over(services, limits(launch="50"), Estimate()))[0].startswith("What this costs is unknown")


# ── a day ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_day_so_far_counts(at_noon: Services) -> None:
    sent = [launch("a", 1, 60, NOW), launch("a", 2, 20, NOW, UNCERTAIN), launch("a", 3, 20, None)]
    await kept(at_noon, "a", *sent, estimate=TEN)
    assert await today(at_noon) == Today(Decimal(8))
    assert await over(at_noon, limits(launch="10", day="18"), TEN) == ()
    (said,) = await over(at_noon, limits(launch="10", day="17.5"), TEN)
    assert said == (
        "With $8.00 for what was sent today it may come to $18.00, over the $17.50 that a day may cost."
    )


async def test_what_was_not_sent_costs_nothing(at_noon: Services) -> None:
    states = [launch("a", n, 25, NOW, state) for n, state in enumerate((FAILED, DROPPED, SENDING))]
    await kept(at_noon, "a", *states, launch("a", 3, 25, None), estimate=TEN)
    assert await today(at_noon) == Today(Decimal("2.5"))


async def test_real_costs_take_the_place_of_estimates(at_noon: Services) -> None:
    sent = [launch("a", 1, 50, NOW, batch_id="b1"), launch("a", 2, 50, NOW, batch_id="b2")]
    await kept(at_noon, "a", *sent, estimate=TEN)
    answered(at_noon, "b1", 100, 100)
    answered(at_noon, "b2", 100, complete=False)  # half a file says nothing of the whole
    real = 2 * Decimal("1000") * 2 / 1_000_000 + 200 * Decimal(10) / 1_000_000
    assert await today(at_noon) == Today(real + 5)
    await at_noon.store.results.remove("b1")
    answered(at_noon, "b1", 100, model="mystery")
    assert await today(at_noon) == Today(Decimal(5), 1)


async def test_launches_that_nobody_has_estimated(at_noon: Services) -> None:
    await kept(at_noon, "a", launch("a", 1, 50, NOW))
    await kept(at_noon, "b", launch("b", 1, 50, NOW), estimate=UNKNOWN)
    await kept(at_noon, "c", launch("c", 1, 50, NOW), estimate=PARTLY)
    await at_noon.store.runs.estimated("a", "[" * 100_000)
    assert await today(at_noon) == Today(Decimal(5), 3)
    (said,) = await over(at_noon, limits(day="50"), TEN)
    assert said == (
        "What 3 launches of today cost is unknown:"
        " with this one it may come to more than the $50.00 that a day may cost."
    )
    (said,) = await over(at_noon, limits(day="12"), TEN)
    assert "$15.00 and more" in said
    assert await over(at_noon, limits(launch="50"), TEN) == ()


@pytest.fixture
def in_auckland(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def test_a_day_begins_at_midnight_here(in_auckland: None, at_noon: Services) -> None:
    """Noon in Greenwich is one in the morning of the next day there."""
    await kept(at_noon, "a", launch("a", 1, 10, NOW.replace(hour=10, minute=59)), estimate=TEN)
    await kept(at_noon, "b", launch("b", 1, 20, NOW.replace(hour=11, minute=0)), estimate=TEN)
    assert await today(at_noon) == Today(Decimal(2))


async def test_launches_of_every_account_count(
    at_noon: Services, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.__main__ import build
    from tui.api import Connection

    await kept(at_noon, "a", launch("a", 1, 50, NOW), estimate=TEN)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-somebody-else")
    async with build(paths, Connection()) as others:
        assert (await today(replace(others, clock=lambda: NOW))).most == 5
