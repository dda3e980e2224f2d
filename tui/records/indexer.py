"""From the bytes of a results file, as they arrive in pieces, to one index row per line."""

from __future__ import annotations

import re

from ..model import LONG_PROMPT, UNREADABLE, IndexRow, is_problem
from .portion import NOTHING, Counts, Found, Kind, Kinds, Portion, Row, Tallies, tally
from .shapes import ODD, Fault, Line, Unreadable, Usage, decode_lines, decode_odd, decode_regular
from .words import beginning, first_words, fold

LONGEST_MESSAGE = 2_000
"""Characters of an error message the index keeps; the whole one stays in the file."""
LONGEST_LINE = 128_000_000
"""A line beyond this is no result: it is counted but not kept in memory."""

LONGEST_ID = 1_200
"""How far into a line that cannot be understood its custom_id is looked for."""

_ID = re.compile(rb'\s*\{\s*"custom_id"\s*:\s*"([^"\\\x00-\x1f]{1,256})"')
_BRACE, _END_BRACE = b"{}"
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
        self.rows: list[Row] = []
        """The rows that nobody has taken yet."""
        self._tallies: Tallies = {}
        self._pieces: list[bytes] = []

    def scan(self, chunk: bytes) -> None:
        """Make the rows of the lines that this piece ends; what follows the last line feed waits for more."""
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            self._keep(chunk)
            return
        rest = chunk[cut:]
        if self.pending:
            first = chunk.find(b"\n") + 1
            self._keep(chunk[: first - 1])
            self._end_line()
            chunk = chunk[first:cut]
        elif rest:
            chunk = chunk[:cut]
        if chunk:
            self._whole_lines(chunk)
        self._keep(rest)

    def scan_last(self) -> None:
        """Make the row of a last line without a line feed."""
        if self.pending:
            self._end_line(feed=0)

    def take(self) -> Portion:
        """Hand over the rows made so far."""
        taken = Portion(self.rows, self._tallies, self.kinds)
        self.rows, self._tallies = [], {}
        return taken

    def rewind(self) -> None:
        """Forget the beginning of the line that has not ended: it comes again, or to somebody else."""
        self.pending = 0
        self._pieces = []

    def accept(self, found: Found) -> None:
        """Take what another indexer has made of the bytes from here on."""
        self.kinds.know(found.kinds)
        self.rows += found.rows
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

    def _whole_lines(self, block: bytes) -> None:
        """Lines that each end with a line feed: in one go if all of them are as they should be."""
        ends = _ends(block)
        try:
            decoded = decode_lines(block) if ends else []
        except ODD:
            decoded = []
        if not ends or len(decoded) != len(ends):
            self._one_by_one(block)
            return
        start = 0
        for data, end in zip(decoded, ends, strict=True):
            try:
                self._row(data, end - start)
            except ODD:
                self._line(block[start:end], end - start)
            self.offset += end - start + 1
            start = end + 1

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
            self._add(custom_id, length, kind, NOTHING, beginning(raw))

    def _row(self, data: Line, length: int) -> None:
        """Add the row of a line that was understood; raises one of ODD if its content is not."""
        result = data.result
        message = result.message
        error_type, error_message = _error(result.error) if result.error else ("", "")
        if message is None:
            kind = (result.type, "", "", error_type, error_message, True, "", False)
            self._add(data.custom_id, length, kind, NOTHING, fold(error_message))
            return
        words = first_words(message)
        stop = message.stop_reason or ""
        usage = message.usage or _NO_USAGE
        counts = _counts(usage)
        given, _, short, long, read, _ = counts
        kind = (
            result.type,
            stop,
            message.model or "",
            error_type,
            error_message,
            is_problem(result.type, stop, words),
            usage.inference_geo or "",
            given + short + long + read > LONG_PROMPT,
        )
        self._add(data.custom_id, length, kind, counts, words)

    def _add(self, custom_id: str, length: int, kind: Kind, counts: Counts, words: str) -> None:
        number = self.kinds[kind]
        tally(self._tallies, number, counts)
        self.rows.append((self.line, number, self.offset, length, custom_id, *counts, words))
        self.line += 1


def _ends(block: bytes) -> list[int]:
    """Where each line ends, if each begins and ends like an object; else nothing.

    An object that spans such lines is no JSON, so as many objects as lines are one in each.
    """
    ends: list[int] = []
    start = 0
    find = block.find
    while (end := find(b"\n", start)) >= 0:
        if block[start] != _BRACE or block[end - 1] != _END_BRACE:
            return []
        ends.append(end)
        start = end + 1
    return ends


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
