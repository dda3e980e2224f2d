"""The yardsticks of uploads by the bare transport: `post FILE bytes|lines|checked`.

`checked` is the least that could be called a launch: each line decoded with its types, the custom_ids
compared, then all of it posted; nothing is saved, summed or told.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import msgspec

from tests.benchmarks.children.decode import Request
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


def check(path: Path) -> None:
    """Read every line with its types, and see that no custom_id comes twice."""
    decode = msgspec.json.Decoder(Request).decode
    seen: set[str] = set()
    with path.open("rb", buffering=1 << 20) as handle:
        for number, line in enumerate(handle, 1):
            seen.add(decode(line).custom_id)
            assert len(seen) == number


def main(path: Path, way: str) -> None:
    """Send once, by one of the ways."""
    length = path.stat().st_size
    pieces = as_they_are(path) if way == "bytes" else joined(path)
    if way != "bytes":
        length += len(b'{"requests":[]}') - 1  # a comma for each line feed, but none for the last
    with httpx2.Client(timeout=600) as client:
        start = time.perf_counter()
        if way == "checked":
            check(path)
        client.post(
            f"{os.environ['ANTHROPIC_BASE_URL']}/v1/messages/batches",
            content=pieces,
            headers={"content-length": str(length)},
        ).raise_for_status()
        tell(seconds=time.perf_counter() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
