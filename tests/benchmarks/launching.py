"""100,000 requests from a file to the service's answer, beside raw bytes posted and the SDK's `create`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

from .drafts import NUMBER, source
from .measure import Bench, Pairs, Row, paired, spread

PAIRS_WITH_THE_SDK = 2
"""It takes many seconds each time, and differs by more than noise can."""


def run(bench: Bench) -> Iterator[Row]:
    """To a server that throws everything away."""
    path = source(bench)
    found: list[dict[str, Any]] = []
    with bench.server("sink") as server:

        def ours() -> float:
            folder = bench.folder / "data"
            try:
                found.append(bench.inside("launch", folder, path, url=server["url"]))
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            assert found[-1]["requests"] == NUMBER
            return float(found[-1]["seconds"])

        def theirs() -> float:
            return float(bench.inside("post", path, url=server["url"])["seconds"])

        what = f"launch: {NUMBER:,} requests, {path.stat().st_size / 1e6:.0f} MB, checked, saved, sent"
        yield paired(ours, theirs, bench.pairs).row(what, "the raw bytes posted unchecked", "≤ 1.6")
        mine, sdk = [], []
        for _ in range(min(PAIRS_WITH_THE_SDK, bench.pairs)):
            mine.append(ours())
            sdk.append(bench.inside("sdk_create", path, url=server["url"]))
        seconds = [float(each["seconds"]) for each in sdk]
        yield Pairs(mine, seconds).row("launch: the same", "load the file, SDK's `create`", "≤ 0.11")
    yield Row("launch: peak memory (the SDK included)", spread([each["peak"] for each in found], "MB"))
    yield Row("the SDK's: peak memory", spread([each["peak"] for each in sdk], "MB"))
    yield Row("launch: longest event-loop gap", spread([1000 * each["gap"] for each in found], "ms"))
