"""Launches: the one place that knows whether a draft was sent, written before the first byte leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..errors import UsageError
from ..model import (
    DRAFT,
    DROPPED,
    FAILED,
    SENDING,
    SENT,
    UNCERTAIN,
    UNFINISHED,
    Batch,
    Candidate,
    Launch,
)
from ..text import sound
from .batches import save_within
from .convert import BATCH_FIELDS, LAUNCH_FIELDS, instant, launch_values, to_batch, to_launch
from .database import Database, marks

BEFORE = timedelta(minutes=2)
"""Clocks differ: a batch may seem older than the request that created it …"""
AFTER = timedelta(minutes=30)
"""… and an upload of 256 MB takes a while."""
FAR = timedelta(days=1)
"""How far off a clock or an upload is believed to be where nothing nearer is found."""

_SELECT = f"SELECT {LAUNCH_FIELDS} FROM launch"
_NEWEST = "ORDER BY created_at DESC, id"


class Launches:
    """One row per act of sending; never deleted, for it answers “was this sent?” later on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account_id: int, launch: Launch) -> None:
        """Keep a new launch, and the run that it is all of."""
        values = launch_values(launch)
        async with self._database.transaction() as transaction:
            await transaction.execute(
                "INSERT OR IGNORE INTO run (id, created_at, sha256) VALUES (?, ?, ?)",
                launch.run_id or launch.id,
                instant(launch.created_at),
                launch.sha256,
            )
            await transaction.execute(
                f"INSERT INTO launch (account_id, {LAUNCH_FIELDS}) VALUES (?, {marks(values)})",
                account_id,
                *values,
            )

    async def get(self, launch_id: str) -> Launch | None:
        """One launch."""
        row = await self._database.row(f"{_SELECT} WHERE id = ?", launch_id)
        return to_launch(row) if row else None

    async def states(self) -> dict[str, str]:
        """The state of each launch of every account, by its id."""
        rows = await self._database.rows("SELECT id, state FROM launch")
        return {launch_id: state for launch_id, state in rows}

    async def all(self, account_id: int) -> list[Launch]:
        """All launches of an account, the newest first."""
        rows = await self._database.rows(f"{_SELECT} WHERE account_id = ? {_NEWEST}", account_id)
        return [to_launch(row) for row in rows]

    async def unfinished(self, account_id: int) -> list[Launch]:
        """Launches that may or may not have become a batch; some may be on their way just now."""
        rows = await self._database.rows(
            f"{_SELECT} WHERE account_id = ? AND state IN ({marks(UNFINISHED)}) {_NEWEST}",
            account_id,
            *UNFINISHED,
        )
        return [to_launch(row) for row in rows]

    async def same_content(self, account_id: int, sha256: str) -> list[Launch]:
        """Launches of the very same requests that did, or may have, become a batch."""
        states = (SENT, *UNFINISHED)
        rows = await self._database.rows(
            f"{_SELECT} WHERE account_id = ? AND sha256 = ? AND state IN ({marks(states)}) {_NEWEST}",
            account_id,
            sha256,
            *states,
        )
        return [to_launch(row) for row in rows]

    async def start(self, launch_id: str, at: datetime, *, again: bool) -> bool:
        """Claim a launch for sending, durably; False when it is not (or no longer) there to be sent.

        What may already have become a batch is sent again only on the user's word, and the time of that
        first attempt is kept: its batch may still turn up.
        """
        states = (DRAFT, FAILED, *((UNCERTAIN, SENDING) if again else ()))
        async with self._database.transaction() as transaction:
            claimed = await transaction.execute(
                f"UPDATE launch SET state = ?, sent_at = ?, problem = '', first_sent_at ="
                f" CASE WHEN state IN ({marks(UNFINISHED)}) THEN coalesce(first_sent_at, sent_at) ELSE ? END"
                f" WHERE id = ? AND state IN ({marks(states)})",
                SENDING,
                instant(at),
                *UNFINISHED,
                instant(at),
                launch_id,
                *states,
            )
        return claimed == 1

    async def sent(self, launch_id: str, account_id: int, batch: Batch, asked_at: datetime) -> None:
        """The launch became this batch: saved together, for half of it would be a batch without a past."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                "SELECT name, source FROM launch WHERE batch_id = ? AND id != ?", batch.id, launch_id
            )
            if row is not None:
                raise UsageError(
                    f"This batch already belongs to the launch of {row[0] or row[1]}.", "Choose another one."
                )
            await save_within(transaction, account_id, [batch], asked_at)
            await transaction.execute(
                "UPDATE launch SET state = ?, batch_id = ?, problem = '' WHERE id = ?",
                SENT,
                batch.id,
                launch_id,
            )
            transaction.changed.add(sound(batch.id))

    async def failed(self, launch_id: str, problem: str) -> None:
        """No batch was created, for sure."""
        await self._end(launch_id, FAILED, problem)

    async def uncertain(self, launch_id: str, problem: str) -> None:
        """A batch may or may not have been created."""
        await self._end(launch_id, UNCERTAIN, problem)

    async def drop(self, launch_id: str) -> None:
        """The user gives the launch up."""
        await self._end(launch_id, DROPPED, None)

    async def _end(self, launch_id: str, state: str, problem: str | None) -> None:
        # What is known to be a batch stays one, whoever comes late with worse news.
        async with self._database.transaction() as transaction:
            await transaction.execute(
                "UPDATE launch SET state = ?, problem = coalesce(?, problem) WHERE id = ? AND state != ?",
                state,
                problem,
                launch_id,
                SENT,
            )

    async def candidates(self, launch: Launch, account_id: int) -> list[Candidate]:
        """Batches that may be what an uncertain launch created: right time, right size, nobody's else.

        Where there is none about the time, those within a day are better than none: whoever hears of nothing
        sends again, and pays twice.
        """
        if launch.sent_at is None:
            return []
        attempts = (launch.first_sent_at or launch.sent_at, launch.sent_at)
        rows = await self._database.rows(
            f"SELECT {BATCH_FIELDS} FROM batch WHERE NOT forgotten AND created_at BETWEEN ? AND ?"
            " AND processing + succeeded + errored + canceled + expired = ?"
            " AND id IN (SELECT batch_id FROM listing WHERE account_id = ?)"
            " AND id NOT IN (SELECT batch_id FROM launch WHERE batch_id IS NOT NULL AND id != ?)",
            instant(min(attempts) - FAR),
            instant(max(attempts) + FAR),
            launch.requests,
            account_id,
            launch.id,
        )
        found = [
            Candidate(batch, min((batch.created_at - at for at in attempts), key=abs))
            for batch in map(to_batch, rows)
        ]
        first, last = min(attempts) - BEFORE, max(attempts) + AFTER
        near = [candidate for candidate in found if first <= candidate.batch.created_at <= last]
        return sorted(near or found, key=lambda candidate: abs(candidate.after))
