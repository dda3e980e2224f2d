"""What the tests of exports share: results files with their index, and exports of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.export import (
    Bodies,
    Csv,
    Extras,
    Format,
    Joining,
    Jsonl,
    Lookup,
    NewFile,
    NewFolder,
    Pair,
    Stream,
    key_column,
    look,
    write_files,
    write_lines,
    write_parquet,
)
from tui.export.join import Joined
from tui.model import IndexRow
from tui.records import Indexer

ERRORED = (
    b'{"custom_id":"b","result":{"type":"errored","error":{"type":"error","error":'
    b'{"type":"invalid_request_error","message":"max_tokens: Field required"},"request_id":null}}}'
)
EXPIRED = b'{ "custom_id" : "c", "result":{"type":"expired"} }'


def succeeded(custom_id: str, content: Sequence[Any]) -> bytes:
    message = {
        "model": "claude-haiku-5-5",
        "content": content,
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 18, "output_tokens": 7},
    }
    return json.dumps({"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}).encode()


def says(custom_id: str, said: str) -> bytes:
    return succeeded(custom_id, [text(said)])


def text(said: str) -> dict[str, str]:
    return {"type": "text", "text": said}


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": "toolu_1", "name": name, "input": arguments}


def results(folder: Path, *lines: bytes, end: bytes = b"\n") -> tuple[Path, list[IndexRow]]:
    """A results file and its index."""
    path = folder / "results.jsonl"
    path.write_bytes(b"\n".join(lines) + end)
    indexer = Indexer()
    rows = [*indexer.feed(path.read_bytes()), *indexer.finish()]
    return path, [row._replace(file=1) for row in rows]


def pairs(path: Path, rows: Iterable[IndexRow]) -> Iterator[Pair]:
    with Bodies({1: path}) as bodies:
        yield from bodies.lines(list(rows))


def save(
    path: Path,
    rows: Iterable[IndexRow],
    target: Path,
    format: Format | None = None,
    *,
    overwrite: bool = False,
) -> int:
    with NewFile(target, overwrite=overwrite) as out:
        return write_lines(format or Jsonl(), pairs(path, rows), out)


def save_csv(
    path: Path, rows: Iterable[IndexRow], target: Path, extras: Extras | None = None
) -> list[list[str]]:
    save(path, rows, target, Csv(extras or Extras()))
    return table(target)


def save_files(path: Path, rows: Iterable[IndexRow], target: Path, suffix: str = ".md") -> int:
    with NewFolder(target) as folder:
        return write_files(pairs(path, rows), folder, Extras(), suffix)


def save_parquet(path: Path, rows: Iterable[IndexRow], target: Path, extras: Extras | None = None) -> int:
    with NewFile(target) as out:
        return write_parquet(pairs(path, rows), out, extras or Extras())


def table(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as handle:
        return list(csv.reader(handle, delimiter=delimiter))


class Joiner:
    """Joins sources with the results of one file."""

    def __init__(self, folder: Path, *lines: bytes) -> None:
        self.path, rows = results(folder, *lines)
        self.rows = {row.ref: row for row in rows}
        self.by_id = {row.custom_id: row.ref for row in rows}
        self.used: list[int] = []
        self.hidden: set[str] = set()
        """custom_ids that nobody asked for."""

    def find(self, custom_ids: Iterable[str]) -> Mapping[str, int]:
        return {each: self.by_id[each] for each in custom_ids if each in self.by_id}

    def join(
        self,
        source: Path,
        key: str | None = "",
        extras: Extras | None = None,
        made: Iterable[tuple[int, str]] = (),
    ) -> tuple[bytes, Joined]:
        """`key`: its column of custom_ids; None: it has none."""
        with Bodies({1: self.path}) as bodies:
            lookup = Lookup(
                self.find,
                lambda refs: bodies.lines([self.rows[ref] for ref in refs]),
                lambda ref: self.rows[ref].custom_id not in self.hidden,
                self.used.append,
            )
            found = look(source)
            column = None if key is None else key_column(found, key, self.find)
            joining = Joining(found, column, lookup, extras or Extras(), made)
            stream = io.BytesIO()
            joining.write(Stream(stream), lambda rows: None)
            return stream.getvalue(), joining.done
