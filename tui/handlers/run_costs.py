"""What a run is thought to cost: kept with it, made anew where nobody kept it, held against the limits."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..model import Draft, DraftPart, Estimate, Launch, Run
from ..pricing.estimate import from_json, to_json
from .estimating import estimate
from .services import Services
from .spending import over

_ATTEMPT = "attempt"
"""Beside its own fields a kept estimate says which attempt of the run it is of; without it, the first."""


async def keep_estimate(services: Services, run_id: str, found: Estimate, attempt: int = 1) -> None:
    """Remember what an attempt of a run was thought to cost: what is sent counts towards the day's limit."""
    await services.store.runs.estimated(run_id, json.dumps({**to_json(found), _ATTEMPT: attempt}))


async def price_of(services: Services, run: Run, launches: Sequence[Launch]) -> Estimate:
    """What sending these launches of a run will cost, and the spending limits that this may break.

    The service counts some of their requests. It is kept with the run, so that the limits are held to the
    same sum when the yes comes.
    """
    found = await estimate(services, _drafted(services, run, launches), run_id=run.id)
    await keep_estimate(services, run.id, found, _attempt(launches))
    return found


async def estimate_of(services: Services, run: Run, attempt: int = 1) -> Estimate:
    """The estimate that was kept, else one of the drafts as they lie there, without asking the service."""
    known = await _kept(services, run, attempt)
    if known is None:
        # Tried again, perhaps with another model: what another attempt was thought to cost says little.
        launches = [launch for launch in run.launches if launch.attempt == attempt]
        draft = draft_of(services, run) if attempt == 1 else _drafted(services, run, launches)
        known = await estimate(services, draft, ask=False, run_id=run.id)
        await keep_estimate(services, run.id, known, attempt)
    return known


async def _kept(services: Services, run: Run, attempt: int) -> Estimate | None:
    try:
        value = json.loads(await services.store.runs.estimate(run.id) or "null")
        return from_json(value) if value and value.get(_ATTEMPT, 1) == attempt else None
    except (ValueError, AttributeError, RecursionError):
        return None


async def over_limits(services: Services, run: Run, launches: Sequence[Launch]) -> tuple[str, ...]:
    """A sentence for each spending limit that sending these launches of a run may break."""
    found = await estimate_of(services, run, _attempt(launches))
    requests = sum(launch.requests for launch in launches)
    return await over(services, services.spending, found, requests=requests)


def _attempt(launches: Sequence[Launch]) -> int:
    return max((launch.attempt for launch in launches), default=1)


def _drafted(services: Services, run: Run, launches: Sequence[Launch]) -> Draft:
    """Some launches of a run as a draft of their own."""
    return Draft(run.source, betas=run.betas, recipe=run.recipe, parts=_parts(services, launches))


def draft_of(services: Services, run: Run) -> Draft:
    """The first attempt of a run as the draft that it was."""
    launches = [launch for launch in run.launches if launch.attempt == 1]
    return Draft(
        source=run.source,
        requests=run.requests,
        bytes=run.bytes,
        sha256=run.sha256,
        kind=run.kind,
        loads=run.loads,
        models=tuple((load.model, load.requests) for load in run.loads),
        betas=run.betas,
        recipe=run.recipe,
        parts=_parts(services, launches),
    )


def _parts(services: Services, launches: Sequence[Launch]) -> tuple[DraftPart, ...]:
    return tuple(
        DraftPart(
            launch.requests,
            launch.bytes,
            launch.sha256,
            str(services.paths.draft_file(launch.id)),
            sample=launch.part == 0,
        )
        for launch in launches
    )
