"""The things everybody talks about: batches, counts, launches. Immutable values, no I/O, no awaits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

IN_PROGRESS = "in_progress"
CANCELING = "canceling"
ENDED = "ended"

SUCCEEDED = "succeeded"
ERRORED = "errored"
CANCELED = "canceled"
EXPIRED = "expired"
UNREADABLE = "unreadable"
"""Our own outcome for a line of results that is not a result as the API describes it."""

OUTCOMES = (SUCCEEDED, ERRORED, CANCELED, EXPIRED)

RESULTS_KEPT = timedelta(days=29)
"""How long the service keeps results, counted from `created_at` (API documentation)."""

COMPLETE_STOPS = frozenset({"end_turn", "stop_sequence", "tool_use"})
"""Stop reasons of an answer that came to its own end; any other needs attention."""


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
class ResultFile:
    """What we hold of a batch's results on disk."""

    batch_id: str
    complete: bool = False
    """The whole answer of the server is on disk, in its final place."""
    lines: int = 0
    bytes: int = 0
    attention: int = 0
    """Succeeded lines whose answer is not whole: refusals, cut answers, empty or unreadable ones."""
    missing: int = 0
    """Requests of the batch for which a complete file has no line."""


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

    @property
    def id(self) -> str:
        """The batch's id."""
        return self.batch.id

    @property
    def name(self) -> str:
        """What to call it: the label, else the source file, else a short id."""
        return self.label or self.source or short_id(self.id)

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


DRAFT = "draft"
SENDING = "sending"
SENT = "sent"
FAILED = "failed"
UNCERTAIN = "uncertain"
DROPPED = "dropped"

UNFINISHED = (SENDING, UNCERTAIN)
"""Launch states of which nobody knows whether a batch was created."""


@dataclass(frozen=True, slots=True)
class Launch:
    """One act of sending a draft: where it came from, what became of it."""

    id: str
    state: str
    """`draft`, `sending`, `sent`, `failed`, `uncertain` or `dropped`."""
    name: str
    source: str
    """Path of the file the requests were read from."""
    requests: int
    bytes: int
    """Size of the body that is (to be) sent."""
    sha256: str
    """Of the draft file: the same requests have the same sum."""
    created_at: datetime
    models: tuple[tuple[str, int], ...] = ()
    """Each model with its number of requests, the most used first."""
    sent_at: datetime | None = None
    """When the last attempt to send began; written before the first byte leaves."""
    batch_id: str | None = None
    problem: str = ""
    """Why it failed or is uncertain, in a sentence."""
    first_sent_at: datetime | None = None
    """When the first attempt began whose end is not known: what it may have created is still looked for."""

    def to(self, state: str, **changes: object) -> Launch:
        """The same launch in another state."""
        return replace(self, state=state, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A batch of the account that may be what an uncertain launch created."""

    batch: Batch
    after: timedelta
    """Time from the start of sending (of the nearest attempt, if there were two) to the batch's creation."""


class IndexRow(NamedTuple):
    """One line of a results file, as far as lists and filters need it.

    A tuple, for it is made a hundred thousand times while a file arrives: a sixth of a dataclass's time.
    """

    line: int
    """0-based line number."""
    offset: int
    """Bytes from the start of the file."""
    length: int
    """Bytes, without the line feed."""
    custom_id: str
    outcome: str
    """`succeeded`, `errored`, `canceled`, `expired`, what the service newly invents, or `unreadable`."""
    stop_reason: str = ""
    error_type: str = ""
    error_message: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0
    first_words: str = ""
    """The beginning of what it says, raw: `text.clean` before showing."""

    @property
    def is_problem(self) -> bool:
        """Whether this request has no whole answer."""
        return is_problem(self.outcome, self.stop_reason, self.first_words)

    @property
    def total_input(self) -> int:
        """All input tokens, cached or not."""
        return self.input_tokens + self.cache_write_5m + self.cache_write_1h + self.cache_read


def is_problem(outcome: str, stop_reason: str, first_words: str) -> bool:
    """Whether a result lacks a whole answer: not succeeded, not ended by itself, or empty."""
    return outcome != SUCCEEDED or stop_reason not in COMPLETE_STOPS or not first_words


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """Which results a list shows; empty fields ask for nothing."""

    outcome: str = ""
    """`succeeded`, `errored`, `canceled`, `expired`, `unreadable`, or `problem`: no whole answer."""
    text: str = ""
    """Plain text looked for, without case, in custom_id, first words, error type and error message."""


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How a results download stands."""

    batch_id: str
    state: str = "running"
    """`running`, `waiting` (a retry is due), `done`, `failed` or `stopped`."""
    bytes: int = 0
    lines: int = 0
    expected: int = 0
    """Requests of the batch, that is lines to come."""
    attempt: int = 1
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Results of one batch that failed for the same reason."""

    outcome: str
    kind: str
    """Error type, or the stop reason of an answer that is not whole."""
    message: str
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the index says of a batch's results so far."""

    lines: int = 0
    outcomes: tuple[tuple[str, int], ...] = ()
    stops: tuple[tuple[str, int], ...] = ()
    models: tuple[tuple[str, int], ...] = ()
    errors: tuple[ErrorGroup, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a source: where, what, and how to mend it."""

    place: str
    """`file:line`"""
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f" – {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a check found: the requests as they would be sent, and everything wrong with them."""

    source: str
    requests: int = 0
    bytes: int = 0
    """Size of the whole request body."""
    sha256: str = ""
    models: tuple[tuple[str, int], ...] = ()
    first: str = ""
    """The first request, pretty-printed JSON (raw text), at most some thousand characters."""
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    """All problems; `problems` is capped so that a file of garbage cannot fill the memory."""
    path: str = ""
    """Where the checked requests were written, when they were."""

    @property
    def ok(self) -> bool:
        """Whether it may be sent."""
        return self.problem_count == 0 and self.requests > 0


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the list endpoint, newest batch first."""

    batches: tuple[Batch, ...]
    has_more: bool = False
    last_id: str | None = None
    """Cursor for the next (older) page."""
    organization: str = ""
    workspace: str = ""
    """From the response's headers, empty where a gateway sends none."""
    partial: bool = False
    """Some entries were not understood and left out: nothing follows from what is absent."""


@dataclass(frozen=True, slots=True)
class Account:
    """One base URL + organisation + workspace that a credential reaches."""

    id: int
    base_url: str
    organization: str = ""
    workspace: str = ""
    listed: bool = False
    """Whether the whole list has been loaded once."""
    cursor: str | None = None
    """Where the first visit's paging goes on, should it have been cut."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """What the status line says: how the list relates to the server right now."""

    state: str = "idle"
    """`idle` (never polled), `loading` (first visit), `live`, `no-credential`, `unauthorized`, `offline`,
    `slowed` or `failing`"""
    checked_at: datetime | None = None
    """When the list last came through."""
    next_at: datetime | None = None
    loaded: int = 0
    """Batches loaded so far during the first visit."""
    problem: str = ""
    remedy: str = ""
    checking: bool = field(default=False, compare=False)
    every: float = 0.0
    """Seconds between polls at the present pace."""
