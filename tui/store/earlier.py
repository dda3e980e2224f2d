"""What earlier launches tell of the next: how long their answers were, and what has been sent of late."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ..model import SENDING, SENT, SUCCEEDED, UNCERTAIN
from .convert import instant
from .database import Database, marks

_LENGTHS = (
    "SELECT kind.model, sum(kind.lines), sum(kind.output_tokens) FROM result_kind AS kind"
    " {joined} WHERE kind.outcome = ? {condition} GROUP BY kind.model ORDER BY kind.model"
)
_OF_RUNS = (
    "JOIN result_file ON result_file.id = kind.file"
    " JOIN launch ON launch.batch_id = result_file.batch_id"
    " JOIN run ON run.id = launch.run_id"
)
_SPENT = (SENT, SENDING, UNCERTAIN)
"""States of launches that cost something, or may."""


class Length(NamedTuple):
    """Answers of one model, and the tokens of all of them."""

    model: str
    answers: int
    tokens: int


class Spent(NamedTuple):
    """A launch that was sent, or may have been."""

    requests: int
    batch_id: str
    estimate: str
    """What its run was thought to cost; JSON, or empty."""
    is_whole: bool
    """Whether all of its results are here."""


class Earlier:
    """Questions to the past."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_run(self, run_id: str) -> list[Length]:
        """How long the answers are that a run has so far."""
        return await self._lengths(_OF_RUNS, "AND run.id = ?", run_id)

    async def of_recipe(self, recipe: str) -> list[Length]:
        """How long the answers are that all runs of a recipe have so far."""
        return await self._lengths(_OF_RUNS, "AND run.recipe = ?", recipe) if recipe else []

    async def of_any(self) -> list[Length]:
        """How long the answers of each model are, of all results that are here."""
        return await self._lengths("", "")

    async def sent_since(self, moment: datetime) -> list[Spent]:
        """Launches of every account since a moment."""
        rows = await self._database.rows(
            "SELECT launch.requests, coalesce(launch.batch_id, ''), coalesce(run.estimate, ''),"
            " coalesce(result_file.complete, 0) FROM launch LEFT JOIN run ON run.id = launch.run_id"
            " LEFT JOIN result_file ON result_file.batch_id = launch.batch_id"
            f" WHERE launch.sent_at >= ? AND launch.state IN ({marks(_SPENT)})",
            instant(moment),
            *_SPENT,
        )
        return [Spent(row[0], row[1], row[2], bool(row[3])) for row in rows]

    async def _lengths(self, joined: str, condition: str, *values: str) -> list[Length]:
        query = _LENGTHS.format(joined=joined, condition=condition)
        return [Length(*row) for row in await self._database.rows(query, SUCCEEDED, *values)]
