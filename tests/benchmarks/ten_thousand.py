"""The list with ten thousand batches: reading, filtering, ordering, and how long the screen stands still."""

from __future__ import annotations

from collections.abc import Iterator

from .measure import Bench, Pairs, Row, spread

NUMBER = 10_000


def run(bench: Bench) -> Iterator[Row]:
    """All from within; each pair is one process."""
    found = [bench.inside("ten_thousand", bench.folder / str(turn), NUMBER) for turn in range(bench.pairs)]

    def ms(name: str) -> list[float]:
        return [1000 * each[name] for each in found]

    yield Row("10,000 batches: first read of the list", spread(ms("first"), "ms"), goal="≤ 150 ms")
    yield Row("10,000 batches: read again", spread(ms("again"), "ms"))
    for what, verb in (("filter", "list comprehension"), ("sort", "`sorted`")):
        pairs = Pairs(ms(what), ms(f"plain_{what}"))
        yield pairs.row(f"10,000 batches: {what}", f"a plain {verb}", unit="ms")
    for what in ("filter", "clear", "sort", "reload"):
        yield Row(f"10,000 batches in the app: longest gap, {what}", spread(ms(f"{what}_gap"), "ms"))
