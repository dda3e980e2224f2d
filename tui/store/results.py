"""The index of downloaded results: who writes it, and what screens ask of it."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from ..model import IndexRow, Order, ResultFile, ResultFilter, Scope, Summary
from .batches import remove_results
from .convert import RESULT_FIELDS, to_result_file
from .database import Database
from .reader import EVERYTHING, FILE_ORDER, ResultReader

if TYPE_CHECKING:
    from .writer import ResultWriter

T = TypeVar("T")


class Results:
    """The result index of every batch; a scope is the batches whose results are looked at together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def writer(self, batch_id: str) -> ResultWriter:
        """Writes the index of a batch, in a worker thread; say `touched` on the loop after each commit."""
        from .writer import ResultWriter  # and the reading of results: the first paint needs none of it

        return ResultWriter(self._database.path, batch_id)

    def reader(self) -> ResultReader:
        """Reads the index in bulk, in a worker thread, within `with`."""
        return ResultReader(self._database.path)

    def touched(self, batch_id: str) -> None:
        """Tell the listeners that a writer has committed."""
        self._database.publish([batch_id])

    async def file(self, batch_id: str) -> ResultFile | None:
        """What is known of a batch's results on disk."""
        row = await self._database.row(
            f"SELECT {RESULT_FIELDS} FROM result_file WHERE batch_id = ?", batch_id
        )
        return to_result_file(row) if row else None

    async def batch_of(self, scope: Scope) -> dict[int, str]:
        """The store's number of each results file of a scope, in the scope's order, with its batch."""
        return await self._read(lambda reader: {each.id: each.batch_id for each in reader.files(scope)})

    async def summary(self, scope: Scope) -> Summary:
        """Counts of everything lists and headings tell, from sums kept while indexing."""
        return await self._read(lambda reader: reader.summary(scope))

    async def refs(
        self, scope: Scope, where: ResultFilter = EVERYTHING, order: Order = FILE_ORDER
    ) -> array[int]:
        """The results that pass, in order: the scope's batches one after the other, or sorted."""
        return await self._read(lambda reader: reader.refs(scope, where, order))

    async def rows(self, refs: Sequence[int]) -> list[IndexRow]:
        """These results in this order; those that do not exist are left out."""
        return await self._read(lambda reader: reader.rows(refs))

    async def remove(self, batch_id: str) -> None:
        """Take a batch's results out of the index; the file is the caller's."""
        async with self._database.transaction() as transaction:
            if await remove_results(transaction, batch_id):
                transaction.changed.add(batch_id)

    async def _read(self, ask: Callable[[ResultReader], T]) -> T:
        # In a thread and a connection of its own: a hundred thousand rows hold up neither loop nor writers.
        def work() -> T:
            with self.reader() as reader:
                return ask(reader)

        return await asyncio.to_thread(work)
