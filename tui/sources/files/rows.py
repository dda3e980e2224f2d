"""From a source to its rows, whatever its kind: those of a table, records, or files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from ...model import FILES, TABLE, Making
from ..basics.items import Row
from . import folders, records, tables
from .splitting import Broken

if TYPE_CHECKING:
    from .opening import Source, SourceFile


def rows(source: Source, making: Making) -> Iterator[Row]:
    """All rows of a source, numbered through its files. Raises Broken, with the name of the file."""
    numbers = count(1)
    if source.kind == FILES:
        yield from folders.rows(source.files, numbers, most=making.most_bytes, several=source.several)
        return
    for file in source.files:
        name = file.name if source.several else ""
        if source.kind == TABLE:
            yield from _table(file, numbers, name)
        else:
            yield from records.rows(file.elements(), numbers, name)


def _table(file: SourceFile, numbers: Iterator[int], name: str) -> Iterator[Row]:
    try:
        with file.open() as handle:
            yield from tables.rows(handle, file.layout, numbers, name)
    except Broken as broken:
        raise Broken(broken.line, broken.what, broken.remedy, file.name) from broken
