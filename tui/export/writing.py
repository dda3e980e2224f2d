"""Where an export goes: a new file that appears when it is whole, or a stream."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from ..errors import StoreError, UsageError
from ..model import IndexRow
from .formats import FORMATS, Format

ENOUGH = 1 << 20
"""Bytes gathered before they are written."""


class Writing:
    """An export under way: rows in, bytes out; `finish` or `discard` ends it."""

    closed = False
    """Nobody wants more: the reader of the stream has gone."""

    def __init__(self, results: Path, format: str) -> None:
        if format not in FORMATS:
            raise UsageError(f"There is no format “{format}”.", f"Choose one of {', '.join(FORMATS)}.")
        self._format: Format = FORMATS[format]()
        try:
            self._results = open(results, "rb", buffering=1 << 18)  # noqa: SIM115 – closed by the end
        except OSError as error:
            raise _unreadable(results, error) from error
        self._headed = False

    def add(self, rows: Sequence[IndexRow]) -> int:
        """Write the results of these rows, and say how many."""
        pieces, size = [self._head()], 0
        for row in rows:
            pieces.append(self._format.line(row, self._read(row)))
            size += len(pieces[-1])
            if size >= ENOUGH:
                self._emit(b"".join(pieces))
                pieces, size = [], 0
        self._emit(b"".join(pieces))
        return len(rows)

    def finish(self) -> None:
        """Complete the export; without any row, a table still has its head."""
        self._emit(self._head())
        self._results.close()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._results.close()

    def _emit(self, data: bytes) -> None:
        raise NotImplementedError

    def _head(self) -> bytes:
        head = b"" if self._headed else self._format.head
        self._headed = True
        return head

    def _read(self, row: IndexRow) -> bytes:
        try:
            self._results.seek(row.offset)
            raw = self._results.read(row.length)
        except OSError as error:
            raise _unreadable(Path(self._results.name), error) from error
        if len(raw) != row.length:
            raise _unreadable(Path(self._results.name), None)
        return raw


class FileExport(Writing):
    """An export to a file of the user's, written beside it and renamed when whole."""

    def __init__(self, results: Path, path: Path, *, format: str = "jsonl", overwrite: bool = False) -> None:
        super().__init__(results, format)
        self._path = path
        self._overwrite = overwrite
        try:
            self._target = _target(path, overwrite)
            # A pipe or a device is written to as it is: there is nothing to rename.
            self._direct = self._target.exists() and not self._target.is_file()
            self._beside = self._target.with_name(f".{uuid4().hex}.part")
            name, mode = (self._target, "wb") if self._direct else (self._beside, "xb")
            self._file = open(name, mode)  # noqa: SIM115 – closed by the end
        except OSError as error:
            self._results.close()
            raise _unwritable(path, error) from error
        except BaseException:
            self._results.close()
            raise

    def finish(self) -> None:
        """Make the file appear under its name."""
        super().finish()
        try:
            self._file.flush()
            if not self._direct:
                os.fsync(self._file.fileno())
            self._file.close()
            if not self._direct:
                self._appear()
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def discard(self) -> None:
        """Remove what was written so far."""
        super().discard()
        with contextlib.suppress(OSError):
            self._file.close()
        if not self._direct:
            self._beside.unlink(missing_ok=True)

    def _emit(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def _appear(self) -> None:
        if self._overwrite:
            os.replace(self._beside, self._target)
            return
        try:
            os.link(
                self._beside, self._target
            )  # fails if the name was taken meanwhile, which a rename would not
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if self._target.exists():
                raise FileExistsError(self._target) from None
            os.rename(self._beside, self._target)
        else:
            self._beside.unlink()


class StreamExport(Writing):
    """An export to a stream that somebody else opened and will close."""

    def __init__(self, results: Path, stream: BinaryIO, *, format: str = "jsonl") -> None:
        super().__init__(results, format)
        self._stream = stream

    def finish(self) -> None:
        """Flush, as far as somebody still reads."""
        super().finish()
        self._guarded(b"")

    def _emit(self, data: bytes) -> None:
        self._guarded(data)

    def _guarded(self, data: bytes) -> None:
        if self.closed:
            return
        try:
            self._stream.write(data)
            self._stream.flush()
        except BrokenPipeError:
            self.closed = True
        except OSError as error:
            raise UsageError(f"Cannot write the results: {error.strerror or error}.") from error


def refuse_at_once(path: Path, *, overwrite: bool) -> None:
    """Raise what `FileExport` would say of this place, before anything is fetched for it; writes nothing."""
    try:
        target = _target(path, overwrite)
        if not target.parent.is_dir():
            raise FileNotFoundError(target.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


def _target(path: Path, overwrite: bool) -> Path:
    """The file to write: where a link points, if it is to be overwritten."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Give a file name in it.")
    if not overwrite and (path.is_symlink() or path.exists()) and _is_precious(path):
        raise FileExistsError(path)
    return path.resolve() if path.is_symlink() else path


def _is_precious(path: Path) -> bool:
    """Whether writing would destroy something: a file, or a link to nowhere that somebody made."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return True
    return stat.S_ISREG(mode)


def _unreadable(results: Path, error: OSError | None) -> StoreError:
    why = f" ({error.strerror or error})" if error is not None else ": it is shorter than its index says"
    return StoreError(f"The saved results cannot be read{why}.", "Download them again.")


def _unwritable(path: Path, error: OSError) -> UsageError:
    if isinstance(error, FileExistsError):
        return UsageError(f"{path} exists already.", "Choose another name, or allow to overwrite it.")
    if isinstance(error, FileNotFoundError):
        return UsageError(f"There is no folder {path.parent}.", "Make it first, or choose another place.")
    return UsageError(f"{path} cannot be written: {error.strerror or error}.", "Choose another place.")
