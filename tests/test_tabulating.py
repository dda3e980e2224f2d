"""Answers read into the store, and counted there: against plain counting, and while files change under it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing, closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tui.errors import NotAvailable, StoreError
from tui.handlers import Services, tabulating
from tui.handlers.tabulating import Tabulated, tabulate
from tui.model import FieldTest, ResultFilter, line_of, ref_of
from tui.paths import Paths
from tui.records import Indexer
from tui.records.fields import extract
from tui.store import Store, field_writer, open_store
from tui.store import fields as stored_fields

from .hostile import HOSTILE

ALL = ResultFilter()
NOTHING = object()


@pytest.fixture
async def store(paths: Paths) -> AsyncIterator[Store]:
    async with open_store(paths.state_db) as opened:
        yield opened


@pytest.fixture
def services(store: Store, paths: Paths) -> Services:
    """As much of them as this work needs: no network."""
    return cast("Services", SimpleNamespace(store=store, paths=paths))


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabulating, "MOST_LINES", 10)


def line(number: int, data: object, text: str = "```json\n@\n```") -> bytes:
    said = text.replace("@", json.dumps(None if data is NOTHING else data))
    message = {"model": "m", "content": [{"type": "text", "text": said}], "stop_reason": "end_turn"}
    result = {"type": "succeeded", "message": message} if data is not NOTHING else {"type": "expired"}
    return json.dumps({"custom_id": f"r{number}", "result": result}).encode() + b"\n"


def put(services: Services, batch_id: str, answers: Iterable[object], *, part: bool = False) -> None:
    """Results on disk with their index; what was there before is cleared."""
    lines = [each if type(each) is bytes else line(n, each) for n, each in enumerate(answers)]
    path = services.paths.result_part(batch_id) if part else services.paths.result_file(batch_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with services.store.results.writer(batch_id) as writer:
        if writer.resume() != (0, 0):
            writer.clear()
        path.write_bytes(b"".join(lines))
        writer.add(Indexer().feed(b"".join(lines)))


def append(services: Services, batch_id: str, answers: Sequence[object]) -> None:
    path = services.paths.result_part(batch_id)
    with services.store.results.writer(batch_id) as writer, path.open("ab") as file:
        size, lines = writer.resume()
        data = b"".join(line(number, each) for number, each in enumerate(answers, lines))
        file.write(data)
        file.flush()
        writer.add(Indexer(lines, size).feed(data))


async def read_all(services: Services, *scope: str) -> list[Tabulated]:
    return [told async for told in tabulate(services, scope)]


async def matching(services: Services, scope: tuple[str, ...], *tests: FieldTest) -> list[int]:
    refs = await services.store.results.refs(scope, ResultFilter(fields=tests))
    return [line_of(ref) for ref in refs]


# Reading


async def test_every_line_is_read_once(services: Services, small_portions: None) -> None:
    put(services, "one", [{"n": n} for n in range(25)])
    put(services, "two", [{"n": n, "x": "y"} for n in range(5)])
    told = await read_all(services, "one", "two")
    assert told == [Tabulated(10, 30), Tabulated(20, 30), Tabulated(25, 30), Tabulated(30, 30)]
    assert await read_all(services, "one", "two") == [Tabulated(30, 30)]
    fields = services.store.fields
    columns = await fields.columns(("two", "one"))
    assert [(each.path, each.cells, each.numbers, each.place) for each in columns] == [
        ("n", 30, 30, 0),
        ("x", 5, 0, 1),
    ]
    assert await fields.readings(("one", "two", "none")) == {"fenced": 30}
    assert await read_all(services, "none") == [Tabulated(0, 0)]
    assert await read_all(services) == [Tabulated(0, 0)]


async def test_what_cannot_be_read_is_counted_and_found(services: Services) -> None:
    answers = [{"a": 1}, NOTHING, line(2, 0, "no"), line(3, {}, "{'a': 1}"), b"\0nope\n", {"a": "2"}, []]
    put(services, "b", answers)
    await read_all(services, "b")
    readings = await services.store.fields.readings(("b",))
    assert readings == {"fenced": 3, "no answer": 2, "broken": 1, "none": 1}
    for how, lines in (("fenced", [0, 5, 6]), ("no answer", [1, 4]), ("broken", [3]), ("none", [2])):
        assert await matching(services, ("b",), FieldTest("", value=how)) == lines
    assert await matching(services, ("b",), FieldTest("a", missing=True)) == [6]
    facet = await services.store.fields.facet(("b",), ALL, "a")
    assert (facet.total, facet.missing, facet.distinct) == (3, 1, 2)


async def test_a_download_is_followed(services: Services, small_portions: None) -> None:
    put(services, "b", [{"n": n} for n in range(15)], part=True)
    assert (await read_all(services, "b"))[-1] == Tabulated(15, 15)
    append(services, "b", [{"n": n} for n in range(15, 40)])
    services.paths.result_part("b").rename(services.paths.result_file("b"))
    assert await read_all(services, "b") == [Tabulated(25, 40), Tabulated(35, 40), Tabulated(40, 40)]
    refs = await services.store.results.refs(("b",))
    cells = await services.store.fields.cells(refs)
    assert [cells[ref].cells for ref in refs] == [{"n": n} for n in range(40)]


async def test_a_file_renamed_while_it_is_read(services: Services, small_portions: None) -> None:
    put(services, "b", [{"n": n} for n in range(30)], part=True)
    async with aclosing(tabulate(services, ("b",))) as told:
        assert await anext(told) == Tabulated(10, 30)
        services.paths.result_part("b").rename(services.paths.result_file("b"))
        assert [each async for each in told][-1] == Tabulated(30, 30)


async def test_an_index_begun_anew_while_it_is_read(services: Services, small_portions: None) -> None:
    put(services, "b", [{"old": n} for n in range(30)])
    async with aclosing(tabulate(services, ("b",))) as told:
        await anext(told)
        put(services, "b", [{"new": n} for n in range(25)])
        assert [each async for each in told][-1] == Tabulated(25, 25)
    (column,) = await services.store.fields.columns(("b",))
    assert (column.path, column.cells) == ("new", 25)


async def test_what_was_read_of_an_old_file_is_not_kept(services: Services, store: Store) -> None:
    put(services, "b", [{"n": n} for n in range(3)])
    with store.fields.writer() as writer:
        before = writer.standing("b")
        put(services, "b", [{"n": n} for n in range(3)])
        assert not writer.add("b", before, [("json", {"n": 1})])
        now = writer.standing("b")
        assert writer.add("b", now, [("json", {"n": 1})])
        assert not writer.add("b", now, [("json", {"n": 2})])  # somebody else was faster
        assert not writer.add("b", writer.standing("b"), [("json", {})] * 3)  # more than there are lines
        await store.results.remove("b")
        assert not writer.add("b", now, [("json", {"n": 1})])
        assert writer.standing("b") == (0, 0, 0)
    with closing(sqlite3.connect(store.path)) as connection:
        for table in ("result_data", "result_column"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


async def test_results_that_are_gone_end_with_a_sentence(services: Services, small_portions: None) -> None:
    put(services, "b", [{"n": n} for n in range(20)])
    path = services.paths.result_file("b")
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(NotAvailable, match="not on this disk as they were"):
        await read_all(services, "b")
    whole = path.read_bytes().count(b"\n")
    assert (await services.store.fields.columns(("b",)))[0].cells == whole > 0
    path.unlink()
    with pytest.raises(NotAvailable, match="Download them again"):
        await read_all(services, "b")


async def test_stopping_keeps_what_was_read(services: Services, small_portions: None) -> None:
    put(services, "b", [{"n": n} for n in range(30)])
    async with aclosing(tabulate(services, ("b",))) as told:
        await anext(told)
    assert await read_all(services, "b") == [Tabulated(20, 30), Tabulated(30, 30)]
    facet = await services.store.fields.facet(("b",), ALL, "n")
    assert sum(each.count for each in facet.ranges) == 30


async def test_a_cancelled_task_leaves_no_thread_at_work(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(services, "b", [{"n": n} for n in range(200)])
    begun, go_on, seen = asyncio.Event(), threading.Event(), []
    loop = asyncio.get_running_loop()

    def slow(raw: bytes) -> Any:
        seen.append(raw)
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(10)
        return extract(raw)

    monkeypatch.setattr(tabulating, "extract", slow)
    task = asyncio.create_task(read_all(services, "b"))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(seen) < 200
    monkeypatch.undo()
    assert (await read_all(services, "b"))[-1] == Tabulated(200, 200)


KILLED = """
import asyncio, os, sys
from pathlib import Path
from types import SimpleNamespace
from tui import paths
from tui.handlers import tabulating
from tui.store import open_store

async def main():
    tabulating.MOST_LINES = 10
    found = paths.find(Path(sys.argv[1]))
    async with open_store(found.state_db) as store:
        async for told in tabulating.tabulate(SimpleNamespace(store=store, paths=found), ("b",)):
            if told.lines == 20:
                os.kill(os.getpid(), 9)

asyncio.run(main())
"""


async def test_going_on_after_a_kill(tmp_path: Path) -> None:
    from tui import paths as places

    found = places.find(tmp_path / "deck").make()
    async with open_store(found.state_db) as store:
        services = cast("Services", SimpleNamespace(store=store, paths=found))
        put(services, "b", [{"n": n} for n in range(35)])
        done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", KILLED, str(tmp_path / "deck")])
        assert done.returncode == -9
        assert await read_all(services, "b") == [Tabulated(35, 35)]
        facet = await store.fields.facet(("b",), ALL, "n")
        assert (facet.total, facet.distinct, sum(each.count for each in facet.ranges)) == (35, 35, 35)


async def test_a_full_disk_is_said(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    put(services, "b", [{"text": "x" * 400} for n in range(400)])
    with services.store.fields.writer() as writer:
        pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
        writer._connection.execute(f"PRAGMA max_page_count = {pages}")
        standing = writer.standing("b")
        with pytest.raises(StoreError, match="disk is full"):
            writer.add("b", standing, [("json", {"text": "x" * 400})] * 400)
        assert writer.standing("b") == standing
    assert await services.store.fields.columns(("b",)) == []


async def test_fields_without_end_are_bounded(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field_writer, "MOST_COLUMNS", 5)
    put(services, "b", [{f"k{n}": n, f"l{n}": n} for n in range(10)])
    await read_all(services, "b")
    columns = await services.store.fields.columns(("b",), derived=True)
    assert [each.path for each in columns] == ["k0", "l0", "k1", "l1", "k2", "[more]"]
    assert columns[-1].cells == 8
    refs = await services.store.results.refs(("b",))
    cells = await services.store.fields.cells(refs, derived=True)
    assert cells[refs[2]].cells == {"k2": 2, "[more]": 1}
    assert cells[refs[9]].cells == {"[more]": 2}


# Counting

PATHS = ["label", "a.b", 'q"q', "100%", "b\\s", "é", "", "$.x", "[0]", "'; DROP TABLE result_data; --"]
VALUES: list[object] = [
    "good",
    "bad",
    "é",
    "%",
    "1",
    "true",
    "null",
    "it's",
    1,
    2.5,
    True,
    False,
    None,
    "\\",
    "",
]


def text_of(value: object) -> str:
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)


def invented(rng: random.Random, number: int) -> list[object]:
    chosen = [(key, rng.choice(VALUES)) for key in PATHS]
    return [
        {
            key: value if rng.random() < 0.3 else rng.choice(VALUES)
            for key, value in chosen
            if rng.random() < 0.8
        }
        for _ in range(number)
    ]


async def test_counts_are_those_of_plain_counting(services: Services) -> None:
    rng = random.Random(3)
    answers = {"one": invented(rng, 120), "two": invented(rng, 80)}
    for batch_id, each in answers.items():
        put(services, batch_id, each)
    await read_all(services, *answers)
    fields, scope = services.store.fields, tuple(answers)
    columns = {each.path for each in await fields.columns(scope)}
    rows = [row for each in answers.values() for row in each]
    for key in PATHS:
        path = next(iter(_paths({key: 1})))
        assert path in columns
        expected = Counter(text_of(row[key]) for row in rows if key in row)  # type: ignore[index,operator]
        facet = await fields.facet(scope, ALL, path)
        assert {each.text: each.count for each in facet.values} == expected
        assert (facet.total, facet.missing) == (200, 200 - expected.total())
        assert (facet.distinct, facet.others) == (len(expected), 0)
        for text, count in expected.items():
            assert len(await matching(services, scope, FieldTest(path, value=text))) == count
        assert len(await matching(services, scope, FieldTest(path, missing=True))) == facet.missing
        few = await fields.facet(scope, ALL, path, top=3)
        assert [each.count for each in few.values] == [count for _, count in expected.most_common(3)]
        assert few.others == expected.total() - sum(each.count for each in few.values)


def _paths(data: object) -> dict[str, object]:
    from tui.records.fields import flatten

    return cast("dict[str, object]", flatten(data))


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_paths_and_values(services: Services, text: str) -> None:
    text = text[:100]  # paths are bounded
    put(services, "b", [{text: text}, {text: "other"}, {"other": text}, {"l": [text, "x"]}])
    await read_all(services, "b")
    fields = services.store.fields
    path = (await fields.columns(("b",)))[0].path
    facet = await fields.facet(("b",), ALL, path)
    assert (facet.total, facet.missing) == (4, 2)
    assert sorted(each.count for each in facet.values) == [1, 1]
    for value in facet.values:
        lines = await matching(services, ("b",), FieldTest(path, value=value.text))
        assert lines in ([0], [1])
    (cells,) = (await fields.cells([(await services.store.results.refs(("b",)))[0]])).values()
    assert cells.cells.keys() == {path}


async def test_numbers_become_ranges(services: Services) -> None:
    rng = random.Random(4)
    numbers = [round(rng.uniform(0, 1), 3) for _ in range(300)]
    put(services, "b", [{"score": n} for n in numbers] + [{"score": "n/a"}, {"score": True}, {}])
    await read_all(services, "b")
    facet = await services.store.fields.facet(("b",), ALL, "score")
    assert [each.low for each in facet.ranges] == [n / 10 for n in range(10)]
    assert facet.ranges[-1].high == 1.0
    assert [each.last for each in facet.ranges] == [False] * 9 + [True]
    assert {each.text: each.count for each in facet.values} == {"n/a": 1, "true": 1}
    assert (facet.total, facet.missing, facet.distinct) == (303, 1, len(set(numbers)) + 2)
    for each in facet.ranges:
        wanted = [
            n for n, x in enumerate(numbers) if each.low <= x < each.high or (each.last and x == each.high)
        ]
        assert each.count == len(wanted)
        test = FieldTest("score", low=each.low, high=each.high, last=each.last)
        assert await matching(services, ("b",), test) == wanted
    assert len(await matching(services, ("b",), FieldTest("score", low=0.5))) == sum(
        n >= 0.5 for n in numbers
    )


async def test_few_different_numbers_stay_values(services: Services) -> None:
    put(services, "b", [{"stars": n % 5 + 1, "p": (n % 3) / 10} for n in range(50)])
    await read_all(services, "b")
    facet = await services.store.fields.facet(("b",), ALL, "stars")
    assert [(each.text, each.count) for each in facet.values] == [(str(n), 10) for n in range(1, 6)]
    assert not facet.ranges
    assert [each.text for each in (await services.store.fields.facet(("b",), ALL, "p")).values] == [
        "0",
        "0.1",
        "0.2",
    ]


async def test_elements_of_lists_are_counted_by_answer(services: Services) -> None:
    answers: list[object] = [
        {"tags": ["x", "y", "x"]},
        {"tags": ["y"]},
        {"tags": []},
        [{"label": "a"}, {"label": "b"}],
        [{"label": "a"}, {"label": "a"}],
    ]
    put(services, "b", answers)
    await read_all(services, "b")
    fields = services.store.fields
    assert [each.path for each in await fields.columns(("b",))] == ["tags", "value"]
    facet = await fields.facet(("b",), ALL, "tags[]")
    assert [(each.text, each.count) for each in facet.values] == [("y", 2), ("x", 1)]
    assert (facet.total, facet.missing) == (5, 3)
    assert await matching(services, ("b",), FieldTest("tags[]", value="x")) == [0]
    assert await matching(services, ("b",), FieldTest("[].label", value="a")) == [3, 4]
    assert await matching(services, ("b",), FieldTest("[length]", low=2, high=2, last=True)) == [3, 4]
    tests = (FieldTest("[].label", value="a"), FieldTest("[].label", value="b"))
    assert await matching(services, ("b",), *tests) == [3]


async def test_counting_within_a_filter_and_hits(services: Services) -> None:
    put(services, "b", [{"n": n % 2, "m": n % 3} for n in range(30)] + [NOTHING])
    await read_all(services, "b")
    fields, where = services.store.fields, ResultFilter(fields=(FieldTest("n", value="1"),))
    facet = await fields.facet(("b",), where, "m")
    assert (facet.total, [each.count for each in facet.values]) == (15, [5, 5, 5])
    refs = (await services.store.results.refs(("b",)))[:6]
    facet = await fields.facet(("b",), ALL, "m", within=refs)
    assert (facet.total, [each.count for each in facet.values]) == (6, [2, 2, 2])
    facet = await fields.facet(("b",), where, "m", within=refs)
    assert (facet.total, [each.count for each in facet.values]) == (3, [1, 1, 1])
    assert (await fields.facet(("b",), where, "m", within=[])).total == 0
    assert (await fields.facet(("b",), ALL, "unknown")).missing == 30
    assert (await fields.facet(("none",), ALL, "m")).total == 0
    assert await fields.cells([ref_of(99, 1)]) == {}


NUMBERS = [1e-7, 1e22, -0.5, 2**62, 0.1 + 0.2, 12345678.9, "Inf", "-Inf", "-", "1e-7", "1.0e-07", None, "I"]


@pytest.mark.parametrize(("sample", "most"), [(4, 3), (10, 3), (40, 20), (2_000, 20_000)])
async def test_counts_are_the_same_however_they_are_made(
    services: Services, monkeypatch: pytest.MonkeyPatch, sample: int, most: int
) -> None:
    """Counted in memory, in portions, or in the store, where nearly all values are different."""
    monkeypatch.setattr(stored_fields, "_SAMPLE", sample)
    monkeypatch.setattr(stored_fields, "_MOST_COUNTED", most)
    rng = random.Random(10)
    answers: list[object] = [
        {"odd": rng.choice(NUMBERS), "n": n * 0.37, "tags": rng.sample("abcdefgh", 3), "few": n % 3}
        for n in range(150)
    ]
    put(services, "b", answers)
    await read_all(services, "b")
    for path in ("odd", "tags[]", "few"):
        facet = await services.store.fields.facet(("b",), ALL, path)
        assert (facet.total, facet.missing, facet.others) == (150, 0, 0)
        for value in facet.values:
            assert len(await matching(services, ("b",), FieldTest(path, value=value.text))) == value.count
        assert sum(each.count for each in facet.values) == 150 * (3 if path == "tags[]" else 1)
    facet = await services.store.fields.facet(("b",), ALL, "n")
    assert (facet.distinct, sum(each.count for each in facet.ranges)) == (150, 150)
