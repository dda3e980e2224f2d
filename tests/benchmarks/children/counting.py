"""A service whose counters move with every poll: 40 running batches, two counters of five of them."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from typing import Any

from tui.model import utc_now
from tui.simulator.asgi import Receive, Reply, Scope, Send
from tui.simulator.moments import written
from tui.simulator.server import serve

ROWS = 40
CHANGING = range(10, 15)


class Counting:
    """Answers the list; `moves` says whether the counters do."""

    def __init__(self, moves: bool) -> None:
        self._moves = moves
        self._polls = 0
        self._now = utc_now()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One poll."""
        self._polls += self._moves
        data = [self._batch(index) for index in range(ROWS)]
        page = {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}
        await Reply.json(page).send(send)

    def _batch(self, index: int) -> dict[str, Any]:
        done = 100 + (self._polls if index in CHANGING else 0)
        created = self._now - timedelta(minutes=index)
        return {
            "id": f"msgbatch_{index:08d}",
            "processing_status": "in_progress",
            "request_counts": {"processing": 900 - done, "succeeded": done, "errored": 0},
            "created_at": written(created),
            "expires_at": written(created + timedelta(hours=24)),
        }


async def main(moves: bool) -> None:
    """Serve until terminated."""
    async with serve(Counting(moves)) as address:
        print(json.dumps({"url": address.url}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] == "moving"))
