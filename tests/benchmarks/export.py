"""100,000 results out as a table, beside what a few lines of Python would do: `json.loads` and `csv`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

from .measure import Bench, Row, paired, spread

NUMBER = 100_000


def run(bench: Bench) -> Iterator[Row]:
    """The results are downloaded and indexed once."""
    data, table = bench.folder / "data", bench.folder / "out.csv"
    with bench.server("results_server", NUMBER) as server:
        bench.inside("fetch", data, server["id"], NUMBER, url=server["url"])
    results = data / "results" / f"{server['id']}.jsonl"
    found: list[dict[str, Any]] = []

    def ours() -> float:
        found.append(bench.inside("export", data, server["id"], "csv", table))
        return float(found[-1]["seconds"])

    def theirs() -> float:
        return float(bench.inside("naive_export", results, table)["seconds"])

    what = f"export: {NUMBER:,} results, {server['bytes'] / 1e6:.0f} MB, as CSV with their cost"
    yield paired(ours, theirs, bench.pairs).row(what, "`json.loads` and `csv`, without the cost", "≤ 1")
    yield Row("export as CSV: peak memory", spread([each["peak"] for each in found], "MB"))
    found.clear()

    def lines() -> float:
        found.append(bench.inside("export", data, server["id"], "jsonl", table))
        return float(found[-1]["seconds"])

    def copied() -> float:
        return float(bench.inside("copied", results, table)["seconds"])

    what = "export: the same as received"
    yield paired(lines, copied, bench.pairs).row(what, "read and written line by line")
    yield Row("export as received: peak memory", spread([each["peak"] for each in found], "MB"))
    shutil.rmtree(data)
