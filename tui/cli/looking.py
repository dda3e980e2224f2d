"""`list` and `show`: what there is."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime

from ..errors import DeckError, NotFound, TryAgain
from ..handlers import Services
from ..handlers.questions import Questions
from ..model import Batch, Entry, Summary, short_id
from ..text import count, duration, full_moment, moment, plural, size
from . import output
from .cost_json import cost_json, cost_words
from .finding import again, find, refresh, refreshed
from .terminal import complain, put, say, stdout_width, table

WIDE_ENOUGH = 60
"""Columns from which whole ids are shown; the end of one will do for every command."""


async def list_batches(services: Services, options: Namespace) -> int:
    """Poll once, then print from the store; what is known locally where the service is out of reach."""
    code = await refresh(services)
    account = await services.account()
    entries = [e for e in await services.store.batches.entries(account.id) if _wanted(e, options.state)]
    if options.json:
        output.print_json(output.batches(entries))
    elif entries:
        _print_table(entries, services.clock())
    else:
        say("No batches." if not options.state else f"No batches in the state {options.state}.")
    return code


def _wanted(entry: Entry, state: str | None) -> bool:
    if state is None:
        return True
    return entry.needs_attention if state == "attention" else state == state_of(entry)


def state_of(entry: Entry) -> str:
    """The API's state, or `deleted` for what the server no longer has."""
    return "deleted" if entry.gone_at else entry.batch.state


def _print_table(entries: list[Entry], now: datetime) -> None:
    short = stdout_width() < WIDE_ENOUGH
    head = ("ID", "STATE", "REQUESTS", "SUCCEEDED", "PROBLEMS", "CREATED", "TOOK", "NAME")
    rows = [
        (
            short_id(entry.id) if short else entry.id,
            state_of(entry) + ("!" if entry.needs_attention else ""),
            count(entry.batch.counts.total),
            count(entry.batch.counts.succeeded),
            count(entry.problems),
            moment(entry.batch.created_at, now),
            duration(entry.batch.took(now)),
            entry.label or entry.source,
        )
        for entry in entries
    ]
    table(head, rows, elastic=len(head) - 1, right=(2, 3, 4), spare=(6, 3, 4, 5, 2))


async def show(services: Services, options: Namespace) -> int:
    """One batch, as the service describes it now, and what is known of its results."""
    entry = await find(services, options.id)
    trouble: DeckError | None = None
    try:
        entry = await refreshed(services, entry)
    except (TryAgain, NotFound) as error:
        trouble = error
        entry = await again(services, entry)
    summary = await services.store.results.summary((entry.id,)) if entry.results else None
    costs = await Questions(services).costs((entry.id,)) if summary else None
    if trouble:
        complain(trouble)
        say("What follows is what is known locally.")
    if options.json:
        output.print_json(output.shown(entry, summary) | {"cost": cost_json(costs) if costs else None})
    else:
        for name, value in _facts(entry, services.clock()):
            put(f"{name:<12} {value}")
        for line in summary_lines(summary) if summary else ():
            put(line)
        if costs:
            put(f"{'cost':<12} {cost_words(costs)}")
    return trouble.exit_code if trouble else 0


def _facts(entry: Entry, now: datetime) -> Iterator[tuple[str, str]]:
    batch, counts = entry.batch, entry.batch.counts
    yield "id", entry.id
    if entry.label:
        yield "label", entry.label
    if entry.source:
        yield "source", entry.source
    yield "state", state_of(entry)
    yield "requests", count(counts.total)
    for name in ("processing", "succeeded", "errored", "canceled", "expired"):
        if number := getattr(counts, name):
            yield f"  {name}", count(number)
    yield from _moments(batch, now)
    yield "results", _results(entry, now)
    if entry.needs_attention:
        yield "attention", f"{plural(entry.problems, 'request')} without a whole answer"


def _moments(batch: Batch, now: datetime) -> Iterator[tuple[str, str]]:
    yield "created", full_moment(batch.created_at)
    if batch.cancel_initiated_at:
        yield "canceled", full_moment(batch.cancel_initiated_at)
    if batch.ended_at:
        yield "ended", f"{full_moment(batch.ended_at)}, after {duration(batch.took(now))}"
    elif batch.expires_at:
        yield "running", f"for {duration(batch.took(now))}, expires {full_moment(batch.expires_at)}"


def _results(entry: Entry, now: datetime) -> str:
    file = entry.results
    if file and file.complete:
        missing = f", {plural(file.missing, 'request')} missing" if file.missing else ""
        return f"on disk: {plural(file.lines, 'line')}, {size(file.bytes)}{missing}"
    if entry.gone_at:
        return "none: the server no longer has them"
    if entry.batch.is_live:
        return "none yet"
    if not entry.batch.has_results(now):
        return "none: the service has thrown them away"
    return f"at the service until {full_moment(entry.batch.results_end_at)}"


def summary_lines(summary: Summary) -> Iterator[str]:
    """Outcomes, stop reasons, models, tokens and the most frequent errors."""
    for title, pairs in (
        ("outcomes", summary.outcomes),
        ("stopped by", summary.stops),
        ("models", summary.models),
    ):
        if pairs:
            yield f"{title:<12} {', '.join(f'{name} {count(number)}' for name, number in pairs)}"
    yield f"{'tokens':<12} {count(summary.input_tokens)} in, {count(summary.output_tokens)} out"
    for group in summary.errors[:10]:
        yield f"{count(group.count):>12} {group.outcome}: {group.kind} {group.message}".rstrip()
