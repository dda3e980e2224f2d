"""What the tests of retries share: runs that ended as their fates say, and what is prepared of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.running import made_run
from tui.commands import Download, Refresh, Retry, SendRun
from tui.handlers import Services, retrying, run
from tui.model import Launch, RetryGroup, Run, utc_now
from tui.simulator import Simulator

OVERLOADED = "error:overloaded_error:Overloaded"
INVALID = "error:invalid_request_error:max_tokens: 64 is too many"
LIMIT = (
    "error:invalid_request_error:You have reached your specified API usage limits. You will regain access."
)
PERMISSION = "error:permission_error:The workspace may not use this tool"


def fated(simulator: Simulator, fates: Mapping[str, str]) -> None:
    """From now on the requests of these custom_ids end so, and all others well."""
    simulator.switches.fate = lambda _, custom_id: fates.get(custom_id, "prose")


async def sent(services: Services, simulator: Simulator, run_id: str) -> Run:
    """Send what waits of a run, and let all of it end; its results are not here yet."""
    found: Run = await run(services, SendRun(run_id))
    ended(simulator)
    await run(services, Refresh())
    return found


def ended(simulator: Simulator) -> None:
    for batch in simulator.account.batches.values():
        if not batch.has_ended(utc_now()):
            batch.end(utc_now())


async def tried_once(
    services: Services, simulator: Simulator, fates: Mapping[str, str], sizes: tuple[int, ...] = (5, 4)
) -> Run:
    """A run of `r-0` and on, in parts of these sizes, that has ended."""
    fated(simulator, fates)
    made = await made_run(services, sizes)
    return await sent(services, simulator, made.id)


async def again(services: Services, run_id: str, *groups: str, **more: Any) -> Run:
    return await retrying.retry(services, Retry(run_id, groups, **more))


def new_launches(found: Run) -> list[Launch]:
    return [launch for launch in found.launches if launch.attempt == found.attempts]


def drafted(services: Services, launch: Launch) -> list[dict[str, Any]]:
    """The requests that a launch will send."""
    return [json.loads(line) for line in services.paths.draft_file(launch.id).read_bytes().splitlines()]


def ids_of(services: Services, found: Run) -> list[str]:
    """custom_ids of the newest attempt, in the order of its drafts."""
    return [each["custom_id"] for launch in new_launches(found) for each in drafted(services, launch)]


async def counts(services: Services, id: str) -> dict[str, int]:
    return {group.key: group.count for group in await retrying.groups(services, id)}


async def fetched(services: Services, found: Run) -> None:
    await run(services, Download(found.scope))


async def said(services: Services, scope: tuple[str, ...]) -> dict[str, str]:
    """What the results of a scope are, by custom_id."""
    rows = await services.store.results.rows(await services.store.results.refs(scope))
    assert len({row.custom_id for row in rows}) == len(rows)
    return {row.custom_id: row.stop_reason or row.error_type or row.outcome for row in rows}


def group(key: str, groups: tuple[RetryGroup, ...]) -> RetryGroup:
    (found,) = (each for each in groups if each.key == key)
    return found


def edited(path: Path, requests: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in requests), encoding="utf-8")
    return path
