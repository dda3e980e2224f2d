"""Batches, their counts, and what is known of them locally."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .results import ResultFile

IN_PROGRESS = "in_progress"
CANCELING = "canceling"
ENDED = "ended"

RESULTS_KEPT = timedelta(days=29)
"""How long the service keeps results, counted from `created_at` (API documentation)."""


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests of a batch are in which state; the five always sum to its size."""

    processing: int = 0
    succeeded: int = 0
    errored: int = 0
    canceled: int = 0
    expired: int = 0

    @property
    def total(self) -> int:
        """All requests of the batch."""
        return self.processing + self.succeeded + self.errored + self.canceled + self.expired

    @property
    def failed(self) -> int:
        """Requests that ended without an answer."""
        return self.errored + self.canceled + self.expired


@dataclass(frozen=True, slots=True)
class Batch:
    """A Message Batch as the server last described it."""

    id: str
    state: str
    """`in_progress`, `canceling` or `ended`; kept as sent should the service ever add one."""
    counts: Counts
    created_at: datetime
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_initiated_at: datetime | None = None
    archived_at: datetime | None = None
    results_url: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether the server still works on it."""
        return self.state != ENDED

    @property
    def can_cancel(self) -> bool:
        """Whether a cancel makes sense: it runs, and nobody has cancelled it yet."""
        return self.state == IN_PROGRESS

    @property
    def results_end_at(self) -> datetime:
        """When the service throws the results away."""
        return self.archived_at or self.created_at + RESULTS_KEPT

    def has_results(self, now: datetime) -> bool:
        """Whether results can be fetched: ended and not archived (`results_url` is no proof either way)."""
        return self.state == ENDED and now < self.results_end_at

    def took(self, now: datetime) -> timedelta:
        """How long it ran, or has been running."""
        return max((self.ended_at or now) - self.created_at, timedelta())


@dataclass(frozen=True, slots=True)
class Entry:
    """A batch and what we know of it locally: one row of the list."""

    batch: Batch
    label: str = ""
    source: str = ""
    """Name of the file it was launched from."""
    launch_id: str | None = None
    gone_at: datetime | None = None
    """When we learned that the server no longer has it."""
    results: ResultFile | None = None
    run_id: str = ""
    """The run it is a part of, if it was launched from here."""
    part: int = 1
    """Its place among the parts of its attempt; 0 is a sample that went first."""
    attempt: int = 1
    """More than 1 where it tries again what did not succeed before."""
    parts: int = 1
    """Parts of that attempt."""
    is_labelled: bool = False
    """Whether its label is the user's own, and not the name of its launch."""

    @property
    def id(self) -> str:
        """The batch's id."""
        return self.batch.id

    @property
    def name(self) -> str:
        """What to call it: the label, else the source file and which part of it, else a short id."""
        said = self.label or self.source or short_id(self.id)
        return said if self.is_labelled else " ".join([said, *self._of_run()])

    def _of_run(self) -> Iterator[str]:
        if self.part == 0:
            yield "sample"
        elif self.parts > 1:
            yield f"{self.part}/{self.parts}"
        if self.attempt > 1:
            yield f"retry {self.attempt - 1}" if self.attempt > 2 else "retry"

    @property
    def problems(self) -> int:
        """Requests known to lack a usable answer (rule: ended is not success)."""
        counts = self.batch.counts
        known = self.results.attention + self.results.missing if self.results else 0
        # A line that is missing or unreadable may be one that the service counted as errored, too.
        most = max(counts.total, self.results.lines if self.results else 0)
        return min(counts.errored + counts.expired + counts.canceled + known, most)

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look: it ended, and not every request has a whole answer."""
        return self.batch.state == ENDED and self.gone_at is None and self.problems > 0


def short_id(batch_id: str) -> str:
    """The telling part of an id: no prefix, and its last characters where it is long."""
    bare = batch_id.removeprefix("msgbatch_")
    return bare if len(bare) <= 12 else "…" + bare[-10:]
