"""Two processes that find out at the same time whose batches these are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.model import DRAFT, UNCERTAIN, Batch, Counts, Launch
from tui.store import Store, open_store

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://api.anthropic.com"


def batch(name: str) -> Batch:
    return Batch(name, "in_progress", Counts(processing=5), NOW)


def launch(name: str) -> Launch:
    return Launch(name, DRAFT, "", "a.jsonl", 5, 100, "aa", NOW)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    async with open_store(tmp_path / "state.db") as one, open_store(tmp_path / "state.db") as other:
        yield one, other


async def ids(store: Store, account_id: int) -> list[str]:
    return [entry.id for entry in await store.batches.entries(account_id)]


async def test_both_name_the_same_account(two: tuple[Store, Store]) -> None:
    one, other = two
    mine, yours = await one.accounts.resolve("f", URL), await other.accounts.resolve("f", URL)
    assert mine == yours
    named = await one.accounts.identify(mine, "f", "org", "ws")
    await one.batches.save(named.id, [batch("a")], NOW)
    assert await other.accounts.identify(yours, "f", "org", "ws") == named
    assert await ids(other, named.id) == ["a"], "naming it a second time must not empty it"
    await other.batches.save(named.id, [batch("b")], NOW)
    assert await other.accounts.resolve("f", URL) == named


async def test_the_credential_may_have_moved_on_meanwhile(two: tuple[Store, Store]) -> None:
    one, other = two
    old = await one.accounts.resolve("f", URL)
    await one.accounts.identify(old, "f", "org", "ws")
    elsewhere = await other.accounts.identify(old, "f", "org 2", "ws 2")
    assert (elsewhere.id != old.id, elsewhere.organization) == (True, "org 2")


async def test_whoever_still_writes_for_a_merged_account_writes_for_the_known_one(
    two: tuple[Store, Store],
) -> None:
    one, other = two
    known = await one.accounts.identify(await one.accounts.resolve("old key", URL), "old key", "org", "ws")
    unnamed = await other.accounts.resolve("new key", URL)
    assert (
        await one.accounts.identify(await one.accounts.resolve("new key", URL), "new key", "org", "ws")
        == known
    )
    await other.launches.add(unnamed.id, launch("l"))
    await other.batches.save(unnamed.id, [batch("a"), batch("b")], NOW)
    await other.batches.save(unnamed.id, [batch("a")], NOW)
    await other.launches.uncertain("l", "cut")
    assert await ids(one, known.id) == ["b", "a"]
    assert [each.state for each in await one.launches.unfinished(known.id)] == [UNCERTAIN]
    assert await other.accounts.identify(unnamed, "new key", "org", "ws") == known


async def test_accounts_without_names_stay_apart(two: tuple[Store, Store]) -> None:
    one, _ = two
    first, second = await one.accounts.resolve("f1", URL), await one.accounts.resolve("f2", URL)
    assert await one.accounts.identify(second, "f2", "", "") == second
    assert first.id != second.id
