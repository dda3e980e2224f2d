"""Columns that fit, a table that draws only what differs, and keys that lead somewhere."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.dom import DOMNode
from textual.geometry import Region
from textual.pilot import Pilot

import tui.screens
import tui.widgets
from tests.hostile import HOSTILE
from tui.app import DeckApp
from tui.screens.batch import BatchScreen
from tui.text import clean
from tui.widgets import batch_rows, result_rows
from tui.widgets.columns import GUTTER, Cell, Column, fit, place
from tui.widgets.paged_rows import PAGE, PagedRows
from tui.widgets.result_rows import result_cells
from tui.widgets.virtual_table import VirtualTable

# Columns


@pytest.mark.parametrize("columns", [batch_rows.COLUMNS, result_rows.COLUMNS], ids=["batches", "results"])
@pytest.mark.parametrize("width", [*range(20, 200, 7), 59, 60, 79, 80])
def test_columns_fit_and_do_not_overlap(columns: Sequence[Column], width: int) -> None:
    placed = place(columns, width)
    assert placed[0].x == GUTTER
    for left, right in pairwise(placed):
        assert left.x + left.width + left.gap == right.x
    assert placed[-1].x + placed[-1].width <= width
    kept = {each.column.id for each in placed}
    dropped = [column for column in columns if column.id not in kept]
    least = min(each.column.keep for each in placed)
    assert all(column.keep < least for column in dropped), "the least important go first"


def test_what_stays_at_eighty_cells_and_at_sixty() -> None:
    shown = {width: [each.column.id for each in place(batch_rows.COLUMNS, width)] for width in (60, 80, 160)}
    assert shown[80] == ["state", "name", "requests", "succeeded", "errored", "created", "time", "left"]
    assert shown[60] == ["state", "name", "requests", "succeeded", "errored", "time"]
    assert len(shown[160]) == len(batch_rows.COLUMNS)


def test_one_column_stays_however_narrow() -> None:
    for width in range(1, 6):
        (only,) = place(batch_rows.COLUMNS, width)
        assert only.column.id == "state" and only.width >= 1


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [1, 2, 3, 7, 16, 80])
def test_a_fitted_text_has_exactly_its_width(text: str, width: int) -> None:
    for align in ("left", "right"):
        shown = fit(clean(text), width, align)
        assert cell_len(shown) == width
        assert ("…" in shown) == (cell_len(clean(text)) > width)


def test_fit_cuts_pads_and_aligns() -> None:
    assert fit("abc", 5) == "abc  " and fit("abc", 5, "right") == "  abc"
    assert fit("abcdef", 4) == "abc…" and fit("日本語", 4) == "日 …" and fit("日本", 4) == "日本"


# The table


class Rows:
    """Rows named by their keys, of which a cell can be changed."""

    def __init__(self, keys: Sequence[str], changed: Mapping[tuple[str, str], str] | None = None) -> None:
        self.keys = list(keys)
        self.changed = changed or {}

    def __len__(self) -> int:
        return len(self.keys)

    def key(self, index: int) -> str:
        return self.keys[index]

    def index(self, key: str) -> int | None:
        return self.keys.index(key) if key in self.keys else None

    def cells(self, index: int) -> Mapping[str, Cell]:
        key = self.keys[index]
        return {name: Cell(self.changed.get((key, name), f"{name}-{key}")) for name in ("a", "b", "c")}


COLUMNS = (Column("a", "A", 8), Column("b", "B", 8), Column("c", "C", 8, flexible=True))


class Bench(App[None]):
    """A table by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.table = VirtualTable(COLUMNS, empty="nothing here")
        self.regions: list[Region] = []
        self.whole = 0
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        draw = self.table.refresh

        def refresh(*regions: Region, **how: bool) -> VirtualTable:
            self.regions += regions
            self.whole += not regions and not how.get("layout")
            return draw(*regions, **how)

        self.table.refresh = refresh  # type: ignore[method-assign]

    def on_virtual_table_highlighted(self, event: VirtualTable.Highlighted) -> None:
        self.said.append(event.key)

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        self.said.append(("open", event.key))

    def on_virtual_table_header_clicked(self, event: VirtualTable.HeaderClicked) -> None:
        self.said.append(("header", event.column))

    def forget(self) -> None:
        self.regions.clear()
        self.said.clear()
        self.whole = 0

    def line(self, y: int) -> str:
        return "".join(segment.text for segment in self.table.render_line(y)).rstrip()


@asynccontextmanager
async def bench(
    number: int = 0, size: tuple[int, int] = (40, 11)
) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench()
    async with app.run_test(size=size) as pilot:
        app.table.show(Rows(keys(number)))
        await pilot.pause()
        app.forget()
        yield app, pilot


def keys(number: int) -> list[str]:
    return [f"k{n:03}" for n in range(number)]


async def test_an_empty_table_says_why_and_survives_every_key() -> None:
    async with bench() as (app, pilot):
        assert app.line(2).strip() == "nothing here"
        await pilot.press("up", "down", "g", "G", "pageup", "pagedown", "enter")
        assert app.table.cursor_key is None
        assert not app.said
        app.table.say_if_empty("still nothing")
        assert app.line(2).strip() == "still nothing"
        assert app.whole
        app.table.show(Rows(keys(3)))
        await pilot.pause()
        assert app.line(1).startswith("›") and app.table.source.key(app.table.cursor_index) == "k000"
        app.table.show(Rows([]))
        await pilot.pause()
        assert app.line(1) == ""


async def test_the_same_rows_again_draw_nothing() -> None:
    async with bench(50) as (app, pilot):
        app.table.show(Rows(keys(50)))
        app.table.redraw()
        app.table.mark(frozenset())
        app.table.sort_sign("", False)
        app.table.say_if_empty("other words")
        await pilot.pause()
        assert not app.regions and not app.whole and not app.said


async def test_only_cells_that_changed_are_drawn() -> None:
    async with bench(50) as (app, pilot):
        new = {("k002", "b"): "new", ("k004", "a"): "new", ("k004", "c"): "new", ("k040", "a"): "unseen"}
        app.table.show(Rows(keys(50), new))
        await pilot.pause()
        columns = {each.column.id: each for each in place(COLUMNS, app.table.width)}
        from_a_to_c = columns["c"].x + columns["c"].width - columns["a"].x
        # One region for each line: from the first cell that differs to the last.
        assert [(each.y, each.x, each.width, each.height) for each in app.regions] == [
            (3, columns["b"].x, columns["b"].width, 1),
            (5, columns["a"].x, from_a_to_c, 1),
        ]
        assert not app.whole
        assert "new" in app.line(3) and "b-k001" in app.line(2)


async def test_moving_the_cursor_draws_two_lines() -> None:
    async with bench(50) as (app, pilot):
        await pilot.press("j")
        assert sorted({each.y for each in app.regions}) == [1, 2]
        assert not app.whole and app.said == ["k001"]
        app.forget()
        app.table.mark(frozenset({"k003", "k049"}))
        await pilot.pause()
        assert [each.y for each in app.regions] == [4]
        assert app.line(4).startswith(" *")
        app.forget()
        app.table.sort_sign("b", True)
        assert [(each.y, each.height) for each in app.regions] == [(0, 1)]
        assert "B▼" in app.line(0)


async def test_the_cursor_stays_on_its_key() -> None:
    async with bench(5) as (app, pilot):
        table = app.table
        table.move_to(2)
        for rows in (
            ["new", *keys(5)],
            keys(5)[::-1],
            ["k002", "k000"],
            [*keys(30), "z"],
            sorted(keys(30), key=lambda key: key[::-1]),
        ):
            table.show(Rows(rows))
            await pilot.pause()
            assert table.cursor_key == "k002" and rows[table.cursor_index] == "k002"
            y = rows.index("k002") - table.first_visible + 1
            assert 1 <= y <= table.visible_rows and app.line(y).startswith("›")
        assert app.said == ["k002"], "nothing was highlighted anew"


async def test_when_its_row_goes_the_cursor_stays_where_it_was() -> None:
    async with bench(5) as (app, pilot):
        app.table.move_to(2)
        app.table.show(Rows([key for key in keys(5) if key != "k002"]))
        await pilot.pause()
        assert (app.table.cursor_index, app.table.cursor_key) == (2, "k003")
        app.table.show(Rows(["k000"]))
        await pilot.pause()
        assert (app.table.cursor_index, app.table.cursor_key) == (0, "k000")
        assert app.said == ["k002", "k003", "k000"]


async def test_rows_that_come_above_do_not_move_what_one_reads() -> None:
    async with bench(100) as (app, pilot):
        table = app.table
        table.move_to(50)
        await pilot.pause()
        here = table.cursor_index - table.first_visible
        table.show(Rows([f"new{n}" for n in range(7)] + keys(100)))
        await pilot.pause()
        assert table.cursor_key == "k050" and table.cursor_index - table.first_visible == here
        table.show(Rows(keys(100)[20:]))
        await pilot.pause()
        assert table.cursor_key == "k050" and table.cursor_index - table.first_visible == here


async def test_scrolling_keeps_the_cursor_in_sight() -> None:
    async with bench(100) as (app, pilot):
        table = app.table
        rows = table.visible_rows
        assert rows == 10
        for press, index in (
            ("pagedown", rows - 1),
            ("pagedown", 2 * (rows - 1)),
            ("k", 2 * (rows - 1) - 1),
            ("pageup", rows - 2),
            ("G", 99),
            ("down", 99),
            ("home", 0),
            ("up", 0),
            ("end", 99),
        ):
            await pilot.press(press)
            assert table.cursor_index == index
            y = index - table.first_visible + 1
            assert 1 <= y <= rows
            assert app.line(y).startswith("›") and f"k{index:03}" in app.line(y)
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert table.first_visible <= 99 < table.first_visible + table.visible_rows


async def test_the_mouse_chooses_opens_and_sorts() -> None:
    async with bench(5) as (app, pilot):
        await pilot.click(VirtualTable, offset=(5, 3))
        assert app.table.cursor_key == "k002"
        await pilot.click(VirtualTable, offset=(5, 4), times=2)
        assert ("open", "k003") in app.said
        await pilot.click(VirtualTable, offset=(5, 9))
        assert app.table.cursor_key == "k003"
        await pilot.click(VirtualTable, offset=(12, 0))
        assert ("header", "b") in app.said
        await pilot.press("enter")
        assert app.said[-1] == ("open", "k003")
        assert app.table.move_to_key("k001") and not app.table.move_to_key("no such key")


async def test_a_narrower_terminal_places_the_columns_anew() -> None:
    async with bench(5, (60, 11)) as (app, pilot):
        assert all(f"{name}-k000" in app.line(1) for name in "abc")
        await pilot.resize_terminal(24, 11)
        await pilot.pause()
        assert len(app.line(1)) <= 24 and "a-k000" not in app.line(1)
        app.forget()
        app.table.redraw()
        assert not app.regions and app.line(1).startswith("› b-k000")


# Pages of results


def test_pages_are_asked_for_once_and_kept_while_lines_arrive() -> None:
    asked: list[tuple[int, int]] = []
    rows = PagedRows(range(300), lambda number, lines: asked.append((number, len(lines))), result_cells)
    assert rows.cells(0) is None and rows.cells(5) is None and rows.cells(299) is None
    assert asked == [(0, PAGE), (2, 300 - 2 * PAGE)]
    grown = rows.grown(range(400))
    assert len(grown) == 400 and grown.key(399) == "399" and grown.index("399") == 399
    assert grown.index("400") is None
    chosen = PagedRows([3, 8, 21], lambda number, lines: None, result_cells)
    assert [chosen.index(key) for key in ("3", "8", "9", "21", "22")] == [0, 1, None, 2, None]


# Keys


def bound() -> list[type[DOMNode]]:
    """Every class of ours that binds keys."""
    found: set[type[DOMNode]] = {DeckApp}
    for package in (tui.screens, tui.widgets):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for _, each in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if issubclass(each, DOMNode) and each.__module__.startswith("tui."):
                    found.add(each)
    return sorted((each for each in found if "BINDINGS" in vars(each)), key=lambda each: each.__name__)


def bindings(owner: type[DOMNode]) -> list[Binding]:
    return [binding for binding in vars(owner)["BINDINGS"] if isinstance(binding, Binding)]


def test_all_classes_with_keys_are_looked_at() -> None:
    assert {"DeckApp", "BatchesScreen", "BatchScreen", "VirtualTable", "Confirm"} <= {
        e.__name__ for e in bound()
    }
    assert all(len(bindings(owner)) == len(vars(owner)["BINDINGS"]) for owner in bound())


@pytest.mark.parametrize("owner", bound(), ids=lambda owner: owner.__name__)
def test_every_key_leads_to_an_action(owner: type[DOMNode]) -> None:
    for binding in bindings(owner):
        where, _, name = binding.action.partition("(")[0].rpartition(".")
        target = {"app": DeckApp, "screen": BatchScreen}.get(where, owner)
        method = getattr(target, f"action_{name}", None)
        assert callable(method), f"{owner.__name__}: {binding.key} → {binding.action}"


@pytest.mark.parametrize("owner", bound(), ids=lambda owner: owner.__name__)
def test_every_key_can_be_remapped_and_no_id_is_taken_twice(owner: type[DOMNode]) -> None:
    ids = [binding.id for binding in bindings(owner)]
    assert all(ids), f"{owner.__name__}: a key without an id"
    assert len(ids) == len(set(ids))
    pressed = [key.strip() for binding in bindings(owner) for key in binding.key.split(",")]
    assert len(pressed) == len(set(pressed)), f"{owner.__name__}: a key bound twice"
    assert all(binding.description for binding in bindings(owner) if binding.show)


def test_one_id_means_one_thing_everywhere() -> None:
    """The keymap is by id: two bindings of one id get the same key."""
    keys_of: dict[str, set[str]] = {}
    for owner in bound():
        for binding in bindings(owner):
            keys_of.setdefault(str(binding.id), set()).add(binding.key)
    assert {name: found for name, found in keys_of.items() if len(found) > 1} == {}
