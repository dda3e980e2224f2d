"""100,000 requests of 200 MB: checked, saved as a draft, sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .invented import write_requests
from .measure import Bench, Row, paired, spread

NUMBER = 100_000


YARDSTICKS = {"whole": "a typed `msgspec` decode", "index": "a decode that skips the texts"}


def run_check(bench: Bench) -> Iterator[Row]:
    """Beside a bare decode of each line: everything in it typed, or just what an index needs."""
    path = source(bench)
    drafts = bench.folder / "drafts"
    drafts.mkdir()
    for name, folder in (("check", ()), ("check and save as a draft", (drafts,))):
        found: list[dict[str, Any]] = []

        def ours(folder: tuple[Path, ...] = folder, found: list[dict[str, Any]] = found) -> float:
            found.append(bench.inside("draft", path, *folder))
            assert (found[-1]["requests"], found[-1]["problems"]) == (NUMBER, 0)
            return float(found[-1]["seconds"])

        what = f"{name}: {NUMBER:,} requests, {path.stat().st_size / 1e6:.0f} MB"
        for depth, yardstick in YARDSTICKS.items():

            def theirs(depth: str = depth) -> float:
                return float(bench.inside("decode", path, depth)["seconds"])

            yield paired(ours, theirs, bench.pairs).row(what, yardstick, "≤ 3" if depth == "whole" else "")
        yield Row(f"{name}: peak memory", spread([each["peak"] for each in found], "MB"))


def run_upload(bench: Bench) -> Iterator[Row]:
    """To a server that throws everything away, beside the raw bytes sent by the bare transport."""
    draft = source(bench)
    found: list[dict[str, Any]] = []
    with bench.server("sink") as server:

        def ours() -> float:
            found.append(bench.inside("create", draft, url=server["url"]))
            return float(found[-1]["seconds"])

        def theirs() -> float:
            return float(bench.inside("post", draft, url=server["url"])["seconds"])

        what = f"upload: {NUMBER:,} requests, {draft.stat().st_size / 1e6:.0f} MB"
        yield paired(ours, theirs, bench.pairs).row(what, "the raw bytes by sync `httpx2`")
    yield Row("upload: peak memory (the SDK included)", spread([each["peak"] for each in found], "MB"))
    yield Row("upload: longest event-loop gap", spread([1000 * each["gap"] for each in found], "ms"))


def source(bench: Bench) -> Path:
    """The file of requests, written anew."""
    path = bench.folder / "requests.jsonl"
    write_requests(path, NUMBER)
    return path
