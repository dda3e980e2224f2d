"""The terminal's side: sentences on stderr, one line of progress, questions, tables as wide as the window."""

from __future__ import annotations

import codecs
import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from ..errors import DeckError, UsageError
from ..text import clean, clean_block
from .daemon import in_daemon

UNBOUNDED = 1_000_000
"""Width of what is no terminal: whoever reads it wants whole values."""

NARROWEST = 8
"""Columns below which a cut name says nothing."""

PROGRESS_EVERY = 0.1
"""Seconds between two redrawings of the progress line."""


def say(text: str) -> None:
    """A line on stderr, in place of any progress that stands there; foreign text is made harmless."""
    progress("")
    _write(clean_block(text) + "\n")


def complain(error: DeckError) -> None:
    """An error's sentence and its hint."""
    request = f" ({error.request_id})" if error.request_id else ""
    say(f"batchdeck: {error.title}{request}" + (f"\n  {error.hint}" if error.hint else ""))


def _write(text: str) -> None:
    # The terminal may be gone (SIGHUP); nobody is left to tell.
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


class _Line:
    """What the progress line shows now, and when it was drawn."""

    shown = ""
    drawn_at = 0.0


def progress(text: str) -> None:
    """Show, replace or (empty) wipe a line of progress, on a terminal only."""
    if not _is_terminal(sys.stderr) or text == _Line.shown:
        return
    now = time.monotonic()
    if text and now - _Line.drawn_at < PROGRESS_EVERY:
        return
    width = shutil.get_terminal_size().columns
    cut = fit(clean(text), max(width - 1, 1)).rstrip()
    _write("\r" + " " * min(cells(_Line.shown), width - 1) + "\r" + cut)
    _Line.shown, _Line.drawn_at = cut, now


def _is_terminal(stream: IO[str] | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except (OSError, ValueError):
        return False


def can_ask() -> bool:
    """Whether there is somebody to answer a question."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


async def confirm(question: str, *, yes: bool, what: str) -> bool:
    """Ask on the terminal; True at once with --yes, UsageError where nobody can answer. No is the default."""
    if yes:
        return True
    if not can_ask():
        raise UsageError(f"{what} needs a yes, and there is no terminal to ask on.", "Add --yes to go ahead.")
    progress("")
    _write(clean_block(question) + " [y/N] ")
    answer = await _read_line()
    if answer is None:
        _write("\n")
    return (answer or "").strip().casefold() in ("y", "yes")


async def typed_yes(why: str, *, said: bool) -> bool:
    """Whether somebody types the whole word `yes` to go on in spite of it; `said`: on the command line."""
    if said:
        return True
    if not can_ask():
        raise UsageError(why, "Nothing was sent. Add --over-limit to go over it.")
    progress("")
    _write(clean_block(f"{why}\nType yes to go over it:") + " ")
    return (await _read_line() or "").strip() == "yes"


async def _read_line() -> str | None:
    """A line from the terminal, None at its end."""

    def read() -> bytes:
        try:
            return os.read(sys.stdin.fileno(), 1024)
        except (OSError, ValueError):
            return b""

    line = await in_daemon(read, "question")
    return line.decode(errors="replace") if line else None


def stdout_width() -> int:
    """Columns of the terminal behind stdout; unbounded for a file or a pipe."""
    return shutil.get_terminal_size().columns if _is_terminal(sys.stdout) else UNBOUNDED


def put(text: str) -> None:
    """A line on stdout; foreign text is made harmless."""
    progress("")
    sys.stdout.write(clean_block(text) + "\n")


def cells(text: str) -> int:
    """How many columns a terminal gives to a text."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """The text in exactly so many columns: cut with an ellipsis, or padded."""
    needed = cells(text)
    if needed <= width:
        return text + " " * (width - needed)
    kept, used = "", 0
    for character in text:
        wide = _cells_of(character)
        if used + wide > width - 1:
            break
        kept, used = kept + character, used + wide
    return kept + "…" + " " * (width - 1 - used) if width > 0 else ""


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    elastic: int,
    right: Sequence[int] = (),
    spare: Sequence[int] = (),
) -> None:
    """Print an aligned table as wide as the window.

    Where it is too wide the `spare` columns are left out one by one, then the `elastic` one is cut.
    """
    progress("")
    cleaned = [list(head), *([clean(cell) for cell in row] for row in rows)]
    widths = [max(cells(row[index]) for row in cleaned) for index in range(len(head))]
    columns = _columns(widths, stdout_width(), elastic, spare)
    for row in cleaned:
        parts = [
            " " * (widths[index] - cells(row[index])) + row[index]
            if index in right
            else fit(row[index], widths[index])
            for index in columns
        ]
        line = "  ".join(parts).rstrip()
        limit = stdout_width()
        sys.stdout.write((fit(line, limit).rstrip() if cells(line) > limit else line) + "\n")


def _columns(widths: list[int], limit: int, elastic: int, spare: Sequence[int]) -> list[int]:
    """Which columns to show; the width of the elastic one is changed to what is left for it."""
    columns = list(range(len(widths)))
    least = min(widths[elastic], NARROWEST)

    def left() -> int:
        return limit - sum(widths[index] + 2 for index in columns if index != elastic)

    for index in spare:
        if left() >= least:
            break
        columns.remove(index)
    widths[elastic] = max(min(widths[elastic], left()), least)
    return columns


class CleanStream:
    """A binary stream that shows on a terminal what is written to it, made harmless."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, data: bytes) -> int:
        """Show some bytes."""
        sys.stdout.write(_harmless(self._decoder.decode(data)))
        return len(data)

    def flush(self) -> None:
        """Pass on what is waiting."""
        sys.stdout.flush()


def _harmless(text: str) -> str:
    # Split at line feeds only: clean_block would unify other breaks across pieces.
    return "\n".join(clean(line.rstrip("\r")) for line in text.split("\n"))
