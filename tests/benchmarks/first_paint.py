"""From exec to the first useful frame, beside the smallest table Textual can show of the same rows."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

from .invented import label
from .measure import Bench, Row, command, paired
from .screen import screen

GOAL = {200: "≤ 1.3", 10_000: ""}


def run(bench: Bench) -> Iterator[Row]:
    """The app over a store of 200 and of 10,000 batches, with a service that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for number in (200, 10_000):
            yield _compared(bench, url, number)


def _compared(bench: Bench, url: str, number: int) -> Row:
    data = bench.folder / str(number)
    database = bench.inside("stock", data, number, url=url)["database"]
    environment = bench.environment(url)

    def seconds(arguments: list[str]) -> float:
        with screen(arguments, environment) as shown:
            shown.until(label(0))
            return shown.until(label(20))

    pairs = paired(
        lambda: seconds([sys.executable, "-m", "tui", "--data-dir", str(data)]),
        lambda: seconds(command("bare_table", database)),
        2 * bench.pairs,
    )
    return pairs.row(f"exec → first frame, {number:,} batches", "bare `DataTable`, 200 rows", GOAL[number])
