"""Between the rows of the database and the model's values: times are microseconds since 1970, UTC."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any

from ..model import Batch, Counts, Entry, Launch, ResultFile, Run

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 2**60
_MICROSECOND = timedelta(microseconds=1)
_LAST_PART = re.compile(r"[^/\\]*[/\\]*$")

BATCH_FIELDS = (
    "id, state, processing, succeeded, errored, canceled, expired,"
    " created_at, expires_at, ended_at, cancel_initiated_at, archived_at, results_url"
)
LAUNCH_FIELDS = (
    "id, state, name, source, requests, bytes, sha256, created_at, models, sent_at, batch_id, problem,"
    " first_sent_at, run_id, part, attempt"
)
RUN_FIELDS = "id, created_at, going, sha256, recipe, betas, kind, loads, problem"
RESULT_FIELDS = "batch_id, complete, lines, bytes, attention, missing"
ENTRY_FIELDS = (
    ", ".join(f"batch.{field.strip()}" for field in BATCH_FIELDS.split(","))
    + ", coalesce(label.text, launch.name, ''), coalesce(launch.source, ''), launch.id, batch.gone_at, "
    + ", ".join(f"result_file.{field.strip()}" for field in RESULT_FIELDS.split(","))
    + ", launch.run_id, launch.part, launch.attempt, (SELECT count(*) FROM launch AS other"
    " WHERE other.run_id = launch.run_id AND other.attempt = launch.attempt AND other.part > 0)"
    ", label.text IS NOT NULL"
)


def instant(when: datetime) -> int:
    """A moment as a number, without loss; a naive one is taken as UTC."""
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def maybe_instant(when: datetime | None) -> int | None:
    """The same for a moment that may be missing."""
    return None if when is None else instant(when)


def moment(number: int) -> datetime:
    """The moment that a number stands for."""
    return _EPOCH + timedelta(microseconds=number)


def maybe_moment(number: int | None) -> datetime | None:
    """The same for a moment that may be missing."""
    return None if number is None else _EPOCH + timedelta(microseconds=number)


def batch_values(batch: Batch) -> tuple[object, ...]:
    """A batch in the order of BATCH_FIELDS."""
    counts = batch.counts
    return (
        batch.id,
        batch.state,
        *map(
            _fitting, (counts.processing, counts.succeeded, counts.errored, counts.canceled, counts.expired)
        ),
        instant(batch.created_at),
        maybe_instant(batch.expires_at),
        maybe_instant(batch.ended_at),
        maybe_instant(batch.cancel_initiated_at),
        maybe_instant(batch.archived_at),
        batch.results_url,
    )


def _fitting(number: int) -> int:
    """A server's number, as far as SQLite's integers and their sums reach."""
    return max(-_MOST, min(number, _MOST))


def to_batch(row: Sequence[Any]) -> Batch:
    """A batch from BATCH_FIELDS."""
    # By position, and with the sums written out: lists of ten thousand are made at once.
    return Batch(
        row[0],
        row[1],
        Counts(row[2], row[3], row[4], row[5], row[6]),
        _EPOCH + timedelta(0, 0, row[7]),
        None if row[8] is None else _EPOCH + timedelta(0, 0, row[8]),
        None if row[9] is None else _EPOCH + timedelta(0, 0, row[9]),
        None if row[10] is None else _EPOCH + timedelta(0, 0, row[10]),
        None if row[11] is None else _EPOCH + timedelta(0, 0, row[11]),
        row[12],
    )


def to_entry(row: Sequence[Any]) -> Entry:
    """A row of the list from ENTRY_FIELDS."""
    return Entry(
        to_batch(row),
        row[13],
        file_name(row[14]) if row[14] else "",
        row[15],
        None if row[16] is None else _EPOCH + timedelta(0, 0, row[16]),
        None if row[17] is None else to_result_file(row[17:23]),
        row[23] or "",
        1 if row[24] is None else row[24],
        row[25] or 1,
        row[26] or 1,
        bool(row[27]),
    )


def to_result_file(row: Sequence[Any]) -> ResultFile:
    """A results file from RESULT_FIELDS."""
    batch_id, complete, *numbers = row
    return ResultFile(batch_id, bool(complete), *numbers)


def launch_values(launch: Launch) -> tuple[object, ...]:
    """A launch in the order of LAUNCH_FIELDS."""
    return (
        launch.id,
        launch.state,
        launch.name,
        launch.source,
        launch.requests,
        launch.bytes,
        launch.sha256,
        instant(launch.created_at),
        json.dumps(launch.models),
        maybe_instant(launch.sent_at),
        launch.batch_id,
        launch.problem,
        maybe_instant(launch.first_sent_at),
        launch.run_id or launch.id,
        launch.part,
        launch.attempt,
    )


def to_launch(row: Sequence[Any]) -> Launch:
    """A launch from LAUNCH_FIELDS."""
    return Launch(
        id=row[0],
        state=row[1],
        name=row[2],
        source=row[3],
        requests=row[4],
        bytes=row[5],
        sha256=row[6],
        created_at=moment(row[7]),
        models=tuple((str(name), int(number)) for name, number in json.loads(row[8])),
        sent_at=maybe_moment(row[9]),
        batch_id=row[10],
        problem=row[11],
        first_sent_at=maybe_moment(row[12]),
        run_id=row[13],
        part=row[14],
        attempt=row[15],
    )


def run_values(run: Run) -> tuple[object, ...]:
    """A run in the order of RUN_FIELDS."""
    return (
        run.id,
        instant(run.created_at),
        run.going,
        run.sha256,
        run.recipe,
        json.dumps(run.betas),
        run.kind,
        json.dumps([astuple(load) for load in run.loads]),
        run.problem,
    )


def to_run(row: Sequence[Any], launches: Sequence[Launch]) -> Run:
    """A run from RUN_FIELDS, with its launches in order."""
    from ..model import ModelLoad  # which a list of batches does without

    return Run(
        id=row[0],
        launches=tuple(launches),
        created_at=moment(row[1]),
        going=row[2],
        sha256=row[3],
        recipe=row[4],
        betas=tuple(json.loads(row[5] or "[]")),
        kind=row[6],
        loads=tuple(ModelLoad(*values) for values in json.loads(row[7])),
        problem=row[8],
    )


def file_name(path: str) -> str:
    """The last part of a path, whichever system it came from."""
    found = _LAST_PART.search(path)
    return found[0].strip("/\\") if found else path
