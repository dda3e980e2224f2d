"""The search of a scope: lines by their numbers, files that grow, move or vanish, a cancel."""

from __future__ import annotations

import asyncio
import os
from array import array
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.test_search import line
from tui.errors import DeckError, UsageError
from tui.handlers import searching
from tui.handlers.bodies import body_path
from tui.handlers.searching import Hits, search
from tui.model import Pattern, file_of, line_of
from tui.paths import Paths
from tui.records import Indexer
from tui.records.search import scan_file
from tui.store import Store, open_store


@dataclass
class World:
    """As much of the services as a search needs."""

    store: Store
    paths: Paths

    def arrive(self, batch_id: str, lines: list[bytes], *, whole: bool = True, tail: bytes = b"") -> Path:
        """Results as a download leaves them: a file and its index; `tail` is not indexed yet."""
        data = b"".join(raw + b"\n" for raw in lines)
        path = self.paths.result_file(batch_id) if whole else self.paths.result_part(batch_id)
        with self.store.results.writer(batch_id) as writer:
            done, known = writer.resume()
            with path.open("ab") as file:
                file.write(data + tail)
            indexer = Indexer(known, done)
            writer.add(indexer.feed(data), end=done + len(data))
            writer.finish(complete=whole, missing=0, bytes=done + len(data))
        return path

    def search(self, scope: tuple[str, ...], text: str, *rest: Any, regex: bool = False, **more: Any) -> Any:
        return search(self, scope, Pattern(text, regex), *rest, **more)  # type: ignore[arg-type]

    async def lines(self, scope: tuple[str, ...], text: str, *rest: Any, **more: Any) -> list[int]:
        """The numbers of the matching lines."""
        return [line_of(ref) for hits in await self.all(scope, text, *rest, **more) for ref in hits.refs]

    async def all(self, scope: tuple[str, ...], text: str, *rest: Any, **more: Any) -> list[Hits]:
        async with aclosing(self.search(scope, text, *rest, **more)) as found:
            return [hits async for hits in found]


@pytest.fixture
async def world(paths: Paths) -> AsyncIterator[World]:
    paths.make()
    async with open_store(paths.state_db) as store:
        yield World(store, paths)


def numbered(number: int, every: int = 1) -> list[bytes]:
    return [line(f"needle {n}" if n % every == 0 else f"hay {n}", custom_id=f"r-{n}") for n in range(number)]


async def test_lines_by_their_numbers(world: World) -> None:
    world.arrive("one", [b"", numbered(1)[0], b"   ", b"", *numbered(100, 10)])
    world.arrive("two", numbered(5, 4))
    found = await world.all(("two", "one"), "NEEDLE")
    refs = [ref for hits in found for ref in hits.refs]
    assert [line_of(ref) for ref in refs] == [0, 4, 0, 1, 11, 21, 31, 41, 51, 61, 71, 81, 91]
    files = list(dict.fromkeys(map(file_of, refs)))
    assert found[-1].done and found[-1].part == 1.0 and found[-1].bytes == found[-1].total_bytes
    assert found[-1].until == {files[0]: 5, files[1]: 101}
    assert [hits.done for hits in found[:-1]] == [False] * (len(found) - 1)


@pytest.mark.parametrize("few", [0, 3, 1_000])
async def test_few_hits_and_many(world: World, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(searching, "FEW_HITS", few)
    world.arrive("one", numbered(300, 7))
    assert await world.lines(("one",), "needle") == list(range(0, 300, 7))


async def test_only_some_results(world: World) -> None:
    world.arrive("one", numbered(10))
    refs = [ref for hits in await world.all(("one",), "needle") for ref in hits.refs]
    within = array("Q", [refs[9], refs[8], refs[7], refs[2]])
    assert await world.lines(("one",), "needle", within=within) == [2, 7, 8, 9]
    assert await world.lines(("one",), "needle", within=()) == []


async def test_nothing_there(world: World) -> None:
    assert [hits.done for hits in await world.all(("nobody",), "needle")] == [True]
    assert [hits.part for hits in await world.all((), "needle")] == [1.0]


async def test_a_bad_expression(world: World) -> None:
    with pytest.raises(UsageError, match="at character 3"):
        await world.all(("one",), "ab[", regex=True)


async def test_a_download_that_still_arrives(world: World) -> None:
    part = world.arrive("one", numbered(3), whole=False, tail=line("needle, not indexed")[:60])
    assert body_path(world.paths, "one") == part
    found = await world.all(("one",), "needle")
    assert [line_of(ref) for hits in found for ref in hits.refs] == [0, 1, 2]
    os.truncate(part, part.stat().st_size - 60)
    world.arrive("one", numbered(2), whole=False)
    later = await world.all(("one",), "needle", found[-1].until)
    assert [line_of(ref) for hits in later for ref in hits.refs] == [3, 4]
    assert [hits.refs for hits in await world.all(("one",), "needle", later[-1].until)] == [array("Q")]


async def test_a_search_goes_on_where_another_was_cancelled(world: World) -> None:
    world.arrive("one", [raw.replace(b"needle", b"needle" * 300) for raw in numbered(2_000)])
    async with aclosing(world.search(("one",), "needle")) as found:
        first = await anext(found)
    assert 0 < first.part < 1
    rest = await world.all(("one",), "needle", first.until)
    assert [line_of(ref) for hits in (first, *rest) for ref in hits.refs] == list(range(2_000))


async def test_a_file_renamed_while_it_is_looked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = world.arrive("one", numbered(3))
    asked: list[Path] = []

    def moving(paths: Paths, batch_id: str) -> Path:
        asked.append(body_path(paths, batch_id))
        return paths.result_part(batch_id) if len(asked) == 1 else asked[-1]

    monkeypatch.setattr(searching, "body_path", moving)
    assert await world.lines(("one",), "needle") == [0, 1, 2]
    assert asked == [whole, whole]


async def test_a_file_that_is_gone_does_not_hide_the_others(world: World) -> None:
    world.arrive("one", numbered(3)).unlink()
    world.arrive("two", numbered(2))
    found: list[int] = []
    with pytest.raises(DeckError, match="The results of one are no longer on disk"):
        async for hits in world.search(("one", "two"), "needle"):
            found += map(line_of, hits.refs)
    assert found == [0, 1]


async def test_a_file_that_became_shorter(world: World) -> None:
    os.truncate(world.arrive("one", numbered(100)), 5_000)
    with pytest.raises(DeckError, match="replaced while they were searched"):
        await world.all(("one",), "needle")


async def test_a_file_with_other_lines(world: World) -> None:
    path = world.arrive("one", numbered(100))
    path.write_bytes(b"{}\n" + path.read_bytes())
    with pytest.raises(DeckError, match="replaced while they were searched"):
        await world.all(("one",), "needle")


async def test_an_index_started_over_while_it_is_searched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.arrive("one", numbered(100, 10))

    def started_over(*body: Any, **bounds: Any) -> Any:
        with world.store.results.writer("one") as writer:
            writer.clear()
        return scan_file(*body, **bounds)

    monkeypatch.setattr(searching, "scan_file", started_over)
    with pytest.raises(DeckError, match="replaced while they were searched"):
        await world.all(("one",), "needle")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_read(world: World) -> None:
    world.arrive("one", numbered(3)).chmod(0)
    with pytest.raises(DeckError, match="cannot be read"):
        await world.all(("one",), "needle")


async def test_a_folder_in_its_place(world: World) -> None:
    path = world.arrive("one", numbered(3))
    path.unlink()
    path.mkdir()
    with pytest.raises(DeckError, match="cannot be read"):
        await world.all(("one",), "needle")


async def test_a_cancelled_task_ends_its_thread(world: World) -> None:
    world.arrive("one", [line("a" * 60 + "!")] * 2_000)
    began = asyncio.Event()

    async def look() -> None:
        async with aclosing(world.search(("one",), "^(a|a)*$", regex=True)) as found:
            async for _ in found:
                began.set()

    task = asyncio.create_task(look())
    await began.wait()  # each line takes a quarter of a second: it can only end early
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    assert not [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
