"""What a child tells its benchmark: seconds, bytes at most in memory, gaps of its event loop."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


def tell(**measured: object) -> None:
    """Print the measurements as the last line, with the most memory that was ever resident."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**measured, "peak": peak}), flush=True)


class Gaps:
    """The longest time in which an event loop ran nothing else."""

    longest = 0.0

    async def watch(self) -> None:
        """Tick for ever, and note how late each tick comes."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.perf_counter() - before - 0.001)


@asynccontextmanager
async def gaps() -> AsyncIterator[Gaps]:
    """Watch the loop while the context lasts."""
    watched = Gaps()
    task = asyncio.create_task(watched.watch())
    await asyncio.sleep(0.01)
    try:
        yield watched
    finally:
        await asyncio.sleep(0.002)  # a gap is noted when it is over
        task.cancel()
