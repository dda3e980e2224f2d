"""A table of the user's, read without changing it: encoding, delimiter, quotes and breaks as they are."""

from __future__ import annotations

import codecs
import csv
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ..errors import UsageError
from ..text import clean

SAMPLE = 2_000
"""Lines from which delimiter and quoting are guessed."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DELIMITERS = (",", "\t", ";", "|")
_TABBED = (".tsv", ".tab")
_BREAKS = "\r\n"
_PIECE = 1 << 20
_START = 4_096
_OTHERS = (b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0")
"""How sheets of Office and Parquet begin."""


class Record(NamedTuple):
    """A row: its cells, the very text they were read from, and its line break."""

    cells: list[str]
    text: str
    end: str


@dataclass(frozen=True, slots=True)
class Source:
    """A table on disk, looked through once from end to end."""

    path: Path
    encoding: str
    bom: bytes = b""
    delimiter: str = ","
    quoted: bool = True
    """Whether quotes mean anything: in some tables with tabs they are just letters."""
    head: tuple[str, ...] = ()
    width: int = 0
    """Cells of the longest row."""
    rows: int = 0
    """Rows with anything in them, without the head."""
    ragged: int = 0
    """Those of them that have more or fewer cells than the head."""

    @property
    def name(self) -> str:
        """What to call it."""
        return clean(self.path.name)

    def records(self) -> Iterator[Record]:
        """Its rows, the head first, those without anything in them too."""
        with self.opened() as lines:
            yield from _records(lines, self.delimiter, self.quoted)

    def sample(self, number: int) -> list[Record]:
        """The first rows behind the head that have anything in them."""
        return list(islice((each for each in islice(self.records(), 1, None) if each.cells), number))

    @contextmanager
    def opened(self) -> Iterator[Iterable[str]]:
        """Its lines with their breaks, of which there are three: U+2028 is a letter in a cell."""
        try:
            with self.path.open(encoding=self.encoding, newline="") as lines:
                lines.read(1 if self.bom else 0)
                yield lines
        except OSError as error:
            raise _unreadable(self.path, error) from error
        except UnicodeDecodeError as error:
            raise UsageError(f"{self.name} has changed while it was read.", "Try again.") from error


def look(path: Path, stopped: Callable[[], None] = lambda: None) -> Source:
    """Find out how a table is written; `stopped` may raise to end it early."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a cell may be a whole book
    bom, encoding = _encoding(path, stopped)
    source = Source(path, encoding, bom)
    with source.opened() as lines:
        some = list(islice(lines, SAMPLE))
    source = _guessed(source, some, is_all=len(some) < SAMPLE)
    return _walked(source, stopped)


def _guessed(source: Source, some: list[str], *, is_all: bool) -> Source:
    delimiters = ("\t",) if source.path.suffix.lower() in _TABBED else _DELIMITERS
    best, most = replace(source, delimiter=delimiters[0]), (False, 0.0, -1.0, 0)
    for delimiter in delimiters:
        for quoted in (True, False) if delimiter == "\t" else (True,):
            records = [each for each in _records(some, delimiter, quoted) if each.cells]
            records = records if is_all else records[:-1]  # the last one may be cut
            fits = _fits(records)
            if fits > most:
                best, most = replace(source, delimiter=delimiter, quoted=quoted), fits
    return best


def _fits(records: list[Record]) -> tuple[bool, float, float, int]:
    """How well a way of reading fits: several columns, as many in each row, no stray quotes, many columns."""
    if not records:
        return False, 0.0, 0.0, 0
    width = len(records[0].cells)
    even = sum(len(each.cells) == width for each in records)
    stray = sum(any(cell.count('"') % 2 for cell in each.cells) for each in records)
    return width > 1, even / len(records), -stray / len(records), width


def _walked(source: Source, stopped: Callable[[], None]) -> Source:
    """The same with what only a walk through all of it tells."""
    head: tuple[str, ...] = ()
    width = rows = ragged = 0
    last = Record([], "", "")
    for record in source.records():
        if not record.cells:
            continue
        if not head:
            head = tuple(record.cells)
        else:
            rows += 1
            ragged += len(record.cells) != len(head)
        if rows % 1_000 == 0:
            stopped()
        width = max(width, len(record.cells))
        last = record
    if not head:
        raise UsageError(f"{clean(str(source.path))} is empty.", "Name the file the requests were made from.")
    if source.quoted and not _is_closed(last, source.delimiter):
        if source.delimiter == "\t":
            return _walked(replace(source, quoted=False), stopped)
        raise UsageError(
            f"{source.name}: the quote that opens in row {rows + 1} is never closed.", "Mend that row first."
        )
    return replace(source, head=head, width=width, rows=rows, ragged=ragged)


def _is_closed(record: Record, delimiter: str) -> bool:
    """Whether another cell could follow: an open quote would swallow it."""
    longer = next(csv.reader([record.text + delimiter + "x"], delimiter=delimiter))
    return len(longer) == len(record.cells) + 1


def _records(lines: Iterable[str], delimiter: str, quoted: bool) -> Iterator[Record]:
    taken: list[str] = []

    def remembered() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    for cells in csv.reader(remembered(), delimiter=delimiter, quoting=quoting):  # type: ignore[arg-type]
        whole = "".join(taken)
        taken.clear()
        text = whole.rstrip(_BREAKS) if cells else ""
        # A quoted cell may itself end with breaks, but then a quote stands behind them.
        yield Record(cells, text, whole[len(text) :])


def _encoding(path: Path, stopped: Callable[[], None]) -> tuple[bytes, str]:
    """The byte order mark and the encoding; what is not UTF-8 is taken for Windows' or Latin-1."""
    try:
        if not path.is_file():
            raise UsageError(f"{clean(str(path))} is no file.", "Name the file the requests were made from.")
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError as error:
        raise _unreadable(path, error) from error
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return bom, encoding
    if b"\0" in start or start.startswith(_OTHERS):
        raise UsageError(f"{clean(path.name)} is no CSV or TSV file.", "Save it as CSV in UTF-8 first.")
    if start.lstrip().startswith((b"{", b"[{")):
        raise UsageError(
            f"{clean(path.name)} is JSON, not a table.", "Attach it to the batch, and save with the requests."
        )
    fitting = (each for each in ("utf-8", "cp1252") if _decodes(path, each, stopped))
    return b"", next(fitting, "latin-1")


def _decodes(path: Path, encoding: str, stopped: Callable[[], None]) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
                stopped()
            decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    except OSError as error:
        raise _unreadable(path, error) from error
    return True


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{clean(str(path))} cannot be read: {error.strerror or error}.", "Choose another file."
    )
