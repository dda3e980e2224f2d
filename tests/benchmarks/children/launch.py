"""Our whole launch from within, the SDK and the handlers being loaded already: `launch FOLDER SOURCE`.

From the source's first byte to the service's answer: checked, saved as a draft, the intent noted, sent.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from tests.benchmarks.children.telling import gaps, tell
from tui import paths
from tui.__main__ import build
from tui.api import Connection
from tui.commands import Prepare, SendRun
from tui.handlers.table import HANDLERS


async def main(folder: Path, source: Path) -> None:
    """Launch once."""
    async with build(paths.find(folder).make(), Connection()) as services:
        await services.api.load()
        await services.account()
        async with gaps() as watched:
            start = time.perf_counter()
            made, draft = await HANDLERS[Prepare](services, Prepare((source,)))
            await HANDLERS[SendRun](services, SendRun(made.id))
            seconds = time.perf_counter() - start
    tell(seconds=seconds, gap=watched.longest, requests=draft.requests)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
