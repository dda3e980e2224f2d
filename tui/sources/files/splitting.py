"""From the bytes of a source to its elements, each with the line it starts on, whatever the file's size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

LONGEST = 256_000_000
"""No element can be longer than the whole body may be."""

BLOCK = 1 << 20

Element = tuple[int, bytes]
"""Line number from 1, and the bytes without white space around them."""


Placed = tuple[int, bytes, int]
"""The same, and the column in which it begins, in characters, from 1."""


class Broken(Exception):
    """The file's own structure is damaged: reading ends here."""

    def __init__(self, line: int, what: str, remedy: str, file: str = "") -> None:
        super().__init__(what)
        self.line = line
        """Where, from 1; 0 is the file as a whole."""
        self.what = what
        self.remedy = remedy
        self.file = file
        """Name of the file, where the source has several."""

    def at(self, line: int = 0, file: str = "") -> Broken:
        """The same, with its place filled in where it was not known."""
        self.line = self.line or line
        self.file = self.file or file
        return self


def lines(handle: IO[bytes], first: int = 1) -> Iterator[Placed]:
    """The lines of a JSONL file that are not blank; the number of the first one may be another."""
    number = first - 1
    try:
        while line := handle.readline(LONGEST):
            number += 1
            if len(line) == LONGEST:
                raise too_long(number)
            if bare := line.strip():
                yield number, bare, 1 if line[0] > _SPACE else len(line) - len(line.lstrip()) + 1
    except Broken as broken:
        raise broken.at(number + 1) from broken.__cause__


def values(handle: IO[bytes]) -> Iterator[Placed]:
    """JSON values that stand one after the other, however they are spaced."""
    return split(handle, Splitter())


def split(handle: IO[bytes], splitter: Splitter, held: bytes = b"") -> Iterator[Placed]:
    """What a splitter finds in the rest of a file, after the bytes that were read already."""
    yield from splitter.feed(held)
    size = BLOCK
    while block := read(handle, size, splitter.line):
        yield from splitter.feed(block)
        # An element longer than a block is searched only once, and copied a bounded number of times.
        size = max(BLOCK, splitter.held)
    yield from splitter.finish()


_OUTSIDE = re.compile(rb'"(?:[^"\\]++|\\.)*+(")?|[{}\[\],]', re.DOTALL)
"""A whole string, or one that the bytes at hand do not close (no group), or what structures a document."""
_INSIDE = re.compile(rb'(?:[^"\\]++|\\.)*+(")?', re.DOTALL)
_SPACE = ord(" ")
_QUOTE = ord('"')
_COMMA = ord(",")
_OPENERS = frozenset(b"{[")


class Splitter:
    """Finds where elements end by counting brackets outside strings; others judge what is in them."""

    def __init__(self, *, array: bool = False, begun: bool = False, cursor: Cursor | None = None) -> None:
        self._array = array
        """Whether this is the inside of an array, which its closing bracket ends."""
        self._closed = False
        self._comma = begun
        """Whether an element came before, and with it a comma."""
        self._depth = 0
        self._in_string = False
        self._buffer = b""
        self._at = 0
        """How far the buffer has been searched."""
        self._cursor = cursor or Cursor()
        """Where the buffer starts."""

    @property
    def line(self) -> int:
        """The line that the next element begins on, or a white space before it."""
        return self._cursor.line

    @property
    def held(self) -> int:
        """Bytes of the element whose end has not been seen."""
        return len(self._buffer)

    def feed(self, block: bytes) -> Iterator[Placed]:
        """Take in the next bytes, and give the elements that end in them."""
        self._buffer += block
        start = 0
        for end, resume in self._ends():
            yield from self._element(start, end)
            self._cursor.column += resume - end  # a bracket or a comma
            start = resume
        self._buffer = self._buffer[start:]
        self._at -= start
        if len(self._buffer) > LONGEST:
            raise too_long(self.line)

    def finish(self) -> Iterator[Placed]:
        """Give what is left at the end of the file."""
        rest = self._buffer.strip()
        if self._array and not self._closed:
            line = self.line + self._buffer.rstrip().count(b"\n")
            raise Broken(
                line, "The list is not closed", "The file seems to be cut: get it whole, or end it with ]."
            )
        if rest and self._array:
            line = self.line + leading(self._buffer)
            raise Broken(line, "There is text after the end of the list", "Keep one list, and nothing else.")
        if rest:
            yield from self._element(0, len(self._buffer))

    def _ends(self) -> Iterator[tuple[int, int]]:
        """Where each element ends, and where the next one begins."""
        if self._closed or (self._in_string and not self._leave_string()):
            return
        buffer, begin, self._at = self._buffer, self._at, len(self._buffer)
        for token in _OUTSIDE.finditer(buffer, begin):
            kind = buffer[token.start()]
            if kind == _QUOTE:
                if not token.lastindex:
                    self._in_string, self._at = True, token.end()
            elif kind in _OPENERS:
                self._depth += 1
            elif kind != _COMMA:
                self._depth -= 1
                if self._depth < 0 and self._array:
                    self._closed = True
                    yield token.start(), token.end()
                    return
                if self._depth <= 0 and not self._array:
                    self._depth = 0
                    yield token.end(), token.end()
            elif self._array and not self._depth:
                yield token.start(), token.end()

    def _leave_string(self) -> bool:
        found = _INSIDE.match(self._buffer, self._at)
        assert found is not None  # the pattern matches nothing at all, too
        self._at = found.end()
        self._in_string = not found.lastindex
        return not self._in_string

    def _element(self, start: int, end: int) -> Iterator[Placed]:
        whole = self._buffer[start:end]
        bare = whole.strip()
        cursor = self._cursor
        cursor.pass_over(whole[: len(whole) - len(whole.lstrip())])
        line, column = cursor.line, cursor.column
        cursor.pass_over(whole.lstrip())
        if bare:
            yield line, bare, column
        elif self._comma or not self._closed:
            raise Broken(line, "There is a comma with no request beside it", "Remove the comma.")
        self._comma = True


def read(handle: IO[bytes], size: int, line: int) -> bytes:
    """The next bytes; where they are damaged, that is told with this line."""
    try:
        return handle.read(size)
    except Broken as broken:
        raise broken.at(line) from broken.__cause__


class Cursor:
    """Where in a file something is: the line, and the column in characters, both from 1."""

    def __init__(self, line: int = 1, column: int = 1) -> None:
        self.line = line
        self.column = column

    def pass_over(self, text: bytes) -> None:
        """Go on to the end of a text."""
        breaks = text.count(b"\n")
        if breaks:
            self.line += breaks
            self.column = 1
            text = text[text.rindex(b"\n") + 1 :]
        self.column += len(text) if text.isascii() else len(text.decode("utf-8", "replace"))


def leading(text: bytes) -> int:
    """Line feeds in the white space at the start."""
    return text.count(b"\n", 0, len(text) - len(text.lstrip()))


def too_long(line: int) -> Broken:
    """Why reading ends at a line that no batch could take."""
    return Broken(
        line, "This request alone is longer than a whole batch may be (256 MB)", "Is this the right file?"
    )
