"""The sending itself, and what was not finished: told of, explained, gone on with by `--resume`."""

from __future__ import annotations

import asyncio
import contextlib
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from .. import handlers
from ..commands import Adopt, Done, Drop, DropRun, Send, SendRun, StopRun
from ..errors import DeckError, StoreError, Uncertain, UsageError
from ..handlers import Services
from ..handlers.questions import Questions
from ..handlers.running import known_run
from ..model import FAILED, UNFINISHED, Candidate, Estimate, Launch, Run
from ..text import apart, count, full_moment, plural
from . import draft_words, launch_json, output
from .finding import find
from .process import crash
from .run_teller import RunTeller
from .terminal import complain, confirm, progress, put, say, typed_yes


async def mention(services: Services) -> None:
    """Say that earlier launches wait for a decision, and earlier runs to be gone on with."""
    for launch, candidates in await handlers.unfinished(services):
        say(_summary(launch))
        for line in _ways(launch, candidates, looked=False):
            say(line)
    account = await services.account()
    for run in await services.store.runs.going(account.id):
        if not run.unfinished:
            say(_rest(run))


def _rest(run: Run) -> str:
    wait = "waits" if len(run.due) == 1 else "wait"
    return (
        f"Of {run.title} {plural(len(run.due), 'batch')} of {count(len(run.launches))} {wait} to be sent: "
        f"batchdeck launch --resume {run.id}"
    )


def _summary(launch: Launch) -> str:
    began = f", begun {full_moment(launch.sent_at)}" if launch.sent_at else ""
    return (
        f"Launch {launch.id} ({launch.title}, {plural(launch.requests, 'request')}{began}) "
        "may or may not have created a batch."
    )


def _ways(launch: Launch, candidates: Sequence[Candidate], *, looked: bool) -> list[str]:
    """What can be done about it, as commands to copy; `looked`: the service was asked just now."""
    resume = f"batchdeck launch --resume {launch.id}"
    lines = []
    for candidate in candidates:
        lines.append(f"  created {_distance(candidate)} it was sent: {candidate.batch.id}")
        lines.append(f"    it is this one:      {resume} --adopt {candidate.batch.id}")
    if not candidates:
        where = "of the account" if looked else "that is known here"
        lines.append(f"  No batch {where} looks like it so far.")
        lines.append(f"  to ask the service:    {resume}")
    lines.append(f"  it created nothing:    {resume} --again")
    lines.append(f"  no longer of interest: {resume} --drop")
    return lines


def _distance(candidate: Candidate) -> str:
    return f"{apart(candidate.after)} {'after' if candidate.after.total_seconds() >= 0 else 'before'}"


async def send(
    services: Services,
    options: Namespace,
    run_id: str,
    *,
    sample_only: bool = False,
    typed_yes: bool = False,
) -> int:
    """Send what waits of a run and print what became of it."""
    command = SendRun(
        run_id,
        sample_only,
        getattr(options, "side_by_side", 1),
        typed_yes,
        wait=not getattr(options, "no_wait", False),
    )
    run = await known_run(services, run_id)
    sample = (run.sample,) if run.sample is not None else ()
    teller = RunTeller(services, run, sample if sample_only else run.waiting)

    async def work() -> Run:
        sent: Run = await handlers.run(_told(services, teller), command)
        return sent

    return await _sending(services, options, run, work, teller, sample_only=sample_only)


async def say_price(services: Services, run: Run, launches: Sequence[Launch] = ()) -> Estimate:
    """Tell what sending these launches of a run, or all that waits, will cost."""
    await services.api.load()  # without a credential there is nothing to ask
    cost = await Questions(services).price(run, launches)
    guessed = "" if cost.counted else "; a guess from their length"
    say(f"  price   {draft_words.price(cost)}{guessed}")
    return cost


async def agreed(options: Namespace, question: str, cost: Estimate, *, what: str) -> bool | None:
    """The user's yes to this price: whether a spending limit may be broken by it. None is a no."""
    if not await confirm(question, yes=options.yes, what=what):
        return None
    if not cost.over:
        return False
    return await typed_yes(" ".join(cost.over), said=options.over_limit) or None


def _told(services: Services, teller: RunTeller) -> Services:
    return replace(services, on_run=teller.change, on_upload=teller.upload)


async def _sending(
    services: Services,
    options: Namespace,
    before: Run,
    work: Callable[[], Awaitable[Run]],
    teller: RunTeller,
    *,
    sample_only: bool = False,
) -> int:
    """Do it; an unclear end is explained, with the commands to go on."""
    run_id = before.id
    try:
        sent = await work()
    except Uncertain as error:
        complain(error)
        return await explain(services, run_id, look=True)
    except asyncio.CancelledError:
        return await _interrupted(services, run_id, teller)
    except Exception as error:
        # Whatever it was, that a batch may exist is what the user must hear.
        if not isinstance(error, DeckError):
            if not await _may_have_left(services, run_id):
                raise
            say(f"batchdeck: {crash(error, services.paths.log_file)}")
            return await explain(services, run_id, look=True)
        run = await known_run(services, run_id)
        if run.scope and run.waiting:
            say(_rest(replace(run, going=run.attempts)))
        raise
    finally:
        progress("")
    # First of all on stderr: should stdout be full or gone, nobody must think that nothing happened.
    teller.launched(sent)
    if not options.json:
        _put_new(before, sent)
    elif options.yes or not sample_only:  # what is asked about the rest comes before the whole
        output.print_json(await launch_json.run_with_batches(services, sent))
    return 0


def _put_new(before: Run, sent: Run) -> None:
    """The ids of the batches that were created, one on each line of stdout."""
    for batch_id in sent.scope:
        if batch_id not in before.scope:
            put(batch_id)


async def _interrupted(services: Services, run_id: str, teller: RunTeller) -> int:
    """Ctrl-C: nothing more is sent; what was on its way has an unclear end."""
    with contextlib.suppress(StoreError):  # what may have left must be heard of all the same
        await handlers.run(replace(services, read_only=False), StopRun(run_id))
    run = await known_run(services, run_id)
    teller.launched(run)  # what came to its end all the same
    if not run.unfinished:
        if run.waiting and (run.scope or was_refused(run)):
            say(_rest(replace(run, going=run.attempts)))
        raise asyncio.CancelledError
    say("batchdeck: interrupted while the requests were on their way.")
    return await explain(services, run_id, look=False)


def was_refused(run: Run) -> bool:
    """Whether it waited for a full queue, and was told to be gone on with."""
    return any(launch.state == FAILED for launch in run.launches)


async def _may_have_left(services: Services, run_id: str) -> bool:
    return bool((await known_run(services, run_id)).unfinished)


async def explain(services: Services, run_id: str, *, look: bool) -> int:
    """Say what is known of launches with an unclear end, and how to go on; `look` asks the service."""
    run = await known_run(services, run_id)
    account = await services.account()
    for launch in run.unfinished:
        looked = False
        if look:
            try:
                await handlers.compare(services, launch.id)
                looked = True
            except DeckError as error:
                complain(error)
            except asyncio.CancelledError:
                pass  # no more looking, but what is known must be said
        candidates = await services.store.launches.candidates(launch, account.id)
        say(_summary(launch))
        for line in _ways(launch, candidates, looked=looked):
            say(line)
    return Uncertain.exit_code


async def resume(services: Services, options: Namespace) -> int:
    """Carry out what the user decided about a run or one of its launches."""
    found = await _meant(services, options.resume)
    if isinstance(found, Run):
        return await _go_on(services, options, found)
    if options.again:
        return await _again(services, options, found)
    if options.drop:
        question = f"{_summary(found)}\nGive it up and remove its draft?"
        if not await confirm(question, yes=options.yes, what="Giving up a launch"):
            say("Nothing was changed.")
            return 1
        done: Done = await handlers.run(services, Drop(found.id))
    elif options.adopt:
        entry = await find(services, options.adopt)
        done = await handlers.run(services, Adopt(found.id, entry.id))
    else:
        return await explain(services, found.run_id, look=True)
    say(done.message)
    await _print(services, options, found)
    return 0


async def _go_on(services: Services, options: Namespace, run: Run) -> int:
    """A run that nobody need settle: stop it, drop it, or send what waits."""
    if options.adopt or options.again:
        raise UsageError("Of this run every end is known: there is nothing to adopt or to send again.")
    if options.stop or options.drop:
        question = f"Give up {plural(len(run.waiting), 'draft')} of {run.title}?"
        if options.drop and not await confirm(question, yes=options.yes, what="Giving up a run"):
            say("Nothing was changed.")
            return 1
        done: Done = await handlers.run(services, (DropRun if options.drop else StopRun)(run.id))
        say(done.message)
        return 0
    if not run.waiting:
        return await send(services, options, run.id)  # which says so
    cost = await say_price(services, run)
    left = sum(launch.requests for launch in run.waiting)
    question = f"Send {plural(left, 'request')} of {run.title} as {plural(len(run.waiting), 'batch')}?"
    over = await agreed(options, question, cost, what="Launching")
    if over is None:
        say("Nothing was sent.")
        return 1
    return await send(services, options, run.id, typed_yes=over)


async def _again(services: Services, options: Namespace, launch: Launch) -> int:
    run = await known_run(services, launch.run_id)
    cost = await say_price(services, run, (launch,))
    question = f"{_summary(launch)}\nSend it again? If it did create a batch, there will be two."
    if await agreed(options, question, cost, what="Sending again") is None:
        say("Nothing was sent.")
        return 1
    teller = RunTeller(services, run, (launch,))

    async def work() -> Run:
        await handlers.run(_told(services, teller), Send(launch.id, again=True))
        return await known_run(services, launch.run_id)

    return await _sending(services, options, run, work, teller)


async def _meant(services: Services, text: str) -> Run | Launch:
    """The launch with an unclear end that is meant, or else the run; by id, its beginning, or the name."""
    account = await services.account()
    runs = await services.store.runs.all(account.id)
    launches = [
        launch for run in runs for launch in run.launches if launch.id.startswith(text) or run.name == text
    ]
    unclear = [launch for launch in launches if launch.state in UNFINISHED]
    found = {launch.run_id for launch in launches}
    exact = [launch for launch in launches if launch.id == text]
    if len(exact) == 1 and (exact[0].state in UNFINISHED or exact[0].id != exact[0].run_id):
        return exact[0]
    if len(found) != 1 or len(unclear) > 1:
        what = "There is no launch or run" if not found else "There are several launches of"
        raise UsageError(f"{what} {text}.", "See `batchdeck runs` and `batchdeck info`.")
    return unclear[0] if unclear else next(run for run in runs if run.id in found)


async def _print(services: Services, options: Namespace, launch: Launch) -> None:
    run = await known_run(services, launch.run_id)
    now = await services.store.launches.get(launch.id) or launch
    if options.json:
        output.print_json(await launch_json.run_with_batches(services, run, now))
    elif now.batch_id:
        put(now.batch_id)
