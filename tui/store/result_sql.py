"""Questions to the result index as SQL: which lines, in which order, and what a row is made of."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import COMPLETE_STOPS, PROBLEM, SUCCEEDED, ErrorGroup, FieldTest, Order, ResultFilter

OF_A_FILE = (
    ("superseded", "file"),
    ("result_data", "file"),
    ("result_column", "file"),
    ("result_line", "file"),
    ("result_kind", "file"),
    ("result_file", "id"),
)
"""Tables with what is known of a results file, and the column that names it."""

_ROW = """
    SELECT line, offset, length, custom_id, outcome, stop_reason, error_type, error_message, model,
        result_line.input_tokens, result_line.output_tokens, result_line.cache_write_5m,
        result_line.cache_write_1h, result_line.cache_read, first_words, geo, result_line.searches,
        result_line.file
    FROM result_line JOIN result_kind ON result_kind.id = result_line.kind"""

_STOPS = ", ".join(f"'{stop}'" for stop in sorted(COMPLETE_STOPS))
REASON = f"""CASE WHEN outcome <> '{SUCCEEDED}' THEN error_type
    WHEN stop_reason IN ({_STOPS}) THEN 'empty' ELSE stop_reason END"""
"""Why a line is a problem, in the API's own word where it has one."""

_TOTAL_INPUT = (
    "(result_line.input_tokens + result_line.cache_write_5m + result_line.cache_write_1h"
    " + result_line.cache_read)"
)
_ORDERS = {
    "custom_id": "custom_id COLLATE NOCASE",
    "outcome": "outcome",
    "stop_reason": "stop_reason",
    "error": "error_type, error_message",
    "model": "model",
    "input": _TOTAL_INPUT,
    "output": "result_line.output_tokens",
    "cache_read": "result_line.cache_read",
    "cache_write": "result_line.cache_write_5m + result_line.cache_write_1h",
    "length": "length",
    "words": "first_words COLLATE NOCASE",
}

_KIND = (
    f"SELECT id, outcome, stop_reason, error_message, {REASON}, problem, model, geo, long, lines,"
    " input_tokens, output_tokens, cache_write_5m, cache_write_1h, cache_read, searches"
    " FROM result_kind WHERE lines > 0"
)

Condition = tuple[str, list[object]]


def kinds(files: Sequence[int]) -> Condition:
    """What the lines of these files share, with their sums."""
    return f"{_KIND} AND file IN ({_numbers(files)})", []


def rows(file: int, lines: Sequence[int]) -> Condition:
    """These lines of a file, in any order."""
    return f"{_ROW} WHERE result_line.file = ? AND line IN ({_numbers(lines)})", [file]


def lines(file: int, where: ResultFilter) -> Condition:
    """The line numbers of one file that pass, ascending."""
    condition, values = _condition(where)
    return f"SELECT line FROM result_line WHERE file = ?{condition} ORDER BY line", [file, *values]


def sorted_refs(files: Sequence[int], where: ResultFilter, order: Order) -> Condition:
    """The refs of these files that pass, in this order; lines that are alike stay in theirs."""
    condition, values = _condition(where)
    by = _ORDERS[order.column]
    if order.reverse:
        by = ", ".join(f"{column} DESC" for column in by.split(", "))
    sql = (
        "SELECT result_line.file << 32 | line FROM result_line"
        " JOIN result_kind ON result_kind.id = result_line.kind"
        f" WHERE result_line.file IN ({_numbers(files)}){condition} ORDER BY {by}, result_line.file, line"
    )
    return sql, values


def _numbers(values: Sequence[int]) -> str:
    return ", ".join(map(str, values))


def _condition(where: ResultFilter) -> Condition:
    """What a filter adds to a query's conditions, beginning with AND, and its values."""
    kinds, values = _kinds(where)
    sql = ""
    if kinds:
        # Kinds are few: the lines are then chosen by a number, not by texts.
        sql = f" AND kind IN (SELECT id FROM result_kind WHERE {' AND '.join(kinds)})"
    for condition, more in map(_field, where.fields):
        sql += f" AND {condition}"
        values += more
    return sql, values


def _field(test: FieldTest) -> Condition:
    from .field_sql import field_condition  # and all that reads answers: the first paint needs none of it

    return field_condition(test)


def _kinds(where: ResultFilter) -> tuple[list[str], list[object]]:
    sql: list[str] = []
    values: list[object] = []
    for column in ("outcome", "stop_reason", "model"):
        wanted = getattr(where, column)
        if column == "outcome" and wanted == PROBLEM:
            sql.append("problem")
        elif wanted:
            sql.append(f"{column} = ?")
            values.append(wanted)
    if where.error is not None:
        sql.append(f"problem AND outcome = ? AND error_message = ? AND {REASON} = ?")
        values += _group(where.error)
    return sql, values


def _group(group: ErrorGroup) -> list[object]:
    return [group.outcome, group.message, group.kind]
