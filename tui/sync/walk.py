"""A contiguous part of the list, page by page: what has been seen, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ..model import Batch, Page


@dataclass(slots=True)
class Walk:
    """A contiguous part of the list as one poll has seen it, newest batch first."""

    asked_at: datetime
    listed: set[str] = field(default_factory=set)
    oldest: datetime | None = None
    complete: bool = False
    """It reached the end of the list."""
    reliable: bool = True
    """Entries were understood, in order, and the cursor moved: what is not in it is not there."""

    def take(self, page: Page) -> str | None:
        """Add a page; gives the cursor of the next, or None where the list ends or leads in a circle."""
        fresh = any(batch.id not in self.listed for batch in page.batches)
        for batch in page.batches:
            if self.oldest is not None and batch.created_at > self.oldest:
                self.reliable = False
            self.oldest = batch.created_at
        self.listed.update(batch.id for batch in page.batches)
        self.reliable = self.reliable and not page.partial
        if not page.has_more:
            self.complete = True
        elif fresh and page.last_id:
            return page.last_id
        else:
            # More is promised, but there is no way to it: some gateways always give the same page.
            self.reliable = False
        return None

    def covers(self, batch: Batch) -> bool:
        """Whether the list would have shown this batch, had it been there."""
        reached = self.complete or (self.oldest is not None and batch.created_at > self.oldest)
        return self.reliable and reached
