"""Results out: rows of an index and the file they point into, written as JSONL or CSV.

Everything here blocks and belongs into a thread. `export` writes a new file beside its place and renames it
when it is whole; `export_stream` writes to standard output. Both hold a few rows in memory, never the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ..model import IndexRow
from .formats import FORMATS
from .writing import FileExport, StreamExport, Writing, refuse_at_once

__all__ = ["FORMATS", "FileExport", "StreamExport", "Writing", "export", "export_stream", "refuse_at_once"]

CHUNK = 2_000


def export(
    results: Path, rows: Iterable[IndexRow], path: Path, *, format: str = "jsonl", overwrite: bool = False
) -> int:
    """Write the results of these rows to `path`, and say how many."""
    return _write(FileExport(results, path, format=format, overwrite=overwrite), rows)


def export_stream(results: Path, rows: Iterable[IndexRow], stream: BinaryIO, *, format: str = "jsonl") -> int:
    """Write the results of these rows to a stream; a reader that goes away ends it quietly."""
    return _write(StreamExport(results, stream, format=format), rows)


def _write(writing: Writing, rows: Iterable[IndexRow]) -> int:
    number = 0
    every = iter(rows)
    try:
        while (chunk := list(islice(every, CHUNK))) and not writing.closed:
            number += writing.add(chunk)
        writing.finish()
    except BaseException:
        writing.discard()
        raise
    return number
