"""Results files line by line: every shape seen so far, and what no service should send but some will."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tui.model import IndexRow
from tui.records import Block, Indexer, ResultView, parse_result, pretty, read_line
from tui.records.words import FIRST_WORDS

from .hostile import HOSTILE

USAGE = {
    "input_tokens": 18,
    "cache_creation_input_tokens": 30,
    "cache_read_input_tokens": 5,
    "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
    "output_tokens": 7,
    "service_tier": "batch",
    "inference_geo": "not_available",
}


def succeeded(*content: Any, custom_id: Any = "a", stop: Any = "end_turn", **more: Any) -> dict[str, Any]:
    message = {
        "model": "claude-sonnet-5-5",
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": dict(USAGE),
        **more,
    }
    return {"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}


def errored(kind: str = "api_error", message: str = "Internal server error") -> dict[str, Any]:
    inner = {"type": kind, "message": message}
    error = {"type": "error", "error": inner, "request_id": "req_1"}
    return {"custom_id": "a", "result": {"type": "errored", "error": error}}


def said(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def line(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def index(raw: bytes) -> list[IndexRow]:
    indexer = Indexer()
    return indexer.feed(raw) + indexer.finish()


def one(data: Any) -> IndexRow:
    (row,) = index(data if isinstance(data, bytes) else line(data))
    return row


def view(data: Any) -> ResultView:
    return parse_result(data if isinstance(data, bytes) else line(data))


# -- what the service sends -----------------------------------------------------------------------------


def test_an_answer_becomes_a_row() -> None:
    row = one(succeeded(said("Category:\n\n  access"), custom_id="ticket-1"))
    assert row == IndexRow(
        line=0,
        offset=0,
        length=row.length,
        custom_id="ticket-1",
        outcome="succeeded",
        stop_reason="end_turn",
        model="claude-sonnet-5-5",
        input_tokens=18,
        output_tokens=7,
        cache_write_5m=10,
        cache_write_1h=20,
        cache_read=5,
        first_words="Category: access",
        geo="not_available",
    )
    assert not row.is_problem


def test_the_four_outcomes() -> None:
    raw = b"\n".join(
        line(data)
        for data in (
            succeeded(said("yes")),
            errored(),
            {"custom_id": "c", "result": {"type": "canceled"}},
            {"custom_id": "d", "result": {"type": "expired"}},
        )
    )
    rows = index(raw)
    assert [row.outcome for row in rows] == ["succeeded", "errored", "canceled", "expired"]
    assert [row.line for row in rows] == [0, 1, 2, 3]
    assert (rows[1].error_type, rows[1].error_message) == ("api_error", "Internal server error")
    assert rows[1].first_words == "Internal server error"


@pytest.mark.parametrize(
    "error",
    [
        {"type": "error", "error": {"type": "api_error", "message": "Oh"}, "request_id": None},
        {"type": "api_error", "message": "Oh"},
        {"error": {"type": "api_error", "message": "Oh", "details": {"error_code": "x"}}},
        {"type": {}, "error": {"type": "api_error", "message": "Oh"}},
    ],
    ids=["twice", "once", "no outer type", "null as {}"],
)
def test_errors_nested_twice_or_once(error: dict[str, Any]) -> None:
    data = {"custom_id": "a", "result": {"type": "errored", "error": error}}
    assert (one(data).error_type, one(data).error_message) == ("api_error", "Oh")
    assert view(data).blocks == (Block("error", "Oh", "api_error"),)


def test_result_type_after_message_and_explicit_nulls() -> None:
    answer = succeeded({"citations": None, "text": "ok", "type": "text"}, container=None)
    answer["result"]["message"]["usage"] |= {"server_tool_use": None, "cache_creation": None}
    result = answer["result"]
    row = one({"result": {"message": result["message"], "type": "succeeded"}, "custom_id": "last"})
    assert (row.custom_id, row.outcome, row.first_words) == ("last", "succeeded", "ok")
    assert (row.cache_write_5m, row.cache_write_1h) == (30, 0)


def test_usage_of_2024_and_none_at_all() -> None:
    old = one(succeeded(said("x"), usage={"input_tokens": 20, "output_tokens": 80}))
    assert (old.input_tokens, old.output_tokens, old.total_input) == (20, 80, 20)
    assert one(succeeded(said("x"), usage=None)).total_input == 0
    assert one(succeeded(said("x"), usage={})).total_input == 0


def test_null_written_as_an_empty_object() -> None:
    row = one(succeeded(said("Lisbon"), stop_sequence={}, stop_details={}, container={}, stop="end_turn"))
    assert row.first_words == "Lisbon" and not row.is_problem
    row = one(succeeded({"type": "text", "text": "Oslo", "citations": {}}, stop={}, model={}))
    assert (row.first_words, row.stop_reason, row.model) == ("Oslo", "", "")


def test_a_result_without_its_envelope() -> None:
    """Some tools keep only what is in `result`."""
    data = succeeded(said("Rome"))["result"]
    assert (one(data).custom_id, one(data).outcome, one(data).first_words) == ("", "succeeded", "Rome")
    assert view(data).blocks == (Block("text", "Rome"),)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([said("  \n"), said("second "), said("block")], "second block"),
        ([{"type": "thinking", "thinking": "hm", "signature": "s"}], ""),
        ([{"type": "redacted_thinking", "data": "…"}], ""),
        ([{"type": "thinking", "thinking": "hm"}, said("so")], "so"),
        ([{"type": "tool_use", "id": "t", "name": "classify", "input": {"a": 1}}], 'classify {"a":1}'),
        ([{"type": "tool_use", "id": "t", "name": "say", "input": {"wort": "grün"}}], 'say {"wort": "grün"}'),
        ([said("calling"), {"type": "tool_use", "id": "t", "name": "f", "input": {}}], "calling"),
        ([{"type": "web_search_tool_result", "content": []}], "web_search_tool_result"),
        ([{"type": "text"}], ""),
        ([{"text": "typeless"}], "typeless"),
        (["bare", 1, None, said("kept")], "kept"),
        ([said("a" * 500)], "a" * FIRST_WORDS),
        ([said(" " * 5000 + "late   words")], "late words"),
        ([said("nul\0in it")], "nul␀in it"),
        ([], ""),
    ],
)
def test_first_words(content: list[Any], words: str) -> None:
    row = one(succeeded(*content))
    assert row.first_words == words
    assert row.outcome == "succeeded"
    assert row.is_problem == (not words)


def test_content_as_a_bare_string() -> None:
    data = succeeded()
    data["result"]["message"]["content"] = "just text"
    assert one(data).first_words == "just text"
    assert view(data).blocks == (Block("text", "just text"),)


# -- what it should not send ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "tokens"),
    [(-1, 0), (12.0, 12), (1.9, 1), ("7", 0), (True, 0), (10**30, 0), (None, 0), ({}, 0), ([1], 0)],
)
def test_odd_numbers(value: Any, tokens: int) -> None:
    row = one(succeeded(said("x"), usage={"input_tokens": value, "output_tokens": 3}))
    assert (row.input_tokens, row.output_tokens) == (tokens, 3)
    assert row.first_words == "x"


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 400])
def test_numbers_that_are_none(number: str) -> None:
    raw = line(succeeded(said("x"), usage={"input_tokens": "@", "output_tokens": 3})).replace(
        b'"@"', number.encode()
    )
    assert (one(raw).outcome, one(raw).input_tokens, one(raw).output_tokens) == ("succeeded", 0, 3)
    assert dict(view(raw).usage) == {"output_tokens": 3}


@pytest.mark.parametrize(
    ("given", "custom_id"), [(None, ""), (17, "17"), ([], ""), ("", ""), (True, ""), ("a:b/c", "a:b/c")]
)
def test_odd_custom_ids(given: Any, custom_id: str) -> None:
    data = succeeded(said("x"), custom_id=given)
    assert (one(data).custom_id, one(data).outcome) == (custom_id, "succeeded")
    assert view(data).custom_id == custom_id
    del data["custom_id"]
    assert (one(data).custom_id, one(data).outcome) == ("", "succeeded")


def test_an_outcome_nobody_knows_yet() -> None:
    data = {"custom_id": "a", "result": {"type": "postponed", "until": "2027"}}
    assert (one(data).outcome, one(data).is_problem) == ("postponed", True)
    shown = view(data)
    assert shown.outcome == "postponed" and "2027" in shown.blocks[0].text and shown.advice


UNREADABLE = {
    "cut": b'{"custom_id":"a","result":{"type":"succ',
    "words": b"upstream connect error or disconnect",
    "html": b"<html><body>502 Bad Gateway</body></html>",
    "array": b"[1, 2]",
    "string": b'"text"',
    "number": b"12",
    "null": b"null",
    "empty object": b"{}",
    "no result": b'{"custom_id":"a"}',
    "result null": b'{"custom_id":"a","result":null}',
    "result list": b'{"custom_id":"a","result":[]}',
    "result string": b'{"custom_id":"a","result":"ok"}',
    "no type": b'{"custom_id":"a","result":{"message":{}}}',
    "type null": b'{"custom_id":"a","result":{"type":null}}',
    "two objects": b'{"custom_id":"a","result":{"type":"expired"}}{"custom_id":"b"}',
    "deep": b'{"custom_id":"a","result":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "binary": bytes(range(256)).replace(b"\n", b""),
    "nul": b"\0" * 100,
    "utf-16": '{"custom_id":"a"}'.encode("utf-16"),
}


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_result_says_so(raw: bytes) -> None:
    row = one(raw)
    assert row.outcome == "unreadable" and row.is_problem
    assert row.length == len(raw)
    assert row.error_message and len(row.error_message) < 40, "reasons must group"
    assert row.first_words
    if raw.startswith(b'{"custom_id":"a"'):
        assert row.custom_id == "a"
    shown = parse_result(raw)
    assert shown.outcome == "unreadable" and shown.advice and shown.blocks[0].kind == "notice"


def test_a_thousand_levels_deep_is_survived() -> None:
    for levels in (100, 900, 1_000, 1_100, 5_000, 200_000):
        nested = b'{"x":' * levels + b"1" + b"}" * levels
        raw = line(succeeded({"type": "tool_use", "name": "f", "input": "@"})).replace(b'"@"', nested)
        row = one(raw)
        assert row.outcome in ("succeeded", "unreadable") and row.custom_id == "a"
        assert row.outcome == "succeeded" or levels > 500
        assert parse_result(raw).blocks
        assert pretty(raw, 1000)


def test_a_number_longer_than_python_reads() -> None:
    raw = b'{"custom_id":"a","result":{"type":"expired","n":' + b"9" * 10_000 + b"}}"
    assert one(raw).outcome == view(raw).outcome == "expired"
    assert "999" in pretty(raw, 1000)


def test_bytes_that_are_not_utf8() -> None:
    raw = line(succeeded(said("caf@"))).replace(b"@", b"\xe9")
    assert one(raw).first_words == "caf\ufffd"
    assert view(raw).blocks == (Block("text", "caf\ufffd"),)


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_hostile_text_stays_what_it_is(text: str) -> None:
    """Raw, but for lone surrogates: those no file, database or clipboard would take."""
    whole = text.replace("\ud800", "\ufffd").replace("\udfff", "\ufffd")
    data = succeeded(said(text), custom_id=text)
    row, shown = one(data), view(data)
    assert row.custom_id == shown.custom_id == whole
    assert shown.blocks == (Block("text", whole),)
    row.first_words.encode()
    failed = errored(text, text)
    assert (one(failed).error_type, view(failed).error_message) == (whole, whole)


def test_control_characters_that_json_forbids() -> None:
    raw = line(succeeded(said("a@b"))).replace(b"@", b"\x00\x1b\t")
    assert one(raw).first_words == "a␀\x1b b"


# -- lines, pieces, places ------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\n\n\n", b"\r\n \t\r\n"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_line_ends_and_pieces(tmp_path: Path, ending: bytes, last: bool, size: int) -> None:
    lines = [line(succeeded(said(f"answer {number}"), custom_id=str(number))) for number in range(20)]
    raw = ending.join(lines) + (ending if last else b"")
    path = tmp_path / "results.jsonl"
    path.write_bytes(raw)
    indexer = Indexer()
    rows = []
    for start in range(0, len(raw), size):
        rows += indexer.feed(raw[start : start + size])
        assert indexer.offset + indexer.pending == min(start + size, len(raw))
    rows += indexer.finish()
    assert rows == index(raw)
    assert [row.line for row in rows] == list(range(20))
    assert [row.custom_id for row in rows] == [str(number) for number in range(20)]
    for row, expected in zip(rows, lines, strict=True):
        assert read_line(path, row.offset, row.length).rstrip(b"\r") == expected
    assert indexer.offset == len(raw)


def test_going_on_in_the_middle() -> None:
    raw = b"\n".join(line(succeeded(said(str(number)))) for number in range(10)) + b"\n"
    whole = index(raw)
    again = Indexer(line=4, offset=whole[4].offset)
    assert again.feed(raw[whole[4].offset :]) == whole[4:]
    assert again.finish() == []


def test_an_empty_file_and_blank_lines() -> None:
    assert index(b"") == index(b"\n\r\n  \n") == index(b" ") == []


def test_a_byte_order_mark() -> None:
    assert one(b"\xef\xbb\xbf" + line(succeeded(said("x")))).custom_id == "a"


def test_a_huge_line_costs_its_size_not_its_square() -> None:
    raw = line(succeeded(said("word " * 6_000_000)))
    indexer = Indexer()
    began = time.perf_counter()
    for start in range(0, len(raw), 65_536):
        assert indexer.feed(raw[start : start + 65_536]) == []
    (row,) = indexer.feed(b"\n")
    assert time.perf_counter() - began < 3
    assert row.length == len(raw) and row.first_words.startswith("word word")


def test_a_line_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.records.indexer.LONGEST_LINE", 1_000)
    indexer = Indexer()
    for _ in range(100):
        assert indexer.feed(b"x" * 100) == []
    assert indexer.pending == 10_000
    rows = indexer.feed(b"\n" + line(succeeded(said("fine"))) + b"\n")
    assert [row.outcome for row in rows] == ["unreadable", "succeeded"]
    assert (rows[0].length, rows[1].offset) == (10_000, 10_001)


def test_read_line_with_a_limit_and_past_the_end(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"0123456789")
    assert read_line(path, 2, 5) == b"23456"
    assert read_line(path, 2, 5, limit=3) == b"234"
    assert read_line(path, 8, 100) == b"89"
    assert read_line(path, 99, 5) == b""


# -- one result to read ---------------------------------------------------------------------------------


def test_every_kind_of_block() -> None:
    shown = view(
        succeeded(
            {"type": "thinking", "thinking": "let me see", "signature": "abc"},
            {"type": "redacted_thinking", "data": "abc"},
            said("Here:"),
            {"type": "tool_use", "id": "t1", "name": "classify", "input": {"label": "grün"}},
            {"type": "server_tool_use", "id": "t2", "name": "web_search", "input": {"query": "q"}},
            {"type": "web_search_tool_result", "tool_use_id": "t2", "content": []},
            stop="tool_use",
        )
    )
    kinds = [block.kind for block in shown.blocks]
    assert kinds == ["thinking", "thinking", "text", "tool_use", "tool_use", "tool_result"]
    assert shown.blocks[3] == Block("tool_use", '{\n  "label": "grün"\n}', "classify")
    assert shown.blocks[3].data == {"label": "grün"}
    assert (shown.blocks[5].title, shown.blocks[5].text) == ("web_search", "(nothing)")
    assert shown.advice == ""


def test_citations_are_listed() -> None:
    cited = [
        {
            "type": "page_location",
            "document_title": "Lease",
            "cited_text": "no pets ",
            "start_page_number": 3,
            "end_page_number": 5,
        },
        {"type": "web_search_result_location", "url": "https://example.invalid", "title": "T"},
        {"type": "char_location", "cited_text": "x", "document_title": None},
        "nonsense",
    ]
    shown = view(succeeded({"type": "text", "text": "No.", "citations": cited}))
    assert shown.blocks[1].text.splitlines() == [
        "1. Lease (pages 3–4) “no pets”",
        "2. T · https://example.invalid",
        "3. char_location “x”",
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (succeeded(said("x"), stop="max_tokens"), "raise it"),
        (succeeded(stop="refusal"), "declined"),
        (succeeded(said("x"), stop="pause_turn"), "go on"),
        (succeeded(said("x"), stop="model_context_window_exceeded"), "shorten"),
        (succeeded(said("x"), stop="a_new_reason"), "a_new_reason"),
        (succeeded(said(" ")), "empty"),
        (succeeded(), "empty"),
        (succeeded({"type": "text"}), "empty"),
        (succeeded({"type": "thinking", "thinking": "hm"}), "empty"),
        (errored("invalid_request_error", "max_tokens: Field required"), "Fix the request"),
        (errored("invalid_request_error", "You have reached your specified API usage limits."), "limit"),
        (errored("overloaded_error"), "again"),
        (errored("a_new_error"), "again"),
        ({"custom_id": "a", "result": {"type": "errored"}}, "again"),
        ({"custom_id": "a", "result": {"type": "expired"}}, "launch it again"),
        ({"custom_id": "a", "result": {"type": "canceled"}}, "launch it again"),
        (succeeded(said("fine")), ""),
        (succeeded({"type": "tool_use", "name": "f", "input": {}}, stop="tool_use"), ""),
    ],
)
def test_advice(data: dict[str, Any], words: str) -> None:
    shown = view(data)
    assert words in shown.advice if words else shown.advice == ""
    assert bool(shown.advice) == one(data).is_problem
    assert shown.blocks


def test_a_refusal_tells_its_category() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": None}
    assert view(succeeded(stop="refusal", stop_details=details)).blocks == (
        Block("notice", "cyber", "refusal"),
    )


def test_request_ids_and_usage() -> None:
    assert view(errored()).request_id == "req_1"
    usage = dict(view(succeeded(said("x"))).usage)
    assert usage["input_tokens"] == 18 and usage["cache_creation.ephemeral_1h_input_tokens"] == 20
    assert "service_tier" not in usage


def test_an_error_of_no_known_shape_is_shown_raw() -> None:
    shown = view({"custom_id": "a", "result": {"type": "errored", "error": {"reason": "so"}}})
    assert shown.blocks == (Block("json", '{\n  "reason": "so"\n}', "error"),)


@pytest.mark.parametrize("value", [None, [], {}, "x", 1, True, [[]], {"type": {}}, {"content": {"a": []}}])
@pytest.mark.parametrize("field", ["message", "error", "type"])
def test_any_type_in_any_place(field: str, value: Any) -> None:
    data: dict[str, Any] = {"custom_id": value, "result": {"type": "succeeded", field: value}}
    assert one(data).line == 0
    assert view(data).blocks
    message = succeeded(said("x"))
    for name in message["result"]["message"]:
        changed = succeeded(said("x"), **{name: value}) if name not in ("content", "stop_reason") else message
        assert one(changed).outcome == "succeeded" and view(changed).blocks


def test_pretty() -> None:
    assert pretty(b'{"a":[1,"\\u00eb"]}', 1000) == '{\n  "a": [\n    1,\n    "ë"\n  ]\n}'
    assert pretty(b'{"a":[1,2,3]}', 5) == '{\n  "'
    assert pretty(b"not json \xff", 100) == "not json \ufffd"
    assert pretty(b"x" * 100, 10) == "x" * 10
    assert pretty('"\ud83d"'.encode("utf-8", "surrogatepass"), 10)
    assert len(pretty(b"[" + b"1," * 1_000_000 + b"1]", 100)) == 100
