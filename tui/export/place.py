"""Where an export goes: a new file that appears when it is whole, or a stream."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self
from uuid import uuid4

from ..errors import UsageError

PREFIX, SUFFIX = ".batchdeck-", ".part"
"""Around the name of what is not whole yet."""
OLD = 3600.0
"""Seconds without a write after which nobody is still at work on it."""


class Out:
    """Bytes out: used within `with`, whose good end completes it and any other leaves nothing behind."""

    closed = False
    """Nobody wants more: the reader of the stream has gone."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.discard()
            return
        try:
            self.finish()
        except BaseException:
            self.discard()
            raise

    def write(self, data: bytes) -> None:
        """Write some bytes."""
        raise NotImplementedError

    def finish(self) -> None:
        """Complete it."""

    def discard(self) -> None:
        """Leave nothing behind."""


class NewFile(Out):
    """A file of the user's, written beside its place and renamed when whole."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self._path = path
        self._overwrite = overwrite
        try:
            self._target = _target(path, overwrite)
            # A pipe or a device is written to as it is: there is nothing to rename.
            self._direct = self._target.exists() and not self._target.is_file()
            self._beside = beside(self._target)
            name, mode = (self._target, "wb") if self._direct else (self._beside, "xb")
            self.handle: IO[bytes] = open(name, mode)  # noqa: SIM115 – closed by the end
        except OSError as error:
            raise unwritable(path, error) from error

    def write(self, data: bytes) -> None:
        """Write some bytes; UsageError where the disk will not have them."""
        try:
            self.handle.write(data)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def finish(self) -> None:
        """Make the file appear under its name."""
        try:
            self.handle.flush()
            if not self._direct:
                os.fsync(self.handle.fileno())
            self.handle.close()
            if not self._direct:
                self._appear()
        except OSError as error:
            raise unwritable(self._path, error) from error

    def discard(self) -> None:
        """Remove what was written so far."""
        with contextlib.suppress(OSError, ValueError):
            self.handle.close()
        if not self._direct:
            self._beside.unlink(missing_ok=True)

    def _appear(self) -> None:
        if self._overwrite:
            os.replace(self._beside, self._target)
            return
        try:
            # A link fails if the name was taken meanwhile, which a rename would not.
            os.link(self._beside, self._target)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if self._target.exists():
                raise FileExistsError(self._target) from None
            os.rename(self._beside, self._target)
        else:
            self._beside.unlink()


class Stream(Out):
    """A stream that somebody else opened and will close; a reader that goes away ends it quietly."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Pass some bytes on, as far as somebody still reads."""
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
    """Raise what `NewFile` would say of this place, before anything is fetched for it; writes nothing."""
    try:
        target = _target(path, overwrite)
        if not target.parent.is_dir():
            raise FileNotFoundError(target.parent)
    except OSError as error:
        raise unwritable(path, error) from error


def beside(target: Path) -> Path:
    """A name nobody has, in the same folder; what earlier exports left there when they were killed goes."""
    _sweep(target.parent)
    return target.with_name(f"{PREFIX}{uuid4().hex}{SUFFIX}")


def _sweep(folder: Path) -> None:
    before = time.time() - OLD
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and entry.name.endswith(SUFFIX):
                _remove_if_old(entry, before)


def _remove_if_old(entry: os.DirEntry[str], before: float) -> None:
    with contextlib.suppress(OSError):
        if entry.stat(follow_symlinks=False).st_mtime >= before:
            return
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)


def unwritable(path: Path, error: OSError) -> UsageError:
    """Why a place cannot be written to, and what to do."""
    if isinstance(error, FileExistsError):
        return UsageError(f"{path} exists already.", "Choose another name, or allow to overwrite it.")
    if isinstance(error, FileNotFoundError):
        return UsageError(f"There is no folder {path.parent}.", "Make it first, or choose another place.")
    return UsageError(f"{path} cannot be written: {error.strerror or error}.", "Choose another place.")


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
