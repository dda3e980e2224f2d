"""What was sent: launches, each of them one batch at most, and the runs they are parts of.

A *launch* is one draft, sent once. A *run* is what somebody set out to do with a source: its parts where
it is too large for one batch, a sample that goes first, and the retries of what did not succeed; its results
are read as one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING

from .batches import Batch

if TYPE_CHECKING:
    from .sources import ModelLoad

DRAFT = "draft"
SENDING = "sending"
SENT = "sent"
FAILED = "failed"
UNCERTAIN = "uncertain"
DROPPED = "dropped"
PARTIAL = "partial"
"""Only of runs: some launches were sent, others wait."""

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
    run_id: str = ""
    """The run it is a part of; one that is all of its run shares its id with it."""
    part: int = 1
    """Its place among the parts of its attempt; 0 is a sample that goes first."""
    attempt: int = 1
    """1, or more for a retry of what did not succeed before."""

    def __post_init__(self) -> None:
        if not self.run_id:
            object.__setattr__(self, "run_id", self.id)

    @property
    def title(self) -> str:
        """What to call it: the user's name, else the end of its source's path."""
        return self.name or PurePath(self.source).name or self.source or self.id

    def to(self, state: str, **changes: object) -> Launch:
        """The same launch in another state."""
        return replace(self, state=state, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Run:
    """Everything launched from one source: parts, sample, retries."""

    id: str
    """That of its first launch."""
    launches: tuple[Launch, ...]
    """In the order of attempts and parts."""
    created_at: datetime
    going: int = 0
    """Attempts that the user's yes covers: the rest of them goes on by itself, also after a restart."""
    sha256: str = ""
    """Of all its requests, in the source's order."""
    recipe: str = ""
    """Key of what was asked; see `Draft.recipe`."""
    betas: tuple[str, ...] = ()
    """Betas that every one of its batches is created with."""
    kind: str = ""
    """What its source was taken for; see `sources.KINDS`."""
    loads: tuple[ModelLoad, ...] = ()
    """What the first attempt asks of each model."""
    problem: str = ""
    """Why it does not go on, or what it waits for, in a sentence."""

    @property
    def name(self) -> str:
        """The user's name for it."""
        return self.launches[0].name

    @property
    def source(self) -> str:
        """Where its requests came from."""
        return self.launches[0].source

    @property
    def title(self) -> str:
        """What to call it: the user's name, else the end of its source's path."""
        return self.launches[0].title

    @property
    def requests(self) -> int:
        """Different requests: those of the first attempt."""
        return sum(launch.requests for launch in self.launches if launch.attempt == 1)

    @property
    def bytes(self) -> int:
        """Size of the bodies of the first attempt."""
        return sum(launch.bytes for launch in self.launches if launch.attempt == 1)

    @property
    def attempts(self) -> int:
        """How often its requests were tried."""
        return max(launch.attempt for launch in self.launches)

    @property
    def scope(self) -> tuple[str, ...]:
        """Its batches in order: what its results are read from."""
        return tuple(launch.batch_id for launch in self.launches if launch.batch_id)

    @property
    def kept(self) -> tuple[Launch, ...]:
        """Its launches without those that were given up."""
        return tuple(launch for launch in self.launches if launch.state != DROPPED)

    @property
    def tries(self) -> int:
        """How often its requests were tried, or are to be: without attempts that were given up."""
        return max((launch.attempt for launch in self.kept), default=1)

    @property
    def waiting(self) -> tuple[Launch, ...]:
        """Launches that can still be sent, in order."""
        return tuple(launch for launch in self.launches if launch.state in (DRAFT, FAILED))

    @property
    def due(self) -> tuple[Launch, ...]:
        """Those of them that the user's yes covers."""
        return tuple(launch for launch in self.waiting if launch.attempt <= self.going)

    @property
    def unfinished(self) -> tuple[Launch, ...]:
        """Launches of which nobody knows whether a batch was created."""
        return tuple(launch for launch in self.launches if launch.state in UNFINISHED)

    @property
    def is_given_up(self) -> bool:
        """Whether nothing of it was ever sent, nor will be."""
        return not self.scope and self.state == DROPPED

    @property
    def sample(self) -> Launch | None:
        """The launch that goes first, to be looked at."""
        return next((launch for launch in self.launches if launch.part == 0), None)

    @property
    def state(self) -> str:
        """The state of all of it: an unclear one before all others, `partial` when only some were sent."""
        states = {launch.state for launch in self.launches} - {DROPPED}
        for telling in (UNCERTAIN, SENDING):
            if telling in states:
                return telling
        if len(states) <= 1:
            return states.pop() if states else DROPPED
        return PARTIAL if SENT in states else FAILED


@dataclass(frozen=True, slots=True)
class Candidate:
    """A batch of the account that may be what an uncertain launch created."""

    batch: Batch
    after: timedelta
    """Time from the start of sending (of the nearest attempt, if there were two) to the batch's creation."""
