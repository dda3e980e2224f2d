"""The sending itself, and launches whose end nobody knows: told of, explained, decided by `--resume`."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence

from .. import handlers
from ..commands import Adopt, Done, Drop, Send
from ..errors import DeckError, Uncertain, UsageError
from ..handlers import Services
from ..model import UNFINISHED, Candidate, Launch
from ..text import duration, full_moment, plural
from . import output
from .finding import find
from .process import crash
from .terminal import complain, confirm, progress, put, say


async def mention(services: Services) -> None:
    """Say that earlier launches wait for a decision."""
    for launch, candidates in await handlers.unfinished(services):
        say(_summary(launch))
        for line in _ways(launch, candidates):
            say(line)


def _summary(launch: Launch) -> str:
    began = f", begun {full_moment(launch.sent_at)}" if launch.sent_at else ""
    return (
        f"Launch {launch.id} ({launch.name or launch.source}, {plural(launch.requests, 'request')}{began}) "
        "may or may not have created a batch."
    )


def _ways(launch: Launch, candidates: Sequence[Candidate]) -> list[str]:
    """What can be done about it, as commands to copy."""
    resume = f"batchdeck launch --resume {launch.id}"
    lines = []
    for candidate in candidates:
        lines.append(f"  created {_distance(candidate)} it was sent: {candidate.batch.id}")
        lines.append(f"    it is this one:      {resume} --adopt {candidate.batch.id}")
    if not candidates:
        lines.append("  No batch of the account looks like it so far.")
    lines.append(f"  it created nothing:    {resume} --again")
    lines.append(f"  no longer of interest: {resume} --drop")
    return lines


def _distance(candidate: Candidate) -> str:
    seconds = candidate.after.total_seconds()
    span = f"{abs(seconds):.0f} s" if abs(seconds) < 60 else duration(abs(candidate.after))
    return f"{span} {'after' if seconds >= 0 else 'before'}"


async def send(services: Services, options: Namespace, launch_id: str, *, again: bool = False) -> int:
    """Send a draft and print what became of it; an unclear end is explained, with the commands to go on."""
    try:
        sent: Launch = await handlers.run(services, Send(launch_id, again=again))
    except Uncertain as error:
        complain(error)
        return await explain(services, launch_id, look=True)
    except asyncio.CancelledError:
        if not await _may_have_left(services, launch_id):
            raise
        say("batchdeck: interrupted while the requests were on their way.")
        return await explain(services, launch_id, look=False)
    except Exception as error:
        # Whatever it was, that a batch may exist is what the user must hear.
        if isinstance(error, DeckError) or not await _may_have_left(services, launch_id):
            raise
        say(f"batchdeck: {crash(error, services.paths.log_file)}")
        return await explain(services, launch_id, look=True)
    finally:
        progress("")
    entry = await services.store.batches.get(sent.batch_id) if sent.batch_id else None
    # First of all: should stdout be full or gone, whoever launched it must not think that nothing happened.
    say(f"Launched {plural(sent.requests, 'request')} as {sent.batch_id}.")
    if options.json:
        output.print_json(output.launched(sent, entry))
    else:
        put(sent.batch_id or "")
    return 0


async def _may_have_left(services: Services, launch_id: str) -> bool:
    found = await services.store.launches.get(launch_id)
    return found is not None and found.state in UNFINISHED


async def explain(services: Services, launch_id: str, *, look: bool) -> int:
    """Say what is known of a launch with an unclear end, and how to go on; `look` asks the service."""
    if look:
        try:
            await handlers.compare(services, launch_id)
        except DeckError as error:
            complain(error)
        except asyncio.CancelledError:
            pass  # no more looking, but what is known must be said
    launch = await services.store.launches.get(launch_id)
    if launch is not None:
        account = await services.account()
        candidates = await services.store.launches.candidates(launch, account.id)
        say(_summary(launch))
        for line in _ways(launch, candidates):
            say(line)
    return Uncertain.exit_code


async def resume(services: Services, options: Namespace) -> int:
    """Carry out what the user decided about a launch."""
    launch = await _the_launch(services, options.resume)
    if options.again:
        question = f"{_summary(launch)}\nSend it again? If it did create a batch, there will be two."
        if not await confirm(question, yes=options.yes, what="Sending again"):
            say("Nothing was sent.")
            return 1
        return await send(services, options, launch.id, again=True)
    if options.drop:
        question = f"{_summary(launch)}\nGive it up and remove its draft?"
        if not await confirm(question, yes=options.yes, what="Giving up a launch"):
            say("Nothing was changed.")
            return 1
        done: Done = await handlers.run(services, Drop(launch.id))
    else:
        entry = await find(services, options.adopt)
        done = await handlers.run(services, Adopt(launch.id, entry.id))
    say(done.message)
    await _print(services, options, launch)
    return 0


async def _the_launch(services: Services, text: str) -> Launch:
    """The launch with this id, or the only one whose id begins so."""
    account = await services.account()
    found = [each for each in await services.store.launches.all(account.id) if each.id.startswith(text)]
    if len(found) != 1:
        what = "There is no launch" if not found else "There are several launches"
        raise UsageError(f"{what} {text}.", "See `batchdeck info` for those that wait for a decision.")
    return found[0]


async def _print(services: Services, options: Namespace, launch: Launch) -> None:
    now = await services.store.launches.get(launch.id) or launch
    entry = await services.store.batches.get(now.batch_id) if now.batch_id else None
    if options.json:
        output.print_json(output.launched(now, entry))
    elif now.batch_id:
        put(now.batch_id)
