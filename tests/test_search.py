"""Search: what a line says, in whatever form; whole files; hostile expressions; spans."""

from __future__ import annotations

import json
import random
import re
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import HOSTILE
from tui.errors import UsageError
from tui.model import Pattern
from tui.records.search import Matcher, TooSlow, said, scan, scanning, spans
from tui.records.search.folding import alternatives, disguises
from tui.records.search.needed import needed


def line(*texts: str, custom_id: str = "a-1", **dumps: Any) -> bytes:
    content = [{"type": "text", "text": text} for text in texts]
    message = {
        "model": "claude-sonnet-5-5",
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 418, "service_tier": "batch"},
    }
    return result({"type": "succeeded", "message": message}, custom_id, **dumps)


def block(**parts: Any) -> bytes:
    return result({"type": "succeeded", "message": {"content": [parts]}})


def result(value: dict[str, Any], custom_id: str = "a-1", **dumps: Any) -> bytes:
    return json.dumps({"custom_id": custom_id, "result": value}, **dumps).encode()


def says(raw: bytes, text: str, *, regex: bool = False, ignore_case: bool = True) -> bool:
    return Matcher.of(Pattern(text, regex, ignore_case)).says(raw)


def hits(path: Path, pattern: Pattern, **bounds: Any) -> list[int]:
    return [offset for found in scan(path, Matcher.of(pattern), **bounds) for offset in found.offsets]


def written(path: Path, lines: Iterable[bytes]) -> list[int]:
    """Write them, and say where each begins."""
    offsets, at = [], 0
    with path.open("wb") as file:
        for raw in lines:
            offsets.append(at)
            at += file.write(raw + b"\n")
    return offsets


# What a line says


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        (line("one", "two"), {"a-1", "one", "two"}),
        (block(type="thinking", thinking="hm", signature="EqQB"), {"a-1", "hm"}),
        (block(type="redacted_thinking", data="EmwK"), {"a-1"}),
        (
            block(type="tool_use", name="store", input={"k": ["v", 1, 2.50, True, None, {"q": -3}]}),
            {"a-1", "store", "k", "v", "1", "2.5", "q", "-3"},
        ),
        (
            block(type="text", text="x", citations=[{"type": "char", "cited_text": "c", "title": None}]),
            {"a-1", "x", "c"},
        ),
        (
            block(type="web_search_tool_result", id="s", content=[{"title": "t", "encrypted_content": "E"}]),
            {"a-1", "t"},
        ),
        (block(type="holo_sketch", frames=4, note="later"), {"a-1", "4", "later"}),
        (result({"type": "expired"}), {"a-1"}),
        (
            result({"type": "errored", "error": {"type": "error", "error": {"type": "e", "message": "no"}}}),
            {"a-1", "e", "no"},
        ),
        (result({"type": "errored", "error": {"type": "e", "message": "no"}}), {"a-1", "e", "no"}),
        (result({"type": "succeeded", "message": {"content": "bare"}}), {"a-1", "bare"}),
        (b'{"type":"errored","error":{"message":"m"}}', {"m"}),
        (b'{"custom_id":"x","result":{"type":"q","message":{"content":"\\ud800!"}}}', {"x", "\ufffd!"}),
        (b"{}", {"{}"}),
        (b'no "JSON" \xff\x00', {'no "JSON" \ufffd\0'}),
        (b"", {""}),
        (b"[" * 100_000, {"[" * 100_000}),
    ],
)  # fmt: skip
def test_what_a_line_says(raw: bytes, texts: set[str]) -> None:
    assert set(said(raw)) == texts


@pytest.mark.parametrize(
    "word", ["stop_reason", "end_turn", "succeeded", "usage", "sonnet", "418", "msg_01", '"']
)
def test_the_api_says_nothing(word: str) -> None:
    assert not says(line("yes"), word)


def test_a_match_lies_within_one_text() -> None:
    assert says(line("one two"), "one two")
    assert not says(line("one ", "two"), "one two")


def test_the_number_of_a_tool_is_found_as_it_is_written() -> None:
    raw = block(type="tool_use", name="store", input={"n": 1500.25}).replace(b"1500.25", b"1.50e3")
    assert says(raw, "1.50e3")


# Whatever form the file gives it

SIGNS = [
    "a",
    "Z",
    "k",
    "s",
    "ss",
    "fi",
    "i",
    " ",
    "0",
    '"',
    "\\",
    "/",
    "\n",
    "\t",
    "\r",
    "\b",
    "<",
    "&",
    "'",
    "u00e",
]
SIGNS += [
    "ë",
    "Ë",
    "ß",
    "ẞ",
    "ſ",
    "\u212a",
    "İ",
    "ı",
    "ﬁ",
    "ﬀ",
    "п",
    "П",
    "ς",
    "Σ",
    "日",
    "本",
    "\ufffd",
    "\u2028",
]
SIGNS += ["😀", "🦀", "\x7f", "\x00", "\u0301", "ΐ", "ŉ", "µ", "μ", "é", "É", "\ufeff"]


def texts(rng: random.Random) -> list[str]:
    return ["".join(rng.choices(SIGNS, k=rng.randint(0, 12))) for _ in range(rng.randint(1, 3))]


def escaped(rng: random.Random, text: str, likely: float) -> str:
    """A JSON string in which any character may be an escape, in either case of its hex digits."""
    out = []
    for sign in text:
        if rng.random() < likely or ord(sign) == 0x7F:
            units = sign.encode("utf-16-be").hex()
            digits = [units[:4], units[4:]] if len(units) > 4 else [units]
            out += ["\\u" + (each.upper() if rng.random() < 0.5 else each) for each in digits]
        elif sign == "/" and rng.random() < 0.5:
            out.append("\\/")
        else:
            out.append(json.dumps(sign, ensure_ascii=False)[1:-1])
    return "".join(out)


def any_line(rng: random.Random, parts: list[str]) -> bytes:
    """A line that says these texts, as one of many programs would write it."""
    how = rng.random()
    if how < 0.3:
        return line(*parts, ensure_ascii=False, separators=(",", ":"))
    if how < 0.5:
        return line(*parts, ensure_ascii=True)
    if how < 0.6:
        return re.sub(rb"\\u[0-9a-f]{4}", lambda m: b"\\u" + m[0][2:].upper(), line(*parts))
    likely = rng.choice((0.05, 0.5, 1.0))
    blocks = ",".join(f'{{"type":"text","text":"{escaped(rng, part, likely)}"}}' for part in parts)
    whole = f'{{"custom_id":"a-1","result":{{"type":"succeeded","message":{{"content":[{blocks}]}}}}}}'
    return whole.encode("utf-8", "replace")


def is_said(parts: list[str], wanted: str, ignore_case: bool) -> bool:
    """The slow and obvious way."""
    if ignore_case:
        return any(wanted.casefold() in part.casefold() for part in [*parts, "a-1"])
    return any(wanted in part for part in [*parts, "a-1"])


@pytest.mark.parametrize("seed", range(20))
def test_no_form_hides_a_text(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(scanning, "BLOCK", rng.choice((1, 7, 64, 1000, 1 << 18)))
    meant = [texts(rng) for _ in range(60)]
    path = tmp_path / "results.jsonl"
    offsets = written(path, [any_line(rng, parts) for parts in meant])
    for _ in range(25):
        parts = rng.choice(meant)
        text = rng.choice(parts)
        first = rng.randrange(len(text) + 1)
        wanted = text[first : first + rng.randint(1, 5)] or rng.choice(SIGNS)
        wanted = rng.choice((wanted, wanted.upper(), wanted.casefold()))
        for ignore_case in (True, False):
            right = [
                at for at, parts in zip(offsets, meant, strict=True) if is_said(parts, wanted, ignore_case)
            ]
            assert hits(path, Pattern(wanted, False, ignore_case)) == right, (wanted, ignore_case)
            assert hits(path, Pattern(re.escape(wanted), True, False)) == right or ignore_case


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (r"Zo\u00eb", "Zoë"),
        (r"Zo\u00EB", "ZOË"),
        ("Zoë", "zoë"),
        (r"\u005a\u006fë", "zoë"),
        (r"see a\/b/c", "a/b/c"),
        (r"he said \"yes\"\n\tand", '"yes"\n\tand'),
        (r"C:\\temp\u005cx", "C:\\temp\\x"),
        (r"\ud83d\uDE00!", "😀!"),
        ("a \t raw tab", "a \t raw"),
        (r"\u003cb\u003E", "<b>"),
        (r"Stra\u00dfe", "STRASSE"),
        (r"273 \u212a", "273 k"),
    ],
)
def test_the_forms_that_are_known(tmp_path: Path, said: str, wanted: str) -> None:
    raw = line("@").replace(b"@", said.encode())
    offsets = written(tmp_path / "r", [line("no"), raw, line("é")])
    assert hits(tmp_path / "r", Pattern(wanted)) == offsets[1:2]
    assert not hits(tmp_path / "r", Pattern(wanted + "x"))


@pytest.mark.parametrize(
    "text", [text for text in HOSTILE if text and "\ud800" not in text and len(text) < 1000]
)
def test_hostile_texts_are_found(tmp_path: Path, text: str) -> None:
    for ascii_only in (True, False):
        offsets = written(tmp_path / "r", [line("no"), line(f"before{text}after", ensure_ascii=ascii_only)])
        for ignore_case in (True, False):
            assert hits(tmp_path / "r", Pattern(text, False, ignore_case)) == offsets[1:]


def test_whatever_folds_is_looked_for() -> None:
    """All of Unicode: no character outside what the filter looks for folds to what it stands for."""
    known: dict[str, set[str]] = {}
    for code in range(0x80, sys.maxunicode + 1):
        sign = chr(code)
        folded = sign.casefold()
        for each in folded if folded != sign else "":
            if each not in known:
                forms = () if each.isascii() else alternatives(each)
                known[each] = {*forms, *disguises(each)}
            assert sign in known[each]


def test_the_regex_library_knows_no_case_that_the_filter_does_not() -> None:
    import regex

    cased = [chr(code) for code in range(sys.maxunicode) if chr(code).lower() != chr(code).upper()]
    everything = "".join(cased)
    for sign in {sign.casefold(): sign for sign in cased}.values():
        for other in regex.findall(regex.escape(sign), everything, regex.IGNORECASE):
            assert other.casefold() == sign.casefold() or {sign, other} <= set("iIİı")


def test_a_lone_surrogate_is_found_as_what_is_shown_for_it() -> None:
    raw = (
        b'{"custom_id":"x","result":{"type":"s","message":{"content":[{"type":"text","text":"a\\udfffb"}]}}}'
    )
    assert says(raw, "a\ufffdb") and says(raw, "a\ud800b")


def test_who_escapes_plain_letters_is_seen_through(tmp_path: Path) -> None:
    odd = line("@").replace(b"@", rb"\u006eeedle")
    offsets = written(tmp_path / "r", [odd if n % 3 == 0 else line("no" * 5_000) for n in range(600)])
    for ignore_case in (True, False):
        assert hits(tmp_path / "r", Pattern("needle", False, ignore_case)) == offsets[::3]


# Whole files


@pytest.mark.parametrize("size", range(1, 420, 7))
def test_blocks_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(scanning, "BLOCK", size)
    lines = [
        line("no"),
        b"",
        b"  ",
        line("a needle", ensure_ascii=False),
        line("ë needle"),
        b"needle, not JSON",
    ]
    offsets = written(tmp_path / "r", lines)
    for pattern in (Pattern("NEEDLE"), Pattern("needl[e]", True), Pattern('needle|"', True)):
        assert hits(tmp_path / "r", pattern) == offsets[3:]


def test_between_two_places(tmp_path: Path) -> None:
    lines = [line("needle")] * 5
    offsets = written(tmp_path / "r", lines)
    found = list(scan(tmp_path / "r", Matcher.of(Pattern("needle")), start=offsets[1], end=offsets[4] - 1))
    assert [at for each in found for at in each.offsets] == offsets[1:4]
    assert found[-1].place == offsets[4] - 1


def test_a_last_line_without_an_end(tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(line("needle") + b"\n" + line("needle"))
    assert len(hits(tmp_path / "r", Pattern("needle"))) == 2
    (tmp_path / "r").write_bytes(b"")
    assert hits(tmp_path / "r", Pattern("needle")) == []


@pytest.mark.parametrize(
    "pattern", [Pattern("needle"), Pattern("needle\\b", True), Pattern("n.{0}[e]+dle", True)]
)
def test_a_huge_line_and_its_neighbours(tmp_path: Path, pattern: Pattern) -> None:
    huge = line("x" * 1_000_000 + " needle " + "é" * 400_000)
    offsets = written(tmp_path / "r", [line("needle"), huge, line("no"), line("needle")])
    assert hits(tmp_path / "r", pattern) == [offsets[0], offsets[1], offsets[3]]


def test_a_line_beyond_all_bounds_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "LONGEST_LINE", scanning.BLOCK)
    offsets = written(tmp_path / "r", [line("needle"), b"needle" * 500_000, line("needle")])
    found = list(scan(tmp_path / "r", Matcher.of(Pattern("needle"))))
    assert [at for each in found for at in each.offsets] == [offsets[0], offsets[2]]
    assert sum(each.undecided for each in found) == 1
    assert found[-1].place == (tmp_path / "r").stat().st_size


def test_the_first_hit_is_told_at_once_and_a_stop_is_obeyed(tmp_path: Path) -> None:
    written(tmp_path / "r", [line("needle " + "x" * 2000)] * 5_000)
    stop = threading.Event()
    found = scan(tmp_path / "r", Matcher.of(Pattern("needle")), stop=stop)
    assert list(next(found).offsets) == [0]
    stop.set()
    assert list(found) == []


# Regular expressions


@pytest.mark.parametrize(
    ("expression", "literals"),
    [
        ("needle", {"needle"}),
        (r"\bneedle\b", {"needle"}),
        (r"\d+ needles? in", {" needle"}),
        ("[Nn]eedle", {"eedle"}),
        ("(needle|thread)s", {"needle", "thread"}),
        ("(?:ab)+c*", {"ab"}),
        ("(?P<x>need)le", {"need"}),
        ("(needle)?", set()),
        ("(needle)*x", {"x"}),
        ("needle|", set()),
        (r"\d{3}-\d{4}", {"-"}),
        ("(?!needle).", set()),
        ("[[:alpha:]]needle", set()),
        ("(?>need)le", {"need"}),
        ("a{0}b", {"b"}),
        ("", set()),
    ],
)
def test_what_an_expression_cannot_do_without(expression: str, literals: set[str]) -> None:
    assert set(needed(expression, False).literals) == literals


def test_flags_within_an_expression() -> None:
    assert needed("(?i)needle", False).ignore_case
    assert needed("x(?i:needle)", False).ignore_case
    assert not needed("(?s)needle.", False).ignore_case
    assert needed("İstanbul", True).literals == ("stanbul",)


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        (r"\d{3}-\d{4}", "call 555-0199 now", True),
        (r"^Category: \w+$", "Category: access", True),
        (r"^Category: \w+$", "The Category: access", False),
        (r"a{e}", "a{e}", True),
        (r"a{e}", "b", False),
        (r"\N{BULLET} one", "• one", True),
        ("(?i)STRASSE", "strasse", True),
        ("[Zz]oë", "Zo\u00eb", True),
        (r"line\nbreak", "line\nbreak", True),
        (r'"id": \d+', '{"id": 17}', True),
        (r"C:\\temp", "C:\\temp", True),
        ("fish(?=!)", "a fish!", True),
        (r"(\w)\1\1", "brrr", True),
    ],
)
def test_expressions(tmp_path: Path, expression: str, text: str, found: bool) -> None:
    for ascii_only in (True, False):
        raw = line(text, ensure_ascii=ascii_only)
        offsets = written(tmp_path / "r", [raw])
        assert hits(tmp_path / "r", Pattern(expression, True, False)) == (offsets if found else [])


@pytest.mark.parametrize(
    ("expression", "place", "what"),
    [
        ("a(b", "character 2", "missing ), unterminated subpattern"),
        ("[z-a]", "character 2", "bad character range z-a"),
        ("*a", "character 1", "nothing to repeat"),
        (r"\p{L}", "character 1", r"bad escape \p"),
    ],
)
def test_a_bad_expression_is_said_with_its_place(expression: str, place: str, what: str) -> None:
    with pytest.raises(UsageError) as raised:
        Matcher.of(Pattern(expression, True))
    assert str(raised.value) == f"This is not a regular expression at {place}: {what}."


@pytest.mark.parametrize("expression", ["(" * 5_000 + ")" * 5_000, "(?:(?:ab){2000}){2000}", "x" * 20_000])
def test_an_expression_that_cannot_be_compiled_in_time(expression: str) -> None:
    with pytest.raises(UsageError, match="too"):
        Matcher.of(Pattern(expression, True))


def test_nothing_to_search_for() -> None:
    with pytest.raises(UsageError):
        Matcher.of(Pattern(""))


def test_a_hostile_expression_gives_up_and_lets_others_run() -> None:
    matcher = Matcher.of(Pattern("^(a|a)*$", True))
    gap, done = 0.0, threading.Event()

    def watch() -> None:
        nonlocal gap
        before = time.perf_counter()
        while not done.wait(0.001):
            gap, before = max(gap, time.perf_counter() - before), time.perf_counter()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        with pytest.raises(TooSlow):
            matcher.says(line("a" * 60 + "!"))
    finally:
        done.set()
        thread.join()
    assert gap < 0.2  # a thread that is never let in would wait as long as the expression runs
    assert spans(matcher, "a" * 60 + "!") == []


def test_lines_that_cannot_be_decided_are_counted(tmp_path: Path) -> None:
    offsets = written(tmp_path / "r", [line("a" * 60 + "!"), line("aaa")])
    found = list(scan(tmp_path / "r", Matcher.of(Pattern("^(a|a)*$", True, False))))
    assert sum(each.undecided for each in found) == 1
    assert [at for each in found for at in each.offsets] == offsets[1:]


# Where matches stand


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (Pattern("ab"), "xabAB ab", [(1, 3), (3, 5), (6, 8)]),
        (Pattern("ab", False, False), "xabAB", [(1, 3)]),
        (Pattern("strasse"), "Die Straße", [(4, 10)]),
        (Pattern("s"), "ß", [(0, 1), (0, 1)]),
        (Pattern("zoë"), "İ ZOË", [(2, 5)]),
        (Pattern(r"\d+", True), "12 a 345", [(0, 2), (5, 8)]),
        (Pattern("x*", True), "axxb", [(1, 3)]),
        (Pattern("aa"), "aaa", [(0, 2)]),
    ],
)
def test_spans(pattern: Pattern, text: str, found: list[tuple[int, int]]) -> None:
    assert spans(Matcher.of(pattern), text) == found
