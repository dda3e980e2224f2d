"""What stands in the pane: parts of answers, Markdown, tables, folds, matches, requests; at any width."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot

from tests.hostile import HOSTILE
from tui.model import IndexRow
from tui.records import completed, parse_beginning, parse_request, parse_result
from tui.screens.desk import Desk
from tui.screens.reading import WHOLE, Reading
from tui.text import clean, clean_block
from tui.widgets.flow import Fold, Grid, Item, Words, lay_out, plain
from tui.widgets.markdown import LONGEST, markdown
from tui.widgets.reading_pane import ReadingPane
from tui.widgets.request_text import requested
from tui.widgets.result_pane import MOST_SHOWN, ResultPane, Shown, formatted, raw
from tui.widgets.wrapping import wrapped

WIDTHS = (12, 40, 60, 80, 160)


def line(*content: Any, custom_id: str = "a", stop: str = "end_turn", **message: Any) -> bytes:
    answer = {"model": "m", "stop_reason": stop, "content": list(content), **message}
    whole = {"custom_id": custom_id, "result": {"type": "succeeded", "message": answer}}
    return json.dumps(whole, ensure_ascii=False).encode("utf-8", "surrogatepass")


def said(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def shown(*content: Any) -> str:
    return formatted(parse_result(line(*content))).content.plain


def rows(items: list[Item], width: int = 60, *, unfolded: bool = False) -> list[str]:
    laid = lay_out(items, width, unfolded=unfolded)
    return [row.prefix.plain + row.content.plain[row.start : row.end] for row in laid]


# -- wrapping -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [*HOSTILE, "日本語の文章 and words " * 9, "e\u0301" * 50, "👩\u200d🚀 " * 30]
)
@pytest.mark.parametrize("width", [2, 5, 16, 40])
def test_rows_fit_and_lose_nothing_but_spaces(text: str, width: int) -> None:
    cleaned = clean(text)
    at = 0
    for number, (start, end) in enumerate(wrapped(cleaned, width, width + 1)):
        assert not cleaned[at:start].strip(" ") and start <= end
        assert cell_len(cleaned[start:end]) <= width + bool(number)
        at = end
    assert not cleaned[at:].strip(" ")


def test_words_stay_whole_and_indents_stay() -> None:
    def parts(text: str, width: int) -> list[str]:
        return [text[start:end] for start, end in wrapped(text, width, width)]

    assert parts("hello world foo", 11) == ["hello world", "foo"]
    assert parts("    abcdefgh", 8) == ["    abcd", "efgh"]
    assert parts("日本語 abc", 5) == ["日本", "語", "abc"]
    assert parts("e\u0301e\u0301e\u0301", 2) == ["e\u0301e\u0301", "e\u0301"]
    assert parts("", 5) == [""]


def test_a_long_line_costs_its_length() -> None:
    assert len(list(wrapped("a" * 100_000, 80, 80))) == 1250
    assert len(list(wrapped("日" * 100_000, 80, 80))) == 2500


# -- Markdown -----------------------------------------------------------------------------------------------

SAMPLE = """# Title *here*

Some **bold** and `code[0]` and [a link](https://x.test/a?b=c).
Second line \\( x_1 \\) \\*no\\*

1. one
2. two
   - nested, long enough to be broken somewhere

> quoted

| Name | Value |
|:-----|------:|
| a | 1 |
| long name | 22 |

```python
def f(x):
    return "s"
```
"""


def test_markdown_is_laid_out() -> None:
    assert rows(markdown(SAMPLE), 40) == [
        "Title here",
        "",
        "Some bold and code[0] and a link",
        "(https://x.test/a?b=c).",
        "Second line \\( x_1 \\) *no*",
        "",
        "1. one",
        "2. two",
        "   • nested, long enough to be broken",
        "     somewhere",
        "",
        "▌ quoted",
        "",
        "Name      │ Value",
        "──────────┼──────",
        "a         │     1",
        "long name │    22",
        "",
        "│ def f(x):",
        '│     return "s"',
    ]


def test_markdown_becomes_styles() -> None:
    (title, *_) = markdown(SAMPLE)
    assert isinstance(title, Words) and any("bold" in str(span.style) for span in title.content.spans)
    (words,) = markdown("a **b** *c* ~~d~~ `e`")
    assert isinstance(words, Words)
    assert [str(span.style).split()[0] for span in words.content.spans] == [
        "bold",
        "italic",
        "strike",
        "bold",
    ]


def test_a_table_without_room_becomes_a_list() -> None:
    wide = "| " + " | ".join(f"column number {n}" for n in range(8)) + " |\n" + "|---" * 8 + "|\n"
    wide += "| " + " | ".join(f"a long cell of {n}" for n in range(8)) + " |\n"
    assert rows(markdown(wide), 40)[0] == "column number 0: a long cell of 0"
    assert len(rows(markdown(wide), 160)) == 3


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_stays_harmless_and_fits(text: str, width: int) -> None:
    hostile = (
        f"# {text}\n- {text}\n> `{text}`\n\n|{text}|b|\n|-|-|\n|{text}|{text}|\n\n[{text}](http://{text})\n"
    )
    items = markdown(clean_block(hostile))
    for row in lay_out(items, width):
        whole = row.prefix.plain + row.content.plain[row.start : row.end]
        assert "\x1b" not in whole and "\u202e" not in whole and cell_len(whole) <= max(width, 20)
        for span in row.content.spans:
            assert "@" not in str(span.style) and "link" not in str(span.style)


def test_entities_and_targets_bring_nothing_in() -> None:
    (words,) = markdown("&#8238;x&#x1b;y [z](javascript:alert(1)) <b>t</b> [u](http://a%0d.test 'title')")
    assert isinstance(words, Words)
    assert not re.search("[\u202e\x1b\r]", words.content.plain)
    assert "javascript:alert(1)" in words.content.plain and "<b>t</b>" in words.content.plain


@pytest.mark.parametrize(
    "text",
    ["[" * LONGEST, "|a" * 30 + "|\n" + "|-" * 30 + "|\n" + "|b\n" * 4000, "> " * 5000, "*a **b " * 2000],
)
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    assert rows(markdown(text[:LONGEST]))


# -- parts of answers ----------------------------------------------------------------------------------------


def test_an_answer_that_is_json_is_laid_out_as_that() -> None:
    for text in ('{"a": [1, "x"]}', '```json\n{"a": [1, "x"]}\n```', ' ```\n{"a": [1, "x"]}```\n'):
        assert '{\n  "a": [\n    1,\n    "x"\n  ]\n}' in shown(said(text))
    assert "│ {" in shown(said('So:\n```json\n{"a": 1}\n```'))
    assert '{"a":' in shown(said('{"a": '))


def test_a_tools_input_is_a_table() -> None:
    called = {"label": "grün", "score": 0.5, "who": {"name": "Zoë", "tags": ["a", "b"]}, "no": None}
    text = shown({"type": "tool_use", "name": "classify", "input": called})
    assert re.search(
        r"── tool_use classify\s+label +grün\s+score +0.5\s+who.name +Zoë\s+who.tags +a, b", text
    )
    deep = shown({"type": "tool_use", "name": "f", "input": {"a": {"b": {"c": {"d": {"e": 1}}}}}})
    assert '"d": {' in deep
    assert "── tool_use f" in shown({"type": "tool_use", "name": "f", "input": {}})


def test_citations_stand_below_their_text() -> None:
    cited = [
        {"type": "page_location", "document_title": "Lease", "cited_text": "no pets", "start_page_number": 3}
    ]
    content = (said("No pets"), said(" here") | {"citations": cited * 2}, said(", it says."))
    text = shown(*content)
    assert "No pets here¹\u2009², it says." in text
    assert "sources\n 1. Lease (page 3) “no pets”\n 2. Lease" in text
    assert formatted(parse_result(line(*content))).plain == "No pets here, it says."


def test_server_tools_are_readable() -> None:
    hit = {"type": "web_search_result", "title": "T", "url": "https://x.test", "page_age": "1 day"}
    assert "1. T (1 day)\n     https://x.test" in shown({"type": "web_search_tool_result", "content": [hit]})
    failed = {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}
    assert "error: max_uses_exceeded" in shown({"type": "web_search_tool_result", "content": failed})
    ran = {"type": "bash_code_execution_result", "stdout": "42\n", "stderr": "oops", "return_code": 1}
    text = shown({"type": "bash_code_execution_tool_result", "content": ran})
    assert "── tool_result bash_code_execution" in text
    assert "42\n  stderr: oops\n  return code 1" in text
    page = {"type": "document", "source": {"type": "text", "data": "the page"}, "title": "P"}
    fetched = {"type": "web_fetch_result", "url": "https://y.test", "content": page}
    assert "https://y.test" in (text := shown({"type": "web_fetch_tool_result", "content": fetched}))
    assert "the page" in text
    assert '"x": 1' in shown({"type": "brand_new", "x": 1})
    assert '"odd": 1' in shown({"type": "mcp_tool_result", "content": {"odd": 1}})


def test_thinking_is_folded_until_wanted() -> None:
    view = parse_result(line({"type": "thinking", "thinking": "hm " * 500}, said("Yes.")))
    items = list(formatted(view).items)
    assert "▸ thinking, 1,500 characters" in rows(items) and "hm hm" not in "\n".join(rows(items))
    unfolded = "\n".join(rows(items, unfolded=True))
    assert "▾ thinking" in unfolded and "┊ hm hm" in unfolded
    assert formatted(view).plain == "Yes."


def test_the_most_is_shown_and_said() -> None:
    long = formatted(parse_result(line(said("word " * 50_000), said("after"))))
    text = long.content.plain
    assert MOST_SHOWN <= len(text) < MOST_SHOWN + 2_000
    assert "the first 100,000 characters" in text and long.is_whole and len(long.plain) == 250_005


@pytest.mark.parametrize("length", [10, 1_000, LONGEST + 1])
def test_errors_advice_and_usage(length: int) -> None:
    error = {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "x" * length},
        "request_id": "r1",
    }
    whole = {"custom_id": "a", "result": {"type": "errored", "error": error}}
    text = formatted(parse_result(json.dumps(whole).encode())).content.plain
    assert text.count("overloaded_error") == 1 and "request id r1" in text and "→ " in text
    used = formatted(parse_result(line(said("x"), usage={"input_tokens": 1204, "output_tokens": 0})))
    assert "input 1,204" in used.content.plain and "output" not in used.content.plain


# -- long lines ---------------------------------------------------------------------------------------------


def test_a_beginning_is_completed_wherever_it_is_cut() -> None:
    whole = line({"type": "thinking", "thinking": 'x"y\\'}, said('hä\u2028l"lo\\n'), usage={"a": [1, 2.5]})
    for end in range(1, len(whole)):
        json.loads(completed(whole[:end]))
    assert completed(b"not json") == b"not json"


def test_of_a_long_line_the_index_says_the_rest() -> None:
    row = IndexRow(0, 0, 9, "id", "succeeded", "max_tokens", model="m", output_tokens=7, first_words="x")
    view = parse_beginning(line(said("hello " * 100))[:200], row)
    assert (view.stop_reason, view.custom_id, view.is_cut) == ("max_tokens", "id", True)
    assert "raise it" in view.advice and ("output_tokens", 7) in view.usage
    assert view.blocks[-1].text.startswith("hello ")


async def test_reading_takes_only_what_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    whole = line(said("word " * 400_000))
    path.write_bytes(b"{}\n" + whole + b"\n")
    row = IndexRow(1, 3, len(whole), "a", "succeeded", "end_turn", first_words="word")
    desk = cast(Desk, SimpleNamespace(result_path=lambda batch_id: str(path)))
    reading = Reading(desk, batch_of=lambda row: "b")
    for reading.raw in (False, True):
        read = await reading.read(row)
        assert read is not None and not read.is_whole and len(read.plain) < WHOLE + 1000
        assert "of 2.0 MB; p opens" in read.content.plain
    path.unlink()
    gone = await reading.read(row)
    assert gone is not None and "no longer there" in gone.content.plain


async def test_the_request_of_a_result(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []

    async def request_of(batch_id: str, custom_id: str) -> bytes | None:
        asked.append((batch_id, custom_id))
        return b'{"custom_id":"a","params":{"model":"m","messages":[{"role":"user","content":"Q?"}]}}'

    desk = cast(Desk, SimpleNamespace(result_path=str))
    row = IndexRow(0, 0, 1, "a", "succeeded")
    reading = Reading(desk, "b", request_of=request_of)
    read = await reading.read_request(row)
    assert read is not None and "── user \nQ?" in read.content.plain and asked == [("b", "a")]
    reading.raw = True
    read = await reading.read_request(row)
    assert read is not None and '"role": "user"' in read.content.plain


# -- requests -----------------------------------------------------------------------------------------------


def test_a_request_role_by_role() -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 22_668}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "42"}
    params = {
        "model": "m",
        "max_tokens": 1024,
        "system": [{"type": "text", "text": "Be *brief*."}],
        "messages": [
            {"role": "user", "content": [picture, {"type": "text", "text": "What is it?"}]},
            {"role": "assistant", "content": [{"type": "tool_use", "name": "look", "input": {"x": 1}}]},
            {"role": "user", "content": [result]},
        ],
        "tools": [
            {"name": "look", "input_schema": {}},
            {"type": "web_search_20250305", "name": "web_search"},
        ],
        "temperature": 0.5,
    }
    view = parse_request(json.dumps({"custom_id": "a", "params": params}).encode())
    text = requested(view).content.plain
    assert text.startswith("request  m · max_tokens 1,024")
    for part in (
        "── system \nBe *brief*.",
        "[image png, 17.0 kB]",
        "What is it?",
        "── tool_use look",
        "  42",
    ):
        assert part in text, part
    assert "tools  look, web_search" in text and '"temperature": 0.5' in text
    assert requested(parse_request(json.dumps(params).encode())).content.plain == text


@pytest.mark.parametrize(
    "bare", [b"", b"\xff", b"[]", b'{"params": {}}', b'{"params": {"messages": [1, null]}}']
)
def test_what_is_no_request_is_shown_as_it_is(bare: bytes) -> None:
    assert "Not a request" in requested(parse_request(bare)).content.plain


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_request_is_harmless(text: str) -> None:
    params = {
        "model": text,
        "system": text,
        "messages": [{"role": text, "content": text}],
        "tools": [{"name": text}],
    }
    content = requested(parse_request(json.dumps({"params": params, text: text}).encode())).content
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", content.plain)
    assert all("@" not in str(span.style) for span in content.spans)


# -- the pane -----------------------------------------------------------------------------------------------


class Bench(App[None]):
    """A pane by itself."""

    def compose(self) -> ComposeResult:
        yield ReadingPane()

    @property
    def pane(self) -> ReadingPane:
        return self.query_one(ReadingPane)

    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


@asynccontextmanager
async def bench(size: tuple[int, int] = (60, 15)) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def laid_out(pane: ResultPane, pilot: Pilot[None], number: int) -> None:
    for _ in range(1_000):
        if len(pane.rows) == number:
            break
        await pilot.pause()
    assert len(pane.rows) == number
    await pilot.pause()


async def test_a_text_is_shown_scrolled_and_broken_anew() -> None:
    async with bench() as (app, pilot):
        app.pane.show(Content("\n".join(f"{n} " + "word " * 20 for n in range(50))))
        await laid_out(app.pane.answer, pilot, 100)
        assert app.lines()[0].startswith(" 0 word")
        app.pane.focus()
        await pilot.press("G")
        await pilot.pause(0.3)
        assert any(line.startswith(" 49 word") for line in app.lines())
        app.pane.answer.scroll_to(y=40, animate=False)
        await pilot.pause()
        top = app.lines()[0]
        await pilot.resize_terminal(140, 15)
        await laid_out(app.pane.answer, pilot, 50)
        assert app.lines()[0].startswith(top.split(" word")[0])


async def test_a_match_further_down_is_sought() -> None:
    async with bench() as (app, pilot):
        items = tuple(Words(Content(f"line {n}")) for n in range(3_000))
        found = Shown(items, "").marked(lambda text: [(0, 4)] if text == "line 2500" else [])
        assert found.matches == 1
        app.pane.show(found)
        await laid_out(app.pane.answer, pilot, 3_000)
        assert " line 2500" in app.lines()
        app.pane.show(Shown(items, ""))
        await laid_out(app.pane.answer, pilot, 3_000)
        assert app.lines()[0] == " line 0"


async def test_thinking_stays_as_it_was_wanted() -> None:
    folded = Shown((Fold("thinking, 2 characters", (Words(Content("hm")),)), Words(Content("Yes."))), "Yes.")
    async with bench() as (app, pilot):
        app.pane.show(folded)
        assert app.lines()[:2] == [" ▸ thinking, 2 characters", " Yes."]
        app.pane.toggle_thinking()
        await pilot.pause()
        assert app.lines()[:3] == [" ▾ thinking, 2 characters", " hm", " Yes."]
        app.pane.show(folded)
        await pilot.pause()
        assert " hm" in app.lines()
        hidden = folded.marked(lambda text: [(0, 2)] if text == "hm" else [])
        app.pane.toggle_thinking()
        app.pane.show(hidden)
        await pilot.pause()
        assert app.lines()[0] == " ▸ thinking, 2 characters, 1 found"


@pytest.mark.parametrize(
    ("size", "where"), [((120, 20), "beside"), ((70, 20), "above"), ((60, 12), "instead")]
)
async def test_the_request_beside_above_or_instead(size: tuple[int, int], where: str) -> None:
    answer, request = (Shown((Words(Content(text)),), text) for text in ("the answer", "the request"))
    async with bench(size) as (app, pilot):
        app.pane.show(answer)
        app.pane.focus()
        await pilot.pause()
        app.pane.show_request(request)
        await pilot.pause()
        both = [line for line in app.lines() if "the answer" in line or "the request" in line]
        assert len(both) == {"beside": 1, "above": 2, "instead": 1}[where]
        assert "the request" in both[0] and ("the answer" in both[0]) == (where == "beside")
        assert app.pane.focus_other() == (where != "instead")
        await pilot.pause()
        assert app.pane.request.has_focus and app.pane.has_focus_within
        app.pane.show_request(None)
        await pilot.pause()
        assert app.pane.answer.has_focus and "the request" not in "\n".join(app.lines())
        assert " the answer" in app.lines()


async def test_selected_text_comes_without_our_margins() -> None:
    async with bench((40, 12)) as (app, pilot):
        quoted = markdown("> quoted words that are broken into rows here\n\nafter\n")
        app.pane.show(Shown(tuple(quoted), ""))
        await pilot.pause()
        await pilot.mouse_down(app.pane.answer, offset=(3, 0))
        await pilot.hover(app.pane.answer, offset=(6, 3))
        await pilot.mouse_up(app.pane.answer, offset=(6, 3))
        await pilot.pause()
        selected = app.screen.get_selected_text()
        assert selected == "quoted words that are broken into rows here\n\nafter"


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (160, 50)])
async def test_everything_hostile_at_any_size(size: tuple[int, int]) -> None:
    everything = formatted(
        parse_result(line(*map(said, HOSTILE), {"type": "tool_use", "input": dict.fromkeys(HOSTILE)}))
    )
    async with bench(size) as (app, pilot):
        for theme in ("textual-dark", "ansi-dark"):
            app.theme = theme
            app.pane.show(everything)
            app.pane.show_request(everything)
            await pilot.pause()
            for strip in app.screen._compositor.render_strips():
                text = "".join(segment.text for segment in strip)
                assert cell_len(text) == size[0]
                assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", text)
                assert not any(segment.style and segment.style.link for segment in strip)


def test_tables_with_nothing_in_them() -> None:
    assert rows([Grid(()), Grid(((),)), Grid(((Content(""),),), True)], 10)[-1:]
    assert plain([]).plain == ""
    assert raw(b"{}", "{}").content.plain == "{}"
