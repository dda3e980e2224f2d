"""Everything that can be wrong with a source, said with its place and its remedy."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.drafting import TWO, checked, lines, request, told, without
from tui.sources import check, prepare

# What is wrong with one request

TOP = "Only custom_id and params may stand here; the rest belongs into params."
LETTERS = "Use 1 to 64 letters, digits, - and _."
BAD: list[tuple[object, str]] = [
    ("x", "It seems to be a list of prompts"),
    (1, "plain text"),
    (without("custom_id", request()), "custom_id is missing"),
    (without("params", request()), "params is missing"),
    ({**request(), "priority": 1}, f"“priority” does not belong beside params – {TOP}"),
    ({**request(), "custom_id": None}, "custom_id must be a string, not null"),
    ({**request(), "custom_id": 7}, "custom_id must be a string, not a number"),
    ({**request(), "custom_id": ""}, f"custom_id is empty – {LETTERS}"),
    ({**request(), "custom_id": "x" * 65}, "custom_id is too long – It has 65 characters."),
    ({**request(), "custom_id": "a b"}, "custom_id has characters that are not allowed – “a b”"),
    ({**request(), "custom_id": "a\n"}, "custom_id has characters that are not allowed"),
    ({**request(), "custom_id": "é"}, "custom_id has characters that are not allowed"),
    ({**request(), "params": None}, "params must be an object, not null"),
    ({**request(), "params": [1]}, "params must be an object, not a list"),
    (request(model=None), "model must be a string, not null"),
    (request(model=""), "model is empty"),
    (request(max_tokens=0), "max_tokens must be at least 1 – Not 0."),
    (request(max_tokens=-5), "max_tokens must be at least 1"),
    (request(max_tokens="10"), 'max_tokens must be a whole number – Not "10".'),
    (request(max_tokens=10.5), "max_tokens must be a whole number – Not 10.5."),
    (request(max_tokens=True), "max_tokens must be a whole number – Not true."),
    (request(messages=[]), "messages is empty"),
    (request(messages="Hello"), "messages must be a list, not a string"),
    (request(messages=["Hello"]), "A message must be an object, not a string – In message 1."),
    (request(messages=[{"role": "user"}]), "A message has no content – In message 1."),
    (request(messages=[{"content": "a"}]), "A message needs the role user or assistant – In message 1."),
    (request(messages=[{"role": "model", "content": "a"}]), "“model” is none. In message 1."),
    (request(messages=[{"role": "user", "content": 5}]), "content must be a string or a list, not a number"),
    (request(messages=[{"role": "user", "content": ["a"]}]), "Each block of content needs a type"),
    (request(stream=True), "stream is not possible in a batch"),
    (request(stream="yes"), "stream is not possible in a batch"),
    (request(temperature=0.5), "temperature is refused by this API version"),
    (request(temperature=None), "temperature is refused by this API version"),
    (request(top_p=1), "top_p is refused by this API version"),
    (request(top_k=5), "top_k is refused by this API version"),
    (request(speed="fast"), "speed (fast mode) is not possible in a batch"),
    (request(store=True), "store (threads) is not possible in a batch"),
    (request(previous_thread_event_id="x"), "previous_thread_event_id (threads) is not possible"),
    (request(cache_hint={}), "cache_hint (hints) is not possible in a batch"),
    (request(context_hint={}), "context_hint (hints) is not possible in a batch"),
    (request(fallbacks=[{}]), "fallbacks (server-side fallback) is not possible in a batch"),
    (request(research_preview_2026_02="active"), "research_preview_2026_02 is not possible in a batch"),
    *(
        ({**request(), "params": without(key, request()["params"])}, f"{key} is missing")
        for key in ("model", "max_tokens", "messages")
    ),
]


@pytest.mark.parametrize(("value", "said"), BAD, ids=lambda value: str(value)[:60])
def test_what_is_wrong_with_a_request(tmp_path: Path, value: object, said: str) -> None:
    draft = checked(tmp_path, lines(value))
    assert (draft.problem_count, draft.ok) == (1, False)
    assert said in told(draft)[0]
    assert told(draft)[0].startswith("a.jsonl:1: ")


def test_lists_among_lines(tmp_path: Path) -> None:
    draft = checked(tmp_path, lines(request(), [], [request(2)]))
    assert [problem.what for problem in draft.problems] == ["A request must be an object, not a list"] * 2


def test_all_problems_of_all_lines_each_on_its_line(tmp_path: Path) -> None:
    one = {"custom_id": "", "params": {"temperature": 1, "stream": True}, "x": 1}
    draft = checked(tmp_path, lines(request(1)) + b"\n" + lines(one, request(2), {**request(3), "params": 5}))
    assert [(problem.place, problem.what) for problem in draft.problems] == [
        ("a.jsonl:3", "custom_id is empty"),
        ("a.jsonl:3", "“x” does not belong beside params"),
        ("a.jsonl:3", "model is missing"),
        ("a.jsonl:3", "max_tokens is missing"),
        ("a.jsonl:3", "messages is missing"),
        ("a.jsonl:3", "stream is not possible in a batch"),
        ("a.jsonl:3", "temperature is refused by this API version"),
        ("a.jsonl:5", "params must be an object, not a number"),
    ]
    assert (draft.requests, draft.models) == (4, (("claude-haiku-5-5", 2),))


def test_the_same_mistake_has_the_same_words(tmp_path: Path) -> None:
    values = [{**request(n), "custom_id": f"no {n}"} for n in range(5)]
    values += [request(n, max_tokens=-n) for n in range(5)]
    assert len({problem.what for problem in checked(tmp_path, lines(*values)).problems}) == 2


BROKEN: list[tuple[bytes, str]] = [
    (b"{", "The JSON stops in the middle"),
    (b'{"custom_id": "a', "The JSON stops in the middle"),
    (lines(request())[:-30], "The JSON stops in the middle"),
    (b'{"custom_id" "a"}', "It is not JSON – See column 14: expecting ':' delimiter."),
    (b"{'custom_id': 'a'}", "It is not JSON – See column 2:"),
    (b'{"a": NaN}', "It is not JSON – NaN is no JSON number."),
    (b'{"a": -Infinity}', "It is not JSON – -Infinity is no JSON number."),
    (lines(request())[:-1] + b";", "There is text after the request"),
    (lines(request()).replace(b"it", b"i\tt"), "It is not JSON – See column"),
    (lines(request()).replace(b"it", b"i\xfft"), "It is not UTF-8 – See column 1"),
    (lines(request()).replace(b"it", b"i\\xt"), "It is not JSON – See column"),
    (lines(request()).replace(b"it", b"i\\ud83dt"), "It has half of a surrogate pair"),
    (lines(request()).replace(b"it", b"i\\udc00\\ud83dt"), "It has half of a surrogate pair"),
    (lines(request(tools=1)).replace(b"1}", b"[" * 50_000 + b"]" * 50_000 + b"}"), "It is nested too deeply"),
]


@pytest.mark.parametrize(("raw", "said"), BROKEN, ids=lambda value: str(value)[:40])
def test_what_is_no_json(tmp_path: Path, raw: bytes, said: str) -> None:
    draft = checked(tmp_path, lines(request(7)) + raw.rstrip(b"\n") + b"\n" + lines(request(8)))
    assert draft.problem_count == 1
    assert told(draft)[0].startswith(f"a.jsonl:2: {said}")


def test_whole_surrogate_pairs_and_escaped_backslashes_are_fine(tmp_path: Path) -> None:
    raw = lines(request(1), request(2)).replace(b"it", b"\\ud83d\\ude00 \\\\ud83d", 1)
    assert told(checked(tmp_path, raw)) == []


def test_the_column_counts_characters(tmp_path: Path) -> None:
    draft = checked(tmp_path, lines(request()) + "{\"é€😀\": 'x'}\n".encode())
    assert "See column 9:" in told(draft)[0]


# What only all of them together can break


def test_duplicates_name_the_first_line(tmp_path: Path) -> None:
    draft = checked(tmp_path, b"\n" + lines(request(1), request(2), request(1), request(1)))
    assert told(draft) == [
        "a.jsonl:4: The custom_id is not unique – “id-1” stands on line 2 already.",
        "a.jsonl:5: The custom_id is not unique – “id-1” stands on line 2 already.",
    ]


def test_duplicates_on_one_line_of_an_array(tmp_path: Path) -> None:
    draft = checked(tmp_path, json.dumps([request(1), request(1)]).encode())
    assert told(draft) == ["a.jsonl:1: The custom_id is not unique – “id-1” stands on line 1 already."]


def test_a_bad_request_counts_for_duplicates_too(tmp_path: Path) -> None:
    draft = checked(tmp_path, lines(request(1, max_tokens=0), request(1)))
    assert draft.problem_count == 2


def test_the_limits_of_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.sources.checking.MOST_REQUESTS", 3)
    monkeypatch.setattr("tui.sources.checking.MOST_BYTES", 300)
    draft = checked(tmp_path, lines(*(request(n) for n in range(4))))
    assert [problem.what for problem in draft.problems] == [
        "0.5 MB are too much for a batch".replace("0.5", f"{draft.bytes / 1e6:.1f}"),
        "4 requests are too many for a batch",
    ]
    assert all("Split it" in problem.remedy for problem in draft.problems)
    monkeypatch.undo()
    assert checked(tmp_path, lines(*(request(n) for n in range(4)))).ok


def test_problems_are_capped_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.sources.checking.MOST_REQUESTS", 10)
    draft = checked(tmp_path, b"{]\n" * 1500)
    assert (draft.problem_count, len(draft.problems), draft.requests) == (1501, 1000, 1500)
    assert "too many for a batch" in draft.problems[0].what


# What files seem to be

SEEMS = {
    "openai.jsonl": (
        lines({"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {}}) * 3,
        "an OpenAI batch",
    ),
    "bedrock.jsonl": (lines({"recordId": "1", "modelInput": {}}), "an Amazon Bedrock batch"),
    "results.jsonl": (lines({"custom_id": "1", "result": {"type": "expired"}}), "the results of a batch"),
    "body.json": (json.dumps({"requests": TWO}).encode(), "the body of a request"),
    "bare.jsonl": (lines(request()["params"]) * 9, "a list of Messages requests"),
    "bare.json": (json.dumps([request()["params"]] * 9, indent=1).encode(), "a list of Messages requests"),
    "records.jsonl": (lines({"prompt": "a"}, {"prompt": "b"}), "a list of records"),
    "prompts.jsonl": (lines("one", "two"), "a list of prompts"),
    "prompts.json": (json.dumps(["one", "two"]).encode(), "a list of prompts"),
    "prompts.txt": (b"What is it?\nWho was it?\n", "plain text"),
    "table.csv": (b'id,text\n1,"a, b"\n', "a table"),
    "table.tsv": (b"id\ttext\n1\ta\n", "a table"),
}


@pytest.mark.parametrize("name", SEEMS)
def test_what_a_file_seems_to_be(tmp_path: Path, name: str) -> None:
    content, said = SEEMS[name]
    draft = checked(tmp_path, content, name)
    assert (draft.problem_count, draft.requests) == (1, 0)
    assert told(draft)[0].startswith(f"{name}:1: It seems to be {said}, not ")


def test_one_strange_request_among_good_ones_is_no_other_kind_of_file(tmp_path: Path) -> None:
    draft = checked(tmp_path, lines({"prompt": "a"}, request(1)))
    assert [problem.place for problem in draft.problems] == ["a.jsonl:1"] * 3


NO_TEXT = {
    "utf-16": ("\ufeff" + lines(*TWO).decode()).encode("utf-16-le"),
    "utf-16 without a mark": lines(*TWO).decode().encode("utf-16-le"),
    "utf-16 big": ("\ufeff" + lines(*TWO).decode()).encode("utf-16-be"),
    "gzip": b"\x1f\x8b\x08\x00rest",
    "zip": b"PK\x03\x04rest",
    "binary": b"\x7fELF\x02\x01\x00\x00",
    "pdf": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("kind", NO_TEXT)
def test_what_is_no_text(tmp_path: Path, kind: str) -> None:
    (problem,) = checked(tmp_path, NO_TEXT[kind]).problems
    wanted = {"gzip": "compressed (gzip)", "zip": "compressed (zip)", "binary": "binary", "pdf": "binary"}
    assert wanted.get(kind, "UTF-16") in problem.what


@pytest.mark.parametrize("content", [b"", b"\n\n  \r\n", b"[]", b"[\n\n]\n", b"\xef\xbb\xbf"])
def test_nothing_in_it(tmp_path: Path, content: bytes) -> None:
    draft = checked(tmp_path, content)
    assert told(draft) == ["a.jsonl:1: There is no request in it – Put one request on each line."]
    assert not prepare(tmp_path / "a.jsonl", tmp_path / "draft").ok
    assert not (tmp_path / "draft").exists()


def test_what_is_no_file(tmp_path: Path) -> None:
    assert "There is no such file" in told(check(tmp_path / "absent.jsonl"))[0]
    assert "It is a folder" in told(check(tmp_path))[0]
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in told(check(tmp_path / "pipe"))[0]
    assert "not a regular file" in told(check(Path("/dev/null")))[0]
    draft = prepare(tmp_path / "absent.jsonl", tmp_path / "draft")
    assert not draft.ok
    assert list(tmp_path.iterdir()) == [tmp_path / "pipe"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch(mode=0o000)
    assert "may not be read" in told(check(tmp_path / "a.jsonl"))[0]
