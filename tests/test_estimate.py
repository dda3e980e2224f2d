"""Estimates as arithmetic: from sizes and a few counts to tokens, from tokens to prices and their range."""

from __future__ import annotations

import base64
import json
import random
from decimal import Decimal
from pathlib import Path

import pytest

from tui.model import Estimate, ModelLoad
from tui.pricing import Prices, load
from tui.pricing.caching import averaged, marks_of
from tui.pricing.estimate import Answers, estimate, from_json, to_json
from tui.pricing.scaling import Counted, Load, Marks, drawn, input_tokens, long_ones
from tui.pricing.sizes import DOCUMENT, ENVELOPE, IMAGE, measure, media, text_size

OPUS, HAIKU = (
    "claude-opus-5-5",
    "claude-haiku-5-5",
)  # 4 and 20 dollars; 0.10 and 0.50, five times that if long


@pytest.fixture(scope="module")
def prices() -> Prices:
    return load()


def asked(model: str = OPUS, requests: int = 10, size: int = 1_000, **more: int) -> ModelLoad:
    """A load of which only sums are known: so many bytes of text for each request."""
    more = {"max_tokens": 100 * requests, **more}
    return ModelLoad(model, requests, requests * (size + ENVELOPE), **more)


def whole(tokens: int, model: str = OPUS, requests: int = 1, **more: int) -> Load:
    """A load of which every request was counted."""
    load = asked(model, requests, **more)
    return Load(load, (1_000,) * requests, (Counted(1_000, tokens),) * requests)


# ── from a sample to all ─────────────────────────────────────────────────────────────────────────────────


def test_what_was_counted_whole_has_no_range() -> None:
    found = Load(asked(requests=3), (100, 200, 300), (Counted(100, 40), Counted(200, 55), Counted(300, 70)))
    assert input_tokens(found) == (165, 165, 165)


def test_the_range_holds_what_is_true() -> None:
    """Many invented drafts: of sizes a thousandfold apart, of several kinds of text, a giant among them."""
    held = 0
    for seed in range(100):
        chance = random.Random(seed)
        sizes = [int(chance.lognormvariate(6, 1.5)) + 20 for _ in range(2_000)] + [200_000] * (seed % 3)
        kinds = [chance.choice((0.2, 0.28, 0.4)) for _ in sizes]
        tokens = [int(8 + size * kind) for size, kind in zip(sizes, kinds, strict=True)]
        sample = drawn(sizes, 20)
        assert 10 <= len(sample) <= 21
        counted = tuple(Counted(sizes[place], tokens[place], hits) for place, hits in sample.items())
        low, likely, high = input_tokens(Load(asked(requests=len(sizes)), sizes, counted))
        assert low < likely < high < 2 * low
        assert abs(likely / sum(tokens) - 1) < 0.2
        held += low <= sum(tokens) <= high
    assert held >= 90


def test_what_is_drawn_is_spread_and_holds_the_largest() -> None:
    assert drawn([], 5) == {}
    assert drawn([7, 9], 5) == {0: 1, 1: 1}
    sizes = [10] * 1_000
    places = list(drawn(sizes, 10))
    assert (len(places) == 11 and places[0] == 0) or places[-1] == 0  # the first of equals is “the largest”
    assert {place // 100 for place in places} == set(range(10))
    giant = drawn([*sizes, 10_000], 10)
    assert giant[1_000] == 5 and sum(giant.values()) == 10  # half of all bytes: half of all draws
    assert sum(drawn(sizes * 250, 20).values()) == 20


def test_one_count_alone_leaves_a_wide_range() -> None:
    found = Load(asked(requests=2), (1_000, 1_000), (Counted(1_000, 300),))
    assert input_tokens(found) == (300 + 200, 600, 300 + 400)


def test_equal_requests_are_not_surer_than_the_service_itself() -> None:
    found = Load(asked(requests=100), (1_000,) * 100, (Counted(1_000, 300),) * 20)
    low, likely, high = input_tokens(found)
    assert likely == pytest.approx(30_000) and low == pytest.approx(29_760) and high == pytest.approx(30_240)


def test_two_very_different_counts_do_not_end_below_nothing() -> None:
    found = Load(asked(requests=100), (1_000,) * 100, (Counted(1_000, 100), Counted(1_000, 900)))
    low, likely, high = input_tokens(found)
    assert 0 < low < likely < high
    assert low >= 100 / 2 * 98 and high <= 1_000 + 1_800 * 98


def test_without_any_count_the_guess_is_wide() -> None:
    low, likely, high = input_tokens(Load(asked(requests=10, size=3_500)))
    assert (low, round(likely), high) == (7_000, 10_000, 14_000)
    assert input_tokens(Load(ModelLoad(OPUS, 5, 10)))[0] > 0
    assert input_tokens(Load(ModelLoad(OPUS))) == (0, 0, 0)


def test_pictures_are_not_guessed_as_text() -> None:
    load = ModelLoad(OPUS, 1, 1_000_000, 100, media=999_000)
    low, likely, high = input_tokens(Load(load))
    assert 2_000 < low < 5_000 < likely < 25_000 < high < 60_000


# ── sizes ────────────────────────────────────────────────────────────────────────────────────────────────


def block(kind: str, raw: bytes) -> dict[str, object]:
    return {"type": kind, "source": {"type": "base64", "data": base64.b64encode(raw).decode()}}


def test_data_of_media_is_no_text() -> None:
    image, paper = block("image", bytes(90_000)), block("document", b"%PDF-1.7 " + bytes(90_000))
    for value in (
        json.dumps([image, image, paper]),
        json.dumps([image, image, paper], separators=(",", ":")),
    ):
        raw = value.encode()
        data, worth = media(raw)
        assert data == 2 * 120_000 + 120_012
        assert worth == 2 * IMAGE + 120_012 // DOCUMENT
        assert text_size(raw) == len(raw) - data + worth


@pytest.mark.parametrize(
    "value",
    [
        {"data": "It was a dark and stormy night, and the rain fell in torrents, except at times."},
        {"data": "short"},
        {"data": ["A" * 100]},
        {"text": '"data":"' + "A" * 100},
        {"a": "data", "b": "A" * 100},
        {"data": None},
    ],
)
def test_other_data_is_text(value: object) -> None:
    raw = json.dumps(value).encode()
    assert media(raw) == (0, 0) and text_size(raw) == len(raw)


@pytest.mark.parametrize("raw", [b"", b'"data"', b'"data":"', b'{"data":"' + b"A" * 100, b'"data":"data"'])
def test_pieces_that_stop_in_the_middle(raw: bytes) -> None:
    assert 0 <= media(raw)[0] <= len(raw)
    assert measure(raw)[0] > 0


# ── prices ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_price_with_its_range(prices: Prices) -> None:
    found = estimate([Load(asked(requests=1_000, size=3_500))], prices, Answers({OPUS: 30}, "40 answers"))
    assert found.input_tokens == (700_000, 1_000_000, 1_400_000)
    assert (found.requests, found.counted, found.output_most) == (1_000, 0, 100_000)
    assert (found.output_likely, found.likely_from) == (30_000, "40 answers")
    # at half of 4 and of 20 dollars a million
    assert (found.low, found.likely, found.high) == ("1.7", "2.3", "3.8")
    assert found.standard_high == "7.6"
    assert found.prices_date == "2026-11-09" and not found.unknown_models


def test_without_earlier_answers_there_is_no_likely_price(prices: Prices) -> None:
    found = estimate([whole(1_000_000)], prices)
    assert (found.low, found.likely, found.high) == ("2", None, "2.001")
    assert (found.output_likely, found.likely_from, found.counted) == (None, "", 1)


def test_no_answer_is_longer_than_max_tokens(prices: Prices) -> None:
    found = estimate([whole(100)], prices, Answers({OPUS: 5_000}))
    assert found.output_likely == found.output_most == 100
    assert found.likely == found.high


def test_models_without_a_price_are_in_no_sum(prices: Prices) -> None:
    known = estimate([whole(1_000_000)], prices)
    mixed = estimate([whole(1_000_000), whole(500, "mystery\x1b[31m")], prices, Answers({OPUS: 1}))
    assert mixed.unknown_models == ("mystery\x1b[31m",)
    assert (mixed.low, mixed.high) == ("2.00001", known.high)
    assert mixed.input_tokens[1] == 1_000_500 and mixed.output_most == 200
    assert mixed.output_likely is None and mixed.likely is not None
    assert "\x1b" not in "".join(mixed.notes)
    alone = estimate([whole(500, "mystery")], prices)
    assert (alone.low, alone.likely, alone.high, alone.standard_high) == (None, None, None, None)
    assert alone.unknown_models == ("mystery",)


def test_nothing_to_estimate(prices: Prices) -> None:
    assert estimate([], prices) == Estimate(prices_date="2026-11-09")


def test_long_prompts_cost_more(prices: Prices) -> None:
    sizes = (400_000, *([4_000] * 99))
    counted = (Counted(400_000, 120_000), *[Counted(4_000, 1_200)] * 99)
    found = estimate([Load(asked(HAIKU, 100), sizes, counted)], prices)
    # 120,000 at 0.50 and 118,800 at 0.10; of 10,000 tokens of answers 100 at 2.50 and the rest at 0.50
    dollars = Decimal(120_000 * 0.50 + 118_800 * 0.10 + 100 * 2.50 + 9_900 * 0.50) / 2_000_000
    assert Decimal(found.high or 0) == pytest.approx(dollars, abs=Decimal("1e-12"))
    assert any("1 request probably over 100,000 tokens" in note for note in found.notes)
    short = estimate([Load(asked(HAIKU, 100), sizes[1:], counted[1:])], prices)
    assert not any("over 100,000" in note for note in short.notes)


def test_long_prompts_of_which_only_the_sum_is_known() -> None:
    assert long_ones(Load(asked(requests=10, size=500_000)), 0.3, 100_000) == (1.0, 10)
    assert long_ones(Load(asked(requests=10, size=5_000)), 0.3, 100_000) == (0.0, 0)
    assert long_ones(Load(ModelLoad(OPUS)), 0.3, 100_000) == (0.0, 0)


def test_prices_of_a_place(prices: Prices) -> None:
    here = whole(1_000_000)
    there = Load(here.asked, here.sizes, here.counted, geo="us")
    assert estimate([there], prices).low == "2.2"
    assert any("United States" in note for note in estimate([there], prices).notes)


def test_doubts_and_mistakes_are_said(prices: Prices, tmp_path: Path) -> None:
    assert any("officially known is only" in note for note in estimate([whole(5, HAIKU)], prices).notes)
    own = tmp_path / "prices.toml"
    own.write_text("[models.mine]\ninput = -3\noutput = 0")
    assert "models.mine.input" in estimate([whole(5)], load(own), notes=["first"]).notes[1]


def test_a_model_that_could_not_be_counted_is_named(prices: Prices) -> None:
    notes = estimate([whole(5), Load(asked("claude-opus-5"))], prices).notes
    assert any(note.startswith("claude-opus-5: nothing could be counted") for note in notes)
    assert not any("nothing could" in note for note in estimate([Load(asked())], prices).notes)


# ── the prompt cache ─────────────────────────────────────────────────────────────────────────────────────

LONG = "You are a helper. " * 500


def params(question: str, system: str = LONG, ttl: str = "1h") -> dict[str, object]:
    control = {"type": "ephemeral", "ttl": ttl}
    return {
        "system": [{"type": "text", "text": system, "cache_control": control}],
        "messages": [{"role": "user", "content": question}],
    }


def test_what_requests_mark() -> None:
    first, second, other = (marks_of(params(*each)) for each in (("a",), ("b",), ("a", LONG + "x")))
    assert first == second != other
    assert first[0].hour and len(LONG) < first[0].size < len(LONG) + 100
    assert averaged([first, second]) == Marks(first[0].size, first[0].size, True)
    assert averaged([first, other, []]).shared == 0
    assert averaged([[], []]) == averaged([]) == Marks()
    assert marks_of({}) == marks_of({"messages": "?", "system": 7, "tools": {}}) == []


def test_marks_at_the_end_and_of_the_whole() -> None:
    whole = {**params("a"), "cache_control": {"type": "ephemeral"}}
    inner, outer = marks_of(whole)
    assert inner.size < outer.size and inner.hour and not outer.hour
    assert averaged([marks_of(whole), marks_of({**whole, "messages": []})]).shared == inner.size
    plain = {"cache_control": {"type": "ephemeral"}, "messages": [{"role": "user", "content": "a"}]}
    assert len(marks_of(plain)) == 1 and marks_of({"cache_control": {"type": "ephemeral"}}) == []
    pictured = marks_of({"system": [{**block("image", bytes(90_000)), "cache_control": {}}]})
    assert pictured[0].size < 10_000


def test_what_the_cache_may_save_and_cost(prices: Prices) -> None:
    marked = Load(
        asked(requests=1_000, cached=1_000),
        (10_000,) * 1_000,
        (Counted(10_000, 2_000),) * 20,
        Marks(8_000, 8_000, True),
    )
    plain = Load(asked(requests=1_000), marked.sizes, marked.counted)
    with_marks, without = (estimate([each], prices) for each in (marked, plain))
    assert (with_marks.low, with_marks.input_tokens) == (without.low, without.input_tokens)
    # at worst 1.6 million tokens (and 1 % more) are written at 8 dollars instead of read at 4
    dearer = Decimal(with_marks.high or 0) - Decimal(without.high or 0)
    assert float(dearer) == pytest.approx(1.6 * 4 / 2 * 1.01, rel=1e-3)
    notes = " ".join(with_marks.notes)
    assert "1,000 requests mark something for the prompt cache, up to about 1,600 tokens each" in notes
    # hits save 3.80 of 4 dollars a million, and misses cost 4 more
    assert f"98 % of them the price is ${1.6 * (0.98 * 3.80 - 0.02 * 4) / 2:.2f} lower" in notes
    assert f"with 30 % ${1.6 * (0.70 * 4 - 0.30 * 3.80) / 2:.2f} higher" in notes
    assert "A sample that goes first warms the cache" in notes and "5 minutes" not in notes
    assert not any("cache" in note for note in without.notes)


def test_marks_that_are_never_the_same(prices: Prices) -> None:
    load = Load(asked(requests=2, cached=2), (9_000, 9_000), (Counted(9_000, 2_000),) * 2, Marks(8_000))
    notes = " ".join(estimate([load], prices).notes)
    assert "may be no hits at all" in notes and "5 minutes" in notes and "sample that goes" not in notes


def test_marks_that_nobody_looked_at_may_be_everything(prices: Prices) -> None:
    marked, plain = (estimate([Load(asked(cached=cached))], prices) for cached in (10, 0))
    assert Decimal(marked.high or 0) > Decimal(plain.high or 0) and marked.low == plain.low
    assert any("hits are best effort" in note for note in marked.notes)


# ── kept ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_estimate_is_kept_as_json(prices: Prices) -> None:
    found = estimate([whole(1_000), whole(7, "mystery")], prices, Answers({OPUS: 3}, "x"), ["note"])
    assert from_json(json.loads(json.dumps(to_json(found)))) == found
    assert from_json({**to_json(found), "new": 1}) == found
    assert from_json({"requests": 3}) == Estimate(requests=3)


@pytest.mark.parametrize(
    "value",
    [None, [], "x", {}, {"requests": "3"}, {"requests": 3, "high": 4.5}, {"requests": 3, "low": "much"},
     {"requests": 3, "high": "NaN"}],
)  # fmt: skip
def test_what_is_no_estimate(value: object) -> None:
    assert from_json(value) is None
