"""Rows known by their number alone; what they say is asked for, page by page, when they come into view."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from .columns import Cell

PAGE = 128
KEPT_PAGES = 64

T = TypeVar("T")
Want = Callable[[int, Sequence[int]], object]


class PagedRows(Generic[T]):
    """A source of rows for a `VirtualTable`; `cells_of` says how one looks."""

    def __init__(self, refs: Sequence[int], want: Want, cells_of: Callable[[T], Mapping[str, Cell]]) -> None:
        self.refs = refs
        self._want = want
        self._cells_of = cells_of
        self._pages: OrderedDict[int, list[T]] = OrderedDict()
        self._aged: dict[int, list[T]] = {}
        """Pages that may say something else by now: shown until they have been asked for again."""
        self._asked: set[int] = set()

    def __len__(self) -> int:
        return len(self.refs)

    def key(self, index: int) -> str:
        """The ref, as text."""
        return str(self.refs[index])

    def index(self, key: str) -> int | None:
        """Where a row stands; they may be in any order."""
        try:
            return self.refs.index(int(key))
        except ValueError:
            return None

    def row(self, index: int) -> T | None:
        """The row, if its page is here; asks for it otherwise."""
        number, place = divmod(index, PAGE)
        page = self._pages.get(number)
        if page is not None and place < len(page):
            self._pages.move_to_end(number)
            return page[place]
        if number not in self._asked:
            self._asked.add(number)
            self._want(number, self.refs[number * PAGE : (number + 1) * PAGE])
        aged = self._aged.get(number, ())
        return aged[place] if place < len(aged) else None

    def supply(self, number: int, rows: list[T], refs: Sequence[int]) -> None:
        """Take a page that was asked for, unless other rows stand there by now."""
        self._asked.discard(number)
        if self.refs[number * PAGE : (number + 1) * PAGE][: len(refs)] != refs:
            return
        self._pages[number] = rows
        self._aged.pop(number, None)
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)

    def grown(self, refs: Sequence[int]) -> PagedRows[T]:
        """These rows now: if they begin with the present ones, pages that are whole stay."""
        same = PagedRows(refs, self._want, self._cells_of)
        if len(self.refs) <= len(refs) and refs[: len(self.refs)] == self.refs:
            same._pages = OrderedDict((n, page) for n, page in self._pages.items() if len(page) == PAGE)
            same._aged = dict(self._aged)
        return same

    def aged(self) -> PagedRows[T]:
        """The same rows, each page of which is asked for again when it is drawn."""
        same = PagedRows(self.refs, self._want, self._cells_of)
        same._aged = {**self._aged, **self._pages}
        return same

    def cells(self, index: int) -> Mapping[str, Cell] | None:
        """What the row says, or None while its page is on the way."""
        row = self.row(index)
        return None if row is None else self._cells_of(row)
