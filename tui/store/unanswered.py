"""Which requests of some batches have no whole answer, and where in their files those requests are."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from ..model import Scope
from ..text import sound
from .database import marks
from .failures import in_words
from .reader import ResultReader
from .result_sql import REASON

_TABLES = (
    """CREATE TEMP TABLE failed AS SELECT newest.custom_id, result_line.file, result_line.kind
        FROM temp.newest CROSS JOIN result_line
        ON result_line.file = newest.ref >> 32 AND result_line.line = newest.ref & 0xFFFFFFFF
        WHERE newest.custom_id <> '' AND kind IN (SELECT id FROM result_kind WHERE problem)""",
    "CREATE TEMP TABLE wanted (kind INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE chosen (custom_id TEXT PRIMARY KEY, file, offset, length) WITHOUT ROWID",
    "CREATE TEMP TABLE named (custom_id TEXT, offset INTEGER)",
)
"""What has no whole answer; kinds of results, and requests, that are to be sent again; what a user named."""

_REASONS = f"""SELECT result_kind.id, outcome, {REASON}, error_message, count(*)
    FROM temp.failed JOIN result_kind ON result_kind.id = failed.kind GROUP BY result_kind.id"""
_CHOOSE = "INSERT OR IGNORE INTO temp.chosen SELECT request.custom_id, request.file, offset, length"
_OF_KINDS = f"""{_CHOOSE} FROM temp.failed CROSS JOIN request_line AS request
    ON request.file = ? AND request.custom_id = failed.custom_id
    WHERE failed.file = ? AND failed.kind IN (SELECT kind FROM temp.wanted)"""
_MISSING = """FROM request_line AS request WHERE file IN ({})
    AND custom_id NOT IN (SELECT custom_id FROM temp.newest)"""
_STRANGERS = """SELECT custom_id, offset FROM temp.named WHERE custom_id NOT IN
    (SELECT custom_id FROM request_line WHERE file IN ({})) ORDER BY offset"""


class Reason(NamedTuple):
    """Why some requests have no whole answer."""

    kind: int
    """The store's number of it."""
    outcome: str
    reason: str
    """Error type or stop reason, in the API's own word where it has one."""
    message: str
    requests: int


class Asked(NamedTuple):
    """The requests of a batch, and its results, by the numbers of their files."""

    requests: int
    results: int


class Unanswered(ResultReader):
    """Reads one scope; of each custom_id the newest success counts, or else its newest line."""

    def gather(self, scope: Scope) -> None:
        """Look at all results of the scope, before anything else is asked."""
        self._gather(scope)
        for table in _TABLES:
            self._rows(table, [])

    def reasons(self) -> list[Reason]:
        """Why requests that have a result have no whole answer."""
        return [Reason(*row) for row in self._rows(_REASONS, [])]

    def missing(self, files: Sequence[int]) -> int:
        """How many requests of these files have no result at all."""
        query = f"SELECT count(DISTINCT custom_id) {_MISSING.format(marks(files))}"
        return int(self._rows(query, files)[0][0])

    def distinct(self, file: int) -> int:
        """Custom_ids of a file of requests, each counted once."""
        return int(self._rows("SELECT count(*) FROM request_line WHERE file = ?", [file])[0][0])

    def choose(self, kinds: Collection[int], asked: Iterable[Asked]) -> None:
        """Choose the requests that ended so, as they stand in the file of the batch whose result it is."""
        self._many("INSERT INTO temp.wanted VALUES (?)", ((kind,) for kind in kinds))
        for each in asked:
            self._rows(_OF_KINDS, each)

    def choose_missing(self, files: Iterable[int]) -> None:
        """Choose requests without a result; of one that is in several files, that in the first of them."""
        for file in files:
            self._rows(f"{_CHOOSE} {_MISSING.format('?')}", [file])

    def chosen(self, file: int) -> tuple[array[int], array[int]]:
        """Offsets and lengths of the chosen requests of a file, in its order."""
        offsets, lengths = array("Q"), array("Q")
        query = "SELECT offset, length FROM temp.chosen WHERE file = ? ORDER BY offset"
        with in_words(self._path):
            for offset, length in self._connection.execute(query, (file,)):
                offsets.append(offset)
                lengths.append(length)
        return offsets, lengths

    def strangers(self, named: Iterable[tuple[str, int]], files: Sequence[int]) -> list[tuple[str, int]]:
        """Those of the custom_ids, each with where it stands, that none of these files of requests has."""
        self._many("INSERT INTO temp.named VALUES (?, ?)", ((sound(name), place) for name, place in named))
        return [(name, place) for name, place in self._rows(_STRANGERS.format(marks(files)), files)]

    def _many(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        with in_words(self._path):
            self._connection.executemany(query, rows)
