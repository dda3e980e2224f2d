"""The yardstick of downloads: the SDK's own results(), rows only counted: `sdk_results ID`."""

from __future__ import annotations

import sys
import time

import anthropic

from tests.benchmarks.children.telling import tell


def main(batch_id: str) -> None:
    """Iterate once."""
    client = anthropic.Anthropic()
    start = time.perf_counter()
    lines = sum(1 for _ in client.messages.batches.results(batch_id))
    tell(seconds=time.perf_counter() - start, lines=lines)


if __name__ == "__main__":
    main(sys.argv[1])
