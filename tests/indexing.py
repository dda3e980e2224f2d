"""Index rows for tests, and a store that has them."""

from __future__ import annotations

from typing import Any

from tui.model import IndexRow, ResultFile
from tui.store import Store


def row(line: int, outcome: str = "succeeded", words: str = "yes", **more: Any) -> IndexRow:
    fields: dict[str, Any] = {
        "offset": line * 100,
        "length": 99,
        "custom_id": f"ticket-{line}",
        "stop_reason": "end_turn" if outcome == "succeeded" else "",
        "first_words": words,
    }
    return IndexRow(line=line, outcome=outcome, **(fields | more))


def index(store: Store, batch_id: str, rows: list[IndexRow]) -> ResultFile:
    with store.results.writer(batch_id) as writer:
        writer.add(rows)
        return writer.finish(complete=True, missing=0, bytes=writer.resume()[0])
