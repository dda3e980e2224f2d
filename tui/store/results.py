"""What the index says of downloaded results: counts, matching lines, and rows to show."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from ..model import COMPLETE_STOPS, SUCCEEDED, ErrorGroup, IndexRow, ResultFile, ResultFilter, Summary
from .batches import remove_results
from .convert import RESULT_FIELDS, to_result_file
from .database import Database, Row, converted, marks, portions
from .writer import ResultWriter

MOST_GROUPS = 200
"""Reasons a summary tells: messages may differ in every line."""

_ROW = """
    SELECT line, offset, length, custom_id, outcome, stop_reason, error_type, error_message, model,
        result_line.input_tokens, result_line.output_tokens, cache_write_5m, cache_write_1h, cache_read,
        first_words
    FROM result_line JOIN result_kind ON result_kind.id = result_line.kind"""
_FILE = "(SELECT id FROM result_file WHERE batch_id = ?)"


class Results:
    """The result index of every batch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def writer(self, batch_id: str) -> ResultWriter:
        """Writes the index of a batch, in a worker thread; say `touched` on the loop after each commit."""
        return ResultWriter(self._database.path, batch_id)

    def touched(self, batch_id: str) -> None:
        """Tell the listeners that a writer has committed."""
        self._database.publish([batch_id])

    async def file(self, batch_id: str) -> ResultFile | None:
        """What is known of a batch's results on disk."""
        row = await self._database.row(
            f"SELECT {RESULT_FIELDS} FROM result_file WHERE batch_id = ?", batch_id
        )
        return to_result_file(row) if row else None

    async def summary(self, batch_id: str) -> Summary:
        """Counts of everything lists and headings tell, from sums kept while indexing."""
        rows = await self._database.rows(
            "SELECT outcome, stop_reason, model, error_type, error_message, problem, lines, input_tokens,"
            f" output_tokens FROM result_kind WHERE file = {_FILE} AND lines > 0",
            batch_id,
        )
        outcomes: Counter[str] = Counter()
        stops: Counter[str] = Counter()
        models: Counter[str] = Counter()
        groups: Counter[tuple[str, str, str]] = Counter()
        for outcome, stop, model, kind, message, problem, lines, _, _ in rows:
            outcomes[outcome] += lines
            if outcome == SUCCEEDED:
                stops[stop] += lines
            if model:
                models[model] += lines
            if problem:
                groups[outcome, _reason(outcome, stop, kind), message] += lines
        return Summary(
            lines=outcomes.total(),
            outcomes=tuple(outcomes.most_common()),
            stops=tuple(stops.most_common()),
            models=tuple(models.most_common()),
            errors=tuple(ErrorGroup(*group, count) for group, count in groups.most_common(MOST_GROUPS)),
            input_tokens=sum(row[7] for row in rows),
            output_tokens=sum(row[8] for row in rows),
        )

    async def lines(self, batch_id: str, wanted: ResultFilter) -> array[int]:
        """The numbers of the matching lines, ascending."""
        if not wanted.outcome and not wanted.text:
            file = await self.file(batch_id)
            return array("L", range(file.lines if file else 0))
        where, values = _condition(batch_id, wanted)
        rows = await self._database.rows(
            f"SELECT line FROM result_line WHERE file = {_FILE}{where} ORDER BY line", batch_id, *values
        )
        return array("L", await converted(rows, _first, 10_000))

    async def rows(self, batch_id: str, lines: Sequence[int]) -> list[IndexRow]:
        """These lines in this order; lines that do not exist are left out."""
        found: dict[int, IndexRow] = {}
        for part in portions(lines):
            rows = await self._database.rows(
                f"{_ROW} WHERE result_line.file = {_FILE} AND line IN ({marks(part)})", batch_id, *part
            )
            found.update((row[0], IndexRow(*row)) for row in rows)
        return [found[line] for line in lines if line in found]

    async def every(self, batch_id: str, wanted: ResultFilter) -> AsyncIterator[IndexRow]:
        """All matching rows, ascending, read some thousand at a time."""
        where, values = _condition(batch_id, wanted)
        after = -1
        while True:
            rows = await self._database.rows(
                f"{_ROW} WHERE result_line.file = {_FILE} AND line > ?{where} ORDER BY line LIMIT 2000",
                batch_id,
                after,
                *values,
            )
            if not rows:
                return
            for row in await converted(rows, _index_row):
                yield row
            after = rows[-1][0]

    async def remove(self, batch_id: str) -> None:
        """Take a batch's results out of the index; the file is the caller's."""
        async with self._database.transaction() as transaction:
            if await remove_results(transaction, batch_id):
                transaction.changed.add(batch_id)


def _first(row: Row) -> int:
    number: int = row[0]
    return number


def _index_row(row: Row) -> IndexRow:
    return IndexRow(*row)


def _reason(outcome: str, stop: str, kind: str) -> str:
    """Why a line is a problem, in the API's own word where it has one."""
    if outcome != SUCCEEDED:
        return kind
    return "empty" if stop in COMPLETE_STOPS else stop


def _condition(batch_id: str, wanted: ResultFilter) -> tuple[str, list[object]]:
    """What a filter adds to a query's conditions, beginning with AND, and its values."""
    sql = ""
    values: list[object] = []
    if wanted.outcome:
        choice = "problem" if wanted.outcome == "problem" else "outcome = ?"
        sql += f" AND kind IN (SELECT id FROM result_kind WHERE file = {_FILE} AND {choice})"
        values += [batch_id] if wanted.outcome == "problem" else [batch_id, wanted.outcome]
    if wanted.text:
        has, needle = _search(wanted.text)
        here = " OR ".join(has.format(column) for column in ("custom_id", "first_words"))
        shared = " OR ".join(has.format(column) for column in ("error_type", "error_message"))
        sql += f" AND ({here} OR kind IN (SELECT id FROM result_kind WHERE file = {_FILE} AND ({shared})))"
        values += [needle, needle, batch_id, needle, needle]
    return sql, values


def _search(text: str) -> tuple[str, str]:
    """How to ask for a text in any case: SQLite's own way knows the cases of ASCII letters only."""
    is_simple = all(sign.isascii() or sign.lower() == sign.upper() for sign in text)
    if is_simple and "\0" not in text and len(text) <= 1_000:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return "{} LIKE ? ESCAPE '\\'", f"%{escaped}%"
    # Some four times slower: a call into Python for each text.
    return "contains({}, ?)", text.casefold()
