"""The account that a credential reaches, and how the list stands to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .batches import Batch


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
