"""100,000 requests of 200 MB: checked, saved as a draft, sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .invented import WORDS, write_requests
from .measure import Bench, Row, paired, spread

NUMBER = 100_000


YARDSTICKS = {"whole": "a typed `msgspec` decode", "index": "a decode that skips the texts"}


def run_check(bench: Bench) -> Iterator[Row]:
    """Beside a bare decode of each line: everything in it typed, or just what an index needs."""
    drafts = bench.folder / "drafts"
    drafts.mkdir()
    plain = source(bench)
    for name, folder in (("check", ()), ("check and save as a draft", (drafts,))):
        for path, depths in ((plain, YARDSTICKS), (accented(bench), ("whole",))):
            found: list[dict[str, Any]] = []
            for depth in depths:
                yield _beside_a_decode(bench, f"{name}: {named(path)}", path, folder, depth, found)
            yield Row(f"{name}: peak memory", spread([each["peak"] for each in found], "MB"))


def _beside_a_decode(
    bench: Bench, what: str, path: Path, folder: tuple[Path, ...], depth: str, found: list[dict[str, Any]]
) -> Row:
    def ours() -> float:
        found.append(bench.inside("draft", path, *folder))
        assert (found[-1]["requests"], found[-1]["problems"]) == (NUMBER, 0)
        return float(found[-1]["seconds"])

    def theirs() -> float:
        return float(bench.inside("decode", path, depth)["seconds"])

    return paired(ours, theirs, bench.pairs).row(what, YARDSTICKS[depth], "≤ 3" if depth == "whole" else "")


def run_upload(bench: Bench) -> Iterator[Row]:
    """To a server that throws everything away, beside the raw bytes sent by the bare transport."""
    draft = source(bench)
    found: list[dict[str, Any]] = []
    with bench.server("sink") as server:

        def ours() -> float:
            found.append(bench.inside("create", draft, url=server["url"]))
            return float(found[-1]["seconds"])

        def theirs() -> float:
            return float(bench.inside("post", draft, "bytes", url=server["url"])["seconds"])

        pairs = paired(ours, theirs, bench.pairs)
        yield pairs.row(f"upload: {named(draft)}", "the raw bytes by sync `httpx2`")
    yield Row("upload: peak memory (the SDK included)", spread([each["peak"] for each in found], "MB"))
    yield Row("upload: longest event-loop gap", spread([1000 * each["gap"] for each in found], "ms"))


def source(bench: Bench) -> Path:
    """The file of requests in plain English, written anew."""
    path = bench.folder / "requests.jsonl"
    write_requests(path, NUMBER)
    return path


def accented(bench: Bench) -> Path:
    """The same with accents in every line."""
    path = bench.folder / "requests with accents.jsonl"
    write_requests(path, NUMBER, WORDS)
    return path


def named(path: Path) -> str:
    """What is measured, in words."""
    return f"{NUMBER:,} {path.stem}, {path.stat().st_size / 1e6:.0f} MB"
