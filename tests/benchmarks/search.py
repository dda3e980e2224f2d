"""A search through 100,000 results, beside ripgrep's whole process on the same file."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tui import paths

from .invented import result_lines
from .measure import PATIENCE, Bench, Row, paired, spread

NUMBER = 100_000
BATCH = "msgbatch_searched"
PLANTED = " xylophone 12 at 555-0199 or ABCDE-42 "
PLACES = (700, 50_000, 99_000)
"""Lines (or the next ones that can take it) that say what is looked for."""

SEARCHES = (
    ("a rare word", "text", "exact", "xylophone", "≤ 6"),
    ("a rare word without case", "text", "caseless", "Xylophone", "≤ 20"),
    ("a word with letters that others fold to, without case", "text", "caseless", "ABCDE-42 ", "≤ 20"),
    ("an expression with a literal", "regex", "exact", r"xylo[a-z]+ \d+", "≤ 60"),
    ("the same without case", "regex", "caseless", r"XYLO[a-z]+ \d+", "≤ 60"),
    ("an expression with two literals", "regex", "exact", "xylophone|glockenspiel", "≤ 60"),
    ("an expression without a literal", "regex", "exact", r"\d{3}-\d{4}", "≤ 60"),
    ("another", "regex", "exact", r"\b[A-Z]{5}\W\d\d\b", "≤ 60"),
)


def run(bench: Bench) -> Iterator[Row]:
    """Ours is timed within a running program, line numbers included; ripgrep from start to exit."""
    file = _stock(bench, bench.folder / "data")
    size = f"{NUMBER:,} results, {file.stat().st_size / 1e6:.0f} MB"
    everything: list[dict[str, Any]] = []
    for what, kind, case, text, goal in SEARCHES:
        ours = partial(_ours, bench, everything, kind, case, text)
        title = f"search: {what}, {size}"
        if shutil.which("rg"):
            command = _ripgrep(kind, case, text)
            pairs = paired(ours, partial(_theirs, [*command, str(file)]), bench.pairs)
            yield pairs.row(title, f"`{' '.join(command)}`".replace("|", "\\|"), goal)
        else:
            seconds = [ours() for _ in range(bench.pairs)]
            yield Row(title, spread(seconds), "there is no `rg` (ripgrep) here to compare with")
    yield from _besides(everything)


def _ours(bench: Bench, found: list[dict[str, Any]], *search: str) -> float:
    found.append(bench.inside("search", bench.folder / "data", BATCH, *search))
    assert found[-1]["hits"] == len(PLACES)
    return float(found[-1]["seconds"])


def _besides(found: list[dict[str, Any]]) -> Iterator[Row]:
    first = [1000 * each["first"] for each in found]
    yield Row(f"search: time to the first hit (line {PLACES[0]:,})", spread(first, "ms"))
    yield Row("search: peak memory of the process", spread([each["peak"] for each in found], "MB"))
    gaps = [1000 * each["gap"] for each in found]
    yield Row("search: longest event-loop gap", spread(gaps, "ms"), goal="≤ 50 ms")


def _stock(bench: Bench, folder: Path) -> Path:
    """A store that has the results of one batch, and their file."""
    file = paths.find(folder).make().result_file(BATCH)
    waiting = list(PLACES)
    with file.open("wb") as target:
        for number, line in enumerate(result_lines(NUMBER)):
            if waiting and number >= waiting[0] and b" measured " in line:
                line = line.replace(b" measured ", PLANTED.encode(), 1)
                waiting.pop(0)
            target.write(line)
    bench.inside("indexed", folder, BATCH)
    return file


def _ripgrep(kind: str, case: str, text: str) -> list[str]:
    options = ["--count", *(["--fixed-strings"] if kind == "text" else [])]
    return ["rg", *options, *(["--ignore-case"] if case == "caseless" else []), "-e", text]


def _theirs(command: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=PATIENCE, check=True)
    seconds = time.perf_counter() - start
    assert int(done.stdout) == len(PLACES)
    return seconds
