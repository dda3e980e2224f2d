"""An account: its names and its batches, as the API lists, cancels and deletes them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from .batch import Batch
from .errors import ApiError
from .ids import digest, identifier


class Page(NamedTuple):
    """One page of batches and whether more follow in the direction that was asked for."""

    batches: list[Batch]
    has_more: bool


@dataclass
class Account:
    """The batches of one workspace."""

    seed: object = 0
    batches: dict[str, Batch] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What a person might call some of them; the API itself knows no names."""

    @property
    def organization_id(self) -> str:
        """The organisation's UUID."""
        text = f"{digest('organization', self.seed):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    @property
    def workspace_id(self) -> str:
        """The workspace's id."""
        return identifier("wrkspc_01", "workspace", self.seed)

    def add(self, batch: Batch) -> Batch:
        """Take a batch in."""
        batch.number = len(self.batches)
        self.batches[batch.id] = batch
        return batch

    def get(self, id: str, now: datetime) -> Batch:
        """Find a batch; 404 if the account does not, not yet or no longer show it."""
        batch = self.batches.get(id)
        if batch is None or not batch.exists(now):
            raise ApiError(404, f"Message batch not found: {id}")
        return batch

    def shown(self, now: datetime) -> list[Batch]:
        """Every batch, the most recently created first."""
        batches = [batch for batch in list(self.batches.values()) if batch.exists(now)]
        return sorted(batches, key=lambda batch: (batch.created_at, batch.number), reverse=True)

    def queued(self, now: datetime) -> int:
        """Requests of all batches that still wait to be processed."""
        return sum(len(batch.work) for batch in self.shown(now) if not batch.has_ended(now))

    def page(self, now: datetime, limit: int, after_id: str | None, before_id: str | None) -> Page:
        """Give the page just after or just before a batch, or the first; always newest first."""
        batches = self.shown(now)
        if before_id is not None:
            end = _position(batches, before_id, "before_id")
            return Page(batches[max(end - limit, 0) : end], end > limit)
        start = 0 if after_id is None else _position(batches, after_id, "after_id") + 1
        return Page(batches[start : start + limit], len(batches) > start + limit)

    def cancel(self, id: str, now: datetime, lasts: timedelta, *, nothing: bool = False) -> Batch:
        """Begin to cancel a batch; 400 once it has ended, no change if it is canceling already."""
        batch = self.get(id, now)
        if batch.has_ended(now):
            raise ApiError(400, f"Batch {id} has already ended and cannot be canceled.")
        if batch.canceled_at is None:
            batch.cancel(now, lasts, nothing=nothing)
        return batch

    def delete(self, id: str, now: datetime) -> None:
        """Forget a batch for good; 400 while it is being processed."""
        if not self.get(id, now).has_ended(now):
            raise ApiError(400, f"Batch {id} is still being processed; cancel it before deleting it.")
        del self.batches[id]


def _position(batches: list[Batch], id: str, name: str) -> int:
    for position, batch in enumerate(batches):
        if batch.id == id:
            return position
    raise ApiError(400, f"{name}: no batch with the id {id}")
