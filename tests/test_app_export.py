"""Taking results away in the app: each form, the questions before it, the stop in the middle."""

from __future__ import annotations

import csv
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList

from tests.answering import answered, errored, opened, succeeded
from tests.app_runs import SIZES, Deck, running
from tui.export import Pair
from tui.handlers import Services
from tui.handlers.export_job import Job
from tui.handlers.export_rows import ExportRows
from tui.screens.dialogs import Confirm
from tui.screens.exporting import FORMS, ExportDialog
from tui.simulator import Simulator
from tui.simulator.batch import Batch

RESULTS = [
    succeeded("t-1", '```json\n{"label": "spam", "note": "=1+1"}\n```'),
    succeeded("t-2", '{"label": "ham"}'),
    errored("t-3", "Overloaded"),
]


@pytest.fixture
def batch(simulator: Simulator) -> Batch:
    return answered(simulator, RESULTS)


async def asked(deck: Deck) -> ExportDialog:
    await deck.press("e")
    await deck.until(lambda: isinstance(deck.screen, ExportDialog) and deck.screen.focused)
    assert isinstance(deck.screen, ExportDialog)
    return deck.screen


async def save(deck: Deck, form: str, path: Path) -> ExportDialog:
    """Choose a form by the arrows, type the place over what is suggested, press enter."""
    dialog = await asked(deck)
    place = next(n for n, each in enumerate(FORMS) if form in each.title)
    await deck.press(*["down"] * place)
    await deck.until(lambda: dialog.form is FORMS[place])
    await deck.press("ctrl+u", "ctrl+k")
    await deck.type(str(path))
    await deck.press("enter")
    return dialog


@pytest.mark.parametrize("size", SIZES)
async def test_every_form_reaches_its_file(
    services: Services, batch: Batch, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running(services, size) as deck:
        screen = await opened(deck, batch)
        for number, (form, suffix) in enumerate(
            [
                ("as received", ".jsonl"),
                ("with its request", ".jsonl"),
                ("CSV", ".csv"),
                ("CSV with", ".csv"),
                ("folder", ""),
            ]
        ):
            path = tmp_path / f"out-{number}{suffix}"
            await save(deck, form, path)
            await deck.until(lambda path=path: path.exists() and deck.screen is screen)  # type: ignore[misc]
    assert (tmp_path / "out-0.jsonl").read_bytes() == services.paths.result_file(batch.id).read_bytes()
    lines = (tmp_path / "out-1.jsonl").read_text().splitlines()
    assert [json.loads(line)["custom_id"] for line in lines] == ["t-1", "t-2", "t-3"]
    plain, wide = (table(tmp_path / f"out-{number}.csv") for number in (2, 3))
    assert "field.label" not in plain[0] and [row["outcome"] for row in plain] == ["succeeded"] * 2 + [
        "errored"
    ]
    assert [row["field.label"] for row in wide] == ["spam", "ham", ""] and wide[0]["field.note"] == "'=1+1"
    names = sorted(file.name for file in (tmp_path / "out-4").iterdir())
    assert names[:3] == ["index.csv", "t-1.md", "t-2.md"]


def table(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_what_each_form_asks_for() -> None:
    from tui.model import Order, Pattern, ResultFilter, Selection

    which = Selection(ResultFilter("succeeded"), Pattern("x"), Order("input"))
    made = [form.make(("b",), Path("out"), which, Path("in.csv")) for form in FORMS]
    assert [each.format for each in made] == ["jsonl", "jsonl", "csv", "csv", "csv", "parquet", "files"]
    assert [each.fields for each in made] == [False, False, False, True, True, True, False]
    assert [each.requests for each in made] == [False, True, *[False] * 5]
    assert [each.join for each in made] == [*[None] * 4, Path("in.csv"), None, None]
    for each in made:  # a joined table keeps its own order
        assert each.selection == (Selection(which.where, which.pattern) if each.join else which)
        assert each.guard and not each.overwrite


async def test_the_join_asks_for_its_source(services: Services, batch: Batch, tmp_path: Path) -> None:
    source, target = tmp_path / "tickets.csv", tmp_path / "judged.csv"
    source.write_text("id,said\nt-3,x\nt-1,y\nt-9,z\n")
    async with running(services, (80, 24)) as deck:
        screen = await opened(deck, batch)
        dialog = await save(deck, "your CSV", target)
        await deck.until_shown("Name the table that the requests were made from.")
        assert dialog.query_one("#source").has_focus and not target.exists()
        await deck.type(str(source))
        await deck.press("enter")
        await deck.until(lambda: deck.screen is screen and target.exists())
        await deck.until(lambda: any("Saved 3 rows of tickets.csv" in said for said in deck.notices))
    joined = table(target)
    assert [(row["id"], row["said"], row["outcome"]) for row in joined] == [
        ("t-3", "x", "errored"),
        ("t-1", "y", "succeeded"),
        ("t-9", "z", "missing"),
    ]
    assert source.read_text() == "id,said\nt-3,x\nt-1,y\nt-9,z\n"


async def test_a_known_source_is_suggested(services: Services, tmp_path: Path) -> None:
    from tui.model import Selection

    async with running(services) as deck:
        dialog = ExportDialog("Save", ("b",), Selection(), "x", "/data/tickets.csv")
        deck.app.push_screen(dialog)
        await deck.until(lambda: dialog.focused)
        assert not dialog.query_one("#source").display
        await deck.press(*["down"] * 4)
        await deck.until_shown("/data/tickets.csv", "› your CSV")


@pytest.mark.parametrize("theme", ["textual-dark", "ansi-dark"])
async def test_the_chosen_form_can_be_told_while_the_place_is_typed(
    services: Services, batch: Batch, theme: str
) -> None:
    async with running(services, (60, 15)) as deck:
        deck.app.theme = theme
        await opened(deck, batch)
        dialog = await asked(deck)
        for form in FORMS[1:]:
            await deck.press("down")
            await deck.until_shown(f"› {form.title}", form.hint[:40])
            assert deck.text().count("› ") == 1
            assert dialog.query_one("#where", Input).value.endswith(f"results{form.suffix}")
        assert not dialog.query_one(OptionList).has_focus


async def test_nothing_is_overwritten_unasked(services: Services, batch: Batch, tmp_path: Path) -> None:
    target = tmp_path / "mine.csv"
    target.write_text("mine")
    async with running(services, (80, 24)) as deck:
        screen = await opened(deck, batch)
        await save(deck, "CSV", target)
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("enter")  # the safe answer has the focus
        await deck.until(lambda: deck.screen is screen)
        assert target.read_text() == "mine"
        await save(deck, "CSV", target)
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        await deck.press("y")
        await deck.until(lambda: target.read_text().startswith("custom_id"))
        await save(deck, "folder", tmp_path)
        await deck.until(lambda: any(str(tmp_path) in said for said in deck.notices[1:]))
    assert not markdown_in(tmp_path)


def markdown_in(folder: Path) -> list[Path]:
    return list(folder.glob("*.md"))


async def test_what_is_chosen_is_what_is_saved(services: Services, batch: Batch, tmp_path: Path) -> None:
    async with running(services, (80, 24)) as deck:
        screen = await opened(deck, batch)
        await deck.press("slash")
        await deck.type("ham")
        await deck.press("enter")
        await deck.until(lambda: len(screen.browser.table.source) == 1)
        await save(deck, "as received", tmp_path / "ham.jsonl")
        await deck.until(lambda: any("Saved 1 of 3 results to" in said for said in deck.notices))
    assert json.loads((tmp_path / "ham.jsonl").read_text())["custom_id"] == "t-2"


async def test_e_stops_it_and_nothing_stays(
    services: Services, batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(self: Job, rows: ExportRows) -> Iterator[Pair]:
        yield from rows.pairs(rows.refs()[:1])
        self.told(1, 3)
        while not over.is_set():
            rows.go_on()  # raises as soon as somebody stops it
            time.sleep(0.001)

    over = threading.Event()
    monkeypatch.setattr(Job, "_counted", endless)
    target = tmp_path / "folder"
    target.mkdir()
    async with running(services) as deck:
        await opened(deck, batch)
        await save(deck, "CSV", target / "out.csv")
        try:
            await deck.until_shown("saving 1 of 3 (E stops)")
            await deck.press("E")
            await deck.until(lambda: "E stops" not in deck.text())
            assert any("stopped; nothing was written" in said for said in deck.notices)
        finally:
            over.set()
    assert list(target.iterdir()) == []
