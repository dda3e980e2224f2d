"""Every screen with every hostile string: nothing is markup, nothing drives the terminal, nothing breaks."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.content import Content
from textual.drivers.headless_driver import HeadlessDriver
from textual.screen import Screen
from textual.widgets import Input, Static

from tests import hostile_world
from tests.app_runs import SIZES, Deck, running
from tests.hostile import HOSTILE
from tests.launch_screens import open_launch, reckoned
from tests.pty_runs import OWN, UNSAFE
from tui import records
from tui.errors import ServiceDown
from tui.handlers import Services
from tui.model import (
    Batch,
    Counts,
    DownloadProgress,
    Draft,
    Entry,
    ErrorGroup,
    IndexRow,
    Launch,
    Problem,
    Summary,
    SyncStatus,
    utc_now,
)
from tui.screens.batch import BatchScreen
from tui.screens.dialogs import Ask, Choose, Confirm
from tui.screens.launch import LaunchScreen
from tui.screens.launch_state import CHOOSE
from tui.screens.unfinished import UnfinishedScreen
from tui.simulator import Simulator
from tui.text import clean
from tui.widgets import batch_facts, flow, result_pane
from tui.widgets.batch_rows import entry_cells
from tui.widgets.columns import fit
from tui.widgets.draft_words import group_words, groups_of
from tui.widgets.lines import sync_words
from tui.widgets.plan_words import plan_lines
from tui.widgets.problem_list import ProblemList
from tui.widgets.result_pane import ResultPane
from tui.widgets.result_rows import result_cells

NORMAL, LARGE = (80, 24), (160, 50)
ID = re.compile(r"[a-z][a-z0-9-]{0,20}|--textual-[a-z]+-[0-9a-f-]{36}")
"""What our own widget ids look like, and those that Textual makes."""

CLIPBOARD = re.compile(r"\x1b\]52;c;[A-Za-z0-9+/=]*\x07")
"""What a copy looks like; nothing else may."""

TELLING = [text for text in HOSTILE if text.strip() and len(text) < 1000]
"""Those that can be looked for on a screen."""

SIGNS = ("[@click=app.quit]press me[/]", "\x1b]52;c;SGVsbG8=\x07", "\u202egnirts desrever\u202c", "x" * 5000)
"""A few of each kind, where opening a screen for each of all would take long."""


class Written:
    """What the terminal would have got."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def check(self, *, copies: int = 0) -> None:
        """Only text, no sequence but the program's own, and as many copies; starts anew."""
        written = "".join(self.pieces)
        self.pieces.clear()
        written, copied = CLIPBOARD.subn("", written)
        assert copied == copies
        rest = OWN.sub("", written)
        found = UNSAFE.search(rest)
        assert found is None, rest[max(found.start() - 60, 0) : found.end() + 60].encode("unicode-escape")
        assert "\r" not in rest.replace("\r\n", "")
        assert not re.search("[\ud800-\udfff]", rest)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Let the driver of the tests write like that of a terminal, into our hands."""
    recorder = Written()
    monkeypatch.setattr(HeadlessDriver, "is_headless", property(lambda driver: False))
    monkeypatch.setattr(HeadlessDriver, "write", lambda driver, data: recorder.pieces.append(data))
    yield recorder
    recorder.check()


@asynccontextmanager
async def deck_of(services: Services, size: tuple[int, int] = NORMAL) -> AsyncIterator[Deck]:
    async with running(services, size) as deck:
        await deck.until_polled()
        yield deck
        check_screens(deck.app)


def check_screens(app: App[Any]) -> None:
    """Nobody made an id of foreign text, no text is a link or a click, every line fits."""
    for screen in app.screen_stack:
        ids = {node.id for node in screen.walk_children() if node.id}
        assert all(ID.fullmatch(name) for name in ids), ids
    for strip in app.screen._compositor.render_strips():
        line = "".join(segment.text for segment in strip)
        assert cell_len(line) <= app.size.width, ascii(line)
        for segment in strip:
            style = segment.style
            assert style is None or not (style.link or "@click" in (style.meta or {})), segment


def said(deck: Deck) -> str:
    """All that stands in the texts of the screen, seen or scrolled away."""
    contents = [static.content for static in deck.screen.query(Static)]
    contents += [pane.shown.content for pane in deck.screen.query(ResultPane)]
    return "\n".join(each.plain if isinstance(each, Content) else str(each) for each in contents)


def start(text: str, length: int = 12) -> str:
    """The beginning of a string as a screen shows it."""
    return clean(text)[:length].strip()


async def push(deck: Deck, screen: Screen[Any]) -> None:
    deck.app.push_screen(screen)
    await deck.until(lambda: deck.screen is screen and screen.is_mounted)


# What is drawn, by itself


def check_content(content: Content, *texts: str) -> None:
    """Harmless, literal, and without a span that could do anything but colour."""
    assert not UNSAFE.search(content.plain.replace("\n", " ")), content.plain
    assert "\r" not in content.plain and not re.search("[\ud800-\udfff]", content.plain)
    for text in texts:
        assert clean(text)[:60].strip() in content.plain
    for span in content.spans:
        assert "@" not in str(span.style) and "link" not in str(span.style), span


@pytest.mark.parametrize("line", hostile_world.result_lines(), ids=lambda line: repr(line[:30]))
def test_a_result_in_full(line: bytes) -> None:
    view = records.parse_result(line)
    check_content(result_pane.formatted(view).content, view.error_message.partition("\n")[0])
    check_content(result_pane.raw(line, records.pretty(line, 10_000)).content)


@pytest.mark.parametrize("text", HOSTILE)
def test_facts_rows_and_drafts(text: str) -> None:
    now = utc_now()
    batch = Batch(id=text, state=text, counts=Counts(processing=1), created_at=now)
    entry = Entry(batch, label=text, source=text)
    launch = Launch("l", "sent", text, text, 1, 1, "", now, models=((text, 1),), problem=text)
    cut = DownloadProgress(text, "waiting", problem=text)
    check_content(batch_facts.heading(entry, now), text)
    check_content(batch_facts.facts(entry, launch, None, cut, None, now), text)
    group = ErrorGroup("errored", text, text, 2)
    summary = Summary(2, ((text, 2),), ((text, 2),), ((text, 2),), (group,))
    check_content(batch_facts.summary_words(summary, 5), text)
    wrong = (Problem(text, text, text),)
    draft = Draft(text, 1, 1, models=((text, 1),), first=text, problems=wrong, problem_count=1)
    check_content(Content("\n").join(plan_lines(draft)))
    (wrongs,) = groups_of(draft)
    check_content(flow.plain(group_words(wrongs, wrong, unfolded=True)), text)
    check_content(sync_words(SyncStatus("failing", problem=text, remedy=text), now), text)
    row = IndexRow(0, 0, 0, text, text, text, text, text, text, first_words=text)
    succeeded = IndexRow(0, 0, 0, text, "succeeded", text, text, text, text, first_words=text)
    for cells in (entry_cells(entry, now), result_cells(row), result_cells(succeeded)):
        for cell in cells.values():
            for width in (1, 2, 7, 40):
                shown = fit(cell.text, width)
                assert cell_len(shown) == width and not UNSAFE.search(shown)


# The list


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_labels_in_the_list(
    services: Services, simulator: Simulator, written: Written, size: tuple[int, int]
) -> None:
    ids = await hostile_world.labelled(services, simulator)
    async with deck_of(services, size) as deck:
        await deck.until(lambda: len(deck.home.entries) == len(ids))
        seen = deck.text()
        while deck.table.cursor_index < len(ids) - 1:
            deck.table.action_page(1)
            await deck.pilot.pause()
            seen += deck.text()
        for text in TELLING:
            assert start(text, 7) in seen, text
        check_screens(deck.app)
        written.check()


async def test_ids_and_what_one_may_do_with_them(
    services: Services, simulator: Simulator, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(App, "open_url", lambda app, url, new_tab=True: None)
    live = hostile_world.with_hostile_ids(simulator, live=True)
    async with deck_of(services) as deck:
        await deck.until(lambda: len(deck.home.entries) == len(live))
        await deck.press("M", "x")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        assert "requests, running for" in said(deck)
        await deck.press("escape", "escape")
        for entry in list(deck.home.entries.values()):
            if entry.id in SIGNS[1:3]:
                await _label_open_and_copy(deck, entry, written)


async def _label_open_and_copy(deck: Deck, entry: Entry, written: Written) -> None:
    deck.table.move_to_key(entry.id)
    deck.home.action_label()
    await deck.until(lambda: isinstance(deck.screen, Ask))
    assert start(entry.id) in said(deck)
    await deck.press("escape")
    await deck.until(lambda: deck.screen is deck.home)
    written.check()
    deck.home.action_console()
    await deck.pilot.pause()
    written.pieces = [CLIPBOARD.sub("", piece) for piece in written.pieces]
    deck.home.action_copy()
    await deck.pilot.pause()
    written.check(copies=1)
    deck.app.clear_notifications()


async def test_deleting_what_has_a_hostile_id(
    services: Services, simulator: Simulator, written: Written
) -> None:
    ended = hostile_world.with_hostile_ids(simulator)
    async with deck_of(services) as deck:
        await deck.until(lambda: len(deck.home.entries) == len(ended))
        await deck.press("M", "D")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        assert said(deck).count("answers are lost") == 20
        written.check()
        await deck.press("y")
        await deck.until(lambda: deck.notices)
        written.check()


async def test_the_palette_and_the_help(services: Services, simulator: Simulator, written: Written) -> None:
    ids = await hostile_world.labelled(services, simulator)
    async with deck_of(services, LARGE) as deck:
        await deck.until(lambda: len(deck.home.entries) == len(ids))
        await deck.press("colon")
        for text in ("[/foo]", "SGVsbG8", "gnirts"):
            await deck.type(text)
            await deck.until_shown(f"Open {start(next(each for each in HOSTILE if text in each))}")
            written.check()
            await deck.press("ctrl+u")
        await deck.press("escape")
        await deck.until(lambda: deck.screen is deck.home)
        await deck.press("question_mark")
        await deck.until_shown("Every batch of the account")


# One batch


async def opened(deck: Deck, batch_id: str) -> BatchScreen:
    await deck.until(lambda: batch_id in deck.home.entries)
    screen = await deck.open(batch_id)
    await deck.until(lambda: screen.entry and screen.entry.results and screen.entry.results.complete)
    await deck.until(lambda: _is_shown(screen))
    return screen


def _is_shown(screen: BatchScreen) -> bool:
    shown, row = screen.browser.reading.shown, screen.browser.reading.row
    return (
        shown is not None
        and row is not None
        and str(row.ref) == screen.browser.table.cursor_key
        and screen.browser.pane.answer.shown is shown
    )


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_rows_summary_and_one_result_of_everything(
    services: Services, simulator: Simulator, written: Written, size: tuple[int, int]
) -> None:
    batch = hostile_world.with_results(simulator)
    async with deck_of(services, size) as deck:
        screen = await opened(deck, batch.id)
        if size == NORMAL:
            await _copy(deck, screen, written)
        elif size == SIZES[0]:
            await _walk(deck, screen)
        await deck.press("i")
        await deck.until_shown("outcomes")
        for text in TELLING[:5]:
            assert start(text) in said(deck)
        written.check()
        await deck.press("i", "g", "enter")
        await _scroll_through(deck, screen, written)
        await deck.press("v")
        await deck.until(lambda: _is_shown(screen))
        if size == NORMAL:
            await _scroll_through(deck, screen, written)


async def _walk(deck: Deck, screen: BatchScreen) -> None:
    table, seen = screen.browser.table, deck.text()
    while table.cursor_index < len(HOSTILE):
        table.action_page(1)
        await deck.pilot.pause()
        seen += deck.text()
    for text in TELLING:
        assert start(text, 7) in seen, text


async def _copy(deck: Deck, screen: BatchScreen, written: Written) -> None:
    for index in (12, 45):
        screen.browser.table.move_to(index)
        await deck.until(lambda: _is_shown(screen))
        screen.browser.action_copy()
        screen.browser.action_copy_id()
        await deck.pilot.pause()
        written.check(copies=2)
    # A notice cuts the lines below it, and Rich cannot cut a joined emoji: its two halves take three cells.
    deck.app.clear_notifications()
    await deck.pilot.pause()


async def _scroll_through(deck: Deck, screen: BatchScreen, written: Written) -> None:
    pane = screen.browser.pane.answer
    await deck.until(lambda: _is_shown(screen))
    for step in range(4):
        pane.scroll_to(y=step * pane.max_scroll_y // 3, animate=False)
        await deck.pilot.pause()
        check_screens(deck.app)
    written.check()


async def test_ids_and_sources_inside_a_batch(
    services: Services, simulator: Simulator, written: Written
) -> None:
    made = hostile_world.with_hostile_ids(simulator)
    for hostile in SIGNS:
        await hostile_world.launched(services, simulator, hostile)
    async with deck_of(services) as deck:
        await deck.until(lambda: len(deck.home.entries) == len(made) + len(SIGNS))
        sent = [entry.id for entry in deck.home.entries.values() if entry.launch_id]
        assert len(sent) == len(SIGNS)
        for batch_id in [*sent[:2], *SIGNS[:2], SIGNS[3]]:
            screen = await deck.open(batch_id)
            await deck.until(lambda here=batch_id: clean(here) in said(deck))  # type: ignore[misc]
            if batch_id in sent:
                assert screen.launch is not None and clean(screen.launch.source) in said(deck)
            check_screens(deck.app)
            written.check()
            screen.dismiss()
            await deck.until(lambda: deck.screen is deck.home)


# Launching


async def checked(deck: Deck, path: Path) -> LaunchScreen:
    screen = await open_launch(deck)
    screen.query_one("#path", Input).value = str(path)
    await deck.press("enter")
    await deck.until(lambda: screen.state.draft is not None)
    return screen


async def test_problems_of_a_source(
    services: Services, simulator: Simulator, written: Written, tmp_path: Path
) -> None:
    path = hostile_world.problems(tmp_path)
    async with deck_of(services) as deck:
        screen = await checked(deck, path)
        draft = screen.state.draft
        assert draft is not None and draft.problem_count > 2 * len(HOSTILE)
        pane = screen.query_one(ProblemList)
        await deck.until(lambda: pane.max_scroll_y > 0)
        for place in range(len(pane.groups)):
            pane.highlighted = place
            pane.action_select()
        for step in range(8):
            pane.scroll_to(y=step * pane.max_scroll_y // 7, animate=False)
            await deck.pilot.pause()
            check_screens(deck.app)
        prompts = "\n".join(str(option.prompt) for option in pane.options)
        assert "[@click=app.quit]press me[/]" in prompts
        written.check()


async def test_the_names_of_files(
    services: Services,
    simulator: Simulator,
    written: Written,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    marked = tmp_path / "[@click=app.quit]press me[∕].jsonl"
    assert marked in hostile_world.files(tmp_path)
    async with deck_of(services, LARGE) as deck:
        screen = await open_launch(deck)
        await deck.until_shown("[bold red]no", "␛]0;title", "日本語", "Zalg")
        screen.query_one("#path", Input).value = str(marked)
        await deck.press("enter")
        await deck.until_shown("1 request in order")
        written.check()
        await reckoned(deck)
        await deck.until_shown("1 request", "press me[∕].jsonl")
        written.check()
        await deck.press("L")
        await deck.until(lambda: isinstance(deck.screen, Confirm))
        assert str(marked) in said(deck)
        await deck.press("n")
        await deck.until(lambda: deck.screen is screen)


async def test_paths_that_nothing_can_be_at(services: Services, written: Written) -> None:
    async with running(services, NORMAL) as deck:
        screen = await open_launch(deck)
        for path in ("nul\0byte", "lone \ud800", "~nobody-of-this-name/x", "[/foo]", "x" * 5000):
            screen.query_one("#path", Input).value = path
            await deck.until(lambda: screen.state.look is None)
            await deck.press("enter")
            await deck.until_shown("✗")
            assert screen.state.step == CHOOSE
        written.pieces.clear()  # the field itself is a matter of its own, below


async def test_launches_with_an_unclear_end(
    services: Services, simulator: Simulator, written: Written
) -> None:
    number = await hostile_world.unclear(services)
    hostile_world.with_hostile_ids(simulator)
    async with deck_of(services) as deck:
        await deck.until_shown(f"{number} launches with an unclear end")
        await deck.press("u")
        await deck.until(lambda: isinstance(deck.screen, UnfinishedScreen))
        await deck.until_shown("Adopt")
        written.check()
        for _ in range(4):
            await deck.press("pagedown")
            check_screens(deck.app)
        written.check()
        await deck.press("enter")
        await deck.until(lambda: isinstance(deck.screen, Confirm))


# Questions, notices, fields


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
async def test_questions(services: Services, written: Written, size: tuple[int, int]) -> None:
    shown = [clean(text) for text in HOSTILE]
    options = [(text, clean(text)) for text in HOSTILE]
    async with running(services, size) as deck:
        for screen in (
            Confirm(" ".join(map(clean, TELLING[:12])), shown, yes="[/]", no="[@click=app.quit]no[/]"),
            Confirm("[/foo]", shown[::-1]),
            Ask("[bold red]not markup[/]", "[/foo]", "$text ${v}"),
            Choose("[link=https://example.invalid]x[/link]", options, HOSTILE[6]),
        ):
            await push(deck, screen)
            await deck.until(lambda: deck.text().strip())
            check_screens(deck.app)
            assert "[" in deck.text()
            written.check()
            await deck.press("escape")
            await deck.until(lambda: deck.screen is deck.home)


async def test_notices_and_errors(services: Services, written: Written) -> None:
    async with running(services, LARGE) as deck:
        for first in range(0, len(TELLING), 4):
            texts = TELLING[first : first + 4]
            deck.app.clear_notifications()
            for text in texts:
                deck.app.tell(text)
                deck.app.tell_error(ServiceDown(text, text, request_id=text))
            await deck.until_shown(*(start(text, 8) for text in texts))
            check_screens(deck.app)
        written.check()


async def test_what_the_service_says_of_a_failure(
    services: Services, simulator: Simulator, written: Written
) -> None:
    async with deck_of(services, LARGE) as deck:
        for text in TELLING:
            body = json.dumps({"type": "error", "error": {"type": text, "message": text}, "request_id": text})
            simulator.faults.clear()
            simulator.faults.add(
                "GET /v1/messages/batches", "status", status=400, body=body.encode(), times=None
            )
            deck.app.services.sync.wake()
            await deck.until_shown(start(text, 8))
        written.check()


OSC = "a\x1b]52;c;x\x07b"


@pytest.mark.parametrize("hostile", [OSC, "a\x9b31mb", "a\u202eb", "a\x00b"])
async def test_what_is_pasted_into_a_field(services: Services, written: Written, hostile: str) -> None:
    async with running(services, NORMAL) as deck:
        await deck.press("slash")
        await deck.type(hostile)
        await deck.pilot.pause()
        written.check()


async def test_a_label_from_elsewhere_in_its_field(
    services: Services, simulator: Simulator, written: Written
) -> None:
    batch = simulator.invent([("prose", 1)])
    await services.store.batches.label(batch.id, OSC)
    async with deck_of(services) as deck:
        await deck.until(lambda: batch.id in deck.home.entries)
        await deck.press("l")
        await deck.until(lambda: isinstance(deck.screen, Ask))
        await deck.pilot.pause()
        written.check()


async def test_the_completion_of_a_path(services: Services, written: Written, tmp_path: Path) -> None:
    (tmp_path / f"re{OSC}.jsonl").write_text("")
    (tmp_path / "really.jsonl").write_text("")
    async with running(services, (160, 24)) as deck:
        await open_launch(deck)
        await deck.type(f"{tmp_path}/r")
        field = deck.screen.query_one("#path", Input)
        await deck.until(lambda: field._suggestion.endswith("really.jsonl"))
        written.check()
