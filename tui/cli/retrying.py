"""`retry`: what did not come to a whole answer, sent again as another attempt of the same run."""

from __future__ import annotations

import asyncio
import os
import shlex
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from .. import handlers
from ..commands import Drop, Retry, SendRun
from ..errors import BadSource, DeckError, Uncertain, UsageError
from ..handlers import Services
from ..handlers.endings import to_the_end
from ..handlers.questions import Questions
from ..model import DRAFT, RetryGroup, Run
from ..text import clean, count, plural
from . import draft_words, output
from .finding import find, find_run, forbid
from .sending import agreed, say_price, send
from .terminal import can_ask, progress, put, say


async def retry(services: Services, options: Namespace) -> int:
    """Show the groups, or choose among them, edit, ask, and send."""
    if not options.list:
        forbid(services, SendRun.title)
        await handlers.sweep(services)
    wanted = await _id(services, options.id)
    groups = await Questions(services).retry_groups(wanted)
    progress("")
    if options.list:
        return _list(groups, options)
    if not groups:
        say("Every request has a whole answer: there is nothing to be sent again.")
        return 0
    for group in groups:
        say(_line(group, options.group, is_changed=bool(options.set or options.edit)))
    run = await _prepared(services, options, wanted)
    new = [launch for launch in run.launches if launch.attempt == run.attempts]
    try:
        return await _ask(services, options, run, sum(launch.requests for launch in new), len(new))
    except Uncertain:
        raise
    except BaseException:
        await _clear_away(services, run)
        raise


async def _id(services: Services, text: str) -> str:
    """A run's id, or that of a batch which belongs to none."""
    try:
        return (await find_run(services, text)).id
    except UsageError:
        return (await find(services, text)).id


def _list(groups: tuple[RetryGroup, ...], options: Namespace) -> int:
    if options.json:
        names = ("key", "count", "message", "retriable", "chosen")
        output.print_json([{name: getattr(group, name) for name in names} for group in groups])
        return 0
    for group in groups:
        put(_line(group, ()))
    if not groups:
        say("Every request has a whole answer.")
    return 0


def _line(group: RetryGroup, named: list[str] | tuple[()], *, is_changed: bool = False) -> str:
    # What would only fail again is a part of it when something about it changes.
    is_chosen = group.key in named if named else group.chosen or (is_changed and not group.retriable)
    why = "" if group.retriable else " (would fail again as it is)"
    message = f": {group.message}" if group.message else ""
    return f"{'✓' if is_chosen else ' '} {group.key:<32} {count(group.count):>9}{why}{message}"


async def _prepared(services: Services, options: Namespace, wanted: str) -> Run:
    edited: Path | None = None
    try:
        if options.edit:
            edited = await _edited(services, wanted, options.group)
        command = Retry(wanted, tuple(options.group), tuple(options.set), edited)
        run: Run = await handlers.run(services, command)
        if edited is not None:  # requests may be private: what is in the drafts now need not lie there, too
            await asyncio.to_thread(edited.unlink, missing_ok=True)
        return run
    except BadSource as error:
        for line in draft_words.problems(error.draft) if error.draft else ():
            say(line)
        # The problems stand above already; what is worth the hint is where the work of editing is.
        raise BadSource(error.title, _kept(edited) if edited else error.hint) from None
    except (DeckError, asyncio.CancelledError):
        if edited is not None:
            say(_kept(edited))
        raise
    finally:
        progress("")


async def _edited(services: Services, wanted: str, groups: list[str]) -> Path:
    """The chosen requests after the user's editor; UsageError where there is no terminal for it."""
    if not can_ask():
        raise UsageError("--edit opens an editor, and there is no terminal.", "Use --set NAME=VALUE.")
    async with Questions(services).for_editor(wanted, groups) as path:
        await _edit(path)
    return path


async def _edit(path: Path) -> None:
    """Wait for the user's editor; whatever happens to it, the user hears where the edit is."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        process = await asyncio.create_subprocess_exec(*shlex.split(editor), str(path))
    except (OSError, ValueError) as error:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        hint = "Set VISUAL or EDITOR to another one."
        raise UsageError(f"The editor “{clean(editor)}” could not be started: {error}.", hint) from None
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        say(_kept(path))
        raise
    if code:
        raise UsageError(f"{clean(editor)} ended with an error: nothing was sent.", _kept(path))


def _kept(path: Path) -> str:
    return f"Your edit is kept for a day in {path}."


async def _ask(services: Services, options: Namespace, run: Run, requests: int, batches: int) -> int:
    cost = await say_price(services, run)
    what = plural(batches, "batch") if batches > 1 else "one batch"
    question = f"Send {plural(requests, 'request')} again, as {what}?"
    over = await agreed(options, question, cost, what="Sending again")
    if over is None:
        say("Nothing was sent.")
        await _clear_away(services, run)
        return 1
    return await send(services, options, run.id, typed_yes=over)


async def _clear_away(services: Services, run: Run) -> None:
    """An attempt that was not sent leaves nothing behind, whoever hangs up meanwhile."""
    await to_the_end(_drop_unsent(services, run))


async def _drop_unsent(services: Services, run: Run) -> None:
    with suppress(DeckError):
        found = await Questions(services).run(run.id)
        new = [launch for launch in found.launches if launch.attempt == run.attempts]
        if all(launch.state == DRAFT for launch in new):
            for launch in new:
                await handlers.run(services, Drop(launch.id))
