"""`runs`: what was launched from here, its parts and attempts seen as one."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator

from ..handlers import Services
from ..handlers.questions import Questions
from ..model import FAILED, Entry, Run
from ..paths import shown
from ..text import count, full_moment, moment, plural
from . import launch_json, output
from .cost_json import cost_json, cost_words
from .finding import find_run, refresh
from .looking import summary_lines
from .terminal import put, say, table


async def runs(services: Services, options: Namespace) -> int:
    """All runs, or one with everything about it; what is known locally where the service is out of reach."""
    code = await refresh(services)
    if options.id:
        await _show(services, options, await find_run(services, options.id))
    else:
        await _list(services, options)
    return code


async def _list(services: Services, options: Namespace) -> None:
    account = await services.account()
    found = [run for run in await services.store.runs.all(account.id) if not run.is_given_up]
    if options.json:
        output.print_json([launch_json.run(run) for run in found])
        return
    if not found:
        say("Nothing was launched from here yet.")
        return
    now = services.clock()
    head = ("RUN", "STATE", "REQUESTS", "BATCHES", "TRIES", "CREATED", "NAME")
    rows = [
        (
            run.id[:12],
            _state(run) + (", going" if run.going else ""),
            count(run.requests),
            f"{len(run.scope)}/{len(run.kept)}",
            str(run.tries),
            moment(run.created_at, now),
            run.title,
        )
        for run in found
    ]
    table(head, rows, elastic=len(head) - 1, right=(2, 3, 4), spare=(4, 5))


def _state(run: Run) -> str:
    """Its state in a word: what the service refused for now has not failed as long as it goes on."""
    return "waiting" if run.state == FAILED and run.due else run.state


async def _show(services: Services, options: Namespace, run: Run) -> None:
    entries = {entry.id: entry for entry in await services.store.batches.some(run.scope)}
    has_results = any(entry.results for entry in entries.values())
    summary = await services.store.results.summary(run.scope) if has_results else None
    costs = await Questions(services).costs(run.scope) if summary else None
    if options.json:
        shown = await launch_json.run_with_batches(services, run)
        output.print_json(
            shown["run"]
            | {"summary": output.summary(summary) if summary else None}
            | {"cost": cost_json(costs) if costs else None}
        )
        return
    for name, value in _facts(run):
        put(f"{name:<12} {value}")
    for line in _launches(run, entries):
        put(line)
    here = sum(1 for entry in entries.values() if entry.results and entry.results.complete)
    if here < len(run.scope):
        put(f"{'results':<12} those of {here} of {plural(len(run.scope), 'batch')} are on disk")
    for line in summary_lines(summary) if summary else ():
        put(line)
    if costs:
        put(f"{'cost':<12} {cost_words(costs)}")


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    yield "run", run.id
    if run.name:
        yield "name", run.name
    yield "source", shown(run.source)
    yield "state", _state(run) + (f": {run.problem}" if run.problem else "")
    yield "requests", count(run.requests)
    yield "created", full_moment(run.created_at)


def _launches(run: Run, entries: dict[str, Entry]) -> Iterator[str]:
    parts = Counter(launch.attempt for launch in run.launches if launch.part)
    for launch in run.launches:
        which = "sample" if not launch.part else f"part {launch.part} of {parts[launch.attempt]}"
        tried = f", retry {launch.attempt - 1}" if launch.attempt > 1 else ""
        entry = entries.get(launch.batch_id or "")
        state = "waits to be sent" if launch in run.due else launch.state
        became = f"{entry.id} {entry.batch.state}" if entry else state
        why = f": {launch.problem}" if launch.problem else ""
        yield f"  {which}{tried}, {plural(launch.requests, 'request')}: {became}{why}"
