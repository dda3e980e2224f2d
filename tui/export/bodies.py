"""The lines of results files that rows of the index point at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import StoreError
from ..model import IndexRow

Pair = tuple[IndexRow, bytes]
"""A row of the index with its line as received, without the line feed."""

BLOCK = 1 << 20
"""Bytes read at once, of lines that lie one behind the other."""
MOST_OPEN = 32
"""Files kept open: systems allow some hundred."""


class Bodies:
    """Reads lines by their rows, in one thread, within `with`; `paths` says where each file lies."""

    def __init__(self, paths: Mapping[int, Path]) -> None:
        self._paths = paths
        self._open: dict[int, FileIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def lines(self, rows: Sequence[IndexRow]) -> Iterator[Pair]:
        """These rows with their lines, in their order; StoreError where file and index do not agree."""
        start = 0
        while start < len(rows):
            end = _run(rows, start)
            yield from self._block(rows[start:end])
            start = end

    def _block(self, rows: Sequence[IndexRow]) -> Iterator[Pair]:
        base = rows[0].offset
        # With the line feed behind the last one: a file that was changed rarely has it in the same place.
        data = self._read(rows[0].file, base, rows[-1].offset + rows[-1].length + 1 - base)
        for row in rows:
            at = row.offset - base
            end = at + row.length
            raw = data[at:end]
            if len(raw) != row.length or data[end : end + 1] not in (b"\n", b""):
                raise _unlike()
            yield row, raw

    def _read(self, file: int, offset: int, length: int) -> bytes:
        try:
            handle = self._handle(file)
            handle.seek(offset)
            return handle.read(length)
        except OSError as error:
            raise StoreError(
                f"The saved results cannot be read ({error.strerror or error}).", "Download them again."
            ) from error

    def _handle(self, file: int) -> FileIO:
        if file not in self._open:
            if len(self._open) >= MOST_OPEN:
                self._close()
            if file not in self._paths:
                raise FileNotFoundError("their file is gone")
            self._open[file] = FileIO(self._paths[file])
        return self._open[file]

    def _close(self) -> None:
        for handle in self._open.values():
            handle.close()
        self._open.clear()


def _run(rows: Sequence[IndexRow], start: int) -> int:
    """Where the rows end that lie one behind the other in their file, within a block."""
    first = last = rows[start]
    for number in range(start + 1, len(rows)):
        row = rows[number]
        follows = row.file == last.file and row.offset == last.offset + last.length + 1
        if not follows or row.offset + row.length - first.offset > BLOCK:
            return number
        last = row
    return len(rows)


def _unlike() -> StoreError:
    return StoreError("The saved results are not what their index says.", "Download them again.")
