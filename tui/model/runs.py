"""A run and its batches seen as one batch, for lists and headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .batches import ENDED, IN_PROGRESS, Batch, Counts, Entry
from .launches import Run
from .results import CANCELED, ERRORED, EXPIRED, SUCCEEDED, ResultFile, Summary


def as_one(run: Run, entries: Sequence[Entry], summary: Summary | None = None) -> Entry:
    """The run as an entry: its id, all its counts, the earliest beginning, the latest end.

    What was tried again counts once, as its newest attempt ended: a retry takes the place of as many failures
    before it; `summary`, what the index says of all its results together, tells exactly which. Requests that
    were not sent yet are not in it.
    """
    known = {entry.id: entry for entry in entries}
    found = [(launch, known[launch.batch_id]) for launch in run.launches if launch.batch_id in known]
    counts = Counts()
    for launch, entry in found:
        counts = _plus(_without(counts, entry.batch.counts.total) if launch.attempt > 1 else counts, entry)
    batches = [entry.batch for _, entry in found]
    ended = [batch.ended_at for batch in batches if batch.ended_at]
    is_live = any(batch.is_live for batch in batches)
    batch = Batch(
        run.id,
        IN_PROGRESS if is_live or not batches else ENDED,
        counts,
        min((batch.created_at for batch in batches), default=run.created_at),
        expires_at=max((batch.expires_at for batch in batches if batch.expires_at), default=None),
        ended_at=max(ended) if ended and not is_live else None,
    )
    files = [entry.results for _, entry in found if entry.results]
    file = _file(run, files)
    if file is not None and file.complete and summary is not None and not is_live:
        batch = replace(batch, counts=_counted(summary))
        file = replace(file, lines=summary.lines, attention=_attention(summary))
    return Entry(batch, run.name, run.source, run_id=run.id, is_labelled=bool(run.name), results=file)


def _counted(summary: Summary) -> Counts:
    outcomes = dict(summary.outcomes)
    return Counts(0, *(outcomes.get(name, 0) for name in (SUCCEEDED, ERRORED, CANCELED, EXPIRED)))


def _attention(summary: Summary) -> int:
    """Problems that no count of outcomes tells."""
    return sum(group.count for group in summary.errors if group.outcome not in (ERRORED, CANCELED, EXPIRED))


def _without(counts: Counts, number: int) -> Counts:
    """So many results fewer: failures first, for they are what is tried again."""
    for name in ("expired", "errored", "canceled", "succeeded"):
        taken = min(getattr(counts, name), number)
        counts = replace(counts, **{name: getattr(counts, name) - taken})
        number -= taken
    return counts


def _plus(counts: Counts, entry: Entry) -> Counts:
    more = entry.batch.counts
    return Counts(
        counts.processing + more.processing,
        counts.succeeded + more.succeeded,
        counts.errored + more.errored,
        counts.canceled + more.canceled,
        counts.expired + more.expired,
    )


def _file(run: Run, files: Sequence[ResultFile]) -> ResultFile | None:
    if not files:
        return None
    return ResultFile(
        run.id,
        complete=len(files) == len(run.scope) and all(file.complete for file in files),
        lines=sum(file.lines for file in files),
        bytes=sum(file.bytes for file in files),
        attention=sum(file.attention for file in files),
        missing=sum(file.missing for file in files),
    )
