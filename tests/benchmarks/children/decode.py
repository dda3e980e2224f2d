"""The yardsticks of checks: a typed msgspec decode of every line alone: `decode SOURCE index|whole`."""

from __future__ import annotations

import sys
import time

import msgspec

from tests.benchmarks.children.telling import tell


class IndexParams(msgspec.Struct, gc=False):
    """What an index needs of every request; the rest is skipped, texts and all."""

    model: str
    max_tokens: int


class Index(msgspec.Struct, gc=False):
    """One line, as far as an index needs it."""

    custom_id: str
    params: IndexParams


class Message(msgspec.Struct, gc=False):
    """What is said."""

    role: str
    content: str


class Params(msgspec.Struct, gc=False):
    """Everything that a request of this file asks."""

    model: str
    max_tokens: int
    messages: list[Message]


class Request(msgspec.Struct, gc=False):
    """One line, everything in it typed."""

    custom_id: str
    params: Params


def main(source: str, depth: str) -> None:
    """Decode and throw away."""
    decode = msgspec.json.Decoder[Index | Request](Index if depth == "index" else Request).decode
    start = time.perf_counter()
    requests = 0
    with open(source, "rb", buffering=1 << 20) as handle:
        for line in handle:
            decode(line)
            requests += 1
    tell(seconds=time.perf_counter() - start, requests=requests)


if __name__ == "__main__":
    main(*sys.argv[1:])
