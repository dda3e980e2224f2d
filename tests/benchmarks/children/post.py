"""The yardstick of uploads: the raw bytes of the file posted by the bare transport: `post FILE`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

from tests.benchmarks.children.telling import tell


def pieces(path: Path) -> Iterator[bytes]:
    """The file, so that it need not be in memory."""
    with path.open("rb") as handle:
        while block := handle.read(256 * 1024):
            yield block


def main(path: Path) -> None:
    """Send once."""
    with httpx2.Client(timeout=600) as client:
        start = time.perf_counter()
        client.post(
            f"{os.environ['ANTHROPIC_BASE_URL']}/v1/messages/batches",
            content=pieces(path),
            headers={"content-length": str(path.stat().st_size)},
        ).raise_for_status()
        tell(seconds=time.perf_counter() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
