"""Questions to the answers' cells as SQL.

The cells of a line are a JSON object whose keys are the numbers of its columns (`place`), never the paths:
paths are foreign text, and SQLite's JSON paths know no escapes. A cell's text is what SQLite makes of it, in
counts as well as in tests, so that whoever chooses a counted value finds as many lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..model import FieldTest
from ..records.cells import is_derived
from ..records.readings import READ
from ..text import sound

Condition = tuple[str, list[object]]

IS_READ = f"data.how IN ({', '.join(repr(how) for how in READ)})"
_WORDS = ("true", "false", "null")
_IS_NUMBER = "{type} IN ('integer', 'real')"
_TEXT = "CASE WHEN {type} IN ('true', 'false', 'null') THEN {type} ELSE CAST({value} AS TEXT) END"

LINES = "CREATE TEMP TABLE line (type TEXT, value, n INTEGER)"
"""The cells of one column: a row for each line, or for the `n` lines that have the same; no type where there
is no cell."""
ADD = "INSERT INTO temp.line VALUES (?, ?, ?)"
CELLS = "CREATE TEMP VIEW cell AS SELECT type, value, n FROM temp.line WHERE type IS NOT NULL"
ELEMENTS = (
    "CREATE TEMP TABLE cell AS SELECT type, value, n FROM temp.line"
    " WHERE type IS NOT NULL AND type <> 'array'"
    " UNION ALL SELECT each.type, each.value, n FROM temp.line JOIN json_each(line.value) AS each"
    " WHERE line.type = 'array'"
)
"""What is counted: the cells, or what is in them where they are lists."""
TOTALS = "SELECT coalesce(sum(n), 0), coalesce(sum(n * (type IS NOT NULL)), 0) FROM temp.line"
NUMBERS = (
    "SELECT count(DISTINCT value), min(value), max(value), max(type = 'real')"
    f" FROM temp.cell WHERE {_IS_NUMBER.format(type='type')}"
)
"""How many different numbers, the smallest, the largest, and whether any has a fraction."""
VALUES = (
    "SELECT text, times, count(*) OVER (), sum(times) OVER () FROM"
    f" (SELECT {_TEXT.format(type='type', value='value')} AS text, sum(n) AS times FROM temp.cell"
    f" WHERE ? OR NOT {_IS_NUMBER.format(type='type')} GROUP BY 1)"
    " ORDER BY times DESC, text LIMIT ?"
)
"""The most frequent values, with the number of all and the sum of their counts; numbers only if wanted."""

_DATA = "SELECT 1 FROM result_data AS data"
_HERE = "data.file = result_line.file AND data.line = result_line.line"
_FIELD = " LEFT JOIN result_column AS field ON field.file = data.file AND field.path = ?"


def column(place: int | None) -> str:
    """Where a column is in the cells of its file, as SQL; `place`: its number, None where there is none."""
    return "NULL" if place is None else f"'$.{place}'"


def pick(place: str) -> str:
    """Type and value of the cell in this place, for lines of `result_data` that are data."""
    cell = f"json_type(data.cells, {place}) AS type, json_extract(data.cells, {place}) AS value"
    return f"SELECT {cell} FROM result_data AS data WHERE {IS_READ}"


def field_condition(test: FieldTest) -> Condition:
    """What a line of `result_line` must fulfil, and the values to bind."""
    field = _FIELD if test.path else ""
    condition, values = holds(test, "'$.' || field.place")
    path: list[object] = [test.path] if test.path else []
    return f"EXISTS ({_DATA}{field} WHERE {_HERE} AND {condition})", [*path, *values]


def holds(test: FieldTest, place: str) -> Condition:
    """The same for a line of `result_data`; `place` says in SQL where the column is."""
    if not test.path:
        return (f"NOT {IS_READ}", []) if test.missing else ("data.how = ?", [test.value or ""])
    if test.missing:
        return f"({IS_READ} AND json_type(data.cells, {place}) IS NULL)", []
    before, first = _glance(test)
    if is_derived(test.path):
        condition, values = _compared(test, "cell.type", "cell.value")
        condition = f"EXISTS (SELECT 1 FROM json_each(data.cells, {place}) AS cell WHERE {condition})"
    else:
        type, value = (f"{function}(data.cells, {place})" for function in ("json_type", "json_extract"))
        condition, values = _compared(test, type, value)
    return f"({before}{condition})", [*first, *values]


def _glance(test: FieldTest) -> Condition:
    """Whether the value occurs in the cells at all, which costs much less than to take them apart."""
    value = sound(test.value) if test.value is not None else ""
    if _may_be_number(value):
        return "", []
    written = value if value in _WORDS else msgspec.json.encode(value).decode()
    return "instr(data.cells, ?) AND ", [written]


def _compared(test: FieldTest, type: str, value: str) -> Condition:
    conditions: list[str] = []
    values: list[object] = []
    if test.value is None and test.low is None and test.high is None:
        conditions.append(f"{type} IS NOT NULL")
    if test.value is not None:
        needs_text = test.value in _WORDS or _may_be_number(test.value)
        text = _TEXT.format(type=type, value=value) if needs_text else value
        conditions.append(f"{text} = ?")
        values.append(test.value)
    if test.low is not None or test.high is not None:
        conditions.append(_IS_NUMBER.format(type=type))
    if test.low is not None:
        conditions.append(f"{value} >= ?")
        values.append(test.low)
    if test.high is not None:
        conditions.append(f"{value} {'<=' if test.last else '<'} ?")
        values.append(test.high)
    return " AND ".join(conditions), values


def _may_be_number(text: str) -> bool:
    return text[:1] in "-0123456789I"  # numbers beyond any machine's are Inf to SQLite


def below(bounds: Sequence[float]) -> Condition:
    """How many numbers are below each of these, and how many there are."""
    counts = ", ".join("coalesce(sum(n * (value < ?)), 0)" for _ in bounds)
    query = f"SELECT {counts}, coalesce(sum(n), 0) FROM temp.cell WHERE {_IS_NUMBER.format(type='type')}"
    return query, list(bounds)
