"""100,000 requests from a file to the answer, beside the bare lines posted and the SDK's `create`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .drafts import NUMBER, accented, named, source
from .measure import Bench, Pairs, Row, paired, spread

PAIRS_WITH_THE_SDK = 3
"""It takes many seconds each time, and differs by more than noise can."""
YARDSTICKS = {
    "lines": ("the lines joined and posted, unchecked", "≤ 1.6"),
    "checked": ("typed decode of each line, ids compared, then posted; nothing saved", ""),
    "bytes": ("the file's bytes posted as they are, which no service takes", ""),
}


def run(bench: Bench) -> Iterator[Row]:
    """To a server that throws everything away; in plain English, and with accents in every line."""
    plain = source(bench)
    found: list[dict[str, Any]] = []
    with bench.server("sink") as server:
        for way, (yardstick, goal) in YARDSTICKS.items():
            pairs = paired(
                lambda: _ours(bench, server["url"], plain, found),
                lambda way=way: bench.inside("post", plain, way, url=server["url"])["seconds"],  # type: ignore[misc]
                bench.pairs,
            )
            yield pairs.row(f"launch: {named(plain)}, checked, saved, sent", yardstick, goal)
        yield from _beside_the_sdk(bench, server["url"], plain, "msgspec", found)
        yield from _beside_the_sdk(bench, server["url"], plain, "json", found)
        yield from _beside_the_sdk(bench, server["url"], accented(bench), "msgspec", found)
    yield Row("launch: peak memory (the SDK included)", spread([each["peak"] for each in found], "MB"))
    yield Row("launch: longest event-loop gap", spread([1000 * each["gap"] for each in found], "ms"))


def _beside_the_sdk(
    bench: Bench, url: str, path: Path, loader: str, found: list[dict[str, Any]]
) -> Iterator[Row]:
    mine, sdk = [], []
    for _ in range(min(PAIRS_WITH_THE_SDK, bench.pairs)):
        mine.append(_ours(bench, url, path, found))
        sdk.append(bench.inside("sdk_create", path, loader, url=url))
    pairs = Pairs(mine, [float(each["seconds"]) for each in sdk])
    goal = "≤ 0.11" if loader == "msgspec" else ""
    yield pairs.row(f"launch: {named(path)}", f"load the file by `{loader}`, SDK's `create`", goal)
    yield Row(f"the SDK's peak memory, {path.stem}", spread([each["peak"] for each in sdk], "MB"))


def _ours(bench: Bench, url: str, path: Path, found: list[dict[str, Any]]) -> float:
    folder = bench.folder / "data"
    try:
        found.append(bench.inside("launch", folder, path, url=url))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert found[-1]["requests"] == NUMBER
    return float(found[-1]["seconds"])
