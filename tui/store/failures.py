"""SQLite's errors in words for people, each with a remedy."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreError

ROOM = 64 * 1024
"""Bytes SQLite needs to do anything at all."""

_SENTENCES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "The disk is full: {path} cannot be written.",
        "Free some space; nothing that was saved is lost.",
    ),
    sqlite3.SQLITE_READONLY: (
        "{path} cannot be written.",
        "Check the permissions of the file and its folder, or choose another place with --data-dir.",
    ),
    sqlite3.SQLITE_PERM: (
        "{path} may not be opened.",
        "Check the permissions of the file and its folder, or choose another place with --data-dir.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "{path} cannot be opened.",
        "Check that its folder exists and is yours to write in, or choose another place with --data-dir.",
    ),
    sqlite3.SQLITE_BUSY: (
        "{path} is in use by another program that does not let go of it.",
        "Close other copies of batchdeck, then try again.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "{path} is not a batchdeck store.",
        "Move it away, and batches are fetched again; or put a backup in its place.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "{path} is damaged.",
        "Put a backup in its place, or move it away: batches are fetched again, labels are not.",
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk does not let {path} be read or written.",
        "Check the disk, and whether the folder is on a network drive: SQLite needs a local one.",
    ),
}
_SENTENCES[sqlite3.SQLITE_LOCKED] = _SENTENCES[sqlite3.SQLITE_BUSY]
_SENTENCES[sqlite3.SQLITE_PROTOCOL] = _SENTENCES[sqlite3.SQLITE_BUSY]


def store_error(error: sqlite3.Error | OSError, path: Path) -> StoreError:
    """What happened to the store, and what to do about it."""
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return StoreError(f"{path} cannot be opened: {reason}.", _SENTENCES[sqlite3.SQLITE_CANTOPEN][1])
    # The low byte is the primary code; the rest tells details nobody can act on.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_IOERR and _is_full(path):
        # SQLite's files beside its own need room even for reading, and it has no word for that.
        code = sqlite3.SQLITE_FULL
    title, hint = _SENTENCES.get(
        code, ("{path} cannot be used: {error}.", "Try again; if it stays, report it.")
    )
    return StoreError(title.format(path=path, error=error), hint)


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < ROOM
    except OSError:
        return False


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside into a StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, path) from error
