"""Reading a source from its first byte to its last, and writing what is read as a draft."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import msgspec

from ..errors import StoreError
from ..model import Draft
from ..paths import open_private
from .arrays import array
from .body import body_length
from .checking import Checker
from .diagnosis import Finding
from .guessing import ARRAY, HEAD, LINES, guess
from .splitting import BLOCK, Broken, Element, lines, values

FIRST = 4_000
"""Characters of the first request that are shown."""

HANDFUL = 256 * 1024

Progress = Callable[[int, int], None]


class Stopped(Exception):
    """The caller's event was set: the work was given up on the way."""


def read(
    path: Path, sink: IO[bytes] | None, stop: threading.Event | None, progress: Progress | None
) -> Draft:
    """Check every request of a source; `sink` gets them one a line, as long as none of them is wrong."""
    reader = _Reader(path.name, sink)
    try:
        with open(path, "rb", buffering=BLOCK, opener=_open_at_once) as handle:
            reader.run(handle, stop, progress)
    except OSError as error:
        reader.checker.add(0, _unreadable(error))
    return reader.draft(str(path))


def write(path: Path, target: Path, stop: threading.Event | None, progress: Progress | None) -> Draft:
    """Check a source, and save its requests as `target`; with any problem there is no file afterwards."""
    beside = target.with_name(target.name + ".part")
    try:
        with open_private(beside) as sink:
            draft = read(path, sink, stop, progress)
            sink.flush()
            os.fsync(sink.fileno())
        if not draft.ok:
            return draft
        os.replace(beside, target)
        _sync_folder(target.parent)
        return replace(draft, path=str(target))
    except OSError as error:
        raise _not_saved(error) from error
    finally:
        beside.unlink(missing_ok=True)


class _Reader:
    """One pass over a source."""

    def __init__(self, name: str, sink: IO[bytes] | None) -> None:
        self.checker = Checker(name)
        self._name = name
        self._sink = sink
        self._sum = hashlib.sha256()
        self._size = 0
        """Bytes of the draft file."""
        self._first = ""

    def run(self, handle: IO[bytes], stop: threading.Event | None, progress: Progress | None) -> None:
        """Read everything, a block at a time."""
        state = os.fstat(handle.fileno())
        if not stat.S_ISREG(state.st_mode):
            self.checker.add(0, Finding("It is not a regular file", "Save it to a file first."))
            return
        try:
            for block in _blocks(self._elements(handle)):
                self._take(block)
                if stop is not None and stop.is_set():
                    raise Stopped
                if progress is not None:
                    progress(min(handle.tell(), state.st_size), state.st_size)
        except Broken as broken:
            self.checker.add(broken.line, Finding(broken.what, broken.remedy))

    def draft(self, source: str) -> Draft:
        """What was found."""
        checker = self.checker
        size = body_length(self._size)
        checker.finish(size)
        return Draft(
            source=source,
            requests=checker.requests,
            bytes=size if checker.requests else 0,
            # What is wrong is not summed to its end, and is nobody's content.
            sha256="" if checker.problem_count or not checker.requests else self._sum.hexdigest(),
            models=tuple(sorted(checker.models.items(), key=lambda item: (-item[1], item[0]))),
            first=self._first,
            problems=tuple(checker.problems),
            problem_count=checker.problem_count,
        )

    def _elements(self, handle: IO[bytes]) -> Iterator[Element]:
        guessed = guess(handle.read(HEAD), self._name.lower())
        if guessed.finding is not None:
            self.checker.add(1, guessed.finding)
            return iter(())
        handle.seek(guessed.skip)
        if guessed.form == ARRAY:
            return array(handle)
        return lines(handle) if guessed.form == LINES else values(handle)

    def _take(self, block: list[Element]) -> None:
        for element in block:
            self.checker.take(element)
        if not self._first:
            self._first = _pretty(block[0][1])
        # A line feed between the parts of a request is white space, and the draft has one request a line.
        data = b"".join([raw.replace(b"\n", b" ") + b"\n" for _, raw in block])
        self._size += len(data)
        if self.checker.problem_count:
            return
        self._sum.update(data)
        if self._sink is not None:
            try:
                self._sink.write(data)
            except OSError as error:
                raise _not_saved(error) from error


def _blocks(elements: Iterator[Element]) -> Iterator[list[Element]]:
    """Elements in handfuls of about a quarter of a megabyte."""
    block: list[Element] = []
    size = 0
    for element in elements:
        block.append(element)
        size += len(element[1])
        if size >= HANDFUL:
            yield block
            block, size = [], 0
    if block:
        yield block


def _pretty(raw: bytes) -> str:
    """The beginning of a request, indented where that is cheap."""
    if len(raw) <= HEAD:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raw = msgspec.json.format(raw, indent=2)
    text = raw[: FIRST * 4].decode("utf-8", "replace")
    return text if len(text) <= FIRST else f"{text[:FIRST]}…"


def _open_at_once(name: str, flags: int) -> int:
    """Open without waiting for the writer of a pipe, which may never come."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unreadable(error: OSError) -> Finding:
    if isinstance(error, FileNotFoundError):
        return Finding("There is no such file", "Look at the name.")
    if isinstance(error, IsADirectoryError):
        return Finding("It is a folder", "Give a file in it.")
    if isinstance(error, PermissionError):
        return Finding("It may not be read", "Look at its permissions.")
    return Finding("It cannot be read", f"{error.strerror or error}.")


def _not_saved(error: OSError) -> StoreError:
    return StoreError(
        f"The draft cannot be saved: {error.strerror or error}.", "Look at the space and the rights there."
    )
