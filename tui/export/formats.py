"""From a result to a line of an export: as received, with its request, or as a row of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from ..model import IndexRow
from .cells import COLUMNS, Cells, Extras

RequestOf = Callable[[IndexRow], bytes | None]
"""The `params` of the request that a result answers, as JSON; None where it is not known."""


class Format(Protocol):
    """How one kind of export looks."""

    head: bytes

    def line(self, row: IndexRow, raw: bytes) -> bytes:
        """One result, its line break included."""
        ...


class Jsonl:
    """The lines as the service sent them."""

    head = b""

    def line(self, row: IndexRow, raw: bytes) -> bytes:
        """The very bytes."""
        return raw + b"\n"


class Merged:
    """The lines with the request of each: `{"custom_id":…,"params":…,"result":…}`, nothing decoded."""

    head = b""

    def __init__(self, request_of: RequestOf) -> None:
        self._request_of = request_of
        self._decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
        self.without = 0
        """Results written as received: their request is not known, or the line is no object."""

    def line(self, row: IndexRow, raw: bytes) -> bytes:
        """The line's own bytes with the request's put between them."""
        params = self._request_of(row)
        if params is not None:
            try:
                return self._merged(self._decoder.decode(raw), params)
            except (ValueError, RecursionError):
                pass
        self.without += 1
        return raw + b"\n"

    def _merged(self, parts: dict[str, msgspec.Raw], params: bytes) -> bytes:
        custom_id = parts.pop("custom_id", None)
        # One line: breaks of a pretty-printed request stand between its parts, never in strings.
        pieces = [b'"params":' + params.strip().replace(b"\n", b" ").replace(b"\r", b" ")]
        if custom_id is not None:
            pieces.insert(0, b'"custom_id":' + bytes(custom_id))
        parts.pop("params", None)
        pieces += [msgspec.json.encode(name) + b":" + bytes(value) for name, value in parts.items()]
        return b"{" + b",".join(pieces) + b"}\n"


class Csv:
    """A table for spreadsheets: one row a result, the answer's text in a cell."""

    def __init__(self, extras: Extras) -> None:
        self._cells = Cells(extras)
        head = (*COLUMNS, *map(self._cells.text, extras.columns))
        self.head = ",".join(head).encode("utf-8", "backslashreplace") + b"\r\n"

    def line(self, row: IndexRow, raw: bytes) -> bytes:
        """The row's cells, with the whole text and message out of the line itself."""
        cells = ",".join((self._cells.text(row.custom_id), *self._cells.of(row, raw)))
        # An escaped lone surrogate is a legal JSON string, but nothing that UTF-8 can carry.
        return cells.encode("utf-8", "backslashreplace") + b"\r\n"
