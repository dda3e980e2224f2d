"""Sources that were checked, and what was sent of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .batches import Batch

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
