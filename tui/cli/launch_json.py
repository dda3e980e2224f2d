"""Drafts, estimates and runs as JSON: the fields that the README promises."""

from __future__ import annotations

from ..handlers import Services
from ..model import Draft, Estimate, Launch, Run
from . import output
from .draft_words import group_json


def draft(found: Draft, cost: Estimate | None = None) -> output.Json:
    """What a check found, and what it would cost."""
    return {
        "source": found.source,
        "ok": found.ok,
        "requests": found.requests,
        "bytes": found.bytes,
        "sha256": found.sha256 or None,
        "models": dict(found.models),
        "problem_count": found.problem_count,
        "problems": [
            {
                "place": each.place,
                "what": each.what,
                "remedy": each.remedy or None,
                "severity": each.severity,
            }
            for each in found.problems
        ],
        "warning_count": found.warning_count,
        "groups": [group_json(group) for group in found.groups],
        "kind": found.kind,
        "mapped_ids": found.mapped,
        "betas": list(found.betas),
        "parts": [
            {"requests": part.requests, "bytes": part.bytes, "sample": part.sample} for part in found.parts
        ],
        "estimate": estimate(cost) if cost else None,
    }


def estimate(found: Estimate) -> output.Json:
    """What it would cost; amounts are texts of decimal numbers, in dollars, or null where unknown."""
    names = ("requests", "counted", "output_most", "output_likely", "low", "likely", "high", "standard_high")
    least, likely, most = found.input_tokens
    return {
        **{name: getattr(found, name) for name in names},
        "input_tokens": {"least": least, "likely": likely, "most": most},
        "unknown_models": list(found.unknown_models),
        "notes": list(found.notes),
        "over_limit": list(found.over),
        "prices_date": found.prices_date or None,
    }


def run(found: Run) -> output.Json:
    """A run without its batches."""
    return {
        "run_id": found.id,
        "state": found.state,
        "name": found.name or None,
        "source": found.source,
        "requests": found.requests,
        "bytes": found.bytes,
        "sha256": found.sha256 or None,
        "created_at": output.moment(found.created_at),
        "going": bool(found.going),
        "attempts": found.attempts,
        "betas": list(found.betas),
        "batch_ids": list(found.scope),
        "problem": found.problem or None,
        "launches": [
            {
                **output.launch(each),
                "part": each.part,
                "attempt": each.attempt,
                "due": each in found.due,
            }
            for each in found.launches
        ],
    }


async def run_with_batches(services: Services, found: Run, told: Launch | None = None) -> output.Json:
    """A launch as it was ever told (its run's only or first one, if no other), and the run around it."""
    first = told or next((each for each in found.launches if each.batch_id), found.launches[0])
    entries = {entry.id: entry for entry in await services.store.batches.some(found.scope)}
    known = output.launched(first, entries.get(first.batch_id or ""))
    around = run(found)
    for each in around["launches"]:
        entry = entries.get(each["batch_id"] or "")
        each["batch"] = output.batch(entry) if entry else None
    return {**known, "run": around}
