"""From a source of any kind to its items, in the source's order: what a draft and a preview are made of."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from ..model import BODIES, MAP, NEEDS_RECIPE, OPENAI, REQUESTS, Making
from .basics.items import Finding, Item, Row
from .files.opening import Source, SourceFile
from .files.recognising import LINES
from .files.splitting import Broken, Element
from .files.stretches import Stretch
from .mapping import Mapper

HANDFUL = 2 << 20
"""Bytes of items that are dealt with together."""

OVERHEAD = 2_000
"""Counted for each item beyond its bytes: a thousand come together at most, and may take their time."""

LONG = 64 << 10
"""Bytes from which on a file is worth being read by the stretch."""

Handful = list[Item]


class Flow:
    """The items of a source, and what is known of all of them."""

    def __init__(self, source: Source, making: Making) -> None:
        self._source = source
        self._making = making
        self.betas = making.betas
        self.recipe = ""
        """Key of what was asked; see `Draft.recipe`."""
        self._rows: deque[int] = deque()
        self._here = _Here()
        self.items = self._found()
        """One for each request that there should be, and some for what else is to be said."""

    def handfuls(self) -> Iterator[Handful | Stretch]:
        """The items, some at a time; those before a break come before the complaint about it: Broken."""
        if self._source.kind != REQUESTS or self._making.ids == MAP:
            yield from _handfuls(self.items)
            return
        for is_long, files in groupby(self._source.files, _is_long):
            if not is_long:
                yield from _handfuls(self._ready(files))
                continue
            for file in files:
                name = self._name(file)
                for stretch in file.stretches():
                    yield stretch._replace(file=name)

    @property
    def spans_lines(self) -> bool:
        """Whether requests may have line feeds inside; those that are made here have none."""
        is_ready = self._source.kind == REQUESTS
        return is_ready and any(file.guess.form != LINES for file in self._source.files)

    @property
    def has_rows(self) -> bool:
        """Whether items got their custom_ids here whose rows nobody has asked for."""
        return bool(self._rows)

    def row(self) -> int:
        """The row of the next item that got its custom_id here; ask once for each, in their order."""
        return self._rows.popleft()

    def of_row(self, number: int) -> Item | None:
        """The item of a row, from 1; None where there are fewer."""
        is_made = self._source.kind in NEEDS_RECIPE
        for count, item in enumerate(self.items, 1):
            if (self._here.number if is_made else count) == number:
                return item
        return None

    def _found(self) -> Iterator[Item]:
        kind, at = self._source.kind, self._here
        if kind in NEEDS_RECIPE:
            return self._noted(self._made(at), at)
        if kind in (BODIES, OPENAI):
            return self._noted(self._ported(at), at)
        if self._making.ids == MAP:
            return self._noted(Mapper().items(at.counted(self._ready(self._source.files))), at)
        return self._ready(self._source.files)

    def _noted(self, items: Iterator[Item], at: _Here) -> Iterator[Item]:
        """The same items, the rows of those noted that only we can tell."""
        for item in items:
            if item.named is not None:
                self._rows.append(at.number)
            yield item

    def _ready(self, files: Iterable[SourceFile]) -> Iterator[Item]:
        """Requests as they stand in files."""
        for file in files:
            name = self._name(file)
            for line, raw, column in file.placed():
                yield Item(line, raw, (), None, name, column)

    def _name(self, file: SourceFile) -> str:
        return file.name if self._source.several else ""

    def _ported(self, at: _Here) -> Iterator[Item]:
        """Requests of others, each made anew."""
        from .openai import batches, bodies

        port = batches.items if self._source.kind == OPENAI else bodies.items
        for item in port(at.elements(self._source), self._making):
            yield item._replace(file=at.file, findings=tuple(map(at.shifted, item.findings)))

    def _made(self, at: _Here) -> Iterator[Item]:
        """Requests that a recipe makes of rows; UsageError where the recipe is wrong."""
        from .files.rows import rows
        from .recipes.making import Maker

        maker = Maker(self._making, self._source.columns, self._source.kind)
        self.betas, self.recipe = maker.betas, maker.key
        return maker.items(at.rows(rows(self._source, self._making)))


class _Here:
    """What was read last: each item is made of it before the next one is read."""

    def __init__(self) -> None:
        self.file = ""
        self.number = 0
        """Its place in the source, from 1."""
        self._column = 1

    def rows(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The same rows."""
        for row in rows:
            self.number = row.number
            yield row

    def counted(self, items: Iterator[Item]) -> Iterator[Item]:
        """The same items."""
        for self.number, item in enumerate(items, 1):
            yield item

    def elements(self, source: Source) -> Iterator[Element]:
        """The elements of all files, in one go."""
        for file in source.files:
            self.file = file.name if source.several else ""
            for line, raw, self._column in file.placed():
                self.number += 1
                yield line, raw

    def shifted(self, finding: Finding) -> Finding:
        """The finding, with its column counted from the start of the file's line, not of the element."""
        if finding.line or not finding.column or self._column == 1:
            return finding
        return replace(finding, column=finding.column + self._column - 1)


def _is_long(file: SourceFile) -> bool:
    """Whether a file is read by the stretch: smaller ones come together."""
    return file.guess.form == LINES and file.size >= LONG


def _handfuls(items: Iterator[Item]) -> Iterator[Handful]:
    handful: Handful = []
    size = 0
    broken: Broken | None = None
    try:
        for item in items:
            handful.append(item)
            size += len(item[1]) + OVERHEAD
            if size >= HANDFUL:
                yield handful
                handful, size = [], 0
    except Broken as error:
        broken = error
    if handful:
        yield handful
    if broken is not None:
        raise broken
