"""What the tests of results in the app share: batches with the answers one wants, and opening them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.app_runs import Deck
from tui.screens.batch import BatchScreen
from tui.simulator import Simulator
from tui.simulator.batch import Batch


def succeeded(custom_id: str, said: str, **usage: int) -> dict[str, Any]:
    """A result that says this."""
    message = {
        "content": [{"type": "text", "text": said}],
        "stop_reason": "end_turn",
        "model": "claude-haiku-5-5",
        "usage": {"input_tokens": 10, "output_tokens": 5, **usage},
    }
    return {"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}


def errored(custom_id: str, said: str) -> dict[str, Any]:
    """A result that says what went wrong."""
    error = {"type": "error", "error": {"type": "api_error", "message": said}}
    return {"custom_id": custom_id, "result": {"type": "errored", "error": error}}


def answered(simulator: Simulator, results: Sequence[Mapping[str, Any]], *more: bytes) -> Batch:
    """A batch with these results, in this order; in the file every sign beyond ASCII is escaped."""
    batch = simulator.invent([("prose", len(results) + len(more))])
    lines = [json.dumps(result).encode() + b"\n" for result in results]
    simulator.replace_results(batch.id, [*lines, *more])
    return batch


async def listed(deck: Deck, *batches: Batch) -> None:
    """Wait until the list has them."""
    await deck.until_polled()
    await deck.until(lambda: all(batch.id in deck.home.entries for batch in batches))


async def opened(deck: Deck, batch: Batch) -> BatchScreen:
    """Open a batch and wait until all of its results are here."""
    await listed(deck, batch)
    screen = await deck.open(batch.id)
    await deck.until(lambda: (file := screen.entry and screen.entry.results) and file.complete)
    await deck.until(lambda: file_lines(screen) and len(screen.browser.table.source) == file_lines(screen))
    return screen


def file_lines(screen: BatchScreen) -> int:
    return screen.browser.summary.lines


async def ids(deck: Deck, screen: BatchScreen) -> list[str]:
    """The custom_ids that are listed, in their order."""
    rows = await deck.app.services.store.results.rows(screen.browser.choosing.refs)
    return [row.custom_id for row in rows]
