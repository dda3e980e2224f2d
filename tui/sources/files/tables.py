"""CSV and TSV as rows: read a line at a time, each row with the line of the file on which it begins."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import IO

from ...model import WARNING
from ...text import plural
from ..basics.items import Finding, Row
from .delimiters import Layout
from .splitting import Broken

LONGEST = 32_000_000
"""Characters of one row: no prompt may be longer (a Messages body has 32 MB at most, API documentation)."""

_SIGNS = {",": "a comma", "\t": "a tab", ";": "a semicolon"}
_EMPTY = Finding("All cells of this row are empty", "No request is made of it.", severity=WARNING)
_NUL = Finding("A cell has a NUL character in it", "Is the file damaged?", severity=WARNING)
_OPEN = Finding("A quotation mark is not closed", "Close it; inside of quotation marks write two for one.")
_INSIDE = Finding("A quotation mark stands inside of others", "Write two for one.")


def rows(
    handle: IO[bytes], layout: Layout, numbers: Iterator[int] | None = None, file: str = ""
) -> Iterator[Row]:
    """The rows below the header; `numbers` goes on where others are read before. Raises Broken."""
    if csv.field_size_limit() < LONGEST:
        csv.field_size_limit(LONGEST)  # a cell may be a whole book; it is one limit for everybody
    text = io.TextIOWrapper(handle, "utf-8-sig", "surrogateescape", newline="")
    try:
        lines = _Lines(text)
        yield from _rows(lines, _records(lines, layout), layout, numbers or count(1), file)
    finally:
        text.detach()


def names(head: Sequence[str]) -> tuple[str, ...]:
    """The columns' names, without those at the end of the header that are empty."""
    stripped = [name.strip() for name in head]
    while stripped and not stripped[-1]:
        stripped.pop()
    return tuple(stripped)


class _Lines:
    """The lines of a text, counted, and what is odd in those of the row that is being read."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._counts_returns: bool | None = None
        """Whether a lone carriage return ends lines; otherwise it is only a letter in a cell."""
        self._done = 0
        self.begin()

    def begin(self) -> None:
        """Begin a row."""
        self.line = self._done + 1
        self.text = ""
        """The row as it stands in the file, where that is one line."""
        self.findings: tuple[Finding, ...] = ()
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST):
            self.text = "" if self._size else line
            self._size += len(line)
            if self._size >= LONGEST:
                what = f"This row is longer than {LONGEST:,} characters"
                raise Broken(self.line, what, "Is a quotation mark in it not closed?")
            if not line.isascii() or "\0" in line:
                self._look(line)
            if self._counts_returns is None:
                self._counts_returns = line.endswith("\r")
            self._done += self._counts_returns or line.endswith("\n")
            yield line

    def _look(self, line: str) -> None:
        try:
            line.encode()
        except UnicodeEncodeError as error:  # bytes that were no UTF-8 have become surrogates
            below = self._done + 1 - self.line
            self.findings += (Finding("It is not UTF-8", "Save the file as UTF-8.", below, error.start + 1),)
        if "\0" in line:
            self.findings += (_NUL,)


def _records(lines: _Lines, layout: Layout) -> Iterator[list[str] | Finding]:
    """The cells of each row that is not blank, or why it cannot be read."""
    reader = csv.reader(
        iter(lines),
        delimiter=layout.delimiter,
        quoting=csv.QUOTE_MINIMAL if layout.quoted else csv.QUOTE_NONE,
        strict=True,
    )
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if layout.delimiter == "\t" and lines.text:  # between tabs a quote may be just a letter
                yield next(csv.reader([lines.text], delimiter="\t", quoting=csv.QUOTE_NONE))
            else:
                yield _unreadable(str(error))
            continue
        if len(cells) > 1 or (cells and cells[0].strip()):
            yield cells


def _unreadable(error: str) -> Finding:
    if error.startswith("unexpected end of data"):
        return _OPEN
    return _INSIDE if "expected after" in error else Finding("This row cannot be read", f"{error}.")


def _rows(
    lines: _Lines,
    records: Iterator[list[str] | Finding],
    layout: Layout,
    numbers: Iterator[int],
    file: str,
) -> Iterator[Row]:
    head = next(records, [])
    if isinstance(head, Finding) or lines.findings:
        broken = head if isinstance(head, Finding) else lines.findings[0]
        raise Broken(lines.line + broken.line, broken.what, broken.remedy, file)
    if head and head[0].lower().startswith("sep=") and len("".join(head)) <= len("sep=;"):
        what = "The first line is no header, but says what separates cells"
        raise Broken(lines.line, what, "Remove it.", file)
    table = _Columns(names(head), layout.delimiter)
    if table.findings:
        yield Row(lines.line, 0, {}, (), table.findings, file)
    for cells in records:
        number = next(numbers)
        if isinstance(cells, Finding):
            yield Row(lines.line, number, {}, (), (cells,), file)
        elif wrong := table.misfit(cells):
            yield Row(lines.line, number, {}, (), (wrong, *lines.findings), file)
        else:
            yield Row(lines.line, number, table.of(cells), (), lines.findings, file)


class _Columns:
    """The columns of a table, and how rows fit into them."""

    def __init__(self, head: tuple[str, ...], delimiter: str) -> None:
        self._names = head
        self._unnamed = [number for number, name in enumerate(head) if not name]
        self.findings = tuple(_of_header(head))
        has = f"The header has {plural(len(head), 'column')}."
        sign = _SIGNS.get(delimiter, "a bar")
        self._more = Finding(
            "The row has more cells than the header",
            f"{has} A cell with {sign} in it stands in quotation marks, no space before them.",
        )
        self._fewer = Finding(
            "The row has fewer cells than the header",
            f"{has} A cell with a line break in it stands in quotation marks.",
        )

    def misfit(self, cells: Sequence[str]) -> Finding | None:
        """Why no request can be made of a row."""
        if not any(cells):
            return _EMPTY
        if len(cells) < len(self._names):
            return self._fewer
        return self._more if any(cells[len(self._names) :]) else None

    def of(self, cells: Sequence[str]) -> Mapping[str, str]:
        """The cells by their columns' names."""
        named = dict(zip(self._names, cells, strict=False))  # empty cells behind the last column are nothing
        if self._unnamed:
            named.pop("", None)
        return named


def _of_header(head: Sequence[str]) -> Iterator[Finding]:
    for name in dict.fromkeys(head):
        if name and head.count(name) > 1:
            what = f"There are {head.count(name)} columns “{name}”"
            yield Finding(what, "Give each column a name of its own.")
    for number, name in enumerate(head, 1):
        if not name:
            remedy = "Templates cannot use it; name it in the header."
            yield Finding(f"Column {number} has no name", remedy, severity=WARNING)
