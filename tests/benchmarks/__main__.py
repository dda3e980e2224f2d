"""`python -m tests.benchmarks [NAME …]`: run benchmarks, print a Markdown table."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from . import download, drafts, export, fields, first_paint, launching, repaint, search, ten_thousand
from .measure import Bench, Row

BENCHMARKS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "first-paint": first_paint.run,
    "repaint": repaint.run,
    "ten-thousand": ten_thousand.run,
    "download": download.run,
    "fields": fields.run,
    "search": search.run,
    "export": export.run,
    "check": drafts.run_check,
    "upload": drafts.run_upload,
    "launch": launching.run,
}


def main() -> None:
    """Read the arguments, run, and print each row as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--pairs", type=int, default=5, help="paired runs of each comparison (5)")
    options = parser.parse_args()
    if unknown := set(options.names) - BENCHMARKS.keys():
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    print(Row.HEAD, flush=True)
    with tempfile.TemporaryDirectory(prefix="batchdeck-bench-") as folder:
        for name in options.names or BENCHMARKS:
            place = Path(folder) / name
            place.mkdir()
            for row in BENCHMARKS[name](Bench(place, options.pairs, Path(folder) / "bytecode")):
                print(row, flush=True)


if __name__ == "__main__":
    main()
