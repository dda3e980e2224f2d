"""The yardstick of reading answers as data: the least that anybody must do: `fenced SOURCE`."""

from __future__ import annotations

import json
import sys
import time

import msgspec

from tests.benchmarks.children.telling import tell


class Block(msgspec.Struct, gc=False):
    """What is said."""

    text: str


class Message(msgspec.Struct, gc=False):
    """The answer."""

    content: list[Block]


class Result(msgspec.Struct, gc=False):
    """What became of the request."""

    message: Message


class Line(msgspec.Struct, gc=False):
    """One line."""

    result: Result


def main(source: str) -> None:
    """Decode both and throw them away."""
    decode = msgspec.json.Decoder(Line).decode
    start = time.perf_counter()
    lines = 0
    with open(source, "rb", buffering=1 << 20) as handle:
        for line in handle:
            text = decode(line).result.message.content[0].text
            json.loads(text[len("```json\n") : -len("\n```")])
            lines += 1
    tell(seconds=time.perf_counter() - start, lines=lines)


if __name__ == "__main__":
    main(sys.argv[1])
