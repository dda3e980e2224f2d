"""Bytes to the terminal for each poll, as the program really polls, beside DataTable.update_cell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from statistics import median

from .measure import Bench, Pairs, Row, command, spread
from .screen import screen

SETTLING = 6.0
"""Seconds after which the SDK is loaded and the first polls are over."""


def run(bench: Bench) -> Iterator[Row]:
    """Five rows of 40 change in two counters each second; then nothing changes at all."""
    moving = [_ours(bench, "moving") for _ in range(2)]
    updated = [_theirs(bench) for _ in range(2)]
    yield Pairs(moving, updated).row(
        "a poll that changes two counters in 5 of 40 rows", "`DataTable.update_cell`", "≤ 0.1", "bytes"
    )
    still = [_ours(bench, "still") for _ in range(2)]
    yield Row("a poll that changes nothing", spread(still, "bytes"), goal="0")


def _ours(bench: Bench, how: str) -> float:
    """Bytes per second at one poll a second."""
    with bench.server("counting", how) as server:
        data = bench.folder / f"{how}-{len(list(bench.folder.iterdir()))}"
        arguments = [sys.executable, "-m", "tui", "--data-dir", str(data), "--refresh", "1"]
        with screen(arguments, bench.environment(server["url"])) as shown:
            shown.until("live")
            return _per_second(shown.read_for)


def _theirs(bench: Bench) -> float:
    with screen(command("updated_table"), bench.environment()) as shown:
        shown.until("batch 00030")
        return _per_second(shown.read_for)


def _per_second(read_for: Callable[[float], int], seconds: int = 10) -> float:
    """The median: once a minute the status line tells another time, which is no poll's doing."""
    read_for(SETTLING)
    return median(read_for(1.0) for _ in range(seconds))
