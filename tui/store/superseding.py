"""Which results of a run count, where its requests were tried more than once.

For each custom_id that is the newest success among the files that are read together, or else the newest line;
the others are *superseded*. What supersedes what is reckoned once for all pairs of a run's whole files, and
again when it has others: a file that is begun anew has another number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from ..model import SUCCEEDED, Scope
from ..text import sound
from .database import Row, marks
from .failures import in_words

_LAUNCHED = "SELECT run_id, batch_id FROM launch WHERE batch_id IN ({})"
_FILES = """
    SELECT result_file.id, launch.batch_id, launch.attempt
    FROM launch JOIN result_file ON result_file.batch_id = launch.batch_id
    WHERE launch.run_id = ? AND result_file.complete
    ORDER BY launch.attempt, launch.part, launch.created_at, launch.id"""
"""The whole files of a run, the oldest attempt first."""

_AGAIN = """CREATE TEMP TABLE again AS SELECT custom_id FROM result_line
    WHERE file IN ({}) AND custom_id <> '' GROUP BY custom_id HAVING count(*) > 1"""
_TRIED = f"""CREATE TEMP TABLE tried AS
    SELECT custom_id, outcome = '{SUCCEEDED}' AS success, place.key AS place, result_line.file, line, kind
    FROM json_each(?) AS place CROSS JOIN result_line ON result_line.file = place.value
    JOIN result_kind ON result_kind.id = kind WHERE custom_id IN (SELECT custom_id FROM temp.again)"""
_TRIED_INDEX = "CREATE INDEX temp.tried_again ON tried (custom_id)"
_PAIRS = """INSERT OR IGNORE INTO superseded (file, line, better, kind)
    SELECT worse.file, worse.line, better.file, worse.kind
    FROM temp.tried AS worse JOIN temp.tried AS better ON better.custom_id = worse.custom_id
    WHERE (better.success, better.place, better.line) > (worse.success, worse.place, worse.line)"""


Hidden = dict[int, str]
"""From the number of a file to SQL that its superseded lines are selected with: see `lines`, `kinds`."""


class Attempts(NamedTuple):
    """The whole results files of a run; the oldest attempt first."""

    run_id: str
    files: tuple[int, ...]
    together: tuple[int, ...]
    """Those of them that are read together."""


class Superseding:
    """Knows what is superseded, and reckons it where need be, on the connection of a reader."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def attempts(self, scope: Scope) -> list[Attempts]:
        """The runs that were tried more than once, and of which the scope has several batches."""
        if len(scope) < 2:
            return []
        launched = self._rows(_LAUNCHED.format(marks(scope)), *map(sound, scope))
        found = []
        for run_id, batches in groupby(sorted(launched), key=lambda row: str(row[0])):
            wanted = {batch_id for _, batch_id in batches}
            files = self._rows(_FILES, run_id) if len(wanted) > 1 else []
            together = tuple(file for file, batch_id, _ in files if batch_id in wanted)
            if len(together) > 1 and files[-1][2] > 1:
                found.append(Attempts(run_id, tuple(row[0] for row in files), together))
        return found

    def hidden(self, scope: Scope) -> Hidden:
        """The files of the scope that have superseded lines, each with the SQL that selects them."""
        found: Hidden = {}
        for attempts in self.attempts(scope):
            self._reckon(attempts)
            better = _numbers(attempts.together)
            for file in attempts.together:
                these = f"FROM superseded WHERE file = {file} AND better IN ({better})"
                if self._rows(f"SELECT 1 {these} LIMIT 1"):
                    found[file] = these
        return found

    def _reckon(self, attempts: Attempts) -> None:
        """Bring the table up to date, unless it is."""
        known = self._rows("SELECT files FROM superseding WHERE run_id = ?", attempts.run_id)
        if known == [(_numbers(attempts.files),)]:
            return
        # What a power cut takes is reckoned again.
        self._rows("PRAGMA synchronous = NORMAL")
        self._rows("BEGIN IMMEDIATE")
        try:
            files = _numbers(row[0] for row in self._rows(_FILES, attempts.run_id))
            self._rows(f"DELETE FROM superseded WHERE file IN ({files})")
            self._add(files)
            self._rows(
                "INSERT OR REPLACE INTO superseding (run_id, files) VALUES (?, ?)", attempts.run_id, files
            )
            self._rows("COMMIT")
        finally:
            self._connection.rollback()

    def _add(self, files: str) -> None:
        """Compare the lines of custom_ids that have several; all others are looked at only once."""
        self._rows(_AGAIN.format(files))
        self._rows(_TRIED, f"[{files}]")
        self._rows(_TRIED_INDEX)
        self._rows(_PAIRS)
        self._rows("DROP TABLE temp.again")
        self._rows("DROP TABLE temp.tried")

    def _rows(self, query: str, *values: object) -> list[Row]:
        with in_words(self._path):
            return self._connection.execute(query, values).fetchall()


def lines(these: str) -> str:
    """SQL for the numbers of superseded lines."""
    return f"SELECT DISTINCT line {these}"


def but(file: int, hidden: Hidden) -> str:
    """SQL that leaves superseded lines of a file's `data` out, where it has any."""
    return f" AND data.line NOT IN ({lines(hidden[file])})" if file in hidden else ""


def kinds(these: str) -> str:
    """SQL for how many superseded lines there are of each kind."""
    return f"SELECT kind, count(DISTINCT line) {these} GROUP BY kind"


def in_order(files: Sequence[int], attempts: Iterable[Attempts]) -> list[int]:
    """The same files, but those of a run in the order of its attempts, in the places that they have."""
    ordered = list(files)
    for each in attempts:
        places = [place for place, file in enumerate(files) if file in each.together]
        for place, file in zip(places, each.together, strict=True):
            ordered[place] = file
    return ordered


def _numbers(values: Iterable[int]) -> str:
    return ",".join(map(str, values))
