"""From the bytes of a results file, as they arrive in pieces, to one index row per line."""

from __future__ import annotations

import json
import re

from ..model import UNREADABLE, IndexRow
from ..text import sound
from .shapes import Content, Line, Message, Unreadable, Usage, decode, loads

FIRST_WORDS = 160
"""Characters of an answer that a list may show."""
LONGEST_MESSAGE = 2_000
"""Characters of an error message the index keeps; the whole one stays in the file."""
LONGEST_LINE = 128_000_000
"""A line beyond this is no result: it is counted but not kept in memory."""

_LIKELY = 200  # characters that hold FIRST_WORDS of them nearly always
_TELLING = 1_200  # as many as are looked at where there is much white space
_ID = re.compile(rb'\s*\{\s*"custom_id"\s*:\s*"([^"\\\x00-\x1f]{1,256})"')
_TEXT = ("text", "", None)
_SILENT = ("thinking", "redacted_thinking")


class Indexer:
    """Makes index rows of a results file fed to it in pieces of any size; blank lines make none."""

    def __init__(self, line: int = 0, offset: int = 0) -> None:
        self.line = line
        """Number of the next row."""
        self.offset = offset
        """Where the line that has not ended yet begins."""
        self.pending = 0
        """Bytes of it so far."""
        self._pieces: list[bytes] = []

    def feed(self, chunk: bytes) -> list[IndexRow]:
        """The rows of the lines that this piece ends; what follows the last line feed waits for more."""
        *ended, rest = chunk.split(b"\n")
        rows: list[IndexRow] = []
        if ended:
            self._end_line(rows, ended[0])
            for raw in ended[1:]:
                self._add(rows, raw, len(raw))
                self.offset += len(raw) + 1
        self._keep(rest)
        return rows

    def finish(self) -> list[IndexRow]:
        """The row of a last line without a line feed."""
        rows: list[IndexRow] = []
        if self.pending:
            self._end_line(rows, b"", feed=0)
        return rows

    def _keep(self, piece: bytes) -> None:
        # Pieces are joined once, at the line's end: a huge line costs its size, not its square.
        self.pending += len(piece)
        if piece and self.pending <= LONGEST_LINE:
            self._pieces.append(piece)

    def _end_line(self, rows: list[IndexRow], last: bytes, feed: int = 1) -> None:
        self._keep(last)
        self._add(rows, b"".join(self._pieces), self.pending)
        self.offset += self.pending + feed
        self.pending = 0
        self._pieces = []

    def _add(self, rows: list[IndexRow], raw: bytes, length: int) -> None:
        if not raw or raw.isspace():
            return
        rows.append(_row(self.line, self.offset, length, raw))
        self.line += 1


def _row(line: int, offset: int, length: int, raw: bytes) -> IndexRow:
    try:
        if length != len(raw):
            raise Unreadable("a line of more than 128 MB")
        return _understood(line, offset, length, decode(raw))
    except Unreadable as problem:
        found = _ID.match(raw, 0, _TELLING)
        return IndexRow(
            line=line,
            offset=offset,
            length=length,
            custom_id=found[1].decode("utf-8", "replace") if found else "",
            outcome=UNREADABLE,
            error_message=str(problem),
            first_words=fold(raw[:_TELLING].decode("utf-8", "replace")),
        )


def _understood(line: int, offset: int, length: int, data: Line) -> IndexRow:
    result = data.result
    message = result.message
    usage = (message.usage if message else None) or _NO_USAGE
    short, long = _cache_writes(usage)
    error_type = error_message = ""
    if result.error is not None:
        error_type = result.error.inner.type or ""
        error_message = (result.error.inner.message or "")[:LONGEST_MESSAGE]
    return IndexRow(
        line,
        offset,
        length,
        data.custom_id,
        result.type,
        (message.stop_reason or "") if message else "",
        error_type,
        error_message,
        (message.model or "") if message else "",
        usage.input_tokens or 0,
        usage.output_tokens or 0,
        short,
        long,
        usage.cache_read_input_tokens or 0,
        _first_words(message) if message else fold(error_message),
    )


_NO_USAGE = Usage()


def _cache_writes(usage: Usage) -> tuple[int, int]:
    """Tokens written to the five-minute and the one-hour cache; the sum alone means five minutes."""
    total = usage.cache_creation_input_tokens or 0
    if usage.cache_creation is None:
        return total, 0
    short = usage.cache_creation.ephemeral_5m_input_tokens or 0
    long = usage.cache_creation.ephemeral_1h_input_tokens or 0
    return max(short, total - long), long


def _first_words(message: Message) -> str:
    """The beginning of an answer: its text, else the tool it calls, else what else it holds but thinking."""
    blocks = message.content or ()
    if len(blocks) == 1 and blocks[0].text and blocks[0].type in _TEXT:
        return fold(blocks[0].text)
    said = ""
    for block in blocks:
        if block.text and block.type in _TEXT:
            said = said + block.text[:_TELLING] if said else block.text.lstrip()[:_TELLING]
            if len(said) >= _TELLING:
                break
    return fold(said) or next((words for words in map(_call, blocks) if words), "")


def _call(block: Content) -> str:
    if block.type in _SILENT or block.type in _TEXT:
        return ""
    if not block.name:
        return fold(block.type or "")
    raw = bytes(block.input)
    if b"\\u" in raw and len(raw) <= 50_000:
        # Escapes stand for letters: show those. Long inputs are shown as sent, their beginning is enough.
        return fold(f"{block.name} {_unescaped(raw)}")
    return fold(f"{block.name} {raw[:_TELLING].decode('utf-8', 'replace')}")


def _unescaped(raw: bytes) -> str:
    try:
        return sound(json.dumps(loads(raw), ensure_ascii=False))
    except (Unreadable, ValueError, RecursionError):
        return raw[:_TELLING].decode("utf-8", "replace")


def fold(text: str) -> str:
    """The first words on one line: runs of white space become one space."""
    words = text[:FIRST_WORDS]
    if words.isprintable() and "  " not in words and not words.startswith(" "):
        return words
    words = " ".join(text[:_LIKELY].split())
    if len(words) < FIRST_WORDS and len(text) > _LIKELY:
        words = " ".join(text.lstrip()[:_TELLING].split())
    # SQLite's search ends at a NUL; a terminal shows this sign for it anyway.
    return words[:FIRST_WORDS].replace("\0", "␀")
