"""Rows made in one go are those made line by line; what is billed is counted once, by kind."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tui.model import LONG_PROMPT, IndexRow
from tui.records import Indexer
from tui.records.portion import Kinds, Portion
from tui.records.shapes import decode
from tui.records.words import FIRST_WORDS, first_words, fold
from tui.simulator import Simulator
from tui.store import open_store
from tui.store.writer import AT_ONCE
from tui.sync import Downloads, transfer

from .fetching import api, body, downloads, invent, store
from .hostile import HOSTILE

__all__ = ["api", "downloads", "store"]

REAL = {"input_tokens": 10, "output_tokens": 5, "inference_geo": "us"}


def answer(*content: Any, custom_id: str = "a", stop: str = "end_turn", **usage: Any) -> bytes:
    """A line as the service writes it."""
    message = {
        "model": "m",
        "role": "assistant",
        "content": list(content),
        "stop_reason": stop,
        "usage": REAL | usage,
    }
    value = {"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def said(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def rows(raw: bytes) -> list[IndexRow]:
    indexer = Indexer()
    return indexer.feed(raw) + indexer.finish()


def one_by_one(lines: list[bytes]) -> list[IndexRow]:
    """The same lines, each fed as a last line without its end: never together with another."""
    made: list[IndexRow] = []
    offset = 0
    for raw in lines:
        indexer = Indexer(len(made), offset)
        made += indexer.feed(raw) + indexer.finish()
        offset += len(raw) + 1
    return made


# -- the fast way ---------------------------------------------------------------------------------------

ODDITIES = [
    b"",
    b"  ",
    b"\r",
    b"no JSON",
    b"{}",
    b"[]",
    b"{} {}",
    answer(said("x")) + answer(said("y")),
    answer(said("x")) + b" " + answer(said("y")),
    answer(said("x")) + b"\r",
    b" " + answer(said("x")),
    answer(said("x"))[:-1],
    answer(said("caf\udce9")),
    b'{"custom_id":"b","result":{"type":"expired"}}',
    b'{"custom_id":"b","result":{"type":"later","message":null,"error":null}}',
    b'{"custom_id":7,"result":{"type":"canceled"}}',
    answer("bare"),
    answer(said("x"), input_tokens="7"),
    answer(said("x")).replace(b'"x"', b'"\\ud800"'),
    answer(said("long " * 100)).replace(b"long long", b"long \\x long", 1),
    answer(said("x"), input_tokens=10**30),
    b'{"custom_id":"a",',
    b'"result":{"type":"expired"}}',
    b"[" * 5_000 + b"]" * 5_000,
    b"\0" * 50,
]


@pytest.mark.parametrize("seed", range(40))
def test_good_and_odd_lines_in_any_order(seed: int) -> None:
    rng = random.Random(seed)
    good = [answer(said(f"{n} words " * n), custom_id=str(n)) for n in range(30)]
    lines = good + rng.sample(ODDITIES, seed % 5)
    rng.shuffle(lines)
    raw = b"\n".join([*lines, b""])
    assert rows(raw) == one_by_one(lines)
    size = rng.randint(1, len(raw))
    indexer = Indexer()
    made = [row for at in range(0, len(raw), size) for row in indexer.feed(raw[at : at + size])]
    assert made == one_by_one(lines) and (indexer.offset, indexer.pending) == (len(raw), 0)


@pytest.mark.parametrize("odd", range(len(ODDITIES)))
def test_an_odd_line_between_good_ones(odd: int) -> None:
    for beside in (b"", ODDITIES[odd]):
        lines = [answer(said("first")), ODDITIES[odd], beside, answer(said("last"))]
        assert rows(b"\n".join([*lines, b""])) == one_by_one(lines)


def test_two_objects_on_a_line_beside_a_blank_one() -> None:
    """As many objects as line feeds, yet not one in each."""
    lines = [answer(said("x")) + answer(said("y")), b"", answer(said("z"))]
    found = rows(b"\n".join([*lines, b""]))
    assert [(row.outcome, row.offset) for row in found] == [
        ("unreadable", 0),
        ("succeeded", len(lines[0]) + 2),
    ]


def test_an_object_on_two_lines() -> None:
    found = rows(
        b'{"custom_id":"a","result":\n{"type":"expired"}}\n\n{"custom_id":"b","result":{"type":"x"}}\n'
    )
    assert found[0].outcome == "unreadable" and found[-1].custom_id == "b"


TEXTS = [
    "plain words of an answer " * 40,
    "short",
    "zweiundvierzig Äpfel – und naïve Schätzungen " * 20,
    "日本語のとても長い答え" * 60,
    "# Heading\n\nFirst paragraph of a longer answer, " * 30,
    'said “so” and "so" with a \\ in it ' * 30,
    "tabs\tand\r\nreturns " * 40,
    " leading white space " * 40,
    " " + "one space in front " * 40,
    "\n" * 300 + "late words " * 50,
    "a\u00a0b\u3000c\u2028d " * 60,
    "nul\0 and \x1b[31m escape " * 30,
    "del\x7fete " * 60,
    "x" * (FIRST_WORDS - 1),
    "x" * FIRST_WORDS,
    "x" * (FIRST_WORDS + 1),
    "é" * (FIRST_WORDS - 1),
    "é" * FIRST_WORDS,
    "é" * 400,
    "x" * (FIRST_WORDS + 55) + "é" * 40,
    "x" * (FIRST_WORDS + 40) + "\\" * 40,
    "x" * (FIRST_WORDS + 54) + '"',
    "🙂" * 200,
    *(str(text) * (1 + 300 // max(len(text), 1)) for text in HOSTILE),
]


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("shift", [0, 1, 2, 3])
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:12]))
def test_a_glance_sees_what_a_look_sees(text: str, shift: int, ascii_only: bool) -> None:
    text = "y" * shift + text.replace("\ud800", "?").replace("\udfff", "?")
    raw = answer(said(text))
    if ascii_only:
        raw = json.dumps(json.loads(raw), separators=(",", ":")).encode()
    (row,) = rows(raw)
    assert row.first_words == fold(text)
    assert rows(raw + b"\n" + raw)[1].first_words == fold(text)
    (spaced,) = rows(json.dumps(json.loads(raw)).encode())
    assert spaced.first_words == fold(text)


@pytest.mark.parametrize("size", [10, 150, 200, 260, 2_000, 60_000])
@pytest.mark.parametrize("letter", ["x", "é", "語", "x "])
def test_the_beginning_of_a_call(size: int, letter: str) -> None:
    call = {"type": "tool_use", "id": "t", "name": "store", "input": {"text": letter * size}}
    (row,) = rows(answer(call))
    whole = f'store {{"text":"{letter * size}"}}'
    assert row.first_words == fold(whole[:1_000]) and len(row.first_words) <= FIRST_WORDS


# -- what is billed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usage", "geo", "searches"),
    [
        ({"inference_geo": "us"}, "us", 0),
        ({"inference_geo": None}, "", 0),
        ({"inference_geo": 7}, "", 0),
        ({"inference_geo": {}}, "", 0),
        ({"server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 1}}, "us", 3),
        ({"server_tool_use": None}, "us", 0),
        ({"server_tool_use": {}}, "us", 0),
        ({"server_tool_use": []}, "us", 0),
        ({"server_tool_use": {"web_search_requests": None}}, "us", 0),
        ({"server_tool_use": {"web_search_requests": -1}}, "us", 0),
        ({"server_tool_use": {"web_search_requests": "2"}}, "us", 0),
        ({"server_tool_use": {"web_search_requests": 2.0}}, "us", 2),
    ],
)
def test_where_it_was_computed_and_what_was_searched(usage: dict[str, Any], geo: str, searches: int) -> None:
    (row,) = rows(answer(said("x"), **usage))
    assert (row.geo, row.searches, row.input_tokens) == (geo, searches, 10)


@pytest.mark.parametrize(
    ("sum_of_both", "short", "long", "expected"),
    [
        (30, 10, 20, (10, 20)),
        (30, 0, 0, (30, 0)),
        (0, 10, 20, (10, 20)),
        (None, 5, None, (5, 0)),
        (9, 1, 2, (7, 2)),
    ],
)
def test_what_was_written_to_the_cache(
    sum_of_both: int | None, short: int, long: int | None, expected: tuple[int, int]
) -> None:
    parts = {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}
    (row,) = rows(answer(said("x"), cache_creation_input_tokens=sum_of_both, cache_creation=parts))
    assert (row.cache_write_5m, row.cache_write_1h) == expected


BEGINNINGS = [
    "plain words " * 30,
    "naïve estimates — “so” " * 20,
    "日本語のテキスト" * 40,
    "two  spaces " * 30,
    " a space first" * 30,
    "no-break\u00a0space " * 30,
    "wide\u3000space " * 30,
    "zero\u200bwidth " * 30,
    "tab\tand\nline " * 30,
    'a "quote" ' * 30,
    "back\\slash " * 30,
    "x" * (FIRST_WORDS - 1),
    "x" * FIRST_WORDS,
    "x" * (FIRST_WORDS + 1),
    "é" * FIRST_WORDS,
    "é" * (FIRST_WORDS - 51) + "x",
]


@pytest.mark.parametrize("text", BEGINNINGS)
@pytest.mark.parametrize("is_ascii", [False, True])
def test_first_words_seen_at_a_glance(text: str, is_ascii: bool) -> None:
    """They are the words that a closer look finds."""
    calls = [{"type": "tool_use", "id": "t", "name": name, "input": {"text": text}} for name in ("ask", "é")]
    for content in (
        [said(text)],
        calls[:1],
        calls[1:],
        calls,
        [calls[0], said(text)],
        [said(text), calls[0]],
    ):
        raw = answer(*content)
        if is_ascii:
            raw = json.dumps(json.loads(raw), separators=(",", ":")).encode()
        message = decode(raw).result.message
        assert message is not None
        assert rows(raw)[0].first_words == first_words(message)


@pytest.mark.parametrize("number", [1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE + 2])
async def test_as_many_lines_as_come(tmp_path: Path, number: int) -> None:
    raw = b"".join(answer(said(f"{n} words"), custom_id=str(n)) + b"\n" for n in range(number))
    async with open_store(tmp_path / "state.db") as store:

        def write() -> None:
            with store.results.writer("b") as writer:
                indexer = Indexer(kinds=writer.kinds)
                indexer.scan(raw)
                writer.add(indexer.take())

        await asyncio.to_thread(write)
        found = await store.results.rows(await store.results.refs(("b",)))
    assert [row._replace(file=0) for row in found] == rows(raw)


def test_rows_survive_the_way_to_the_writer_and_back() -> None:
    made = rows(b"\n".join([*(raw for raw in ODDITIES), answer(said("x"), input_tokens=LONG_PROMPT + 1)]))
    assert Portion.of(made, Kinds()).index_rows() == made
    assert made[-1].is_long and not made[0].is_long


def kinds(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT stop_reason, geo, long, lines, input_tokens, output_tokens, cache_write_5m,"
            " cache_write_1h, cache_read, searches FROM result_kind WHERE lines > 0"
            " ORDER BY stop_reason, geo, long"
        ).fetchall()


@pytest.mark.parametrize("at_once", [1, 5, 12])
def test_sums_are_kept_by_kind_over_breaks(tmp_path: Path, at_once: int) -> None:
    parts = {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 2}
    lines = [
        answer(said("x"), cache_read_input_tokens=LONG_PROMPT - 10),
        answer(said("x"), cache_read_input_tokens=LONG_PROMPT - 9),
        answer(said("x"), inference_geo="eu", cache_creation=parts),
        answer(said("x"), stop="max_tokens", server_tool_use={"web_search_requests": 4}),
    ] * 3
    path = tmp_path / "state.db"

    async def write() -> None:
        async with open_store(path) as store:
            for start in range(0, len(lines), at_once):
                with store.results.writer("b") as writer:
                    have, known = writer.resume()
                    indexer = Indexer(known, have, writer.kinds)
                    indexer.scan(b"".join(raw + b"\n" for raw in lines[start : start + at_once]))
                    writer.add(indexer.take())

    asyncio.run(write())
    assert kinds(path) == [
        ("end_turn", "eu", 0, 3, 30, 15, 3, 6, 0, 0),
        ("end_turn", "us", 0, 3, 30, 15, 0, 0, 3 * (LONG_PROMPT - 10), 0),
        ("end_turn", "us", 1, 3, 30, 15, 0, 0, 3 * (LONG_PROMPT - 9), 0),
        ("max_tokens", "us", 0, 3, 30, 15, 0, 0, 0, 12),
    ]


async def test_lines_of_other_kinds_are_refused(tmp_path: Path) -> None:
    async with open_store(tmp_path / "state.db") as store:

        def write() -> None:
            with store.results.writer("b") as writer:
                indexer = Indexer(kinds=writer.kinds)
                indexer.scan(answer(said("x")) + b"\n")
                writer.clear()
                with pytest.raises(ValueError, match="kinds"):
                    writer.add(indexer.take())
                assert writer.resume() == (0, 0)

        await asyncio.to_thread(write)


async def test_rows_can_be_seen_while_others_arrive(
    downloads: Downloads, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is committed at once, the first rows do not wait for it."""
    monkeypatch.setattr(transfer, "EVERY", 0.05)
    simulator.switches.results_rate = 200_000
    batch = invent(simulator, body(300), 300)
    seen: list[int] = []
    downloads.on_progress = lambda progress: seen.append(progress.lines)
    await downloads.fetch(batch)
    assert 0 < min(filter(None, seen)) < 150
