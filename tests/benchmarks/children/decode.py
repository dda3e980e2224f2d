"""The yardstick of checks: a bare typed msgspec decode of every line: `decode SOURCE`."""

from __future__ import annotations

import sys
import time

import msgspec

from tests.benchmarks.children.telling import tell


class Params(msgspec.Struct, gc=False):
    """What every request has."""

    model: str
    max_tokens: int


class Request(msgspec.Struct, gc=False):
    """One line."""

    custom_id: str
    params: Params


def main(source: str) -> None:
    """Decode and throw away."""
    decode = msgspec.json.Decoder(Request).decode
    start = time.perf_counter()
    requests = 0
    with open(source, "rb", buffering=1 << 20) as handle:
        for line in handle:
            decode(line)
            requests += 1
    tell(seconds=time.perf_counter() - start, requests=requests)


if __name__ == "__main__":
    main(sys.argv[1])
