"""The played service with one batch of pre-built results: `results_server NUMBER`."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta

from tests.benchmarks.invented import result_lines
from tui.model import utc_now
from tui.simulator import Simulator
from tui.simulator.server import serve

PIECE = 1 << 20


async def main(number: int) -> None:
    """Serve until terminated."""
    simulator = Simulator()
    body = b"".join(result_lines(number))
    batch = simulator.invent([("prose", number)], created_at=utc_now() - timedelta(hours=1))
    simulator.replace_results(batch.id, [body[at : at + PIECE] for at in range(0, len(body), PIECE)])
    async with serve(simulator) as address:
        print(json.dumps({"url": address.url, "id": batch.id, "bytes": len(body)}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
