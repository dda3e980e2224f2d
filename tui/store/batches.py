"""Batches as the server last described them, and what became of them; labels, which are the user's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..model import CANCELING, ENDED, IN_PROGRESS, Batch, Entry
from ..text import sound
from .convert import BATCH_FIELDS, ENTRY_FIELDS, batch_values, instant, moment, to_batch, to_entry
from .database import Database, Row, Transaction, converted, marks, portions
from .result_sql import OF_A_FILE

YOUNG = timedelta(minutes=2)
"""A batch this young may be missing from the server's list."""
MISSES = 3
"""404s it takes to believe that a batch is gone …"""
MISSING_FOR = timedelta(minutes=2)
"""… and the time over which they must have come (single ones are seen in the service's life)."""

_ENTRIES = f"""
    SELECT {ENTRY_FIELDS} FROM batch
    LEFT JOIN label ON label.batch_id = batch.id
    LEFT JOIN launch ON launch.batch_id = batch.id
    LEFT JOIN result_file ON result_file.batch_id = batch.id
    WHERE NOT batch.forgotten"""
# The plus keeps SQLite from looking up each id by itself: one walk through the table is twice as fast.
_OF_ACCOUNT = "+batch.id IN (SELECT batch_id FROM listing WHERE account_id = ?)"

_FIELDS = [field.strip() for field in BATCH_FIELDS.split(",")]
_SAVE = f"""
    INSERT INTO batch ({BATCH_FIELDS}, asked_at) VALUES ({marks(_FIELDS)}, ?)
    ON CONFLICT (id) DO UPDATE SET
        {", ".join(f"{field} = excluded.{field}" for field in _FIELDS[1:])},
        asked_at = max(asked_at, excluded.asked_at),
        gone_at = NULL, forgotten = 0, misses = 0, missed_at = NULL"""


class Batches:
    """The list, and everything that changes it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._made: dict[str, tuple[Row, Entry]] = {}

    async def entries(self, account_id: int) -> list[Entry]:
        """All batches of an account, the newest first; gone ones too, forgotten ones not."""
        rows = await self._database.rows(
            f"{_ENTRIES} AND {_OF_ACCOUNT} ORDER BY batch.created_at DESC, batch.id DESC", account_id
        )
        return await converted(rows, self._entry)

    async def some(self, ids: Iterable[str]) -> list[Entry]:
        """The batches with these ids, the newest first; forgotten and unknown ones are left out."""
        found: list[Entry] = []
        for part in portions(set(ids)):
            rows = await self._database.rows(f"{_ENTRIES} AND batch.id IN ({marks(part)})", *part)
            found += await converted(rows, self._entry)
        return sorted(found, key=lambda entry: (entry.batch.created_at, entry.id), reverse=True)

    async def never_seen(self, ids: Iterable[str]) -> list[str]:
        """Those of these ids that no list has ever named; what was forgotten was seen."""
        wanted = list(dict.fromkeys(ids))
        seen: set[str] = set()
        for part in portions(wanted):
            rows = await self._database.rows(f"SELECT id FROM batch WHERE id IN ({marks(part)})", *part)
            seen.update(row[0] for row in rows)
        return [id for id in wanted if id not in seen]

    def _entry(self, row: Row) -> Entry:
        # Of a list that is read again most rows are as they were: the same value costs a comparison.
        known = self._made.get(row[0])
        if known is None or known[0] != row:
            known = self._made[row[0]] = (row, to_entry(row))
        return known[1]

    async def get(self, batch_id: str) -> Entry | None:
        """One batch, unless it is unknown or forgotten."""
        found = await self.some([batch_id])
        return found[0] if found else None

    async def live(self, account_id: int) -> list[Batch]:
        """The account's batches that the server still works on, the newest first."""
        rows = await self._database.rows(
            f"SELECT {BATCH_FIELDS} FROM batch WHERE state != ? AND gone_at IS NULL AND NOT forgotten"
            f" AND {_OF_ACCOUNT} ORDER BY created_at DESC, id DESC",
            ENDED,
            account_id,
        )
        return await converted(rows, to_batch)

    async def oldest_live(self, account_id: int) -> datetime | None:
        """When the oldest of them was created."""
        live = await self.live(account_id)
        return live[-1].created_at if live else None

    async def save(self, account_id: int, batches: Sequence[Batch], asked_at: datetime) -> frozenset[str]:
        """Take the server's word of a moment; the ids of those that it changed.

        Answers overtake one another: an older one never undoes a newer, nor brings back what is gone since.
        """
        async with self._database.transaction() as transaction:
            await save_within(transaction, account_id, batches, asked_at)
        return frozenset(transaction.changed)

    async def absent(
        self, account_id: int, listed: Collection[str], oldest: datetime | None, asked_at: datetime
    ) -> frozenset[str]:
        """Believe the list: known batches of the span it covers that are not in it are gone; their ids.

        The span ends some minutes before the question, and begins after `oldest`: of batches created in that
        very moment some may be on the next page.
        """
        present = {sound(batch_id) for batch_id in listed}
        async with self._database.transaction() as transaction:
            rows = await transaction.rows(
                f"SELECT id FROM batch WHERE gone_at IS NULL AND NOT forgotten AND asked_at <= ?"
                f" AND created_at > ? AND created_at <= ? AND {_OF_ACCOUNT}",
                instant(asked_at),
                instant(oldest) if oldest else -(2**62),
                instant(asked_at - YOUNG),
                account_id,
            )
            missing = [batch_id for (batch_id,) in rows if batch_id not in present]
            await _mark_gone(transaction, missing, asked_at)
        return frozenset(missing)

    async def gone(self, ids: Iterable[str], at: datetime) -> None:
        """These batches are no longer on the server, for sure."""
        async with self._database.transaction() as transaction:
            await _mark_gone(transaction, list(ids), at)

    async def missed(self, batch_id: str, at: datetime) -> bool:
        """The server answered 404 for this batch; whether that was often enough to believe it."""
        async with self._database.transaction() as transaction:
            row = await transaction.row("SELECT gone_at, misses, missed_at FROM batch WHERE id = ?", batch_id)
            if row is None or row[0] is not None:
                return row is not None
            misses, first = row[1] + 1, min(row[2] or instant(at), instant(at))
            await transaction.execute(
                "UPDATE batch SET misses = ?, missed_at = ? WHERE id = ?", misses, first, batch_id
            )
            is_gone = misses >= MISSES and at - moment(first) >= MISSING_FOR
            if is_gone:
                await _mark_gone(transaction, [batch_id], at)
            return is_gone

    async def forget(self, ids: Iterable[str]) -> None:
        """Take batches off the list, and their results out of the index; labels and launches stay.

        The row itself stays too: an answer that is older than this must not bring the batch back.
        """
        async with self._database.transaction() as transaction:
            for batch_id in ids:
                if await transaction.execute(
                    "UPDATE batch SET forgotten = 1, gone_at = coalesce(gone_at, asked_at)"
                    " WHERE id = ? AND NOT forgotten",
                    batch_id,
                ):
                    transaction.changed.add(sound(batch_id))
                await remove_results(transaction, batch_id)

    async def label(self, batch_id: str, text: str) -> None:
        """Name a batch; an empty name takes the label away."""
        async with self._database.transaction() as transaction:
            if text:
                await transaction.execute(
                    "INSERT INTO label (batch_id, text) VALUES (?, ?)"
                    " ON CONFLICT (batch_id) DO UPDATE SET text = excluded.text",
                    batch_id,
                    text,
                )
            else:
                await transaction.execute("DELETE FROM label WHERE batch_id = ?", batch_id)
            transaction.changed.add(sound(batch_id))


async def save_within(
    transaction: Transaction, account_id: int, batches: Iterable[Batch], asked_at: datetime
) -> None:
    """Save batches in a transaction that may do more; only what differs is written."""
    asked = instant(asked_at)
    for part in portions({sound(batch.id): batch for batch in batches}.items()):
        ids = [batch_id for batch_id, _ in part]
        rows = await transaction.rows(
            f"SELECT {BATCH_FIELDS}, asked_at, gone_at, misses FROM batch WHERE id IN ({marks(ids)})", *ids
        )
        known = {row[0]: row for row in rows}
        fresh = []
        for batch_id, batch in part:
            values = batch_values(batch)
            if _is_news(known.get(batch_id), values, asked):
                fresh.append((*values, asked))
                transaction.changed.add(batch_id)
        await transaction.many(_SAVE, fresh)
        listed = await _list_within(transaction, account_id, ids)
        transaction.changed |= listed


async def _list_within(transaction: Transaction, account_id: int, ids: list[str]) -> set[str]:
    rows = await transaction.rows(
        f"SELECT batch_id FROM listing WHERE account_id = ? AND batch_id IN ({marks(ids)})", account_id, *ids
    )
    new = set(ids) - {batch_id for (batch_id,) in rows}
    await transaction.many(
        "INSERT INTO listing (account_id, batch_id) VALUES (?, ?)", [(account_id, each) for each in new]
    )
    return new


def _is_news(known: Sequence[Any] | None, values: Sequence[Any], asked: int) -> bool:
    """Whether an answer tells something that the row does not say, and may overwrite it."""
    if known is None:
        return True
    *before, asked_before, gone_at, misses = known
    if gone_at is not None and asked <= gone_at:
        return False
    state_before, state = before[1], values[1]
    if state_before == ENDED != state or (state_before == CANCELING and state == IN_PROGRESS):
        return False  # that way no batch ever goes: it is an old answer, or a server that lags behind
    if asked < asked_before and not (state == ENDED != state_before):
        return False
    return tuple(before) != tuple(values) or gone_at is not None or misses > 0


async def _mark_gone(transaction: Transaction, ids: Sequence[str], at: datetime) -> None:
    for part in portions(ids):
        rows = await transaction.rows(
            f"SELECT id FROM batch WHERE gone_at IS NULL AND id IN ({marks(part)})", *part
        )
        fresh = [batch_id for (batch_id,) in rows]
        await transaction.execute(
            f"UPDATE batch SET gone_at = ? WHERE id IN ({marks(fresh)})", instant(at), *fresh
        )
        transaction.changed |= set(fresh)


async def remove_results(transaction: Transaction, batch_id: str) -> bool:
    """Take a batch's results out of the index; whether there were any."""
    row = await transaction.row("SELECT id FROM result_file WHERE batch_id = ?", batch_id)
    if row is None:
        return False
    for table, column in OF_A_FILE:
        await transaction.execute(f"DELETE FROM {table} WHERE {column} = ?", row[0])
    return True
