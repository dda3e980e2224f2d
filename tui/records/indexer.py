"""From the bytes of a results file, as they arrive in pieces, to one index row per line."""

from __future__ import annotations

import re
import struct
from typing import Any

from ..model import LONG_PROMPT, UNREADABLE, IndexRow, is_problem
from .portion import NOTHING, WIDTH, Counts, Found, Kind, Kinds, Portion, Tallies, tally
from .shapes import (
    ODD,
    Fault,
    Line,
    Message,
    Result,
    Unreadable,
    Usage,
    decode_lines,
    decode_odd,
    decode_regular,
)
from .words import FIRST_WORDS, beginning, first_words, fold

LONGEST_MESSAGE = 2_000
"""Characters of an error message the index keeps; the whole one stays in the file."""
LONGEST_LINE = 128_000_000
"""A line beyond this is no result: it is counted but not kept in memory."""

LONGEST_ID = 1_200
"""How far into a line that cannot be understood its custom_id is looked for."""

Traits = tuple[str, str | None, str | None, str | None, bool, bool]
"""What tells the kind of an answer: outcome, stop reason, model, where it was computed, whether it says
nothing, whether its prompt was a long one."""

_ID = re.compile(rb'\s*\{\s*"custom_id"\s*:\s*"([^"\\\x00-\x1f]{1,256})"')
_BRACE, _END_BRACE = b"{}"
_QUOTE, _BACKSLASH = b'"\\'
_SAYS = b'[{"type":"text","text":"'
_CALLS = b'[{"type":"tool_use",'
_GLANCE = FIRST_WORDS + 56
"""Bytes that hold FIRST_WORDS characters of many languages."""
_BEGINNING = struct.Struct(f"{len(_SAYS)}s{_GLANCE}s")
_ESCAPE = re.compile(rb"\\u")
_TELLING = 1_200
"""Bytes of a call in which an escaped letter would be shown as that letter."""
_NO_USAGE = Usage()
_TOO_LONG = "a line of more than 128 MB"


class Indexer:
    """Makes index rows of a results file fed to it in pieces of any size; blank lines make none."""

    def __init__(self, line: int = 0, offset: int = 0, kinds: Kinds | None = None) -> None:
        self.line = line
        """Number of the next row."""
        self.offset = offset
        """Where the line that has not ended yet begins."""
        self.pending = 0
        """Bytes of it so far."""
        self.kinds = Kinds() if kinds is None else kinds
        self._values: list[Any] = []
        """Those of the rows that nobody has taken yet."""
        self._tallies: Tallies = {}
        self._known: dict[Traits, int] = {}
        """The numbers of kinds by what tells them: they are looked up for each line."""
        self._pieces: list[bytes] = []

    @property
    def waiting(self) -> int:
        """How many rows nobody has taken yet."""
        return len(self._values) // WIDTH

    def scan(self, chunk: bytes) -> None:
        """Make the rows of the lines that this piece ends; what follows the last line feed waits for more."""
        start = 0
        if self.pending and (start := chunk.find(b"\n") + 1):
            self._keep(chunk[: start - 1])
            self._end_line()
        if self.pending:
            self._keep(chunk)
        else:
            self._keep(chunk[self.scan_whole(chunk, start) :])

    def scan_whole(self, chunk: bytes, start: int = 0) -> int:
        """The same where a line begins, but only the whole lines; where the one after them begins."""
        cut = chunk.rfind(b"\n", start) + 1
        if cut:
            self._whole_lines(chunk, start, cut)
        return cut or start

    def scan_last(self) -> None:
        """Make the row of a last line without a line feed."""
        if self.pending:
            self._end_line(feed=0)

    def take(self) -> Portion:
        """Hand over the rows made so far."""
        taken = Portion(self._values, self._tallies, self.kinds)
        self._values, self._tallies = [], {}
        return taken

    def rewind(self) -> None:
        """Forget the beginning of the line that has not ended: it comes again, or to somebody else."""
        self.pending = 0
        self._pieces = []

    def accept(self, found: Found) -> None:
        """Take what another indexer has made of the bytes from here on."""
        self.kinds.know(found.kinds)
        self._values += found.values
        for number, sums in found.tallies.items():
            known = self._tallies.setdefault(number, [0] * len(sums))
            self._tallies[number] = [one + more for one, more in zip(known, sums, strict=True)]
        self.line, self.offset, self.pending = found.line, found.offset, found.pending

    def feed(self, chunk: bytes) -> list[IndexRow]:
        """`scan`, and the rows for whoever wants to look at them."""
        self.scan(chunk)
        return self.take().index_rows()

    def finish(self) -> list[IndexRow]:
        """`scan_last`, and its row."""
        self.scan_last()
        return self.take().index_rows()

    def _keep(self, piece: bytes) -> None:
        # Pieces are joined once, at the line's end: a huge line costs its size, not its square.
        self.pending += len(piece)
        if piece and self.pending <= LONGEST_LINE:
            self._pieces.append(piece)

    def _end_line(self, feed: int = 1) -> None:
        self._line(b"".join(self._pieces), self.pending)
        self.offset += self.pending + feed
        self.pending = 0
        self._pieces = []

    def _whole_lines(self, chunk: bytes, start: int, stop: int) -> None:
        """Lines that each end with a line feed: in one go if all of them are as they should be."""
        ends = _ends(chunk, start, stop)
        try:
            decoded = decode_lines(chunk[start:stop]) if ends else []
        except ODD:
            decoded = []
        if not ends or len(decoded) != len(ends):
            self._one_by_one(chunk[start:stop])
            return
        base = self.offset - start
        for data, end in zip(decoded, ends, strict=True):
            self.offset = base + start
            try:
                self._row(data, end - start)
            except ODD:
                self._line(chunk[start:end], end - start)
            start = end + 1
        self.offset = base + start

    def _one_by_one(self, block: bytes) -> None:
        for raw in block.split(b"\n")[:-1]:
            self._line(raw, len(raw))
            self.offset += len(raw) + 1

    def _line(self, raw: bytes, length: int) -> None:
        """One line that may be anything."""
        if not raw or raw.isspace():
            return
        try:
            if length != len(raw):
                raise Unreadable(_TOO_LONG)
            try:
                self._row(decode_regular(raw), length)
            except ODD:
                self._row(decode_odd(raw), length)
        except Unreadable as problem:
            found = _ID.match(raw, 0, LONGEST_ID)
            custom_id = found[1].decode("utf-8", "replace") if found else ""
            kind = (UNREADABLE, "", "", "", str(problem), True, "", False)
            self._add(custom_id, length, self.kinds[kind], NOTHING, beginning(raw).encode())

    def _row(self, data: Line, length: int) -> None:
        """Add the row of a line that was understood; raises one of ODD if its content is not."""
        result = data.result
        message = result.message
        if message is None:
            kind, words = _failure(result)
            self._add(data.custom_id, length, self.kinds[kind], NOTHING, words)
            return
        words = _glance(message) or first_words(message).encode()
        usage = message.usage or _NO_USAGE
        counts = given, written, short, long, read, searches = _counts(usage)
        is_long = given + short + long + read > LONG_PROMPT
        traits = (result.type, message.stop_reason, message.model, usage.inference_geo, not words, is_long)
        number = self._known.get(traits)
        if number is None or result.error is not None:
            number = self._number(traits, result.error)
        tally(self._tallies, number, counts)
        place = (self.line, number, self.offset, length, data.custom_id)
        self._values += (*place, given, written, short, long, read, searches, words)
        self.line += 1

    def _number(self, traits: Traits, error: Fault | None) -> int:
        """The number of a kind of answers, those with an error too."""
        outcome, stop_reason, model, geo, is_silent, is_long = traits
        stop = stop_reason or ""
        has_problem = is_problem(outcome, stop, "" if is_silent else "words")
        failure = _error(error) if error else ("", "")
        number = self.kinds[outcome, stop, model or "", *failure, has_problem, geo or "", is_long]
        if error is None:
            self._known[traits] = number
        return number

    def _add(self, custom_id: str, length: int, number: int, counts: Counts, words: bytes) -> None:
        tally(self._tallies, number, counts)
        self._values += (self.line, number, self.offset, length, custom_id, *counts, words)
        self.line += 1


def _ends(chunk: bytes, start: int, stop: int) -> list[int]:
    """Where each line ends, if each begins and ends like an object; else nothing.

    An object that spans such lines is no JSON, so as many objects as lines are one in each.
    """
    ends: list[int] = []
    find = chunk.find
    while start < stop:
        end = find(b"\n", start, stop)
        if chunk[start] != _BRACE or chunk[end - 1] != _END_BRACE:
            return []
        ends.append(end)
        start = end + 1
    return ends


def _glance(message: Message) -> bytes:
    """The first words of an answer, where its beginning shows them as they should be; nothing elsewhere."""
    # Much of an indexer's time goes into these few words: what is asked of each line is asked in C.
    try:
        says, said = _BEGINNING.unpack_from(message.raw)
    except struct.error:  # it is a short one
        return b""
    if says == _SAYS:
        return b"" if _BACKSLASH in said or _QUOTE in said else _plain(said)
    return _called(message) if says.startswith(_CALLS) else b""


def _called(message: Message) -> bytes:
    """The same of an answer that is one call of a tool: its name, and what it is given."""
    call, *more = message.content
    raw = bytes(call.input)
    if more or not call.name or len(raw) < _GLANCE or _ESCAPE.search(raw, 0, _TELLING):
        return b""
    return _plain(b"%b %b" % (call.name.encode(), raw[:_GLANCE]))


def _plain(said: bytes) -> bytes:
    """As many characters as are wanted of some bytes, if `fold` would not change them."""
    text = said.decode("utf-8", "replace")
    words = text[:FIRST_WORDS]
    # JSON holds no bare control characters; the last letter may be cut.
    is_plain = "  " not in words and words[0] != " " and (words.isascii() or words.isprintable())
    return words.encode() if is_plain and len(text) > FIRST_WORDS else b""


def _failure(result: Result) -> tuple[Kind, bytes]:
    """Kind and first words of a result without an answer."""
    error_type, error_message = _error(result.error) if result.error else ("", "")
    return (result.type, "", "", error_type, error_message, True, "", False), fold(error_message).encode()


def _error(error: Fault) -> tuple[str, str]:
    inner = error.inner
    return inner.type or "", (inner.message or "")[:LONGEST_MESSAGE]


def _counts(usage: Usage) -> Counts:
    """What is billed, in the index's order; a sum written to the cache means five minutes."""
    short = usage.cache_creation_input_tokens or 0
    long = 0
    if (parts := usage.cache_creation) is not None:
        long = parts.ephemeral_1h_input_tokens or 0
        known = parts.ephemeral_5m_input_tokens or 0
        short = known if known >= short - long else short - long
    tools = usage.server_tool_use
    searches = 0 if tools is None else tools.web_search_requests or 0
    read = usage.cache_read_input_tokens or 0
    return usage.input_tokens or 0, usage.output_tokens or 0, short, long, read, searches
