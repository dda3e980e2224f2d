"""One file for each answer, in a new folder with an index."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import msgspec

from ..errors import UsageError
from ..model import IndexRow
from .bodies import Pair
from .cells import Cells, Extras
from .names import Names
from .place import Out, beside, unwritable
from .said import Call, Said, said

INDEX = "index.csv"
"""Which file holds which answer; no answer's file ends so."""
_HEAD = b"custom_id,file,outcome,stop_reason,error_type,error_message\r\n"

SUFFIXES = (".md", ".txt")
"""How the files of answers may be called; bare tool inputs are `.json`."""


class NewFolder(Out):
    """A folder of the user's, filled beside its place and renamed when whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = beside(path)
        refuse_folder(path)
        try:
            self._beside.mkdir()
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            self._index: BinaryIO = self._create(INDEX)
        except BaseException:
            self.discard()
            raise

    def write(self, data: bytes) -> None:
        """Add to the index."""
        try:
            self._index.write(data)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def put(self, name: str, data: bytes) -> None:
        """A file in it."""
        try:
            with self._create(name) as handle:
                handle.write(data)
        except OSError as error:
            raise unwritable(self._path / name, error) from error

    def _create(self, name: str) -> BinaryIO:
        # Exclusive: neither a link nor anything else that has the name meanwhile is written through.
        return open(self._beside / name, "xb")

    def finish(self) -> None:
        """Make the folder appear under its name."""
        try:
            self._index.flush()
            os.fsync(self._index.fileno())
            self._index.close()
            refuse_folder(self._path)
            os.rename(self._beside, self._path)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def discard(self) -> None:
        """Remove what was written so far."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._index.close()
        shutil.rmtree(self._beside, ignore_errors=True)


def refuse_folder(path: Path) -> None:
    """Raise where a new folder cannot be: what is there is never replaced, not even on request."""
    try:
        if path.is_symlink() or path.exists():
            raise UsageError(f"{path} exists already.", "Answers go into a new folder: choose another name.")
        if not path.name:
            raise UsageError(f"{path} is no name for a folder.", "Choose another.")
        if not path.parent.is_dir():
            raise FileNotFoundError(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error


def write_files(pairs: Iterable[Pair], folder: NewFolder, extras: Extras, suffix: str = ".md") -> int:
    """Write each answer into a file of its own, and all results into the index; say how many."""
    names, cells, number = Names(), Cells(extras), 0
    folder.write(_HEAD)
    for row, raw in pairs:
        words = said(raw)
        ending, content = _content(words, suffix)
        name = names.take(row.custom_id, row.line) + ending if content else ""
        if content:
            folder.put(name, content.encode("utf-8", "backslashreplace"))
        folder.write(_entry(cells, row, name, words))
        number += 1
    return number


def _entry(cells: Cells, row: IndexRow, name: str, words: Said) -> bytes:
    error = (words.error_type or row.error_type, words.error_message or row.error_message)
    line = ",".join(map(cells.text, (row.custom_id, name, row.outcome, row.stop_reason, *error)))
    return line.encode("utf-8", "backslashreplace") + b"\r\n"


def _content(words: Said, suffix: str) -> tuple[str, str]:
    """A file's suffix and content: the text, and tool calls below it; of calls alone their input as JSON."""
    if words.text.strip():
        return suffix, "\n\n".join((words.text, *map(_below, words.calls))) if words.calls else words.text
    if len(words.calls) == 1:
        return ".json", words.calls[0].input
    if words.calls:
        return ".json", "[" + ",\n".join(map(_member, words.calls)) + "]"
    return suffix, ""


def _below(call: Call) -> str:
    return f"{call.name}:\n\n```json\n{call.input}\n```\n"


def _member(call: Call) -> str:
    return f'{{"name": {msgspec.json.encode(call.name).decode()}, "input": {call.input or "null"}}}'
