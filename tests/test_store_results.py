"""The index of results: written once, read by file, by scope, by custom_id, in any order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tui.errors import StoreError
from tui.model import (
    ENDED,
    Batch,
    Counts,
    ErrorGroup,
    IndexRow,
    ModelUsage,
    Order,
    ResultFile,
    ResultFilter,
    file_of,
    line_of,
    ref_of,
    utc_now,
)
from tui.store import Store, open_store

from .indexing import index, row


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "state.db") as opened:
        yield opened


MIXED = [
    row(0, model="m1", input_tokens=1, cache_read=2, output_tokens=3, cache_write_5m=4, cache_write_1h=5),
    row(1, "errored", "Oh", error_type="api_error", error_message="Internal 100% [/x]"),
    row(2, "errored", "Oh", error_type="api_error", error_message="Internal 100% [/x]"),
    row(3, "expired", ""),
    row(4, words="cut", stop_reason="max_tokens", model="m2"),
    row(5, words="", model="m1"),
    row(6, "unreadable", "<html>", error_message="not JSON"),
    row(7, "canceled", ""),
    row(8, "postponed", ""),
    row(9, words="GRÜNE Äpfel under_score 日本語", model="m1"),
]


async def shown(store: Store, refs: Sequence[int]) -> list[IndexRow]:
    return [found._replace(file=0) for found in await store.results.rows(refs)]


async def test_the_index_of_results(store: Store) -> None:
    file = await asyncio.to_thread(index, store, "b", MIXED)
    assert file == ResultFile("b", complete=True, lines=10, bytes=1_000, attention=4, missing=0)
    assert await store.results.file("b") == file
    (number,) = await store.results.batch_of(("b",))
    wanted = [ref_of(number, line) for line in (9, 0, 77, 4, 0)]
    assert await shown(store, wanted) == [MIXED[9], MIXED[0], MIXED[4], MIXED[0]]
    summary = await store.results.summary(("b",))
    assert summary.lines == 10
    assert dict(summary.outcomes)["errored"] == 2 and dict(summary.outcomes)["postponed"] == 1
    assert dict(summary.stops) == {"end_turn": 3, "max_tokens": 1}
    assert summary.models[0] == ("m1", 3)
    assert (summary.input_tokens, summary.output_tokens) == (12, 3)
    groups = {(group.outcome, group.kind, group.message): group.count for group in summary.errors}
    assert groups == {
        ("errored", "api_error", "Internal 100% [/x]"): 2,
        ("expired", "", ""): 1,
        ("succeeded", "max_tokens", ""): 1,
        ("succeeded", "empty", ""): 1,
        ("unreadable", "", "not JSON"): 1,
        ("canceled", "", ""): 1,
        ("postponed", "", ""): 1,
    }
    await store.results.remove("b")
    assert await store.results.file("b") is None
    assert (await store.results.summary(("b",))).lines == 0


FAILED = ErrorGroup("errored", "api_error", "Internal 100% [/x]", 0)


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        (ResultFilter(), list(range(10))),
        (ResultFilter("succeeded"), [0, 4, 5, 9]),
        (ResultFilter("problem"), [1, 2, 3, 4, 5, 6, 7, 8]),
        (ResultFilter("nonsense"), []),
        (ResultFilter("'; DROP TABLE result_line; --"), []),
        (ResultFilter(stop_reason="max_tokens"), [4]),
        (ResultFilter("succeeded", model="m1"), [0, 5, 9]),
        (ResultFilter(error=FAILED), [1, 2]),
        (ResultFilter(error=ErrorGroup("succeeded", "empty", "", 9)), [5]),
        (ResultFilter(error=ErrorGroup("succeeded", "max_tokens", "", 1)), [4]),
        (ResultFilter("succeeded", error=FAILED), []),
    ],
    ids=lambda value: repr(value)[:60],
)
async def test_filters(store: Store, wanted: ResultFilter, lines: list[int]) -> None:
    await asyncio.to_thread(index, store, "other", MIXED[:1])
    await asyncio.to_thread(index, store, "b", MIXED)
    found = await store.results.refs(("b",), wanted)
    assert [line_of(ref) for ref in found] == lines and found.typecode == "Q"
    assert {file_of(ref) for ref in found} <= set(await store.results.batch_of(("b",)))
    assert await shown(store, found) == [MIXED[line] for line in lines]


@pytest.mark.parametrize(
    ("column", "lines"),
    [
        ("", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("custom_id", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("outcome", [7, 1, 2, 3, 8, 0, 4, 5, 9, 6]),
        ("stop_reason", [1, 2, 3, 6, 7, 8, 0, 5, 9, 4]),
        ("error", [0, 3, 4, 5, 7, 8, 9, 6, 1, 2]),
        ("cache_read", [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]),
        ("cache_write", [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]),
        ("model", [1, 2, 3, 6, 7, 8, 0, 5, 9, 4]),
        ("input", [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]),
        ("output", [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]),
        ("words", [3, 5, 7, 8, 6, 4, 9, 1, 2, 0]),
    ],
)
async def test_orders(store: Store, column: str, lines: list[int]) -> None:
    rows = [row if row.line else row._replace(first_words="zuletzt") for row in MIXED]
    await asyncio.to_thread(index, store, "b", rows)
    found = await store.results.refs(("b",), ResultFilter(), Order(column))
    assert [line_of(ref) for ref in found] == lines
    backwards = await store.results.refs(("b",), ResultFilter(), Order(column, reverse=True))
    assert sorted(backwards) == sorted(found)
    assert line_of(backwards[0]) in lines[-2:], "those that are alike stay in the order of the file"


async def test_a_scope_is_read_in_its_order(store: Store) -> None:
    await asyncio.to_thread(index, store, "second", MIXED[:4])
    await asyncio.to_thread(index, store, "first", MIXED)
    scope = ("first", "none", "second")
    batch_of = await store.results.batch_of(scope)
    assert list(batch_of.values()) == ["first", "second"]
    found = await store.results.refs(scope)
    assert [batch_of[file_of(ref)] for ref in found] == ["first"] * 10 + ["second"] * 4
    problems = await store.results.refs(scope, ResultFilter("problem"), Order("custom_id"))
    assert len(problems) == 8 + 3
    summary = await store.results.summary(scope)
    assert summary.lines == 14 and dict(summary.outcomes)["errored"] == 4


async def test_each_custom_id_has_one_result(store: Store) -> None:
    """The newest success; without one, the last there is."""
    again = [row(0, "errored"), row(1, words="now"), row(2, "expired")]
    await asyncio.to_thread(index, store, "retry", again)
    await asyncio.to_thread(index, store, "b", MIXED)

    def find() -> dict[str, int]:
        with store.results.reader() as reader:
            assert reader.find(("b",), ["ticket-1"]).keys() == {"ticket-1"}
            return reader.find(("b", "retry"), ["ticket-0", "ticket-1", "ticket-2", "ticket-9", "nobody"])

    found = await asyncio.to_thread(find)
    numbers = {batch: number for number, batch in (await store.results.batch_of(("b", "retry"))).items()}
    assert found == {
        "ticket-0": ref_of(numbers["b"], 0),
        "ticket-1": ref_of(numbers["retry"], 1),
        "ticket-2": ref_of(numbers["retry"], 2),
        "ticket-9": ref_of(numbers["b"], 9),
    }


async def test_what_is_billed(store: Store) -> None:
    """Sums of succeeded results only, apart where a price may differ."""
    rows = [
        row(0, model="m1", input_tokens=1, cache_read=2, output_tokens=3, cache_write_5m=4, cache_write_1h=5),
        row(1, model="m1", input_tokens=10, output_tokens=30),
        row(2, model="m1", input_tokens=1, geo="us", searches=2),
        row(3, model="m1", input_tokens=60_000, cache_read=40_001),
        row(4, "errored", model="m1", input_tokens=7, error_type="e", error_message="m"),
    ]
    await asyncio.to_thread(index, store, "b", rows)
    assert set((await store.results.summary(("b",))).usage) == {
        ModelUsage("m1", "", False, 2, 11, 33, 4, 5, 2, 0),
        ModelUsage("m1", "us", False, 1, 1, 0, 0, 0, 0, 2),
        ModelUsage("m1", "", True, 1, 60_000, 0, 0, 0, 40_001, 0),
    }


async def test_unknown_results(store: Store) -> None:
    assert await store.results.file("?") is None
    assert len(await store.results.refs(("?",))) == 0
    assert await store.results.rows([1]) == []
    assert (await store.results.summary(("?",))).outcomes == ()
    await store.results.remove("?")


async def test_going_on_after_a_break(store: Store) -> None:
    def first() -> None:
        with store.results.writer("b") as writer:
            assert writer.resume() == (0, 0)
            writer.add([])
            writer.add(MIXED[:3])
            assert writer.resume() == (300, 3)
            writer.add([MIXED[3]], end=405)

    def second() -> None:
        with store.results.writer("b") as writer:
            assert writer.resume() == (405, 4)
            with pytest.raises(ValueError, match="does not follow"):
                writer.add(MIXED[5:])
            writer.add(MIXED[4:])
            writer.finish(complete=False, missing=2, bytes=1_000)

    def third() -> None:
        with store.results.writer("b") as writer:
            writer.clear()
            assert writer.resume() == (0, 0)
            writer.add(MIXED[:1])

    await asyncio.to_thread(first)
    assert await store.results.file("b") == ResultFile("b", lines=4, bytes=405)
    await asyncio.to_thread(second)
    file = await store.results.file("b")
    assert file == ResultFile("b", complete=False, lines=10, bytes=1_000, attention=4, missing=2)
    summary = await store.results.summary(("b",))
    assert summary.lines == 10 and len(summary.errors) == 7
    await asyncio.to_thread(third)
    assert await store.results.file("b") == ResultFile("b", lines=1, bytes=100)
    assert (await store.results.summary(("b",))).lines == 1


async def test_two_writers_of_one_batch(store: Store) -> None:
    def write() -> None:
        with store.results.writer("b") as one, store.results.writer("b") as two:
            one.add(MIXED[:2])
            with pytest.raises(StoreError, match="Another batchdeck"):
                two.add(MIXED[:2])
            with pytest.raises(StoreError, match="Another batchdeck"):
                two.clear()
            one.add(MIXED[2:])
            assert one.resume() == (1_000, 10)

    await asyncio.to_thread(write)
    assert (await store.results.summary(("b",))).lines == 10


async def test_results_forgotten_while_they_are_written(store: Store) -> None:
    def write(go_on: threading.Event, begun: threading.Event) -> None:
        with store.results.writer("b") as writer:
            writer.add(MIXED[:2])
            begun.set()
            go_on.wait(5)
            with pytest.raises(StoreError):
                writer.add(MIXED[2:])

    begun, go_on = threading.Event(), threading.Event()
    writing = asyncio.create_task(asyncio.to_thread(write, go_on, begun))
    await asyncio.to_thread(begun.wait, 5)
    await store.results.remove("b")
    go_on.set()
    await writing
    assert await store.results.file("b") is None


async def test_a_failed_add_changes_nothing(store: Store) -> None:
    def write() -> None:
        with store.results.writer("b") as writer:
            writer.add(MIXED[:1])
            broken = MIXED[2]._replace(line=2, length=2**70)
            with pytest.raises(OverflowError):
                writer.add([MIXED[1], broken])
            assert writer.resume() == (100, 1)
            writer.add(MIXED[1:])

    await asyncio.to_thread(write)
    summary = await store.results.summary(("b",))
    assert summary.lines == 10 and dict(summary.outcomes)["errored"] == 2


async def test_entries_tell_of_results(store: Store) -> None:
    now = utc_now()
    account = await store.accounts.resolve("fingerprint", "https://api.anthropic.com")
    ended = Batch("msgbatch_b", ENDED, Counts(processing=5), now - timedelta(hours=1))
    await store.batches.save(account.id, [ended], now)
    assert (await store.batches.entries(account.id))[0].results is None
    file = await asyncio.to_thread(index, store, "msgbatch_b", MIXED)
    entry = (await store.batches.entries(account.id))[0]
    assert entry.results == file and entry.needs_attention


async def test_many_results_in_time(store: Store) -> None:
    """Generous bounds: they catch a scan that became a product, not a slow machine."""
    total = 100_000
    rows = [row(line, "errored" if line % 50 == 0 else "succeeded", "word " * 30) for line in range(total)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.to_thread(index, store, "b", rows)
    written = loop.time()
    assert len(await store.results.refs(("b",), ResultFilter("problem"))) == total // 50
    refs = await store.results.refs(("b",), ResultFilter(), Order("words"))
    assert len(refs) == total
    assert len(await store.results.rows(refs[50_000:50_200])) == 200
    read = loop.time()
    assert written - began < 8 and read - written < 3
