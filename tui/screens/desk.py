"""What the app hands to its screens: reading, news, and one way to get something done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.signal import Signal

from ..commands import Command
from ..errors import DeckError
from ..handlers.questions import Questions
from ..model import DownloadProgress, Form, Scope, SyncStatus
from ..store import Store

if TYPE_CHECKING:
    from .launch_state import LaunchState


@dataclass(frozen=True, slots=True)
class Upload:
    """How far the sending of a launch is."""

    launch_id: str
    sent: int
    total: int
    """Bytes."""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Saving:
    """How far the saving of results is."""

    rows: int = 0
    total: int = 0
    done: bool = False


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
    saving: Signal[Saving]
    launches: Signal[str]
    """Id of a launch that went on to another state."""
    runs: Signal[str]
    """Id of a run of which something changed: what it waits for, or one of its launches."""
    reading: Signal[tuple[int, int]]
    """How far the reading of a source is: bytes so far, bytes in all."""
    now_status: Callable[[], SyncStatus]
    now_progress: Callable[[str], DownloadProgress | None]
    result_path: Callable[[str], str]
    """Where the results of a batch are, or arrive."""
    carry_out: Callable[[Command], Awaitable[Any]]
    """Run a command and hand back what it answers; raises the errors of `errors`."""
    ask: Questions
    """What may be asked without wanting anything changed."""
    tell_error: Callable[[DeckError], None]
    is_sending: Callable[[str], bool]
    """Whether this program is sending the launch or the run of this id, or waits to do so."""
    read_only: bool = False
    demo: bool = False
    console_url: str = ""
    service: str = ""
    """The address that requests are sent to."""
    kept: dict[Scope, Any] = field(default_factory=dict)
    """How each list of results looked when it was left."""
    _launching: list[LaunchState] = field(default_factory=list)

    @property
    def launching(self) -> LaunchState:
        """How the way from a source to a batch was left; made when somebody goes that way."""
        if not self._launching:
            from .launch_state import LaunchState

            self._launching.append(LaunchState())
        return self._launching[0]

    @property
    def form(self) -> Form | None:
        """What was typed there; None where nobody has been there, and nothing is known of the last time."""
        return self._launching[0].form if self._launching and self._launching[0].is_restored else None
