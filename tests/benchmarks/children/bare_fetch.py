"""A yardstick of downloads: the least a client can do that indexes as it reads: `bare_fetch FOLDER ID`.

One thread: the SDK's transport, the file, a typed decode of each line, SQLite rows with two indexes.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import httpx2
import msgspec

from tests.benchmarks.children.telling import tell


class Usage(msgspec.Struct):
    """What is billed."""

    input_tokens: int = 0
    output_tokens: int = 0


class Message(msgspec.Struct):
    """An answer."""

    model: str = ""
    stop_reason: str = ""
    usage: Usage = msgspec.field(default_factory=Usage)


class Result(msgspec.Struct):
    """An outcome."""

    type: str
    message: Message | None = None


class Line(msgspec.Struct):
    """What an index must know at least."""

    custom_id: str
    result: Result


def main(folder: Path, batch_id: str) -> None:
    """Fetch once, without any care."""
    folder.mkdir()
    start = time.perf_counter()
    lines = 0
    with closing(sqlite3.connect(folder / "index.db")) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("CREATE TABLE line (offset, length, custom_id, outcome, stop, model, input, output)")
        store.execute("CREATE INDEX by_id ON line (custom_id)")
        store.execute("CREATE INDEX by_outcome ON line (outcome, stop)")
        with (folder / "results.jsonl").open("wb") as file:
            for rows in _rows(batch_id, file):
                with store:
                    store.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
                lines += len(rows)
    tell(seconds=time.perf_counter() - start, lines=lines)


def _rows(batch_id: str, file: BinaryIO) -> Iterator[list[tuple[object, ...]]]:
    decode = msgspec.json.Decoder(Line).decode
    url = f"{os.environ['ANTHROPIC_BASE_URL']}/v1/messages/batches/{batch_id}/results"
    headers = {"x-api-key": "benchmark", "anthropic-version": "2023-06-01"}
    rest, offset = b"", 0
    rows: list[tuple[object, ...]] = []
    with httpx2.stream("GET", url, headers=headers) as response:
        for chunk in response.iter_bytes():
            file.write(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            for raw in lines:
                each = decode(raw)
                answer = each.result.message or Message()
                place = (offset, len(raw), each.custom_id, each.result.type)
                used = (answer.usage.input_tokens, answer.usage.output_tokens)
                rows.append((*place, answer.stop_reason, answer.model, *used))
                offset += len(raw) + 1
            if len(rows) >= 5_000:
                yield rows
                rows = []
    yield rows


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
