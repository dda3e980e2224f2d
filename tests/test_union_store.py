"""A run that was tried again is read as one: of each custom_id the newest success, else the newest line."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tui.model import (
    SENT,
    IndexRow,
    Launch,
    Order,
    ResultFilter,
    Run,
    Scope,
    utc_now,
)
from tui.store import Store, open_store
from tui.store.reader import EVERYTHING
from tui.store.superseding import Superseding

from .indexing import index, row

NOW = utc_now()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "state.db") as opened:
        yield opened


def launch(batch_id: str, attempt: int = 1, part: int = 1, run_id: str = "run") -> Launch:
    return Launch(
        id=f"launch-{batch_id}",
        state=SENT,
        name="tickets",
        source="/tickets.jsonl",
        requests=3,
        bytes=1,
        sha256="x",
        created_at=NOW + timedelta(seconds=attempt),
        batch_id=batch_id,
        run_id=run_id,
        attempt=attempt,
        part=part,
    )


async def launched(store: Store, *launches: Launch) -> None:
    account = await store.accounts.resolve("fingerprint", "https://api")
    ids = dict.fromkeys(each.run_id for each in launches)
    for run_id in ids:
        own = tuple(each for each in launches if each.run_id == run_id)
        await store.runs.add(account.id, Run(run_id, own, NOW))


def line(number: int, custom_id: str, outcome: str = "succeeded", **more: Any) -> IndexRow:
    return row(number, outcome, custom_id=custom_id, **more)


async def indexed(store: Store, batch_id: str, *rows: IndexRow) -> None:
    await asyncio.to_thread(index, store, batch_id, list(rows))


async def shown(store: Store, scope: Scope, where: ResultFilter = EVERYTHING, by: str = "") -> list[str]:
    """The results of a scope as `batch:line`."""
    batches = await store.results.batch_of(scope)
    rows = await store.results.rows(await store.results.refs(scope, where, Order(by)))
    return [f"{batches[each.file]}:{each.line}" for each in rows]


@pytest.fixture
async def tried_twice(store: Store) -> Store:
    """a succeeded, b was mended, c failed twice, d failed the second time only, e has no second try."""
    await launched(store, launch("one"), launch("two", 2))
    await indexed(
        store,
        "one",
        line(0, "c", "expired"),
        line(1, "a", model="m1", input_tokens=1),
        line(2, "b", "errored", error_type="overloaded_error", error_message="Oh"),
        line(3, "d", model="m1", input_tokens=10, output_tokens=2),
        line(4, "e", "canceled"),
    )
    await indexed(
        store,
        "two",
        line(0, "d", "errored", error_type="api_error", error_message="No"),
        line(1, "b", model="m2", input_tokens=100),
        line(2, "c", "errored", error_type="api_error", error_message="No"),
    )
    return store


BOTH = ("one", "two")
WHOLE = ["one:1", "one:3", "one:4", "two:1", "two:2"]


async def test_one_result_for_each_request(tried_twice: Store) -> None:
    store = tried_twice
    assert await shown(store, BOTH) == WHOLE
    assert await shown(store, ("two", "one")) == WHOLE[3:] + WHOLE[:3], "in the order of the scope"
    assert await shown(store, ("one",)) == [f"one:{n}" for n in range(5)], "a single batch shows all"
    assert await shown(store, ("two",)) == [f"two:{n}" for n in range(3)]
    reverse = await store.results.refs(BOTH, order=Order("", reverse=True))
    assert list(reverse) == list(await store.results.refs(BOTH))[::-1]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (ResultFilter("succeeded"), ["one:1", "one:3", "two:1"]),
        (ResultFilter("problem"), ["one:4", "two:2"]),
        (ResultFilter("expired"), []),
        (ResultFilter(model="m1"), ["one:1", "one:3"]),
    ],
)
async def test_filters_and_orders(tried_twice: Store, where: ResultFilter, found: list[str]) -> None:
    assert await shown(tried_twice, BOTH, where) == found
    by_id = await shown(tried_twice, BOTH, where, "custom_id")
    names = ["one:1", "two:1", "two:2", "one:3", "one:4"]
    assert by_id == [each for each in names if each in found]


async def test_counts_are_of_what_counts_and_costs_of_what_was_paid(tried_twice: Store) -> None:
    summary = await tried_twice.results.summary(BOTH)
    assert summary.lines == 5
    assert dict(summary.outcomes) == {"succeeded": 3, "errored": 1, "canceled": 1}
    assert dict(summary.stops) == {"end_turn": 3}
    assert dict(summary.models) == {"m1": 2, "m2": 1}
    assert {(each.outcome, each.kind): each.count for each in summary.errors} == {
        ("errored", "api_error"): 1,
        ("canceled", ""): 1,
    }
    alone = [await tried_twice.results.summary((each,)) for each in BOTH]
    assert Counter(dict(alone[0].outcomes)) == {"succeeded": 2, "errored": 1, "expired": 1, "canceled": 1}
    assert set(summary.usage) == {*alone[0].usage, *alone[1].usage}
    assert (summary.input_tokens, summary.output_tokens) == (111, 2)


async def test_a_better_answer_that_is_superseded_was_paid_for(store: Store) -> None:
    await launched(store, launch("one"), launch("two", 2))
    await indexed(store, "one", line(0, "a", stop_reason="max_tokens", model="m", input_tokens=3))
    await indexed(store, "two", line(0, "a", model="m", input_tokens=5))
    summary = await store.results.summary(BOTH)
    assert (summary.lines, summary.stops) == (1, (("end_turn", 1),))
    (usage,) = summary.usage
    assert (usage.lines, usage.input_tokens) == (2, 8)


async def test_what_belongs_to_no_run_shows_everything(tried_twice: Store) -> None:
    store = tried_twice
    await indexed(store, "stranger", line(0, "a"), line(1, "b", "expired"))
    scope = ("stranger", "two", "one")
    assert await shown(store, scope) == ["stranger:0", "stranger:1", *WHOLE[3:], *WHOLE[:3]]
    assert await shown(store, ("stranger", "one")) == [
        "stranger:0",
        "stranger:1",
        *(f"one:{n}" for n in range(5)),
    ]


async def test_parts_of_one_attempt_are_left_alone(store: Store) -> None:
    """The same custom_id in two parts can only be the service's doing: nobody looks for it."""
    await launched(store, launch("sample", part=0), launch("one"), launch("two", part=2))
    await indexed(store, "one", line(0, "a"))
    await indexed(store, "two", line(0, "a"))
    assert await shown(store, ("sample", "one", "two")) == ["one:0", "two:0"]


async def test_only_a_part_of_the_attempts_is_looked_at(store: Store) -> None:
    await launched(store, *(launch(str(n), n) for n in (1, 2, 3)), launch("part", 1, part=2))
    await indexed(store, "1", line(0, "a"), line(1, "b", "expired"))
    await indexed(store, "part", line(0, "c", "expired"))
    await indexed(store, "2", line(0, "b", "errored"), line(1, "c", "errored"))
    await indexed(store, "3", line(0, "b"), line(1, "c", "canceled"))
    assert await shown(store, ("1", "part", "2", "3")) == ["1:0", "3:0", "3:1"]
    assert await shown(store, ("1", "part", "2")) == ["1:0", "2:0", "2:1"]
    assert await shown(store, ("1", "part")) == ["1:0", "1:1", "part:0"], "nothing of it is superseded there"
    assert await shown(store, ("part", "3")) == ["3:0", "3:1"]


async def test_lines_without_a_name_or_with_the_same_one(store: Store) -> None:
    await launched(store, launch("one"), launch("two", 2))
    await indexed(store, "one", line(0, "", "unreadable"), line(1, "", "unreadable"), line(2, "a", "expired"))
    await indexed(store, "two", line(0, "a"), line(1, "a", words="again"), line(2, "a", "errored"))
    assert await shown(store, BOTH) == ["one:0", "one:1", "two:1"]
    assert (await store.results.summary(BOTH)).lines == 3


async def test_it_follows_the_files(store: Store) -> None:
    """A retry that arrives, a file that is removed, one that is fetched anew."""
    await launched(store, launch("one"), launch("two", 2), launch("three", 3))
    await indexed(store, "one", line(0, "a", "expired"), line(1, "b", "expired"))
    assert await shown(store, ("one", "two", "three")) == ["one:0", "one:1"]

    def half() -> None:
        with store.results.writer("two") as writer:
            writer.add([line(0, "a")])

    await asyncio.to_thread(half)
    assert await shown(store, ("one", "two", "three")) == ["one:0", "one:1", "two:0"], "it is not whole yet"

    def rest() -> None:
        with store.results.writer("two") as writer:
            writer.finish(complete=True, missing=0, bytes=100)

    await asyncio.to_thread(rest)
    assert await shown(store, ("one", "two", "three")) == ["one:1", "two:0"]
    await indexed(store, "three", line(0, "b", "errored"))
    assert await shown(store, ("one", "two", "three")) == ["two:0", "three:0"]

    def anew() -> None:
        with store.results.writer("three") as writer:
            writer.clear()
            writer.add([line(0, "a", "errored")])
            writer.finish(complete=True, missing=0, bytes=100)

    await asyncio.to_thread(anew)
    assert await shown(store, ("one", "two", "three")) == ["one:1", "two:0"]
    await store.results.remove("two")
    assert await shown(store, ("one", "two", "three")) == ["one:1", "three:0"]
    assert (await store.results.summary(("one", "two", "three"))).lines == 2
    await store.results.remove("three")
    assert await shown(store, ("one", "two", "three")) == ["one:0", "one:1"]
    await store.results.remove("one")
    assert await shown(store, ("one", "two", "three")) == []


async def test_a_batch_that_turns_out_to_be_a_retry(store: Store) -> None:
    """An uncertain launch is adopted after the results are here."""
    await launched(store, launch("one"))
    await indexed(store, "one", line(0, "a", "expired"))
    await indexed(store, "two", line(0, "a"))
    assert await shown(store, BOTH) == ["one:0", "two:0"]
    account = await store.accounts.resolve("fingerprint", "https://api")
    await store.runs.add_attempt(account.id, [launch("two", 2)])
    assert await shown(store, BOTH) == ["two:0"]


async def test_it_is_reckoned_once(tried_twice: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await shown(tried_twice, BOTH) == WHOLE
    monkeypatch.setattr(Superseding, "_add", None)
    assert await shown(tried_twice, BOTH) == WHOLE
    assert (await tried_twice.results.summary(BOTH)).lines == 5


async def test_two_readers_at_once(tried_twice: Store) -> None:
    found = await asyncio.gather(*(shown(tried_twice, BOTH) for _ in range(8)))
    assert found == [WHOLE] * 8


OUTCOMES = ("succeeded", "succeeded", "errored", "expired", "canceled", "unreadable")


@pytest.mark.parametrize("seed", range(5))
async def test_it_agrees_with_the_rule(store: Store, seed: int) -> None:
    """Against the rule written down naively, and against `find`, for every choice of batches."""
    rng = random.Random(seed)
    shapes = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
    names = [f"{attempt}-{part}" for attempt, part in shapes]
    await launched(store, *(launch(name, *shape) for name, shape in zip(names, shapes, strict=True)))
    lines: dict[str, list[IndexRow]] = {}
    for name in names:
        ids = [rng.choice("abcdefghij") for _ in range(rng.randrange(1, 12))]
        lines[name] = [line(n, custom_id, rng.choice(OUTCOMES)) for n, custom_id in enumerate(ids)]
        await indexed(store, name, *lines[name])
    for size in range(1, 6):
        for scope in itertools.permutations(names, size):
            expected = (
                by_the_rule(scope, lines) if size > 1 else [f"{scope[0]}:{n.line}" for n in lines[scope[0]]]
            )
            assert await shown(store, scope) == expected
            if size == 2:
                assert sorted(await found(store, scope)) == sorted(expected)


def by_the_rule(scope: Scope, lines: dict[str, list[IndexRow]]) -> list[str]:
    best: dict[str, tuple[bool, str, int]] = {}
    for name in scope:
        for each in lines[name]:
            one = (each.outcome == "succeeded", name, each.line)
            best[each.custom_id] = max(best.get(each.custom_id, one), one)
    chosen = {f"{name}:{number}" for _, name, number in best.values()}
    return [which for name in scope for each in lines[name] if (which := f"{name}:{each.line}") in chosen]


async def found(store: Store, scope: Scope) -> list[str]:
    def work() -> dict[str, int]:
        with store.results.reader() as reader:
            return reader.find(scope, "abcdefghij")

    refs = (await asyncio.to_thread(work)).values()
    batches = await store.results.batch_of(scope)
    return [f"{batches[each.file]}:{each.line}" for each in await store.results.rows(list(refs))]
