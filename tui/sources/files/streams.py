"""The bytes of one file: opened without waiting, unpacked where it is gzip, the progress counted."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from .splitting import BLOCK, Broken

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"

_PACKED = 64 * 1024
"""Bytes of a packed file read at once."""


class Meter:
    """How many bytes of a source have been read, of how many; of packed files as they are packed."""

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self._read = 0

    @property
    def read(self) -> int:
        """Bytes read so far; a file that grows meanwhile is not more than a whole one."""
        return min(self._read, self.total)

    def add(self, size: int) -> None:
        """Count what was read."""
        self._read += size


class _Counted(io.RawIOBase):
    """A file that tells a meter what is read of it."""

    def __init__(self, inner: io.FileIO, meter: Meter) -> None:
        self._inner = inner
        self._meter = meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        try:
            size = self._inner.readinto(buffer) or 0
        except OSError as error:
            raise unreadable(error) from error
        self._meter.add(size)
        return size

    def close(self) -> None:
        self._inner.close()
        super().close()


class _Unpacked(io.RawIOBase):
    """What is in a gzip file, a piece at a time: however much that is, the memory holds one piece."""

    def __init__(self, packed: io.BufferedReader) -> None:
        self._packed = packed
        self._inner = gzip.GzipFile(fileobj=packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer)
        try:
            piece = self._inner.read1(len(room))
        except EOFError as error:
            raise Broken(0, "The gzip file ends in the middle", "Get it whole.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Broken(0, "The gzip file is damaged", "Get it again.") from error
        room[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._inner.close()
        self._packed.close()
        super().close()


def opened(path: str | Path, meter: Meter | None = None) -> io.BufferedReader:
    """The bytes of a regular file, unpacked where it is gzip.

    Raises Broken, with line 0, where it cannot be opened, and while it is read where it is damaged.
    """
    try:
        plain = io.FileIO(os.fspath(path), "r", opener=_open_at_once)
    except OSError as error:
        raise unreadable(error) from error
    try:
        if not stat.S_ISREG(os.fstat(plain.fileno()).st_mode):
            raise Broken(0, "It is not a regular file", "Save it to a file first.")
        is_packed = plain.read(len(GZIP)) == GZIP
        plain.seek(0)
    except OSError as error:
        plain.close()
        raise unreadable(error) from error
    except Broken:
        plain.close()
        raise
    counted = _Counted(plain, meter or Meter())
    if is_packed:
        return io.BufferedReader(_Unpacked(io.BufferedReader(counted, _PACKED)), BLOCK)
    return io.BufferedReader(counted, BLOCK)


def unreadable(error: OSError) -> Broken:
    """The same trouble in a sentence."""
    return Broken(0, *_in_words(error))


def _in_words(error: OSError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "There is no such file", "Look at the name."
    if isinstance(error, IsADirectoryError):
        return "It is a folder", "Give a file in it."
    if isinstance(error, PermissionError):
        return "It may not be read", "Look at its permissions."
    return "It cannot be read", f"{error.strerror or error}."


def _open_at_once(name: str, flags: int) -> int:
    """Open without waiting for the writer of a pipe, which may never come."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))
