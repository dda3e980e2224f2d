"""One batch and its states by the clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .ids import digest
from .moments import RETENTION, WINDOW, written
from .work import OUTCOMES, Asked, Permutation, Work, outcome, tally

Counts = dict[str, int]


@dataclass
class Batch:
    """A batch knows when things happen to it; everything else follows from asking at a moment.

    Each request has a place in the order of finishing; cancelling or expiring stops that order at
    some place, and whoever comes later is canceled or expired.
    """

    id: str
    created_at: datetime
    work: Work
    ends_at: datetime
    number: int = 0
    canceled_at: datetime | None = None
    settles_at: datetime | None = None
    vanishes_at: datetime | None = None
    finished: int | None = None
    body: tuple[bytes, ...] | None = None
    _counts: tuple[int, Counts] | None = field(default=None, repr=False)
    _order: Permutation = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._order = Permutation(len(self.work), digest(self.id))

    @property
    def expires_at(self) -> datetime:
        """When the processing window closes."""
        return self.created_at + WINDOW

    @property
    def archived_at(self) -> datetime:
        """When the results cease to be available."""
        return self.created_at + RETENTION

    @property
    def ended_at(self) -> datetime:
        """When it ends, or will end if nothing else happens."""
        natural = min(self.ends_at, self.expires_at)
        return natural if self.settles_at is None else min(natural, self.settles_at)

    def exists(self, now: datetime) -> bool:
        """Tell whether the account shows it: it is no longer there once deleted elsewhere."""
        return self.created_at <= now and (self.vanishes_at is None or now < self.vanishes_at)

    def has_ended(self, now: datetime) -> bool:
        """Tell whether processing is over."""
        return now >= self.ended_at

    def status(self, now: datetime) -> str:
        """The state in the API's words."""
        if self.has_ended(now):
            return "ended"
        return "in_progress" if self.canceled_at is None else "canceling"

    def cancel(self, now: datetime, lasts: timedelta, *, nothing: bool = False) -> None:
        """Begin to cancel; with `nothing`, every request turns out to be past stopping."""
        self.canceled_at = now
        self.settles_at = now + lasts
        self.finished = len(self.work) if nothing else self._place(now)

    def end(self, now: datetime) -> None:
        """Let it end at this moment with every request finished, for tests."""
        self.ends_at = self.settles_at = now
        self.finished = len(self.work)

    def _place(self, moment: datetime) -> int:
        # What is in flight when a cancel arrives is finished, so that a third succeeds at least.
        total = len(self.work)
        span = (self.ends_at - self.created_at) / timedelta(microseconds=1) or 1
        done = (moment - self.created_at) / timedelta(microseconds=1) / span
        return min(total - 1, max(int(total * done), total // 3, 1)) if total > 1 else 0

    def _reached(self) -> int:
        if self.finished is not None:
            return self.finished
        if self.ends_at <= self.expires_at:
            return len(self.work)
        return int(len(self.work) * (WINDOW / (self.ends_at - self.created_at)))

    def fate(self, index: int) -> str:
        """What became of one request, once the batch has ended."""
        if self._order(index) < self._reached():
            return self.work.fate(index)
        return "expired" if self.canceled_at is None else "canceled"

    def asked(self, index: int) -> Asked:
        """One request with what became of it."""
        return self.work.asked(index)._replace(fate=self.fate(index))

    def shuffled(self) -> Iterator[Asked]:
        """Every request in the order of its result, which is not the order of the requests."""
        order = Permutation(len(self.work), digest(self.id, "results"))
        uninterrupted = self._reached() >= len(self.work)
        for place in range(len(self.work)):
            index = order(place)
            yield self.work.asked(index) if uninterrupted else self.asked(index)

    def counts(self, now: datetime, *, incremental: bool = False) -> Counts:
        """The five counts: all in `processing` until the end, as the docs say, unless `incremental`."""
        if self.has_ended(now):
            return {"processing": 0, **self._final()}
        total = len(self.work)
        if not incremental:
            return {"processing": total, **dict.fromkeys(OUTCOMES, 0)}
        share = (now - self.created_at) / (self.ended_at - self.created_at)
        settled = {name: int(count * share) for name, count in self._final().items()}
        return {"processing": total - sum(settled.values()), **settled}

    def _final(self) -> Counts:
        reached = self._reached()
        if self._counts is None or self._counts[0] != reached:
            self._counts = (reached, self._count(reached))
        return self._counts[1]

    def _count(self, reached: int) -> Counts:
        if reached >= len(self.work):
            return tally(self.work)
        counts = dict.fromkeys(OUTCOMES, 0)
        for index in range(len(self.work)):
            counts[outcome(self.fate(index))] += 1
        return counts

    def view(self, now: datetime, *, incremental: bool = False) -> dict[str, object]:
        """The batch as the API shows it, but for `results_url`, which depends on who asks."""
        ended = self.has_ended(now)
        return {
            "id": self.id,
            "type": "message_batch",
            "processing_status": self.status(now),
            "request_counts": self.counts(now, incremental=incremental),
            "ended_at": written(self.ended_at) if ended else None,
            "created_at": written(self.created_at),
            "expires_at": written(self.expires_at),
            "archived_at": written(self.archived_at) if now >= self.archived_at else None,
            "cancel_initiated_at": written(self.canceled_at),
            "results_url": None,
        }
