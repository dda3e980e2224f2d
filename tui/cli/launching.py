"""`check` and `launch`: from a file to a batch, never to two."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress

from .. import handlers
from ..commands import Check, Drop, Prepare, Send
from ..errors import BadSource, DeckError, Uncertain
from ..handlers import Services
from ..model import UNFINISHED, Draft, Launch
from ..text import count, full_moment, plural, size
from . import output
from .finding import forbid
from .sending import mention, resume, send
from .terminal import confirm, progress, put, say

FIRST_LINES = 12
"""Lines of the first request that a preview shows."""


async def check(services: Services, options: Namespace) -> int:
    """Say what would be sent and what is wrong with it; no network."""
    found: Draft = await handlers.run(services, Check(options.source))
    progress("")
    if options.json:
        output.print_json(output.draft(found))
    else:
        if found.requests:
            put(f"{found.source}: {_content(found.requests, found.bytes, found.models)}")
        for line in _problems(found):
            put(line)
        put("It can be launched." if found.ok else _verdict(found))
    return 0 if found.ok else 2


def _content(requests: int, length: int, models: Sequence[tuple[str, int]]) -> str:
    named = ", ".join(f"{model} ({count(number)})" for model, number in models)
    return f"{plural(requests, 'request')}, {size(length)}" + (f", {named}" if named else "")


def _verdict(found: Draft) -> str:
    if not found.problem_count:
        return "There is nothing in it to send."
    return f"{plural(found.problem_count, 'problem')}: it cannot be sent as it is."


def _problems(found: Draft) -> list[str]:
    lines = [str(problem) for problem in found.problems]
    if found.problem_count > len(lines):
        lines.append(f"… and {count(found.problem_count - len(lines))} more")
    return lines


async def launch(services: Services, options: Namespace) -> int:
    """Send a file as one batch, or decide what becomes of an earlier launch."""
    forbid(services, Send.title)
    if options.resume:
        return await resume(services, options)
    await handlers.sweep(services)
    await mention(services)
    prepared, draft = await _prepare(services, options)
    try:
        code = await _ask_and_send(services, options, prepared, draft)
    except Uncertain:
        raise
    except BaseException:
        await _clear_away(services, prepared)
        raise
    if code:
        await _clear_away(services, prepared)
    return code


async def _prepare(services: Services, options: Namespace) -> tuple[Launch, Draft]:
    try:
        prepared: Launch
        draft: Draft
        prepared, draft = await handlers.run(services, Prepare(options.source, options.name))
    except BadSource as error:
        found = getattr(error, "draft", None)
        if isinstance(found, Draft):
            for line in _problems(found):
                say(line)
            raise BadSource(error.title, f"`batchdeck check {options.source}` says it again.") from None
        raise
    finally:
        progress("")
    return prepared, draft


async def _ask_and_send(services: Services, options: Namespace, prepared: Launch, draft: Draft) -> int:
    """0 when it was sent, 1 when the user does not want it."""
    await services.api.load()  # without a credential there is nothing to ask
    say(f"{draft.source}: {_content(draft.requests, draft.bytes, draft.models)}, to {services.api.base_url}")
    twins = await handlers.same_content(services, prepared)
    for twin in twins:
        say(_twin(twin))
    if not options.yes:
        _preview(draft)
    what = "Launching the same requests again" if twins else "Launching"
    question = f"Send {plural(draft.requests, 'request')} as one batch{', once more' if twins else ''}?"
    if not await confirm(question, yes=options.yes, what=what):
        say("Nothing was sent.")
        return 1
    return await send(services, options, prepared.id)


def _twin(twin: Launch) -> str:
    """Name a launch of the same requests."""
    name = twin.name or twin.source
    when = full_moment(twin.sent_at or twin.created_at)
    became = f"it became {twin.batch_id}" if twin.batch_id else f"its state is {twin.state}"
    return f"The same requests were launched before: {name}, {when}; {became} (launch {twin.id})."


def _preview(draft: Draft) -> None:
    lines = draft.first.splitlines()
    for line in lines[:FIRST_LINES]:
        say(f"  {line}")
    if len(lines) > FIRST_LINES:
        say("  …")


async def _clear_away(services: Services, prepared: Launch) -> None:
    """Remove the draft of what was surely not sent: its source is still where it was."""
    found = await services.store.launches.get(prepared.id)
    if found is None or found.state in UNFINISHED or found.batch_id:
        return
    with suppress(DeckError):
        await handlers.run(services, Drop(prepared.id))
