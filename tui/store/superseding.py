"""Which results of a run count where its requests were tried more than once.

For each custom_id that is the newest success among the files that are read together, or else the newest line.
The others are *superseded*. What supersedes what is reckoned once for all pairs of a run's files, and again
when there are others; a file that is begun anew has another number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from ..model import SUCCEEDED, Scope
from ..text import sound
from .database import Row, marks
from .failures import in_words

_SCOPE = "SELECT run_id, batch_id FROM launch WHERE batch_id IN ({})"
_FILES = """
    SELECT launch.run_id, result_file.id, launch.batch_id, launch.attempt
    FROM launch JOIN result_file ON result_file.batch_id = launch.batch_id
    WHERE launch.run_id = ? AND result_file.complete
    ORDER BY launch.attempt, launch.part, launch.created_at, launch.id"""
"""The whole files of a run, the oldest attempt first."""

_AGAIN = """CREATE TEMP TABLE again AS SELECT custom_id FROM result_line
    WHERE file IN ({}) AND custom_id <> '' GROUP BY custom_id HAVING count(*) > 1"""
_TRIED = f"""CREATE TEMP TABLE tried AS
    SELECT custom_id, outcome = '{SUCCEEDED}' AS success, place.value AS file, place.key AS place, line, kind
    FROM json_each(?) AS place JOIN result_line ON result_line.file = place.value
    JOIN result_kind ON result_kind.id = kind WHERE custom_id IN (SELECT custom_id FROM temp.again)"""
_PAIRS = """INSERT OR IGNORE INTO superseded (file, line, "by", kind)
    SELECT worse.file, worse.line, better.file, worse.kind
    FROM temp.tried AS worse JOIN temp.tried AS better ON better.custom_id = worse.custom_id
    WHERE (better.success, better.place, better.line) > (worse.success, worse.place, worse.line)"""


class Attempts(NamedTuple):
    """The whole results files of a run that are read together."""

    run_id: str
    files: tuple[int, ...]
    """All of the run, the oldest attempt first."""
    together: tuple[int, ...]
    """Those of them that belong to the scope, in the same order."""


class Superseding:
    """Knows and reckons what is superseded, on the connection of a reader."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def attempts(self, scope: Scope) -> list[Attempts]:
        """The runs of which the scope has several batches and that were tried more than once."""
        if len(scope) < 2:
            return []
        launched = sorted(self._rows(_SCOPE.format(marks(scope)), *map(sound, scope)))
        found = []
        for run_id, batches in groupby(launched, key=lambda row: str(row[0])):
            wanted = {batch_id for _, batch_id in batches}
            files = self._rows(_FILES, run_id) if len(wanted) > 1 else []
            together = tuple(file for _, file, batch_id, _ in files if batch_id in wanted)
            if len(together) > 1 and files[-1][3] > 1:
                found.append(Attempts(run_id, tuple(row[1] for row in files), together))
        return found

    def hidden(self, scope: Scope) -> dict[int, str]:
        """For each file of the scope that has any: its superseded lines, as a condition on `superseded`."""
        found = {}
        for attempts in self.attempts(scope):
            self._reckon(attempts)
            by = f'"by" IN ({_numbers(attempts.together)})'
            found |= {file: f"superseded.file = {file} AND {by}" for file in attempts.together}
        return {file: these for file, these in found.items() if self._has_any(these)}

    def _has_any(self, these: str) -> bool:
        return bool(self._rows(f"SELECT 1 FROM superseded WHERE {these} LIMIT 1"))

    def _reckon(self, attempts: Attempts) -> None:
        """Bring the table up to date, unless it is; whoever changes the files meanwhile reckons again."""
        files = _numbers(attempts.files)
        query = "SELECT files FROM superseding WHERE run_id = ?"
        if self._rows(query, attempts.run_id) == [(files,)]:
            return
        try:
            self._collect(attempts.files)
            self._rows("BEGIN IMMEDIATE")
            if [row[1] for row in self._rows(_FILES, attempts.run_id)] == list(attempts.files):
                self._rows(f"DELETE FROM superseded WHERE file IN ({files})")
                self._rows(_PAIRS)
                self._rows("INSERT OR REPLACE INTO superseding VALUES (?, ?)", attempts.run_id, files)
            self._rows("COMMIT")
        finally:
            with suppress(sqlite3.Error):
                self._connection.rollback()
                self._drop()

    def _collect(self, files: Sequence[int]) -> None:
        """The lines of custom_ids that have several, in a temporary table: no lock is held meanwhile."""
        self._drop()
        self._rows(_AGAIN.format(_numbers(files)))
        self._rows(_TRIED, f"[{_numbers(files)}]")
        self._rows("CREATE INDEX temp.tried_again ON tried (custom_id)")

    def _drop(self) -> None:
        for table in ("again", "tried"):
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def _rows(self, query: str, *values: object) -> list[Row]:
        with in_words(self._path):
            return self._connection.execute(query, values).fetchall()


def of_kinds(hidden: Mapping[int, str]) -> str:
    """SQL for the number of superseded lines of each kind."""
    counts = (
        f"SELECT kind, count(DISTINCT line) FROM superseded WHERE {these} GROUP BY kind"
        for these in hidden.values()
    )
    return " UNION ALL ".join(counts)


def _numbers(values: Sequence[int]) -> str:
    return ",".join(map(str, values))
