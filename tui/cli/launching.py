"""`launch`: from a source to batches, each of them once, whatever happens."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from .. import handlers
from ..commands import DropRun, Prepare, SendRun
from ..errors import BadSource, DeckError, Uncertain
from ..handlers import Services
from ..handlers.endings import to_the_end
from ..handlers.questions import Questions
from ..handlers.running import known_run
from ..model import Draft, Run
from ..text import full_moment, plural
from . import draft_words, making_options
from .finding import forbid
from .piped import called, spooled
from .sampling import show_sample
from .sending import agreed, mention, resume, say_price, send, was_refused
from .terminal import progress, say

FIRST_LINES = 12
"""Lines of the first request that a preview shows."""


async def launch(services: Services, options: Namespace) -> int:
    """Send a source, or go on with an earlier run, or decide what becomes of it."""
    forbid(services, SendRun.title)
    if options.resume:
        return await resume(services, options)
    await handlers.sweep(services)
    await mention(services)
    async with spooled(options.sources) as sources:
        run, draft = await _prepare(services, options, sources)
    return await ask_and_send(services, options, run, draft)


async def _prepare(services: Services, options: Namespace, sources: tuple[Path, ...]) -> tuple[Run, Draft]:
    making, sample = making_options.making(options), making_options.sample(options)
    command = Prepare(sources, options.name, making, sample)
    try:
        run: Run
        draft: Draft
        run, draft = await handlers.run(services, command)
        return run, draft
    except BadSource as error:
        for line in draft_words.problems(error.draft) if error.draft else ():
            say(line)
        again = "The same command with `check` in the place of `launch` says it again."
        raise BadSource(error.title, again if error.draft else error.hint) from None
    finally:
        progress("")


async def ask_and_send(services: Services, options: Namespace, run: Run, draft: Draft) -> int:
    """Tell what it is and costs, ask, send; what surely was not sent at all leaves nothing behind."""
    try:
        code = await _ask(services, options, run, draft)
    except Uncertain:
        raise
    except BaseException as error:
        found = await services.store.runs.get(run.id)
        if not (isinstance(error, asyncio.CancelledError) and found and was_refused(found)):
            await _clear_away(services, run)
        raise
    if code:
        await _clear_away(services, run)
    return code


async def _ask(services: Services, options: Namespace, run: Run, draft: Draft) -> int:
    """0 when it was sent, 1 when the user does not want it."""
    await services.api.load()  # without a credential there is nothing to ask
    say(f"{called(options.sources, draft.origin)}: {draft_words.content(draft)}, to {services.api.base_url}")
    for line in draft_words.problems(draft):
        say(line)
    cost = await Questions(services).estimate(draft, run.id)
    for line in draft_words.estimate(cost):
        say(line)
    twins = await handlers.same_content(services, run)
    for twin in twins:
        say(_twin(twin))
    if not options.yes:
        _preview(draft)
    what = "Launching the same requests again" if twins else "Launching"
    over = await agreed(options, _question(run, bool(twins)), cost, what=what)
    if over is None:
        say("Nothing was sent.")
        return 1
    if run.sample is None:
        return await send(services, options, run.id, typed_yes=over)
    return await _sample_first(services, options, run, over)


def _question(run: Run, again: bool) -> str:
    once_more = ", once more" if again else ""
    sample = run.sample
    if sample is not None:
        return f"Send a sample of {plural(sample.requests, 'request')} first{once_more}?"
    batches = "one batch" if len(run.launches) == 1 else plural(len(run.launches), "batch")
    return f"Send {plural(run.requests, 'request')} as {batches}{once_more}?"


async def _sample_first(services: Services, options: Namespace, run: Run, over: bool) -> int:
    """The sample, its answers and what they cost; then the rest, or not."""
    code = await send(services, options, run.id, sample_only=True, typed_yes=over)
    if code or options.yes:
        if not code:
            say(f"The rest waits: batchdeck launch --resume {run.id}")
        return code
    await show_sample(services, run.id)
    run = await known_run(services, run.id)
    cost = await say_price(services, run)  # with what the sample's answers tell
    left = sum(launch.requests for launch in run.waiting)
    question = f"Send the other {plural(left, 'request')}?"
    typed = await agreed(options, question, replace(cost, over=() if over else cost.over), what="Launching")
    if typed is None:
        say(f"The rest was not sent. To send it: batchdeck launch --resume {run.id}")
        return 0
    return await send(services, options, run.id, typed_yes=over or typed)


def _twin(twin: Run) -> str:
    """Name a run of the same requests."""
    first = twin.launches[0]
    when = full_moment(first.sent_at or twin.created_at)
    became = f"it became {', '.join(twin.scope[:3])}" if twin.scope else f"its state is {twin.state}"
    more = f" and {plural(len(twin.scope) - 3, 'other')}" if len(twin.scope) > 3 else ""
    return (
        f"The same requests were launched before: {twin.name or twin.source}, {when}; {became}{more}"
        f" (launch {twin.id})."
    )


def _preview(draft: Draft) -> None:
    lines = draft.first.splitlines()
    for line in lines[:FIRST_LINES]:
        say(f"  {line}")
    if len(lines) > FIRST_LINES:
        say("  …")


async def _clear_away(services: Services, run: Run) -> None:
    """Remove the drafts of what was surely not sent at all: its source is still where it was.

    A terminal that goes away ends the question first, and hangs up a moment later: to the end all the same.
    """
    await to_the_end(_drop_unsent(services, run))


async def _drop_unsent(services: Services, run: Run) -> None:
    found = await services.store.runs.get(run.id)
    if found is None or found.unfinished or found.scope:
        return
    with suppress(DeckError):
        await handlers.run(services, DropRun(run.id))
