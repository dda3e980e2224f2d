"""100,000 results with a complete index, beside curl to a file, a bare client and the SDK's iteration."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from .measure import PATIENCE, Bench, Pairs, Row, paired, spread

NUMBER = 100_000
PAIRS_WITH_THE_SDK = 5
"""Its iteration takes some 15 seconds each time, and differs by more than noise can."""


def run(bench: Bench) -> Iterator[Row]:
    """The server is a process of its own and has the whole answer ready."""
    with bench.server("results_server", NUMBER) as server:
        yield from _beside_others(bench, server)
        yield from _beside_the_app(bench, server)
        yield _beside_the_sdk(bench, server)


def _beside_others(bench: Bench, server: dict[str, Any]) -> Iterator[Row]:
    what = f"results: {NUMBER:,} lines, {server['bytes'] / 1e6:.0f} MB, to disk and index"

    def ours() -> float:
        return float(_fetch(bench, server)["seconds"])

    if shutil.which("curl"):
        yield paired(ours, lambda: _curl(bench, server), bench.pairs).row(what, "`curl -o`", "≤ 3")
    bare = paired(ours, lambda: float(_inside(bench, "bare_fetch", server)["seconds"]), bench.pairs)
    yield bare.row(what, "a bare client on one thread: file, typed decode, SQLite, two indexes")


def _beside_the_app(bench: Bench, server: dict[str, Any]) -> Iterator[Row]:
    found = [_fetch(bench, server, "app") for _ in range(bench.pairs)]
    what = f"the same beside the app: {spread([each['seconds'] for each in found])}"
    gaps = [1000 * each["gap"] for each in found]
    yield Row(f"{what}, longest event-loop gap", spread(gaps, "ms"), goal="< 50 ms")
    more = [each["more"] for each in found]
    yield Row("results: memory beyond the idle app, its child included", spread(more, "MB"), goal="≤ 40 MB")


def _beside_the_sdk(bench: Bench, server: dict[str, Any]) -> Row:
    ours, theirs = [], []
    for _ in range(min(PAIRS_WITH_THE_SDK, bench.pairs)):
        ours.append(float(_fetch(bench, server)["seconds"]))
        found = bench.inside("sdk_results", server["id"], url=server["url"])
        assert found["lines"] == NUMBER
        theirs.append(float(found["seconds"]))
    return Pairs(ours, theirs).row("results: the same", "the SDK's `results()`, lines only counted", "≤ 0.1")


def _fetch(bench: Bench, server: dict[str, Any], *how: str) -> dict[str, Any]:
    return _inside(bench, "fetch", server, NUMBER, *how)


def _inside(bench: Bench, child: str, server: dict[str, Any], *arguments: object) -> dict[str, Any]:
    """Run a child that fetches into a folder of its own, which is then removed."""
    folder = bench.folder / "data"
    try:
        found = bench.inside(child, folder, server["id"], *arguments, url=server["url"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert found["lines"] == NUMBER
    return found


def _curl(bench: Bench, server: dict[str, Any]) -> float:
    target = bench.folder / "curl.jsonl"
    url = f"{server['url']}/v1/messages/batches/{server['id']}/results"
    headers = ("-H", "x-api-key: benchmark", "-H", "anthropic-version: 2023-06-01")
    start = time.perf_counter()
    subprocess.run(["curl", "-sS", "--fail", *headers, "-o", target, url], check=True, timeout=PATIENCE)
    seconds = time.perf_counter() - start
    assert target.stat().st_size == server["bytes"]
    target.unlink()
    return seconds
