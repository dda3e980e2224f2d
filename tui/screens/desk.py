"""What the app hands to its screens: reading, news, and one way to get something done."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from textual.signal import Signal

from ..commands import Command
from ..errors import DeckError
from ..model import Candidate, DownloadProgress, Launch, Pattern, Scope, SyncStatus
from ..store import Store


class Unfinished(Protocol):
    """Asks for the launches of which nobody knows what became of them, with their candidates."""

    def __call__(self) -> Awaitable[list[tuple[Launch, list[Candidate]]]]: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """How far the sending of a launch is."""

    launch_id: str
    sent: int
    total: int
    """Bytes."""
    done: bool = False


class Found(Protocol):
    """News of a search: more results that match, and how far it has come."""

    @property
    def refs(self) -> Sequence[int]: ...
    @property
    def undecided(self) -> int: ...
    @property
    def part(self) -> float: ...
    @property
    def until(self) -> Mapping[int, int]: ...


class Search(Protocol):
    """Looks for a pattern in all that the answers of a scope say, beyond the lines named for each file."""

    def __call__(
        self, scope: Scope, pattern: Pattern, until: Mapping[int, int]
    ) -> AsyncGenerator[Found, None]: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The app's side of a screen; screens read `store` and never write to it."""

    store: Store
    account_id: Callable[[], int]
    """The account shown at this moment: an answer's headers may correct the first guess."""
    clock: Callable[[], datetime]
    changed: Signal[frozenset[str]]
    """Ids of batches of which something changed."""
    status: Signal[SyncStatus]
    progress: Signal[DownloadProgress]
    uploads: Signal[Upload]
    launches: Signal[str]
    """Id of a launch that went on to another state."""
    now_status: Callable[[], SyncStatus]
    now_progress: Callable[[str], DownloadProgress | None]
    result_path: Callable[[str], str]
    """Where the results of a batch are, or arrive."""
    carry_out: Callable[[Command], Awaitable[Any]]
    """Run a command and hand back what it answers; raises the errors of `errors`."""
    unfinished: Unfinished
    search: Search
    tell_error: Callable[[DeckError], None]
    read_only: bool = False
    demo: bool = False
    console_url: str = ""
    kept: dict[Scope, Any] = field(default_factory=dict)
    """How each list of results looked when it was left."""
