"""An export's work: from rows of the index and their lines to the format that was asked for."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .. import export as files
from ..commands import Export
from ..errors import UsageError
from ..export import Extras, Lookup, Misfit, NewFile, NewFolder, Out, Pair, Source
from ..model import IndexRow
from ..paths import Paths
from ..text import clean, count, plural
from .export_rows import ExportRows, Used, opened

if TYPE_CHECKING:
    from ..store.reader import ResultReader

TOLD_EVERY = 500
"""Rows between two reports of progress."""


class RequestFile(Protocol):
    """The requests of a batch, by custom_id."""

    def read(self, custom_id: str) -> bytes | None:
        """One request's `params` as JSON; blocks."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class MadeIds(NamedTuple):
    """The custom_ids that were made here for the rows of a source."""

    rows: Callable[[], Iterable[tuple[int, str]]]
    """Numbers of rows, ascending, each with its custom_id; blocks."""
    note: str = ""
    """What to say of it in the end."""


class Written(NamedTuple):
    """What an export came to, in words."""

    what: str = ""
    """Nothing where the reader went away before the end."""
    notes: str = ""

    def said(self, place: str = "") -> str:
        """A sentence's words, with the place if there is one to name."""
        return f"{self.what}{place}" + (f": {self.notes}" if self.notes else "")


@dataclass(frozen=True)
class Job:
    """All that an export needs to know: nothing is asked of the screen's side while it runs."""

    command: Export
    paths: Paths
    reader: Callable[[], ResultReader]
    told: Callable[[int, int], None]
    """Hears of rows done, and of how many."""
    hits: array[int] | None = None
    """What a search has found, where there was one."""
    extras: Extras = field(default_factory=Extras)
    requests: Mapping[str, RequestFile] = field(default_factory=dict)
    """By batch, where they are known."""
    made: MadeIds | None = None
    """Which row of the source each request is, where its custom_id was made here."""

    def run(self, stop: threading.Event, out: Callable[[], Out]) -> Written:
        """Write everything, and say what it came to."""
        try:
            with opened(self.command, self.paths, self.reader(), self.hits, stop) as rows, out() as target:
                said = self._joined(rows, target) if self.command.join else self._written(rows, target)
                rows.go_on()
                return Written() if target.closed else said
        except Misfit as found:
            return self._retyped(found).run(stop, out)
        finally:
            for requests in self.requests.values():
                requests.close()

    def _retyped(self, found: Misfit) -> Job:
        fields = [
            each._replace(kind=kind) for each, kind in zip(self.extras.fields, found.kinds, strict=True)
        ]
        return replace(self, extras=replace(self.extras, fields=fields))

    def _written(self, rows: ExportRows, out: Out) -> Written:
        pairs, note = self._counted(rows), ""
        if isinstance(out, NewFolder):
            number = files.write_files(pairs, out, self.extras, self.command.suffix)
        elif self.command.format == "parquet" and isinstance(out, NewFile):
            number = files.write_parquet(pairs, out, self.extras)
        elif self.command.format == "csv":
            number = files.write_lines(files.Csv(self.extras), pairs, out)
        elif self.command.requests:
            merged = files.Merged(lambda row: self._request_of(rows.batches[row.file], row))
            number = files.write_lines(merged, pairs, out)
            note = f"{count(merged.without)} without a known request" if merged.without else ""
        else:
            number = files.write_lines(files.Jsonl(), pairs, out)
        of = "" if number == rows.total else f"{count(number)} of "
        return Written(f"{of}{plural(rows.total, 'result')}", note)

    def _counted(self, rows: ExportRows) -> Iterator[Pair]:
        refs = rows.refs()
        for number, pair in enumerate(rows.pairs(refs)):
            if number % TOLD_EVERY == 0:
                self.told(number, len(refs))
            yield pair
        self.told(len(refs), len(refs))

    def _request_of(self, batch_id: str, row: IndexRow) -> bytes | None:
        requests = self.requests.get(batch_id)
        return requests.read(row.custom_id) if requests else None

    def _joined(self, rows: ExportRows, out: Out) -> Written:
        assert self.command.join is not None
        source = files.look(self.command.join, rows.go_on)
        key = self._key(source, rows)
        used = Used()
        lookup = Lookup(rows.find, rows.pairs, rows.is_chosen(), used.add)
        made = self.made.rows() if self.made else ()
        joining = files.Joining(source, key, lookup, self.extras, made)
        joining.write(out, lambda number: self.told(number, source.rows))
        if out.closed:
            return Written()
        done, column = joining.done, "" if key is None else f"“{clean(source.head[key])}”"
        if done.rows and not done.answered + done.filtered:
            where = f" in its column {column}" if column else ""
            raise UsageError(
                f"No row of {source.name} has a custom_id of these results{where}.",
                "Name another column with --key.",
            )
        how = " and ".join(filter(None, ("row" if self.made else "", column)))
        told = _told(source, how, joining, rows.unused(used))
        return told._replace(notes="; ".join(filter(None, (told.notes, self.made.note if self.made else ""))))

    def _key(self, source: Source, rows: ExportRows) -> int | None:
        """The column of custom_ids; None where rows are known by their numbers, and no column has any."""
        try:
            return files.key_column(source, self.command.key, rows.find)
        except UsageError:
            if self.made is None:
                raise
            return None


def _told(source: Source, how: str, joining: files.Joining, unused: int) -> Written:
    done = joining.done
    notes = [
        f"{count(done.answered)} with a result (matched by {how})",
        f"{count(done.missing)} without a result" if done.missing else "",
        f"{count(done.filtered)} whose result is filtered out" if done.filtered else "",
        f"{plural(unused, 'result')} matched no row" if unused else "",
        f"{count(source.ragged)} of another width than the head" if source.ragged else "",
        f"written as UTF-8, for {source.name} is not" if not source.encoding.startswith("utf") else "",
    ]
    return Written(f"{plural(done.rows, 'row')} of {source.name}", "; ".join(filter(None, notes)))
