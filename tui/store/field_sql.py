"""Questions to the answers' cells as SQL.

The cells of a line are a JSON object whose keys are the numbers of its columns (`place`), never the paths:
paths are foreign text, and SQLite's JSON paths know no escapes. A cell's text is what SQLite makes of it, in
counts as well as in tests, so that whoever chooses a counted value finds as many lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..model import FieldTest
from ..records.readings import READ

Condition = tuple[str, list[object]]

TEXT = "CASE WHEN cell.type IN ('true', 'false', 'null') THEN cell.type ELSE CAST(cell.value AS TEXT) END"
IS_NUMBER = "cell.type IN ('integer', 'real')"
IS_READ = f"data.how IN ({', '.join(repr(how) for how in READ)})"

_PLACE = (
    "(SELECT '$.' || place FROM result_column WHERE result_column.file = data.file"
    " AND result_column.path = ?)"
)
_DATA = "SELECT 1 FROM result_data AS data"
_HERE = "data.file = result_line.file AND data.line = result_line.line"
_CELL = f"{_DATA}, json_each(data.cells, {_PLACE}) AS cell WHERE {_HERE}"

GATHER = (
    "CREATE TEMP TABLE cell AS SELECT cell.type AS type, cell.value AS value,"
    " typeof(cell.key) <> 'integer' OR cell.key = 0 AS first FROM result_data AS data"
    " LEFT JOIN result_column ON result_column.file = data.file AND result_column.path = ?"
    " LEFT JOIN json_each(data.cells, '$.' || result_column.place) AS cell"
)
"""The cells of one column in one pass; takes the path. A row for each line, without a type where the cell is
missing; for the list of a line one for each element, the first of which stands for the line."""
TOTALS = "SELECT count(*), count(type) FROM temp.cell WHERE first"
NUMBERS = (
    "SELECT count(DISTINCT value), min(value), max(value), max(type = 'real')"
    f" FROM temp.cell AS cell WHERE {IS_NUMBER}"
)
"""How many different numbers, the smallest, the largest, and whether any has a fraction."""
VALUES = (
    "SELECT text, n, count(*) OVER (), sum(n) OVER () FROM"
    f" (SELECT {TEXT} AS text, count(*) AS n FROM temp.cell AS cell"
    f" WHERE type IS NOT NULL AND (? OR NOT {IS_NUMBER}) GROUP BY 1)"
    " ORDER BY n DESC, text LIMIT ?"
)
"""The most frequent values, with the number of all and the sum of their counts; numbers only if wanted."""


def field_condition(test: FieldTest) -> Condition:
    """What a line of `result_line` must fulfil, and the values to bind."""
    if not test.path and test.missing:
        return f"EXISTS ({_DATA} WHERE {_HERE} AND NOT {IS_READ})", []
    if not test.path:
        return f"EXISTS ({_DATA} WHERE {_HERE} AND data.how = ?)", [test.value or ""]
    if test.missing:
        absent = f"json_type(data.cells, {_PLACE}) IS NULL"
        return f"EXISTS ({_DATA} WHERE {_HERE} AND {IS_READ} AND {absent})", [test.path]
    sql, values = _CELL, [test.path]
    more: list[tuple[str, object]] = []
    if test.value is not None:
        more.append((f"{TEXT} = ?", test.value))
    if test.low is not None or test.high is not None:
        sql += f" AND {IS_NUMBER}"
    if test.low is not None:
        more.append(("cell.value >= ?", test.low))
    if test.high is not None:
        more.append((f"cell.value {'<=' if test.last else '<'} ?", test.high))
    sql += "".join(f" AND {condition}" for condition, _ in more)
    return f"EXISTS ({sql})", [*values, *(value for _, value in more)]


def ranges(bounds: Sequence[float]) -> Condition:
    """How many numbers lie between each two edges."""
    pairs = list(pairwise(bounds))
    signs = ["<"] * (len(pairs) - 1) + ["<="]
    counts = ", ".join(f"sum(value >= ? AND value {sign} ?)" for sign in signs)
    query = f"SELECT {counts} FROM temp.cell AS cell WHERE {IS_NUMBER}"
    return query, [edge for pair in pairs for edge in pair]
