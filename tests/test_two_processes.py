"""The app and the command line on one store at the same time."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

from tests.cli_runs import KEY, finished, requests, start
from tui.__main__ import build
from tui.api import Connection
from tui.paths import Paths, find
from tui.simulator import Simulator

TIMES = 4


def command(data: Path, *argv: str) -> subprocess.Popen[str]:
    return start(["--data-dir", str(data), *argv])


async def results_of(children: list[subprocess.Popen[str]]) -> list[object]:
    outcomes = await asyncio.gather(*(asyncio.to_thread(finished, child) for child in children))
    assert [outcome.code for outcome in outcomes] == [0] * len(children), outcomes
    return [outcome.json for outcome in outcomes]


async def test_commands_work_while_a_sync_runs(simulator: Simulator, tmp_path: Path) -> None:
    places: Paths = find(tmp_path / "data").make()
    running = simulator.invent([("prose", 5)], ends_at=None)
    async with build(places, Connection(), refresh=0.01) as services:
        await services.sync.start()
        news: list[frozenset[str]] = []
        services.store.subscribe(news.append)
        polling = asyncio.create_task(services.sync.run())
        lists = [command(places.data, "list", "--json") for _ in range(TIMES)]
        sending = [
            command(
                places.data,
                "launch",
                "--yes",
                "--json",
                str(requests(tmp_path, name=f"{n}.jsonl", word=str(n))),
            )
            for n in range(2)
        ]
        for found in await results_of(lists):
            assert isinstance(found, list) and running.id in [each["id"] for each in found]
        launched = [answer["batch_id"] for answer in await results_of(sending)]  # type: ignore[index]
        assert len(set(launched)) == 2
        while not set(launched) <= {each for ids in news for each in ids}:
            assert not polling.done()
            await asyncio.sleep(0.01)
        polling.cancel()
        await asyncio.wait((polling,))
        assert services.sync.status.state == "live", services.sync.status
        entries = {
            entry.id: entry for entry in await services.store.batches.entries((await services.account()).id)
        }
        assert {entries[each].source for each in launched} == {"0.jsonl", "1.jsonl"}
    files = [path for path in places.data.rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
