"""What the values say of themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from tui.model import ENDED, Batch, Counts, Entry, ResultFile

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def problems(counts: Counts, **file: int) -> int:
    batch = Batch("b", ENDED, counts, NOW)
    return Entry(batch, results=ResultFile("b", complete=True, **file)).problems


def test_no_batch_has_more_problems_than_requests() -> None:
    assert problems(Counts(succeeded=7, errored=2, canceled=1), attention=3) == 6
    assert problems(Counts(errored=4), attention=4) == 4
    assert problems(Counts(succeeded=1, errored=4), missing=5) == 5
    assert problems(Counts(), lines=3, attention=2) == 2, "some gateways count nothing"
