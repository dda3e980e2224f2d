"""An account that looks lived in, for people who want to see the program without a key."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from .account import Account
from .app import Simulator
from .batch import Batch
from .demo_projects import HISTORY, LIVE, ONGOING, PROJECTS, Live, Past
from .ids import digest, identifier
from .journal import Journal
from .moments import read, utc_now
from .work import Invented

JOURNAL = "demo-account.jsonl"
FRESH = timedelta(hours=24)
"""How long a demo account goes on before a new one takes its place."""

UNNAMED = 5
"""Every so many-th batch has no name, as nobody labels all of them."""

SAME_RUN = timedelta(minutes=2)
"""Whoever starts again so soon goes on with what was moving, rather than with a second set of it."""

WINDING_DOWN = timedelta(seconds=60)
"""How long the batch that is canceling when a run starts takes to end."""


def demo_account(anchor: datetime, runs: Sequence[datetime], seed: int = 0) -> Account:
    """Make the account: its history hangs on the anchor, and each run adds some batches that move."""
    account = Account((seed, anchor.isoformat()))
    for number, past in enumerate(HISTORY):
        account.add(_past(account, anchor, number, past))
    for number, live in enumerate(ONGOING):
        account.add(_live(account, anchor, f"ongoing {number}", live))
    for start in runs:
        for number, live in enumerate(LIVE):
            account.add(_live(account, start, f"{start.isoformat()} {number}", live))
    return account


def open_demo(folder: Path, now: datetime | None = None, seed: int = 0) -> Simulator:
    """Open the demo that a folder remembers, or begin a new one if that is older than a day or damaged."""
    now = now or utc_now()
    path = folder / JOURNAL
    runs, simulator = _remembered(path, now, seed)
    if simulator is None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        Journal(path).append("account", now, seed=seed)
        simulator = Simulator(seed=seed, account=demo_account(now, [now], seed), journal=path)
    if now in runs or not runs:
        Journal(path).append("run", now)
    return simulator


def _remembered(path: Path, now: datetime, seed: int) -> tuple[list[datetime], Simulator | None]:
    """The runs, this one among them unless it goes on with the one before, and the account they made."""
    with suppress(ValueError, KeyError, TypeError, OSError):
        events = Journal(path).events()
        if not events or events[0]["kind"] != "account" or events[0]["seed"] != seed:
            return [], None
        anchor = read(str(events[0]["at"]))
        if timedelta(0) <= now - anchor <= FRESH:
            runs = [read(str(event["at"])) for event in events if event["kind"] == "run"]
            if not runs or now - runs[-1] > SAME_RUN:
                runs.append(now)
            return runs, Simulator(seed=seed, account=demo_account(anchor, runs, seed), journal=path)
    return [], None


def _past(account: Account, anchor: datetime, number: int, past: Past) -> Batch:
    hours, minutes = (int(part) for part in past.at.split(":"))
    day = (anchor - timedelta(days=past.days)).date()
    # Nobody launches at the weekend: it was the Friday before.
    day -= timedelta(days=max(day.weekday() - 4, 0))
    odd = digest(account.seed, number) % 60_000_000
    created = datetime.combine(day, time(hours, minutes), UTC) + timedelta(microseconds=odd)
    ends = created + timedelta(minutes=past.minutes, microseconds=odd * 7 % 60_000_000)
    batch = _batch(account, f"past {number}", created, ends, past)
    if past.canceled_after is not None:
        batch.canceled_at = created + timedelta(minutes=past.canceled_after)
    return batch


def _live(account: Account, start: datetime, name: str, live: Live) -> Batch:
    def at(seconds: int) -> datetime:
        return start + timedelta(seconds=seconds)

    batch = _batch(account, name, at(live.created), at(live.ends), live)
    if live.canceled is not None:
        batch.cancel(at(live.canceled), WINDING_DOWN)
    if live.vanishes is not None:
        batch.vanishes_at = at(live.vanishes)
    return batch


def _batch(account: Account, name: str, created: datetime, ends: datetime, what: Past | Live) -> Batch:
    project = PROJECTS[what.project]
    id = identifier("msgbatch_01", account.seed, name)
    if digest(id) % UNNAMED:
        account.names[id] = f"{what.project}-{created:%b%d}".lower()
    work = Invented(
        project.stem,
        project.models,
        project.mix(what.total, what.special),
        project.max_tokens,
        project.topics,
        project.shape,
        seed=digest(id) >> 64,
    )
    return Batch(id, created, work, ends)
