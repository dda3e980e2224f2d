"""Typed columns in row groups of bounded size, through the optional pyarrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from importlib import import_module
from typing import Any, cast

from ..errors import UsageError
from ..model import IndexRow
from .bodies import Pair
from .cells import COLUMNS, COST, TOKENS, Extras, Value, plain
from .place import NewFile
from .said import said

MOST_ROWS = 20_000
MOST_BYTES = 8_000_000
"""A row group ends with either: it is held in memory while it is made, and by whoever reads it."""

INT, FLOAT, BOOL, STRING = "int", "float", "bool", "str"
"""Kinds of fields. A column begins with the narrowest that may do, and widens with its values."""

_LARGEST = 1 << 63
_EXACT = 1 << 53


def load_parquet() -> tuple[Any, Any]:
    """The library and its Parquet part; UsageError with the remedy where it is not installed."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed.", "pip install 'batchdeck[parquet]'"
        ) from error


def write_parquet(pairs: Iterable[Pair], out: NewFile, extras: Extras) -> int:
    """Write them as a table, and say how many; Misfit where a field turns out to be of another kind."""
    arrow, parquet = load_parquet()
    group, number = _Group(arrow, extras), 0
    with ExitStack() as stack:
        writer: Any = None

        def write() -> None:
            nonlocal writer
            if writer is None:
                group.settle()
                options = {"compression": "zstd"}
                writer = stack.enter_context(parquet.ParquetWriter(out.handle, group.schema, **options))
            writer.write_batch(group.take())

        for row, raw in pairs:
            group.add(row, raw)
            number += 1
            if group.is_full:
                write()
        write()
    return number


class _Group:
    """Rows that become a row group."""

    def __init__(self, arrow: Any, extras: Extras) -> None:
        self._arrow = arrow
        self._extras = extras
        self._kinds = [field.kind for field in extras.fields]
        self._empty()

    def _empty(self) -> None:
        self._columns: list[list[Value]] = [[] for _ in COLUMNS]
        self._fields: list[list[Value]] = [[] for _ in self._kinds]
        self._bytes = 0

    @property
    def schema(self) -> Any:
        """Names and types of the columns."""
        number, text = self._arrow.int64(), self._arrow.string()
        types = {INT: number, FLOAT: self._arrow.float64(), BOOL: self._arrow.bool_()}
        ours = [
            (name, number if name in TOKENS else types[FLOAT] if name == COST else text) for name in COLUMNS
        ]
        fields = zip(self._extras.columns, self._kinds, strict=True)
        return self._arrow.schema([*ours, *((name, types.get(kind, text)) for name, kind in fields)])

    @property
    def is_full(self) -> bool:
        """Whether it should be written before it grows further."""
        return self._bytes >= MOST_BYTES or len(self._columns[0]) >= MOST_ROWS

    def add(self, row: IndexRow, raw: bytes) -> None:
        """One more row."""
        for column, cell in zip(self._columns, _cells(row, raw, self._extras), strict=True):
            column.append(cell)
        for column, cell in zip(self._fields, self._extras.values(raw), strict=True):
            column.append(cell)
        self._bytes += len(raw)

    def settle(self) -> None:
        """Give each field the kind that its first values have; without any, text holds all that may come."""
        for number, column in enumerate(self._fields):
            is_known = self._kinds[number] != BOOL or any(value is not None for value in column)
            self._kinds[number] = widest(self._kinds[number], column) if is_known else STRING

    def take(self) -> Any:
        """The rows so far; none are left."""
        kinds = [widest(kind, column) for kind, column in zip(self._kinds, self._fields, strict=True)]
        if kinds != self._kinds:
            raise Misfit(kinds)
        for column, kind in zip(self._fields, kinds, strict=True):
            self._columns.append([typed(value, kind) for value in column])
        schema = self.schema
        arrays = [
            self._arrow.array(column, type=each.type)
            for column, each in zip(self._columns, schema, strict=True)
        ]
        self._empty()
        return self._arrow.record_batch(arrays, schema=schema)


def _cells(row: IndexRow, raw: bytes, extras: Extras) -> list[Value]:
    """The result's own columns; what does not apply to it is null."""
    words = said(raw)
    cost = extras.cost(row)
    return [
        row.custom_id,
        row.outcome,
        row.stop_reason or None,
        words.cell or None,
        words.error_type or row.error_type or None,
        words.error_message or row.error_message or None,
        row.model or None,
        row.input_tokens,
        row.output_tokens,
        row.cache_write_5m,
        row.cache_write_1h,
        row.cache_read,
        None if cost is None else float(cost),
    ]


class Misfit(Exception):
    """Fields turned out to be of wider kinds than was begun with: begin again with these."""

    def __init__(self, kinds: Sequence[str]) -> None:
        super().__init__("fields of other kinds")
        self.kinds = kinds


def widest(kind: str, column: Iterable[Value]) -> str:
    """The kind that holds all these values and those that the given one holds."""
    has_large = False
    for value in column:
        if value is None:
            continue
        found = _kind(value)
        has_large = has_large or (found == INT and not -_EXACT <= cast(int, value) <= _EXACT)
        if found != kind:
            kind = FLOAT if {kind, found} == {INT, FLOAT} else STRING
        if kind == STRING:
            return kind
    # As a fraction it would become another number.
    return STRING if has_large and kind == FLOAT else kind


def typed(value: Value, kind: str) -> Value:
    """A value as a column of this kind, which is wide enough, has it."""
    if value is None or kind in (INT, BOOL):
        return value
    return float(cast(float, value)) if kind == FLOAT else plain(value)


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return INT if -_LARGEST <= value < _LARGEST else STRING
    return FLOAT if isinstance(value, float) else STRING
