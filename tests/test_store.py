"""The store: a real SQLite file, cancelled tasks, other processes, broken files, and the odd server."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tui.errors import StoreError, UsageError
from tui.model import (
    CANCELING,
    DRAFT,
    ENDED,
    FAILED,
    IN_PROGRESS,
    SENDING,
    SENT,
    UNCERTAIN,
    Account,
    Batch,
    Counts,
    Launch,
    ResultFilter,
)
from tui.store import Store, migrations, open_store
from tui.store.database import Database, open_database
from tui.store.failures import store_error

from .hostile import HOSTILE
from .indexing import index, row

NOW = datetime(2026, 11, 22, 12, 0, 0, 123457, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    async with open_store(path) as opened:
        yield opened


@pytest.fixture
async def account(store: Store) -> Account:
    return await store.accounts.resolve("fingerprint", "https://api.anthropic.com")


def batch(name: str = "b", state: str = IN_PROGRESS, age: timedelta = 10 * MINUTE, **more: Any) -> Batch:
    fields: dict[str, Any] = {"counts": Counts(processing=5), "created_at": NOW - age} | more
    return Batch(id=f"msgbatch_{name}", state=state, **fields)


def launch(launch_id: str = "l", **more: Any) -> Launch:
    fields: dict[str, Any] = {
        "state": DRAFT,
        "name": "",
        "source": "/data/tickets.jsonl",
        "requests": 5,
        "bytes": 1_000,
        "sha256": "aa",
        "created_at": NOW,
        "models": (("claude-haiku-5-5", 4), ("claude-opus-5-5", 1)),
    }
    return Launch(id=launch_id, **(fields | more))


def heard(store: Store) -> list[set[str]]:
    news: list[set[str]] = []
    store.subscribe(lambda ids: news.append(set(ids)))
    return news


async def ids(store: Store, account: Account) -> list[str]:
    return [entry.id.removeprefix("msgbatch_") for entry in await store.batches.entries(account.id)]


# -- the file -------------------------------------------------------------------------------------------


async def test_it_is_private_and_leaves_no_thread(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "[/x] %20 ?#.db"
    before = set(threading.enumerate())
    async with open_store(path) as store:
        await store.settings.set("a", "1")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert set(modes.values()) == {0o600} and len(modes) == 3
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


async def test_everything_is_still_there_after_reopening(path: Path) -> None:
    full = Batch(
        id="msgbatch_full",
        state=ENDED,
        counts=Counts(1, 2, 3, 4, 5),
        created_at=NOW,
        expires_at=NOW + 1 * SECOND,
        ended_at=NOW + 2 * SECOND,
        cancel_initiated_at=NOW + 3 * SECOND,
        archived_at=NOW.replace(microsecond=1),
        results_url="https://gateway.invalid/[/results]",
    )
    async with open_store(path) as store:
        account = await store.accounts.resolve("f", "https://x")
        salt = await store.accounts.salt()
        await store.batches.save(account.id, [full], NOW)
        await store.batches.label(full.id, "Lease [/review]")
        await store.settings.set("view", '{"sort": "age"}')
        await store.launches.add(account.id, launch())
        await store.accounts.progress(account.id, cursor="msgbatch_x", listed=False)
    async with open_store(path) as store:
        account = await store.accounts.resolve("f", "https://x")
        assert account.cursor == "msgbatch_x" and not account.listed
        assert await store.accounts.salt() == salt and len(salt) >= 16
        (entry,) = await store.batches.entries(account.id)
        assert entry.batch == full
        assert entry.label == entry.name == "Lease [/review]"
        assert await store.settings.get("view") == '{"sort": "age"}'
        assert await store.launches.get("l") == launch()


@pytest.mark.parametrize(
    "when",
    [
        NOW,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        NOW.astimezone(timezone(timedelta(hours=5, minutes=30))),
    ],
    ids=str,
)
async def test_times_keep_every_microsecond(store: Store, account: Account, when: datetime) -> None:
    await store.batches.save(account.id, [batch(created_at=when)], NOW)
    (entry,) = await store.batches.entries(account.id)
    assert entry.batch.created_at == when and entry.batch.created_at.tzinfo is UTC


async def test_a_newer_file_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations.MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="newer batchdeck"):
        async with open_store(path):
            pass
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


async def test_another_programs_database_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(StoreError, match="another program"):
        async with open_store(path):
            pass
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@pytest.mark.parametrize(
    "content", [b"not a database, for sure " * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
async def test_what_is_no_database_says_so(path: Path, content: bytes) -> None:
    await asyncio.to_thread(path.write_bytes, content)
    with pytest.raises(StoreError) as caught:
        async with open_store(path):
            pass
    assert str(path) in caught.value.title and caught.value.hint
    assert await asyncio.to_thread(path.read_bytes) == content


async def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        async with open_store(tmp_path):
            pass
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        async with open_store(tmp_path / "file" / "state.db"):
            pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_file(path: Path) -> None:
    async with open_store(path):
        pass
    os.chmod(path, 0o400)
    with pytest.raises(StoreError, match="cannot be"):
        async with open_store(path):
            pass


def test_sqlites_errors_in_words(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("PRAGMA max_page_count = 3")
        with pytest.raises(sqlite3.Error) as full:
            connection.executemany("INSERT INTO t VALUES (?)", [("x" * 4096,)] * 100)
        assert "disk is full" in store_error(full.value, path).title
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
            with pytest.raises(sqlite3.Error) as locked:
                reader.execute("INSERT INTO t VALUES (1)")
            assert "cannot be written" in store_error(locked.value, path).title
        connection.execute("BEGIN EXCLUSIVE")
        with closing(sqlite3.connect(path, timeout=0)) as other:
            with pytest.raises(sqlite3.Error) as busy:
                other.execute("BEGIN IMMEDIATE")
            assert "in use" in store_error(busy.value, path).title
        with pytest.raises(sqlite3.Error) as unknown:
            connection.execute("SELECT nonsense")
        assert "nonsense" in store_error(unknown.value, path).title


async def test_disk_full_in_the_middle_loses_nothing(store: Store, account: Account, path: Path) -> None:
    await store.batches.save(account.id, [batch("kept")], NOW)
    database = store.batches._database
    pages = await database.row("PRAGMA page_count")
    assert pages is not None
    await database.rows(f"PRAGMA max_page_count = {pages[0]}")
    many = [batch(f"{number:05}", results_url="x" * 500) for number in range(2_000)]
    news = heard(store)
    with pytest.raises(StoreError, match="disk is full"):
        await store.batches.save(account.id, many, NOW)
    assert news == []
    assert await ids(store, account) == ["kept"]
    await database.rows("PRAGMA max_page_count = 1000000")
    await store.batches.save(account.id, many, NOW)
    assert len(await ids(store, account)) == 2_001


# -- migrations -----------------------------------------------------------------------------------------


async def test_steps_are_taken_once_and_keep_what_is_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_store(path) as store:
        await store.batches.label("msgbatch_b", "kept")
    steps = [*migrations.MIGRATIONS, ("CREATE TABLE note (x)", "INSERT INTO note VALUES (1)")]
    monkeypatch.setattr("tui.store.database.MIGRATIONS", steps)
    for _ in range(2):
        async with open_database(path) as database:
            assert await database.rows("SELECT * FROM note") == [(1,)]
            assert await database.rows("SELECT text FROM label") == [("kept",)]
            assert await database.row("PRAGMA user_version") == (len(steps),)


async def test_a_step_that_fails_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_store(path):
        pass
    steps = [*migrations.MIGRATIONS, ("CREATE TABLE note (x)", "INSERT INTO nowhere VALUES (1)")]
    with monkeypatch.context() as patch, pytest.raises(StoreError):
        patch.setattr("tui.store.database.MIGRATIONS", steps)
        async with open_database(path):
            pass
    async with open_database(path) as database:
        assert await database.rows("SELECT name FROM sqlite_master WHERE name = 'note'") == []


def test_the_first_step_never_changes() -> None:
    """It is released: a change to it would reach nobody who has a file already. Append a step instead."""
    import hashlib

    text = "\n".join(" ".join(statement.split()) for statement in migrations.MIGRATIONS[0])
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "9ee813c4062b1c7b"


async def test_a_file_of_the_first_step_keeps_what_cannot_be_fetched_again(path: Path) -> None:
    """The index of results is made anew from the files; labels and launches are the user's."""
    with closing(sqlite3.connect(path)) as old:
        for statement in migrations.MIGRATIONS[0]:
            old.execute(statement)
        old.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
        old.execute("INSERT INTO label (batch_id, text) VALUES ('msgbatch_b', 'mine')")
        old.execute("INSERT INTO result_file (batch_id, complete, lines) VALUES ('msgbatch_b', 1, 5)")
        old.execute("INSERT INTO result_line VALUES (1, 0, 1, 0, 9, 'a', 1, 1, 0, 0, 0, 'words')")
        old.commit()
    async with open_store(path) as store:
        assert await store.results.file("msgbatch_b") is None
        assert len(await store.results.refs(("msgbatch_b",))) == 0
        account = await store.accounts.resolve("fingerprint", "https://api.anthropic.com")
        await store.batches.save(account.id, [batch()], NOW)
        assert (await store.batches.entries(account.id))[0].label == "mine"
    async with open_store(path) as store:  # once is enough
        await asyncio.to_thread(index, store, "msgbatch_b", [row(0)])
        assert len(await store.results.refs(("msgbatch_b",))) == 1


# -- transactions ---------------------------------------------------------------------------------------


async def test_a_cancelled_write_leaves_nothing_behind(path: Path) -> None:
    """Cancelled after every possible number of loop turns: whole or not at all, and the next write works."""
    async with open_database(path) as database:
        await database.rows("CREATE TABLE pair (x INTEGER)")

        async def write() -> None:
            async with database.transaction() as transaction:
                await transaction.execute("INSERT INTO pair VALUES (1)")
                transaction.changed.add("pair")
                await transaction.execute("INSERT INTO pair VALUES (2)")

        news: list[object] = []
        database.subscribe(news.append)
        outcomes = set()
        for turns in range(60):
            news.clear()
            task = asyncio.create_task(write())
            for _ in range(turns):
                await asyncio.sleep(random.choice((0, 0.0002)))
            task.cancel()
            await asyncio.wait([task])
            found = [x for (x,) in await database.rows("SELECT x FROM pair ORDER BY x")]
            assert found in ([], [1, 2])
            assert bool(news) == bool(found), "told if and only if it happened"
            outcomes.add((task.cancelled(), bool(found)))
            async with database.transaction() as transaction:
                await transaction.execute("DELETE FROM pair")
        assert (True, False) in outcomes


async def test_an_exception_rolls_back(path: Path) -> None:
    async with open_database(path) as database:
        await database.rows("CREATE TABLE t (x INTEGER)")
        with pytest.raises(KeyError):
            async with database.transaction() as transaction:
                await transaction.execute("INSERT INTO t VALUES (1)")
                raise KeyError
        with pytest.raises(StoreError):
            async with database.transaction() as transaction:
                await transaction.execute("INSERT INTO t VALUES (1)")
                await transaction.execute("INSERT INTO nowhere VALUES (1)")
        assert await database.rows("SELECT * FROM t") == []


async def test_readers_see_no_half_of_a_write(path: Path) -> None:
    async with open_database(path) as database:
        await database.rows("CREATE TABLE t (x INTEGER)")
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def write() -> None:
            async with database.transaction() as transaction:
                await transaction.execute("INSERT INTO t VALUES (1)")
                begun.set()
                await go_on.wait()
                await transaction.execute("INSERT INTO t VALUES (2)")

        writing = asyncio.create_task(write())
        await begun.wait()
        reading = asyncio.create_task(database.rows("SELECT x FROM t"))
        await asyncio.sleep(0)
        go_on.set()
        await writing
        assert await reading == [(1,), (2,)]


async def test_closing_in_the_middle_of_a_cancel(path: Path) -> None:
    before = set(threading.enumerate())
    entered = asyncio.Event()

    async def live() -> None:
        async with open_store(path) as store:
            entered.set()
            while True:
                await store.settings.set("a", "b")

    task = asyncio.create_task(live())
    await entered.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


async def test_listeners(store: Store, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    news = heard(store)
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    def broken(_: frozenset[str]) -> None:
        raise ValueError("a widget that is gone")

    unsubscribe = store.subscribe(broken)
    await store.batches.save(account.id, [batch()], NOW)
    assert len(complaints) == 1
    unsubscribe()
    unsubscribe()
    await store.batches.label("msgbatch_b", "x")
    store.results.touched("msgbatch_b")
    await store.settings.set("a", "b")
    assert news == [{"msgbatch_b"}] * 3 and len(complaints) == 1


# -- accounts -------------------------------------------------------------------------------------------


async def test_a_credential_finds_its_account_again(store: Store) -> None:
    first = await store.accounts.resolve("f1", "https://a")
    assert await store.accounts.resolve("f1", "https://a") == first
    assert (await store.accounts.resolve("f2", "https://a")).id != first.id
    assert (await store.accounts.resolve("f1", "https://b")).id != first.id


async def test_headers_name_the_account(store: Store) -> None:
    unnamed = await store.accounts.resolve("f1", "https://a")
    assert await store.accounts.identify(unnamed, "f1", "", "") == unnamed
    named = await store.accounts.identify(unnamed, "f1", "org", "ws")
    assert (named.id, named.organization, named.workspace) == (unnamed.id, "org", "ws")
    assert await store.accounts.identify(named, "f1", "org", "") == named
    assert await store.accounts.identify(named, "f1", "", "") == named
    moved = await store.accounts.identify(named, "f1", "other", "ws2")
    assert moved.id != named.id and await store.accounts.resolve("f1", "https://a") == moved
    back = await store.accounts.identify(moved, "f1", "org", "ws")
    assert back.id == named.id


async def test_a_second_key_of_the_same_workspace_brings_its_things_along(store: Store) -> None:
    first = await store.accounts.identify(await store.accounts.resolve("f1", "https://a"), "f1", "org", "ws")
    await store.batches.save(first.id, [batch("old")], NOW)
    second = await store.accounts.resolve("f2", "https://a")
    await store.batches.save(second.id, [batch("old"), batch("new")], NOW)
    await store.launches.add(second.id, launch())
    assert await store.accounts.identify(second, "f2", "org", "ws") == first
    assert sorted(await ids(store, first)) == ["new", "old"]
    assert [each.id for each in await store.launches.all(first.id)] == ["l"]
    assert await store.accounts.resolve("f2", "https://a") == first


async def test_a_batch_seen_through_two_doors(store: Store) -> None:
    direct = await store.accounts.resolve("f1", "https://api.anthropic.com")
    gateway = await store.accounts.resolve("f2", "https://gateway")
    await store.batches.save(direct.id, [batch("x"), batch("y")], NOW)
    assert await store.batches.save(gateway.id, [batch("x")], NOW) == {"msgbatch_x"}
    assert await ids(store, gateway) == ["x"]
    assert sorted(await ids(store, direct)) == ["x", "y"]


# -- batches --------------------------------------------------------------------------------------------


async def test_only_what_differs_is_reported(store: Store, account: Account) -> None:
    first, second = batch("1"), batch("2", age=5 * MINUTE)
    assert await store.batches.save(account.id, [first, second], NOW) == {first.id, second.id}
    news = heard(store)
    assert await store.batches.save(account.id, [first, second], NOW + SECOND) == frozenset()
    ended = replace(first, state=ENDED, counts=Counts(succeeded=5), ended_at=NOW)
    assert await store.batches.save(account.id, [ended, second], NOW + 2 * SECOND) == {first.id}
    assert news == [{first.id}]
    assert await ids(store, account) == ["2", "1"]
    assert [entry.id for entry in await store.batches.some([first.id, "unknown", second.id])] == [
        second.id,
        first.id,
    ]
    assert await store.batches.get("unknown") is None
    assert await store.batches.save(account.id, [], NOW) == frozenset()


async def test_answers_that_overtake_one_another(store: Store, account: Account) -> None:
    running, canceling = batch(), batch(state=CANCELING, cancel_initiated_at=NOW)
    ended = batch(state=ENDED, counts=Counts(succeeded=5), ended_at=NOW)

    async def state() -> str:
        entry = await store.batches.get("msgbatch_b")
        assert entry is not None
        return entry.batch.state

    await store.batches.save(account.id, [canceling], NOW + 10 * SECOND)
    assert not await store.batches.save(account.id, [running], NOW)
    assert not await store.batches.save(account.id, [running], NOW + 20 * SECOND), "a server lags behind"
    assert await state() == CANCELING
    assert await store.batches.save(account.id, [ended], NOW), "an end is news whenever it was asked for"
    for later in (NOW, NOW + 30 * SECOND):
        assert not await store.batches.save(account.id, [running, canceling], later)
    assert await state() == ENDED
    archived = replace(ended, archived_at=NOW)
    assert await store.batches.save(account.id, [archived], NOW + 40 * SECOND)
    assert not await store.batches.save(account.id, [ended], NOW + 35 * SECOND)


async def test_numbers_too_big_to_store(store: Store, account: Account) -> None:
    huge = batch(counts=Counts(10**30, -(10**30)))
    assert await store.batches.save(account.id, [huge], NOW)
    assert not await store.batches.save(account.id, [huge], NOW + SECOND)
    entry = await store.batches.get(huge.id)
    assert entry is not None and entry.batch.counts.processing > 10**15


async def test_an_unchanged_batch_is_the_same_value(store: Store, account: Account) -> None:
    await store.batches.save(account.id, [batch("1"), batch("2")], NOW)
    before = {entry.id: entry for entry in await store.batches.entries(account.id)}
    await store.batches.label("msgbatch_1", "new")
    after = {entry.id: entry for entry in await store.batches.entries(account.id)}
    assert after["msgbatch_1"].label == "new" and before["msgbatch_1"].label == ""
    assert after["msgbatch_2"] is before["msgbatch_2"]


async def test_a_state_the_service_newly_invents(store: Store, account: Account) -> None:
    await store.batches.save(account.id, [batch(state="paused")], NOW)
    assert [each.state for each in await store.batches.live(account.id)] == ["paused"]
    assert await store.batches.save(account.id, [batch()], NOW + SECOND)


async def test_what_the_list_lacks_is_gone(store: Store, account: Account) -> None:
    batches = [batch(str(minutes), age=minutes * MINUTE) for minutes in (1, 3, 10, 20, 20.5, 30)]
    await store.batches.save(account.id, batches, NOW - SECOND)
    news = heard(store)
    listed = ["msgbatch_3", "msgbatch_20"]
    gone = await store.batches.absent(account.id, listed, NOW - 20 * MINUTE, NOW)
    assert gone == {"msgbatch_10"}, "1 is too young, 20.5 and 30 lie before the page's end"
    assert news == [{"msgbatch_10"}]
    entry = await store.batches.get("msgbatch_10")
    assert entry is not None and entry.gone_at == NOW
    assert await store.batches.absent(account.id, listed, None, NOW) == {"msgbatch_20.5", "msgbatch_30"}
    assert await store.batches.absent(account.id, listed, None, NOW) == frozenset()


async def test_a_twin_of_the_pages_last_batch_may_be_on_the_next_page(store: Store, account: Account) -> None:
    await store.batches.save(account.id, [batch("1"), batch("2")], NOW)
    assert not await store.batches.absent(account.id, ["msgbatch_1"], batch().created_at, NOW)


async def test_a_batch_saved_by_a_later_answer_is_not_absent(store: Store, account: Account) -> None:
    await store.batches.save(account.id, [batch()], NOW + SECOND)
    assert not await store.batches.absent(account.id, [], None, NOW)


async def test_one_account_says_nothing_of_anothers_batches(store: Store, account: Account) -> None:
    other = await store.accounts.resolve("other", "https://b")
    await store.batches.save(other.id, [batch()], NOW)
    assert not await store.batches.absent(account.id, [], None, NOW)


async def test_gone_comes_back_only_with_a_newer_answer(store: Store, account: Account) -> None:
    await store.batches.save(account.id, [batch()], NOW)
    await store.batches.gone(["msgbatch_b", "unknown"], NOW + 10 * SECOND)
    assert not await store.batches.save(account.id, [batch()], NOW + 9 * SECOND)
    entry = await store.batches.get("msgbatch_b")
    assert entry is not None and entry.gone_at is not None and not await store.batches.live(account.id)
    assert await store.batches.save(account.id, [batch()], NOW + 11 * SECOND)
    entry = await store.batches.get("msgbatch_b")
    assert entry is not None and entry.gone_at is None


async def test_one_404_is_not_a_deletion(store: Store, account: Account) -> None:
    await store.batches.save(account.id, [batch()], NOW)
    at = NOW + MINUTE
    misses = [await store.batches.missed("msgbatch_b", at + seconds * SECOND) for seconds in (0, 1, 2, 119)]
    assert misses == [False] * 4
    await store.batches.save(account.id, [batch()], at + 2 * MINUTE)
    again = at + 3 * MINUTE
    misses = [await store.batches.missed("msgbatch_b", again + seconds * SECOND) for seconds in (0, 200, 201)]
    assert misses == [False, False, True]
    entry = await store.batches.get("msgbatch_b")
    assert entry is not None and entry.gone_at == again + 201 * SECOND
    assert await store.batches.missed("msgbatch_b", again)
    assert not await store.batches.missed("unknown", again)


async def test_forgetting(store: Store, account: Account) -> None:
    await store.batches.save(account.id, [batch("1"), batch("2")], NOW)
    await store.batches.label("msgbatch_1", "kept")
    await asyncio.to_thread(index, store, "msgbatch_1", [row(0)])
    await store.batches.gone(["msgbatch_1"], NOW + SECOND)
    news = heard(store)
    await store.batches.forget(["msgbatch_1", "msgbatch_2", "unknown"])
    assert news == [{"msgbatch_1", "msgbatch_2"}]
    assert await ids(store, account) == [] == await store.batches.live(account.id)
    assert await store.batches.some(["msgbatch_1"]) == [] and await store.batches.get("msgbatch_1") is None
    assert await store.results.file("msgbatch_1") is None
    assert not await store.batches.save(account.id, [batch("1"), batch("2")], NOW), "an answer of before"
    assert await store.batches.save(account.id, [batch("1")], NOW + 2 * SECOND) == {"msgbatch_1"}
    entry = await store.batches.get("msgbatch_1")
    assert entry is not None and entry.label == "kept"


async def test_labels(store: Store, account: Account) -> None:
    await store.batches.label("msgbatch_b", "before it is known")
    await store.batches.save(account.id, [batch()], NOW)
    assert (await store.batches.entries(account.id))[0].label == "before it is known"
    await store.batches.label("msgbatch_b", "")
    assert (await store.batches.entries(account.id))[0].label == ""


async def test_oldest_live(store: Store, account: Account) -> None:
    assert await store.batches.oldest_live(account.id) is None
    await store.batches.save(
        account.id, [batch("1"), batch("2", age=60 * MINUTE), batch("3", ENDED, age=90 * MINUTE)], NOW
    )
    assert await store.batches.oldest_live(account.id) == NOW - 60 * MINUTE
    assert [each.id for each in await store.batches.live(account.id)] == ["msgbatch_1", "msgbatch_2"]


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
async def test_hostile_text(store: Store, account: Account, text: str) -> None:
    whole = text.replace("\ud800", "\ufffd").replace("\udfff", "\ufffd")
    await store.batches.save(account.id, [Batch(text, text, Counts(1), NOW, results_url=text)], NOW)
    await store.batches.label(text, text)
    await store.launches.add(account.id, launch(text, name=text, source=text, batch_id=text))
    await store.settings.set(text, text)
    entry = await store.batches.get(text)
    assert entry is not None
    assert (entry.id, entry.batch.state, entry.batch.results_url) == (whole, whole, whole)
    assert entry.label == whole and entry.launch_id == whole
    assert await store.settings.get(text) == whole
    assert not await store.batches.absent(account.id, [text], None, NOW + 60 * MINUTE)
    await asyncio.to_thread(index, store, text, [row(0, words=text, custom_id=text), row(1, text, text)])
    found = await store.results.rows(await store.results.refs((text,)))
    assert [each.custom_id for each in found] == [whole, "ticket-1"] and found[1].outcome == whole
    assert len(await store.results.refs((text,), ResultFilter(outcome=whole))) >= 1
    await store.batches.forget([text])


async def test_more_ids_than_sqlite_takes_at_once(store: Store, account: Account) -> None:
    many = [batch(f"{number:05}", age=number * SECOND) for number in range(3_000)]
    assert len(await store.batches.save(account.id, many, NOW)) == 3_000
    found = await store.batches.some(each.id for each in many)
    assert [entry.batch for entry in found] == many
    await store.batches.gone((each.id for each in many), NOW)
    assert not await store.batches.live(account.id)


# -- launches -------------------------------------------------------------------------------------------


async def test_a_launch_becomes_a_batch(store: Store, account: Account) -> None:
    await store.launches.add(account.id, launch(source="C:\\data\\leases.jsonl"))
    assert await store.launches.start("l", NOW, again=False)
    sending = await store.launches.get("l")
    assert sending is not None and (sending.state, sending.sent_at) == (SENDING, NOW)
    news = heard(store)
    await store.launches.sent("l", account.id, batch(), NOW)
    assert news == [{"msgbatch_b"}]
    sent = await store.launches.get("l")
    assert sent is not None and (sent.state, sent.batch_id) == (SENT, "msgbatch_b")
    (entry,) = await store.batches.entries(account.id)
    assert (entry.launch_id, entry.source, entry.name) == ("l", "leases.jsonl", "leases.jsonl")
    await store.launches.failed("l", "too late")
    await store.launches.uncertain("l", "too late")
    await store.launches.drop("l")
    assert await store.launches.get("l") == sent, "what is a batch stays one"
    await store.launches.sent("l", account.id, batch(), NOW)


async def test_the_name_given_at_launch_is_the_label_until_another_is_given(
    store: Store, account: Account
) -> None:
    await store.launches.add(account.id, launch(name="Nightly"))
    await store.launches.sent("l", account.id, batch(), NOW)
    assert (await store.batches.entries(account.id))[0].label == "Nightly"
    await store.batches.label("msgbatch_b", "Weekly")
    assert (await store.batches.entries(account.id))[0].label == "Weekly"


async def test_only_one_may_start(store: Store, account: Account, path: Path) -> None:
    await store.launches.add(account.id, launch())
    async with open_store(path) as other:
        starts = [each.launches.start("l", NOW, again=False) for each in (store, other) * 10]
        assert sorted(await asyncio.gather(*starts)) == [False] * 19 + [True]


@pytest.mark.parametrize(
    ("state", "once", "again"),
    [
        (DRAFT, True, True),
        (FAILED, True, True),
        (UNCERTAIN, False, True),
        (SENDING, False, True),
        (SENT, False, False),
        ("dropped", False, False),
    ],
)
async def test_what_may_be_sent(store: Store, account: Account, state: str, once: bool, again: bool) -> None:
    await store.launches.add(account.id, launch("1", state=state, problem="p"))
    await store.launches.add(account.id, launch("2", state=state))
    assert await store.launches.start("1", NOW, again=False) == once
    assert await store.launches.start("2", NOW, again=True) == again
    assert not await store.launches.start("unknown", NOW, again=True)


async def test_what_became_of_a_launch(store: Store, account: Account) -> None:
    for number, name in enumerate(("failed", "uncertain", "sending", "draft", "sent", "dropped")):
        await store.launches.add(account.id, launch(name, created_at=NOW + number * SECOND))
        if name != "draft":
            await store.launches.start(name, NOW, again=False)
    await store.launches.failed("failed", "The service refuses.")
    await store.launches.uncertain("uncertain", "The line was cut.")
    await store.launches.sent("sent", account.id, batch(), NOW)
    await store.launches.drop("dropped")
    assert [each.id for each in await store.launches.unfinished(account.id)] == ["sending", "uncertain"]
    assert [each.id for each in await store.launches.same_content(account.id, "aa")] == [
        "sent",
        "sending",
        "uncertain",
    ]
    assert len(await store.launches.all(account.id)) == 6
    assert await store.launches.same_content(account.id, "bb") == []
    uncertain = await store.launches.get("uncertain")
    assert uncertain is not None and uncertain.problem == "The line was cut."
    other = await store.accounts.resolve("other", "https://b")
    assert await store.launches.all(other.id) == await store.launches.unfinished(other.id) == []


async def test_candidates(store: Store, account: Account) -> None:
    lost = launch("lost", state=UNCERTAIN, sent_at=NOW)
    await store.launches.add(account.id, lost)
    await store.launches.add(account.id, launch("other"))
    await store.launches.sent("other", account.id, batch("taken", age=-MINUTE), NOW)
    ages = {
        "near": -3 * SECOND,
        "before": MINUTE,
        "late": -29 * MINUTE,
        "early": 3 * MINUTE,
        "out": -31 * MINUTE,
    }
    await store.batches.save(account.id, [batch(name, age=age) for name, age in ages.items()], NOW)
    await store.batches.save(account.id, [batch("size", age=-MINUTE, counts=Counts(4))], NOW)
    spread = batch("spread", ENDED, age=-2 * MINUTE, counts=Counts(0, 2, 1, 1, 1))
    await store.batches.save(account.id, [spread], NOW)
    stranger = await store.accounts.resolve("other", "https://b")
    await store.batches.save(stranger.id, [batch("stranger", age=-MINUTE)], NOW)
    found = await store.launches.candidates(lost, account.id)
    assert [each.batch.id for each in found] == [
        f"msgbatch_{name}" for name in ("near", "before", "spread", "late")
    ]
    assert found[0].after == 3 * SECOND
    assert await store.launches.candidates(launch("never sent"), account.id) == []


async def test_a_batch_belongs_to_one_launch(store: Store, account: Account) -> None:
    await store.launches.add(account.id, launch("1"))
    await store.launches.add(account.id, launch("2"))
    await store.launches.sent("1", account.id, batch(), NOW)
    with pytest.raises(UsageError, match="already belongs"):
        await store.launches.sent("2", account.id, batch(), NOW)
    second = await store.launches.get("2")
    assert second is not None and second.state == DRAFT


# -- other processes ------------------------------------------------------------------------------------

CHILD = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from tui.model import Batch, Counts
from tui.store import open_store

async def main(path, name, count):
    now = datetime.now(UTC)
    async with open_store(Path(path)) as store:
        account = await store.accounts.resolve("f", "https://x")
        print((await store.accounts.salt()).hex(), account.id, flush=True)
        sys.stdin.readline()
        for number in range(int(count)):
            await store.batches.save(account.id, [Batch(f"{name}-{number}", "ended", Counts(1), now)], now)
            await store.batches.label("shared", name)
            print(number, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def child(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )


def ends(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(input="\n", timeout=30)
    assert process.returncode == 0, errors


async def test_processes_that_open_a_new_file_at_once(path: Path) -> None:
    processes = [child(path, f"p{number}", 30) for number in range(4)]
    lines = [process.stdout.readline() for process in processes if process.stdout]
    assert len(set(lines)) == 1 and lines[0].strip(), "one salt, one account"
    await asyncio.gather(*(asyncio.to_thread(ends, process) for process in processes))
    async with open_store(path) as store:
        account = await store.accounts.resolve("f", "https://x")
        assert len(await store.batches.entries(account.id)) == 120


async def test_news_from_another_process(store: Store, account: Account, path: Path) -> None:
    assert not await store.changed_elsewhere()
    await store.settings.set("own", "writes do not count")
    assert not await store.changed_elsewhere()
    process = child(path, "p", 1)
    await asyncio.to_thread(ends, process)
    assert await store.changed_elsewhere()
    assert not await store.changed_elsewhere()
    await asyncio.to_thread(index, store, "b", [row(0)])
    assert await store.changed_elsewhere()


async def test_a_killed_process_leaves_whole_transactions(path: Path) -> None:
    process = child(path, "p", 100_000)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    for _ in range(6):
        assert await asyncio.to_thread(process.stdout.readline)
    process.kill()
    await asyncio.to_thread(process.communicate)
    async with open_store(path) as store:
        account = await store.accounts.resolve("f", "https://x")
        entries = await store.batches.entries(account.id)
        assert len(entries) >= 5
        assert sorted(int(entry.id.removeprefix("p-")) for entry in entries) == list(range(len(entries)))
        await store.batches.save(account.id, [batch()], NOW)


async def test_a_lock_held_too_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.store.database.BUSY_SECONDS", 0.05)
    async with open_store(path) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="in use"):
                await store.settings.set("a", "b")
            assert await store.settings.get("a") is None
            other.execute("ROLLBACK")
        await store.settings.set("a", "b")


async def test_a_read_between_writes_of_another_connection(path: Path) -> None:
    """A read left open would hold an old snapshot, and the next write would fail at once."""
    async with open_store(path) as store, open_store(path) as other:
        account = await store.accounts.resolve("f", "https://x")
        for number in range(20):
            read = asyncio.create_task(store.batches.entries(account.id))
            await asyncio.sleep(0)
            read.cancel()
            await other.settings.set("n", str(number))
            await store.settings.set("m", str(number))
        assert isinstance(store.batches._database, Database)
