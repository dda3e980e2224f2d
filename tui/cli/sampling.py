"""A sample that went first: wait for its answers, and show them with what they really cost."""

from __future__ import annotations

from pathlib import Path

from .. import handlers
from ..handlers import Services
from ..handlers.bodies import body_path
from ..handlers.questions import Questions
from ..handlers.running import known_run
from ..model import IndexRow
from ..pricing.money import money
from ..text import count, plural
from .narrator import Narrator
from .terminal import progress, say

SHOWN = 10
"""Answers of a sample that are shown."""


async def show_sample(services: Services, run_id: str) -> None:
    """Wait until the sample's batch has ended, fetch it, and say what came of it."""
    run = await known_run(services, run_id)
    if run.sample is None or run.sample.batch_id is None:
        return
    batch_id = run.sample.batch_id
    say(f"Waiting for the sample ({batch_id}); Ctrl-C leaves it running.")
    services.sync.on_status = Narrator(tells_troubles=True).status
    await handlers.wait(services, [batch_id])
    entry = await services.store.batches.get(batch_id)
    if entry is None:
        return
    await services.downloads.fetch(entry.batch)
    progress("")
    refs = await services.store.results.refs((batch_id,))
    for row in await services.store.results.rows(refs[:SHOWN]):
        say(_answer(row))
    if len(refs) > SHOWN:
        say(f"  … and {plural(len(refs) - SHOWN, 'other answer')}: {_where(services, batch_id)}")
    costs = await Questions(services).costs((batch_id,))
    tokens = await services.store.results.summary((batch_id,))
    say(
        f"  cost {money(costs.total)}: {count(tokens.input_tokens)} tokens in,"
        f" {count(tokens.output_tokens)} out"
    )


def _answer(row: IndexRow) -> str:
    why = row.error_message or row.error_type or row.stop_reason
    outcome = "" if row.outcome == "succeeded" else f" ({row.outcome}: {why})"
    return f"  {row.custom_id}{outcome}  {row.first_words}".rstrip()


def _where(services: Services, batch_id: str) -> Path:
    return body_path(services.paths, batch_id)
