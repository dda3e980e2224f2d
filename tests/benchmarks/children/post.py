"""The yardsticks of uploads, by the bare transport and unchecked: `post FILE bytes|lines`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

from tests.benchmarks.children.telling import tell

PIECE = 256 * 1024


def as_they_are(path: Path) -> Iterator[bytes]:
    """The file, so that it need not be in memory."""
    with path.open("rb") as handle:
        while block := handle.read(PIECE):
            yield block


def joined(path: Path) -> Iterator[bytes]:
    """Its lines as the body that the service takes."""
    before = b'{"requests":['
    with path.open("rb") as handle:
        while lines := handle.readlines(PIECE):
            yield before + b",".join([line.rstrip(b"\n") for line in lines])
            before = b","
    yield b"]}"


def main(path: Path, way: str) -> None:
    """Send once."""
    length = path.stat().st_size
    pieces = as_they_are(path) if way == "bytes" else joined(path)
    if way == "lines":
        length += len(b'{"requests":[]}') - 1  # a comma for each line feed, but none for the last
    with httpx2.Client(timeout=600) as client:
        start = time.perf_counter()
        client.post(
            f"{os.environ['ANTHROPIC_BASE_URL']}/v1/messages/batches",
            content=pieces,
            headers={"content-length": str(length)},
        ).raise_for_status()
        tell(seconds=time.perf_counter() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
