"""A yardstick of launches, as a user would write it: load the file, SDK's `create`: `sdk_create FILE LOADER`.

The loader is `json`, as most scripts have it, or `msgspec`, the fastest there is.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import anthropic
import msgspec

from tests.benchmarks.children.telling import tell


def main(path: Path, loader: str) -> None:
    """Send once."""
    client = anthropic.Anthropic(max_retries=0)
    start = time.perf_counter()
    decode = json.loads if loader == "json" else msgspec.json.Decoder().decode
    with path.open("rb") as handle:
        requests = [decode(line) for line in handle]
    client.messages.batches.create(requests=requests)
    tell(seconds=time.perf_counter() - start, requests=len(requests))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
