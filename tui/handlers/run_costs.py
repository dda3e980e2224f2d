"""What a run is thought to cost: kept with it, made anew where nobody kept it, held against the limits."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..model import Draft, DraftPart, Estimate, Launch, Run
from ..pricing.estimate import from_json, to_json
from .estimating import estimate
from .services import Services
from .spending import over


async def keep_estimate(services: Services, run_id: str, found: Estimate) -> None:
    """Remember what a run was thought to cost: what is sent of it counts towards the day's limit."""
    await services.store.runs.estimated(run_id, json.dumps(to_json(found)))


async def estimate_of(services: Services, run: Run) -> Estimate:
    """The estimate that was kept, else one of the drafts as they lie there, without asking the service."""
    try:
        known = from_json(json.loads(await services.store.runs.estimate(run.id) or "null"))
    except (ValueError, RecursionError):
        known = None
    if known is None:
        known = await estimate(services, draft_of(services, run), ask=False, run_id=run.id)
        await keep_estimate(services, run.id, known)
    return known


async def over_limits(services: Services, run: Run, launches: Sequence[Launch]) -> tuple[str, ...]:
    """A sentence for each spending limit that sending these launches of a run may break."""
    if any(launch.attempt > 1 for launch in launches):
        # Tried again, perhaps with another model: what the first attempt was thought to cost says little.
        draft = Draft(run.source, betas=run.betas, recipe=run.recipe, parts=_parts(services, launches))
        found = await estimate(services, draft, ask=False, run_id=run.id)
    else:
        found = await estimate_of(services, run)
    requests = sum(launch.requests for launch in launches)
    return await over(services, services.spending, found, requests=requests)


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
