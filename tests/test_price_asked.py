"""Whatever is sent, its price is named before the yes: retries, the rest of a run, an unclear launch."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.app_runs import Deck, running
from tests.cli_runs import Run as Program
from tests.cli_runs import requests
from tests.estimating import COUNT
from tests.retrying import OVERLOADED, again, fetched, new_launches, tried_once
from tests.running import made_run
from tui.cli import draft_words
from tui.commands import SendRun
from tui.config import Spending
from tui.errors import UsageError
from tui.handlers import Services, run
from tui.handlers.questions import Questions
from tui.handlers.spending import today
from tui.model import Change, Estimate, Run, utc_now
from tui.screens.dialogs import Ask, Confirm
from tui.screens.retrying import RetryDialog
from tui.screens.run import RunScreen
from tui.screens.unfinished import UnfinishedScreen
from tui.simulator import Simulator

OPUS = Change("model", "claude-opus-5-5")
PRICE = re.compile(r"(about|at most|less than) <? ?\$0\.0\d+")
COST = re.compile(r"cost (< )?\$0\.0\d+ (likely|to)|cost (at most|less than) \$0\.0\d+")


async def retried(services: Services, simulator: Simulator, *changes: Change) -> Run:
    made = await tried_once(services, simulator, {"r-0": OVERLOADED, "r-1": OVERLOADED}, (5,))
    return await again(services, made.id, changes=changes)


def limited(services: Services, **limits: str) -> Services:
    spending = Spending(**{name: Decimal(limit) for name, limit in limits.items()})
    return replace(services, spending=spending)


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_retry_is_priced_by_what_it_sends(services: Services, simulator: Simulator) -> None:
    found = await retried(services, simulator, OPUS)
    price = await Questions(services).price(found)
    assert (price.requests, price.counted) == (2, 2)
    assert price.likely_from.endswith("of this launch so far")
    await run(services, SendRun(found.id))
    assert (await today(services)).most >= Decimal(price.high or 0), "until its answers are here"


async def test_the_limits_are_held_to_the_price_that_was_named(
    services: Services, simulator: Simulator
) -> None:
    """A guess from the length is dearer than what was counted: it must not refuse after the yes."""
    found = await retried(services, simulator)
    price = await Questions(services).price(found)
    strict = limited(services, launch=price.high or "")
    assert price.over == () and await Questions(strict).over_limit(found) == ()
    sent: Run = await run(strict, SendRun(found.id))
    assert len(sent.scope) == 2


async def test_what_another_attempt_was_thought_to_cost_says_nothing(
    services: Services, simulator: Simulator
) -> None:
    made = await made_run(services, (5,))
    first = await Questions(services).price(made)
    found = await retried(services, simulator, OPUS)
    strict = limited(services, launch=first.high or "")
    assert await Questions(strict).over_limit(found) != ()
    with pytest.raises(UsageError, match="over the"):
        await run(strict, SendRun(found.id))


async def test_what_has_no_price_is_unknown_and_never_nothing(
    services: Services, simulator: Simulator
) -> None:
    found = await retried(services, simulator)
    draft = services.paths.draft_file(new_launches(found)[0].id)
    draft.write_bytes(draft.read_bytes().replace(b"claude-haiku-5-5", b"mystery"))
    price = await Questions(services).price(found)
    assert (price.high, price.unknown_models) == (None, ("mystery",))
    assert draft_words.price(price) == "unknown"


async def test_the_rest_is_priced_by_the_answers_of_the_sample(
    services: Services, simulator: Simulator
) -> None:
    simulator.switches.duration, simulator.switches.dull = timedelta(), True
    made = await made_run(services, (4, 3), sample=2)
    await run(services, SendRun(made.id, sample_only=True))
    rest = await Questions(services).run(made.id)
    await fetched(services, rest)
    price = await Questions(services).price(rest)
    assert (price.requests, price.likely_from) == (7, "2 answers of this launch so far")


def test_part_of_a_price_that_is_unknown_is_said() -> None:
    partly = Estimate(3, high="10", likely="5", standard_high="20", unknown_models=("mine",))
    assert draft_words.price(partly).startswith("about $5.00, at most $10.00 + unknown; ")
    assert draft_words.price(Estimate(3, unknown_models=("mine",))) == "unknown"


def test_a_likely_price_that_reads_as_the_highest_is_not_said_twice() -> None:
    small = Estimate(3, high="0.00002", likely="0.00001", standard_high="0.00004")
    assert draft_words.price(small).startswith("less than $0.0001; at the standard price")


# ── in a shell ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_retry_in_a_shell_names_its_price(run: Program, simulator: Simulator, tmp_path: Path) -> None:
    simulator.switches.duration, simulator.switches.fate = timedelta(), lambda *_: OVERLOADED
    assert run("launch", str(requests(tmp_path)), "--name", "three", "--yes").code == 0
    config = Path(run("info", "--json").json["paths"]["config"])
    outcome = run("retry", "three", "--yes")
    assert outcome.code == 0, outcome.err
    assert PRICE.search(outcome.err)
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[spending]\nlaunch = 0.000001\n")
    refused = run("retry", "three", "--yes")
    assert (refused.code, simulator.creates) == (2, 2) and "--over-limit" in refused.err
    assert run("retry", "three", "--yes", "--over-limit").code == 0


def test_the_rest_in_a_shell_names_its_price(run: Program, simulator: Simulator, tmp_path: Path) -> None:
    assert run("launch", str(requests(tmp_path, 5)), "--sample", "2", "--name", "five", "--yes").code == 0
    config = Path(run("info", "--json").json["paths"]["config"])
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[spending]\nday = 0.000001\n")
    refused = run("launch", "--resume", "five", "--yes")
    assert (refused.code, simulator.creates) == (2, 1)
    assert PRICE.search(refused.err) and "Add --over-limit" in refused.err
    assert run("launch", "--resume", "five", "--yes", "--over-limit").code == 0


def test_after_a_sample_the_price_of_the_rest_is_named(
    run: Program, simulator: Simulator, tmp_path: Path, answer: Callable[[str], None]
) -> None:
    simulator.switches.duration, simulator.switches.dull = timedelta(), True
    answer("y")
    outcome = run("launch", str(requests(tmp_path, 5)), "--sample", "2")
    assert outcome.code == 0, outcome.err
    assert PRICE.search(outcome.err.partition("tokens in")[2])


def test_sending_an_unclear_launch_again_names_its_price(
    run: Program, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add("POST /v1/messages/batches", "api_error")
    assert run("launch", str(requests(tmp_path)), "--yes").code == 4
    ((launch,),) = [each["launches"] for each in run("runs", "--json").json]
    config = Path(run("info", "--json").json["paths"]["config"])
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[spending]\nlaunch = 0.000001\n")
    refused = run("launch", "--resume", launch["launch_id"], "--again", "--yes")
    assert (refused.code, simulator.creates) == (2, 0), "the limits hold here, too"
    outcome = run("launch", "--resume", launch["launch_id"], "--again", "--yes", "--over-limit")
    assert (outcome.code, simulator.creates) == (0, 1), outcome.err
    assert PRICE.search(outcome.err)


# ── in the app ───────────────────────────────────────────────────────────────────────────────────────────


async def asked(deck: Deck) -> str:
    await deck.until(lambda: isinstance(deck.screen, Confirm))
    assert isinstance(deck.screen, Confirm)
    return "\n".join(deck.screen.details)


async def test_a_retry_in_the_app_names_its_price(services: Services, simulator: Simulator) -> None:
    made = await tried_once(services, simulator, {"r-0": OVERLOADED}, (5,))
    async with running(limited(services, launch="0.000001")) as deck:
        await deck.until_polled()
        deck.app.push_screen(RunScreen(deck.app.desk, made.id))
        await deck.until(lambda: isinstance(deck.screen, RunScreen) and deck.screen.run is not None)
        await deck.press("t")
        await deck.until(lambda: isinstance(deck.screen, RetryDialog))
        await deck.press("enter")
        assert COST.search(await asked(deck))
        await deck.press("y")
        await deck.until(lambda: isinstance(deck.screen, Ask))
        assert simulator.creates == 1
        await deck.type("yes")
        await deck.press("enter")
        await deck.until(lambda: simulator.creates == 2)


async def test_a_price_that_nobody_counted_says_that_it_is_a_guess(
    services: Services, simulator: Simulator
) -> None:
    simulator.faults.add(COUNT, "api_error", times=None)
    made = await made_run(services, (2, 2), sample=1)
    await run(services, SendRun(made.id, sample_only=True))
    async with running(services) as deck:
        await deck.until_polled()
        deck.app.push_screen(RunScreen(deck.app.desk, made.id))
        await deck.until(lambda: isinstance(deck.screen, RunScreen) and deck.screen.run is not None)
        await deck.press("L")
        assert "(a guess from the length of the texts)" in await asked(deck)


async def test_the_rest_in_the_app_names_its_price(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (2, 2), sample=1)
    await run(services, SendRun(made.id, sample_only=True))
    async with running(services) as deck:
        await deck.until_polled()
        deck.app.push_screen(RunScreen(deck.app.desk, made.id))
        await deck.until(lambda: isinstance(deck.screen, RunScreen) and deck.screen.run is not None)
        await deck.press("L")
        assert COST.search(await asked(deck))


async def test_an_unclear_launch_in_the_app_names_its_price(services: Services, simulator: Simulator) -> None:
    made = await made_run(services, (2,))
    await services.store.launches.start(made.id, utc_now(), again=False)
    await services.store.launches.uncertain(made.id, "The line was cut.")
    async with running(limited(services, day="0.000001")) as deck:
        await deck.until_polled()
        await deck.press("u")
        await deck.until(lambda: isinstance(deck.screen, UnfinishedScreen))
        await deck.until_shown("Send it again")
        await deck.press("enter")
        assert COST.search(await asked(deck))
        await deck.press("y")
        await deck.until(lambda: isinstance(deck.screen, Ask))
        await deck.press("escape")
        assert simulator.creates == 0
