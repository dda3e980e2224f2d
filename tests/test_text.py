"""Foreign text made harmless, and numbers, sizes and times as people write them."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.hostile import HOSTILE
from tests.pty_runs import UNSAFE
from tui import text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is UTC here."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_hostile_survives(hostile: str) -> None:
    for made, breaks in ((text.clean(hostile), ""), (text.clean_block(hostile), "\n")):
        assert not UNSAFE.search(made) and "\r" not in made
        assert set(made) & {"\n", "\t"} <= set(breaks)
        made.encode("utf-8")
        assert text.clean(made) == made.replace("\n", " ") or "\n" in made
    text.sound(hostile).encode("utf-8")


def test_every_control_and_format_character_is_dealt_with() -> None:
    spared = {"\u200c", "\u200d"}  # joiners: emoji and Indic letters need them
    for code in range(0x110000):
        letter = chr(code)
        if unicodedata.category(letter) in ("Cc", "Cs") or unicodedata.bidirectional(letter) in (
            *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "B"),
        ):
            assert letter not in text.clean(f"a{letter}b"), hex(code)
        elif letter in spared or letter.isprintable():
            assert text.clean(f"a{letter}b") == f"a{letter}b", hex(code)


@pytest.mark.parametrize(
    ("foreign", "line", "block"),
    [
        ("a\r\nb", "a b", "a\nb"),
        ("a\rb", "a␍b", "a\nb"),
        ("a\n\n   b", "a b", "a\n\n   b"),
        ("a\tb", "a b", "a   b"),
        ("\x1b[2J", "␛[2J", "␛[2J"),
        ("a\x7fb", "a␡b", "a␡b"),
        ("a\u2028b", "a b", "a\nb"),
        ("\ud800", "\ufffd", "\ufffd"),
        ("👩\u200d🚀", "👩\u200d🚀", "👩\u200d🚀"),
        ("plain [/]", "plain [/]", "plain [/]"),
        ("", "", ""),
    ],
)
def test_what_becomes_of_foreign_text(foreign: str, line: str, block: str) -> None:
    assert text.clean(foreign) == line
    assert text.clean_block(foreign) == block


def test_clean_is_quick_on_a_long_answer() -> None:
    started = time.perf_counter()
    text.clean_block("word \x1b[31m and\tmore\r\n" * 100_000)
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    ("number", "said"),
    [
        *((0, "0"), (999, "999"), (1000, "1k"), (1049, "1k"), (1050, "1.1k"), (9949, "9.9k")),
        *((9950, "10k"), (999_499, "999k"), (999_500, "1M"), (1_234_567, "1.2M"), (999_500_000, "1G")),
    ],
)
def test_compact(number: int, said: str) -> None:
    assert text.compact(number) == said


def test_compact_fits_its_column() -> None:
    assert all(len(text.compact(10**power + extra)) <= 5 for power in range(12) for extra in (-1, 0, 1, 999))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        *((0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_400, "99.4 kB"), (99_500, "100 kB")),
        *((999_500, "1.0 MB"), (2_100_000, "2.1 MB"), (256_000_000, "256 MB"), (5e12, "5000 GB")),
    ],
)
def test_size(number: float, said: str) -> None:
    assert text.size(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *((-5, "<1m"), (59, "<1m"), (60, "1m"), (3599, "59m"), (3600, "1h 00m"), (11_100, "3h 05m")),
        *((86_399, "23h 59m"), (86_400, "1d"), (187_200, "2d 4h"), (864_000 + 7200, "10d")),
    ],
)
def test_duration(seconds: int, said: str) -> None:
    assert text.duration(timedelta(seconds=seconds)) == said


def test_moments_are_no_longer_than_needed() -> None:
    said = {
        NOW - timedelta(hours=2): "10:00",
        NOW - timedelta(days=1): "Nov 21 12:00",
        NOW - timedelta(days=200): "May 06 12:00",
        NOW - timedelta(days=400): "2025-10-18",
    }
    assert {when: text.moment(when, NOW) for when in said} == said
    new_year = datetime(2027, 1, 2, tzinfo=UTC)
    assert text.moment(NOW, new_year) == "Nov 22 12:00"
    assert re.fullmatch(r"2026-11-22 12:00:00 \w+", text.full_moment(NOW))


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [
        *((0, "batch", "0 batches"), (1, "batch", "1 batch"), (1204, "request", "1,204 requests")),
        *((2, "launch", "2 launches"), (3, "box", "3 boxes"), (2, "pass", "2 passes")),
    ],
)
def test_plural(number: int, noun: str, said: str) -> None:
    assert text.plural(number, noun) == said
    assert text.count(1234567) == "1,234,567"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_pager_gets_says_the_same_and_drives_nothing(hostile: str) -> None:
    shown = text.escaped(json.dumps({"a": hostile}, ensure_ascii=False))
    assert text.clean_block(shown) == shown
    assert json.loads(shown) == {"a": hostile}


def test_a_line_that_is_no_json_is_paged_harmlessly_too() -> None:
    assert text.escaped("\x1b]52;c;eA==\x07\ttab\nline") == "\\u001b]52;c;eA==\\u0007\ttab\nline"


def test_a_sentence_begins_with_a_capital_and_names_stay_as_they_are() -> None:
    assert text.begun("launch “My File.CSV” was sent") == "Launch “My File.CSV” was sent"
    assert text.begun("") == ""


@pytest.mark.parametrize(("seconds", "said"), [(0, "0 s"), (-59, "59 s"), (61, "1m"), (-2195, "36m")])
def test_how_far_two_moments_lie_apart(seconds: int, said: str) -> None:
    assert text.apart(timedelta(seconds=seconds)) == said
