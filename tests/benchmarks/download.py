"""100,000 results with a complete index, beside curl to a file and the SDK's own iteration."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from .measure import PATIENCE, Bench, Pairs, Row, paired, spread

NUMBER = 100_000
FOR_THE_SDK = 10_000


def run(bench: Bench) -> Iterator[Row]:
    """The server is a process of its own and has the whole answer ready."""
    with bench.server("results_server", NUMBER) as server:
        yield from _beside_curl(bench, server)
        found = [_fetch(bench, server, "app") for _ in range(bench.pairs)]
        yield Row(
            f"the same beside the app: {spread([each['seconds'] for each in found])}, longest event-loop gap",
            spread([1000 * each["gap"] for each in found], "ms"),
            goal="≤ 100 ms",
        )
    with bench.server("results_server", FOR_THE_SDK) as server:
        yield _beside_the_sdk(bench, server)


def _beside_curl(bench: Bench, server: dict[str, Any]) -> Iterator[Row]:
    found: list[dict[str, Any]] = []
    what = f"results: {NUMBER:,} lines, {server['bytes'] / 1e6:.0f} MB, to disk and index"

    def ours() -> float:
        found.append(_fetch(bench, server))
        return float(found[-1]["seconds"])

    if shutil.which("curl"):
        yield paired(ours, lambda: _curl(bench, server), bench.pairs).row(what, "`curl -o`", "≤ 3.2")
    else:
        seconds = [ours() for _ in range(bench.pairs)]
        yield Row(what, spread(seconds), "there is no `curl` here to compare with")
    yield Row("results: peak memory", spread([each["peak"] for each in found], "MB"))


def _fetch(bench: Bench, server: dict[str, Any], *how: str) -> dict[str, Any]:
    folder = bench.folder / "data"
    try:
        found = bench.inside("fetch", folder, server["id"], NUMBER, *how, url=server["url"])
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


def _beside_the_sdk(bench: Bench, server: dict[str, Any]) -> Row:
    """The SDK's iteration is so slow that a tenth must do; it grows with the lines."""
    ours, theirs = [], []
    for _ in range(bench.pairs):
        folder = bench.folder / "data"
        ours.append(bench.inside("fetch", folder, server["id"], FOR_THE_SDK, url=server["url"])["seconds"])
        shutil.rmtree(folder, ignore_errors=True)
        theirs.append(bench.inside("sdk_results", server["id"], url=server["url"])["seconds"])
    return Pairs(ours, theirs).row(
        f"results: {FOR_THE_SDK:,} lines (a tenth, for the SDK's sake)",
        "the SDK's `results()`, lines only counted",
    )
