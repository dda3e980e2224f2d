"""Runs: everything launched from one source, with what the user has said yes to."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import SENT, UNFINISHED, Launch, Run
from ..text import sound
from .convert import LAUNCH_FIELDS, RUN_FIELDS, launch_values, run_values, to_launch, to_run
from .database import Database, Row, Transaction, marks

_LAUNCHES = f"SELECT {LAUNCH_FIELDS} FROM launch WHERE run_id = ? ORDER BY attempt, part, created_at"
_OF_ACCOUNT = "id IN (SELECT run_id FROM launch WHERE account_id = ?)"


class Runs:
    """One row a run, and its launches; never deleted, for they answer “was this sent?” later on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account_id: int, run: Run) -> None:
        """Keep a new run with its launches."""
        values = run_values(run)
        async with self._database.transaction() as transaction:
            await transaction.execute(
                f"INSERT INTO run ({RUN_FIELDS}) VALUES ({marks(values)})"
                # A launch that was kept by itself has a run already.
                " ON CONFLICT (id) DO NOTHING",
                *values,
            )
            await _add_launches(transaction, account_id, run.launches)

    async def add_attempt(self, account_id: int, launches: Sequence[Launch]) -> None:
        """Keep the launches of another attempt of a run that is known."""
        async with self._database.transaction() as transaction:
            await _add_launches(transaction, account_id, launches)

    async def recall(self, account_id: int, run: Run, launch: Launch) -> bool:
        """Keep what is known of a launch elsewhere; False where its batch is another launch's by now."""
        async with self._database.transaction() as transaction:
            taken = await transaction.row(
                "SELECT 1 FROM launch WHERE batch_id = ? AND id != ?", launch.batch_id, launch.id
            )
            if taken:
                return False
            values = run_values(run)
            await transaction.execute(
                f"INSERT INTO run ({RUN_FIELDS}) VALUES ({marks(values)}) ON CONFLICT (id) DO NOTHING",
                *values,
            )
            # Whose it is the store knows better than whoever happens to look.
            owner = await transaction.row("SELECT account_id FROM launch WHERE id = ?", launch.id)
            await transaction.execute("DELETE FROM launch WHERE id = ?", launch.id)
            await _add_launches(transaction, owner[0] if owner else account_id, [launch])
            if launch.batch_id:
                transaction.changed.add(sound(launch.batch_id))
        return True

    async def get(self, run_id: str) -> Run | None:
        """One run."""
        row = await self._database.row(f"SELECT {RUN_FIELDS} FROM run WHERE id = ?", run_id)
        return await self._made(row) if row else None

    async def of_launch(self, launch_id: str) -> Run | None:
        """The run that a launch is a part of."""
        row = await self._database.row("SELECT run_id FROM launch WHERE id = ?", launch_id)
        return await self.get(row[0]) if row else None

    async def of_batch(self, batch_id: str) -> Run | None:
        """The run that a batch is a part of."""
        row = await self._database.row("SELECT run_id FROM launch WHERE batch_id = ?", batch_id)
        return await self.get(row[0]) if row else None

    async def all(self, account_id: int) -> list[Run]:
        """All runs of an account, the newest first."""
        rows = await self._database.rows(
            f"SELECT {RUN_FIELDS} FROM run WHERE {_OF_ACCOUNT} ORDER BY created_at DESC, id", account_id
        )
        launches: dict[str, list[Launch]] = {}
        for launch in map(
            to_launch,
            await self._database.rows(
                f"SELECT {LAUNCH_FIELDS} FROM launch WHERE account_id = ? ORDER BY attempt, part, created_at",
                account_id,
            ),
        ):
            launches.setdefault(launch.run_id, []).append(launch)
        return [to_run(row, launches[row[0]]) for row in rows if row[0] in launches]

    async def going(self, account_id: int) -> list[Run]:
        """Runs that the user's yes covers and of which something is not sent, the oldest first."""
        rows = await self._database.rows(
            f"SELECT {RUN_FIELDS} FROM run WHERE going > 0 AND {_OF_ACCOUNT} ORDER BY created_at, id",
            account_id,
        )
        found = [await self._made(row) for row in rows]
        return [run for run in found if run is not None and run.due]

    async def same_content(self, account_id: int, sha256: str) -> list[Run]:
        """Runs of the very same requests of which something became, or may have become, a batch."""
        states = (SENT, *UNFINISHED)
        rows = await self._database.rows(
            f"SELECT {RUN_FIELDS} FROM run WHERE sha256 = ? AND sha256 != '' AND id IN"
            f" (SELECT run_id FROM launch WHERE account_id = ? AND state IN ({marks(states)}))"
            " ORDER BY created_at DESC, id",
            sha256,
            account_id,
            *states,
        )
        return [run for row in rows if (run := await self._made(row)) is not None]

    async def go(self, run_id: str, going: int, problem: str = "") -> None:
        """Keep how many attempts the user's yes covers, and why it does not go on or what it waits for."""
        async with self._database.transaction() as transaction:
            await transaction.execute(
                "UPDATE run SET going = ?, problem = ? WHERE id = ?", going, problem, run_id
            )

    async def waits(self, run_id: str, problem: str) -> None:
        """Keep what a run waits for; whether it goes on at all is not touched."""
        async with self._database.transaction() as transaction:
            await transaction.execute("UPDATE run SET problem = ? WHERE id = ?", problem, run_id)

    async def estimate(self, run_id: str) -> str:
        """What a run was thought to cost, as it was kept; empty where nobody asked."""
        row = await self._database.row("SELECT estimate FROM run WHERE id = ?", run_id)
        return str(row[0]) if row else ""

    async def estimated(self, run_id: str, estimate: str) -> None:
        """Keep what a run is thought to cost: JSON, the caller's own."""
        async with self._database.transaction() as transaction:
            await transaction.execute("UPDATE run SET estimate = ? WHERE id = ?", estimate, run_id)

    async def _made(self, row: Row) -> Run | None:
        launches = [to_launch(each) for each in await self._database.rows(_LAUNCHES, row[0])]
        return to_run(row, launches) if launches else None


async def _add_launches(transaction: Transaction, account_id: int, launches: Sequence[Launch]) -> None:
    for launch in launches:
        values = launch_values(launch)
        await transaction.execute(
            f"INSERT INTO launch (account_id, {LAUNCH_FIELDS}) VALUES (?, {marks(values)})",
            account_id,
            *values,
        )
