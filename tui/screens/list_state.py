"""View, order and filter of the list: kept across screens and between runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..model import Entry
from ..query import DESCENDING_FIRST, ORDERS, VIEWS, QueryError, Test, choose, parse

SETTING = "list"
"""Under which name the store keeps it."""


@dataclass
class ListState:
    """Which batches are shown, in which order."""

    view: int = 0
    order: str = "created"
    descending: bool = True
    filter: str = ""
    _test: Test = field(default_factory=lambda: parse(""), repr=False)

    def rows(self, entries: Iterable[Entry], now: datetime) -> list[Entry]:
        """The rows to show."""
        return choose(entries, VIEWS[self.view], self._test, self.order, self.descending, now)

    def filter_by(self, text: str) -> None:
        """Take a new filter; raises QueryError, and keeps the old one, if it cannot be understood."""
        self._test = parse(text)
        self.filter = text.strip()

    def sort_by(self, column: str) -> None:
        """Order by a column; the same column again turns the order round."""
        self.descending = not self.descending if column == self.order else column in DESCENDING_FIRST
        self.order = column

    def dump(self) -> str:
        """As text for the store."""
        return json.dumps(
            {"view": self.view, "order": self.order, "descending": self.descending, "filter": self.filter}
        )

    def recall(self, kept: str | None) -> None:
        """Take over what an earlier run left; what cannot be read leaves the defaults."""
        try:
            state: dict[str, Any] = json.loads(kept or "{}")
            self.view = max(0, min(int(state.get("view", 0)), len(VIEWS) - 1))
            if state.get("order") in ORDERS:
                self.order, self.descending = state["order"], bool(state.get("descending", True))
            self.filter_by(str(state.get("filter", "")))
        except (ValueError, TypeError, AttributeError, QueryError):
            return  # another version wrote it
