"""Prices as published, the user's own over them, costs added up without losing or inventing anything."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tui import pricing
from tui.model import IndexRow, ModelUsage
from tui.pricing import Amounts, Cost, Prices, dollars, exact, line_cost, money
from tui.pricing.reading import SHIPPED

SHIPPED_PRICES = pricing.load()

PUBLISHED = """
claude-fable-5-2            8     40   10     16    0.20
claude-mythos-5-2           8     40   10     16    0.20
claude-fable-5-1            10    50   12.50  20    0.25
claude-mythos-5-1           10    50   12.50  20    0.25
claude-fable-5              10    50   12.50  20    1
claude-mythos-5             10    50   12.50  20    1
claude-opus-5-5             4     20   5      8     0.20
claude-opus-5               5     25   6.25   10    0.50
claude-opus-4-8             5     25   6.25   10    0.50
claude-opus-4-7             5     25   6.25   10    0.50
claude-opus-4-6             5     25   6.25   10    0.50
claude-opus-4-5             5     25   6.25   10    0.50
claude-opus-4-5-20251101    5     25   6.25   10    0.50
claude-sonnet-5-5           2     10   2.50   4     0.10
claude-sonnet-5             2     10   2.50   4     0.20
claude-sonnet-4-6           3     15   3.75   6     0.30
claude-sonnet-4-5           3     15   3.75   6     0.30
claude-sonnet-4-5-20250929  3     15   3.75   6     0.30
claude-haiku-5-5            0.10  0.50 0.125  0.20  0.01
claude-haiku-4-5            1     5    1.25   2     0.10
claude-haiku-4-5-20251001   1     5    1.25   2     0.10
claude-opus-4-1-20250805    15    75   18.75  30    1.50
claude-opus-4-20250514      15    75   18.75  30    1.50
claude-sonnet-4-20250514    3     15   3.75   6     0.30
claude-3-5-haiku-20241022   0.80  4    1      1.60  0.08
"""


def usage(model: str = "claude-sonnet-4-5", lines: int = 1, **counts: int) -> ModelUsage:
    return replace(ModelUsage(model, lines=lines), **counts)  # type: ignore[arg-type]


def cost(*usages: ModelUsage, prices: Prices = SHIPPED_PRICES) -> Cost:
    return pricing.cost(usages, prices)


def own(tmp_path: Path, text: str | bytes) -> Prices:
    file = tmp_path / "prices.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return pricing.load(file)


@pytest.mark.parametrize("line", PUBLISHED.strip().splitlines())
def test_the_shipped_list_says_what_is_published(line: str) -> None:
    model, *rates = line.split()
    assert SHIPPED_PRICES.rate(model) == tuple(map(Decimal, rates))


def test_a_model_that_nobody_named_has_no_price() -> None:
    for name in (
        "",
        "claude-mythos-preview",
        "claude-haiku-4-5-2025100",  # not a date
        "claude-haiku-4-5-20251001-v2",
        "claude-haiku-4-5-19991001",
        "claude-haiku-4-5-latest",
        "claude-haiku-4",
        "claude-haiku-4-5 ",
        "Claude-Haiku-4-5",
        "anthropic/claude-haiku-4-5",
        "claude-opus-5-6",
        "-20251001",
    ):
        assert SHIPPED_PRICES.rate(name) is None, name


def test_long_prompts_cost_more_where_a_tier_says_so() -> None:
    assert SHIPPED_PRICES.rate("claude-haiku-5-5", long=True) == tuple(
        map(Decimal, ("0.50", "2.50", "0.625", "1", "0.05"))
    )
    assert SHIPPED_PRICES.rate("claude-opus-5", long=True) == SHIPPED_PRICES.rate("claude-opus-5")


def test_the_united_states_cost_a_tenth_more_from_4_6_on() -> None:
    def factor(model: str, geo: str = "us") -> Decimal:
        there, anywhere = SHIPPED_PRICES.rate(model, geo=geo), SHIPPED_PRICES.rate(model)
        assert there and anywhere
        (only,) = {a / b for a, b in zip(there, anywhere, strict=True)}
        return only

    old = {"claude-opus-4-5", "claude-opus-4-1", "claude-sonnet-4-5", "claude-sonnet-4", "claude-haiku-4-5"}
    for model in SHIPPED_PRICES.models:
        is_old = model in old or model == "claude-3-5-haiku"
        assert factor(model) == (1 if is_old else Decimal("1.1")), model
    assert factor("claude-opus-5", "global") == factor("claude-opus-5", "not_available") == 1


def test_a_batch_pays_half_of_each_class_of_tokens() -> None:
    million = usage(
        "claude-opus-5-5",
        input_tokens=10**6,
        output_tokens=10**6,
        cache_write_5m=10**6,
        cache_write_1h=10**6,
        cache_read=10**6,
    )
    found = cost(million)
    assert found.amounts == tuple(map(Decimal, ("2", "10", "2.5", "4", "0.1", "0")))
    assert found.known == Decimal("18.6") and found.standard == Decimal("37.2") == found.known + found.saved
    assert found.hit_rate == 0.25
    assert money(found) == "$18.60" and found.is_whole


def test_web_searches_are_not_halved() -> None:
    found = cost(usage(input_tokens=1_000_000, searches=1_000))
    assert found.amounts.searches == 10 and found.known == Decimal("11.5")
    assert found.standard == 13 and found.saved == Decimal("1.5")


def test_an_unknown_model_is_unknown_and_never_nothing() -> None:
    strange = usage("claude-mythos-preview", lines=3, input_tokens=10)
    assert money(cost(strange)) == "unknown"
    mixed = cost(strange, usage(input_tokens=2_000_000, lines=7))
    assert money(mixed) == "$3.00 + unknown"
    assert mixed.unknown_models == ("claude-mythos-preview",)
    assert (mixed.answers, mixed.unpriced, mixed.is_whole) == (10, 3, False)
    assert money(cost(usage("mystery", input_tokens=1, searches=500))) == "$5.00 + unknown"


def test_an_answer_that_does_not_say_what_it_used_is_unknown() -> None:
    found = cost(usage(lines=4))
    assert money(found) == "unknown" and found.untold and found.hit_rate is None
    assert money(Cost()) == "$0.00" and Cost().is_whole  # nothing succeeded: nothing is billed


def test_costs_add_up_in_any_order() -> None:
    rng = random.Random(7)
    names = ["claude-opus-5", "claude-haiku-5-5", "no such model", "claude-sonnet-4-5-20250929"]
    usages = [
        ModelUsage(
            rng.choice(names), rng.choice(["", "us"]), rng.random() < 0.5, *(rng.randrange(1_000_000),) * 7
        )
        for _ in range(200)
    ]
    whole = cost(*usages)
    parts = sum((cost(*usages[at : at + 7]) for at in range(0, 200, 7)), Cost())
    backwards = cost(*reversed(usages))
    assert whole == parts
    assert (whole.amounts, whole.standard, whole.prompt) == (
        backwards.amounts,
        backwards.standard,
        backwards.prompt,
    )
    assert set(whole.unknown_models) == set(backwards.unknown_models) == {"no such model"}
    by_model = pricing.by_model(usages, SHIPPED_PRICES)
    assert sum((each.cost for each in by_model), Cost()).known == whole.known
    assert sum(each.usage.input_tokens for each in by_model) == sum(each.input_tokens for each in usages)
    assert [each.cost.is_whole for each in by_model] == [False, True, True, True]


def test_a_hundred_thousand_lines_cost_what_their_sums_cost() -> None:
    """Exactly: an export's column adds up to what the screen says."""
    rng = random.Random(3)
    rows = [
        IndexRow(
            n,
            0,
            0,
            str(n),
            "succeeded",
            model="claude-haiku-5-5",
            input_tokens=rng.randrange(1, 200_000),
            output_tokens=rng.randrange(5_000),
            cache_read=rng.randrange(3) * 7,
        )
        for n in range(2_000)
    ]
    by_line = [line_cost(row, SHIPPED_PRICES) for row in rows]
    assert all(by_line)
    written = sum(Fraction(exact(each)) for each in by_line)
    sums = [
        ModelUsage(
            "claude-haiku-5-5",
            "",
            long,
            sum(r.is_long == long for r in rows),
            sum(r.input_tokens for r in rows if r.is_long == long),
            sum(r.output_tokens for r in rows if r.is_long == long),
            cache_read=sum(r.cache_read for r in rows if r.is_long == long),
        )
        for long in (False, True)
    ]
    assert written == Fraction(cost(*sums).known)


def test_only_what_succeeded_has_a_cost() -> None:
    row = IndexRow(0, 0, 0, "a", "errored", model="claude-opus-5", input_tokens=9, output_tokens=9)
    assert line_cost(row, SHIPPED_PRICES) == Amounts() and exact(Amounts()) == "0"
    billed = line_cost(row._replace(outcome="succeeded", geo="us"), SHIPPED_PRICES)
    assert billed and billed.total == Decimal("0.00014850") and exact(billed) == "0.0001485"
    unknown = line_cost(row._replace(outcome="succeeded", model="x"), SHIPPED_PRICES)
    assert unknown is None and exact(unknown) == ""
    silent = row._replace(outcome="succeeded", input_tokens=0, output_tokens=0)
    assert line_cost(silent, SHIPPED_PRICES) is None


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "$0.00"),
        ("0.00000000005", "< $0.0001"),
        ("0.00009999", "< $0.0001"),
        ("0.0001", "$0.0001"),
        ("0.0004", "$0.0004"),
        ("0.03125", "$0.0313"),
        ("0.99994", "$0.9999"),
        ("0.99996", "$1.00"),
        ("12.34", "$12.34"),
        ("12.345", "$12.35"),
        ("1234567.891", "$1,234,567.89"),
        ("1E+3", "$1,000.00"),
    ],
)
def test_dollars(amount: str, said: str) -> None:
    assert dollars(Decimal(amount)) == said


def test_nothing_that_costs_reads_as_nothing() -> None:
    one_token = usage("claude-haiku-5-5", cache_read=1)
    assert cost(one_token).known > 0 and money(cost(one_token)) == "< $0.0001"
    assert Decimal(exact(cost(one_token).amounts)) > 0


def test_the_users_prices_go_before_the_shipped_ones(tmp_path: Path) -> None:
    prices = own(
        tmp_path,
        """
        batch_factor = 0.4
        [models.claude-opus-5-5]
        input = 3.60
        [models.claude-haiku-5-5.long]
        output = 2
        [models."my-gateway/large"]
        input = 3
        output = 15
        aliases = ["large", "-"]
        """,
    )
    assert not prices.problems and prices.own and prices.named == "prices of 2026-11-09 and your own"
    assert prices.rate("claude-opus-5-5") == tuple(map(Decimal, ("3.60", "20", "5", "8", "0.20")))
    long = prices.rate("claude-haiku-5-5", long=True)
    assert long and (long.output, long.input) == (Decimal(2), Decimal("0.50"))
    assert prices.rate("claude-haiku-5-5") == SHIPPED_PRICES.rate("claude-haiku-5-5")
    assert (
        prices.rate("large")
        == prices.rate("large-20260101")
        == tuple(map(Decimal, ("3", "15", "3.75", "6", "0.3")))
    )
    assert prices.rate("claude-opus-5") == SHIPPED_PRICES.rate("claude-opus-5")
    assert cost(usage("large", output_tokens=10**6), prices=prices).known == 6


def test_another_name_of_a_model_can_have_a_price_of_its_own(tmp_path: Path) -> None:
    prices = own(
        tmp_path,
        """
        date = 2027-01-31
        models.claude-opus-4-8.input = 1
        models.claude-haiku-4-5-20251001.output = 2
        """,
    )
    assert not prices.problems and prices.named.startswith("prices of 2027-01-31")
    inputs = [prices.rate(f"claude-opus-{name}") for name in ("4-8", "4-7", "5")]
    assert [rate.input for rate in inputs if rate] == [1, 5, 5]
    outputs = [prices.rate(name) for name in ("claude-haiku-4-5-20251001", "claude-haiku-4-5")]
    assert [rate.output for rate in outputs if rate] == [2, 5]


def test_a_free_model_costs_nothing_and_is_known(tmp_path: Path) -> None:
    prices = own(tmp_path, "[models.mine]\ninput = 0\noutput = 0")
    assert money(cost(usage("mine", output_tokens=5), prices=prices)) == "$0.00"


def test_the_shipped_file_is_a_sound_file_for_users_too(tmp_path: Path) -> None:
    prices = own(tmp_path, b"\xef\xbb\xbf" + SHIPPED.read_bytes())
    assert not prices.problems
    assert {name: model.rate for name, model in prices.models.items()} == {
        name: model.rate for name, model in SHIPPED_PRICES.models.items()
    }


M = "[models.m]\ninput = 1\noutput = 2\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[models.m", "not valid TOML"),
        (b"\xff\xfe", "not UTF-8"),
        ("x = " + "9" * 5_000, "not valid TOML"),
        ("a = " + "[" * 100_000, "nested too deeply"),
        ("#" * 1_100_000, "too large"),
        ("[modles.m]\ninput = 1", "modles: there is no such key. Did you mean `models`?"),
        ("models = 3", "models: must be a table"),
        ("models.m = 3", "models.m: must be a table"),
        ("[models.m]\noutput = 2", "models.m: there is no `input` price"),
        ("[models.m]\ninput = 2", "models.m: there is no `output` price"),
        (M + "ouput = 3", "models.m.ouput: there is no such key. Did you mean `output`?"),
        (M + "cache_read = -1", "models.m.cache_read: must be a number from 0 to 1,000,000"),
        (M + "cache_read = nan", "models.m.cache_read: must be a number"),
        (M + "cache_read = -inf", "models.m.cache_read: must be a number"),
        (M + "cache_read = 1e999999999999999999999", "models.m.cache_read: must be a number"),
        (M + "cache_read = 1e-400", "models.m.cache_read: must be a number"),
        (M + "cache_read = 2000000", "models.m.cache_read: must be a number"),
        (M + 'cache_read = "0.5"', "models.m.cache_read: must be a number"),
        (M + "cache_read = true", "models.m.cache_read: must be a number"),
        (M + "cache_read = [1]", "models.m.cache_read: must be a number"),
        (M + "us = 1", "models.m.us: must be true or false"),
        (M + 'aliases = "n"', "models.m.aliases: must be a list of names"),
        (M + "aliases = [1]", "models.m.aliases: must be a list of names"),
        (M + 'aliases = ["claude-opus-4-8"]', "is also a name of claude-opus-5"),
        (M + "long = 3", "models.m.long: must be a table"),
        (M + "long = {input = 3}", "models.m.long: there is no `output` price"),
        (M + "long = {input = 3, output = 3, us = true}", "models.m.long.us: there is no such key"),
        (M + "doubt = 1", "models.m.doubt: must be text"),
        ("batch_factor = 2", "batch_factor: must be a number from 0 to 1"),
        ('date = "yesterday"', "date: must be a day"),
        ("date = 2026-11-22T10:00:00Z", "date: must be a day"),
        ('currency = "EUR"', "currency: must be `USD`"),
        ("tokens = 1000", "tokens: must be `1000000`"),
        ('[models."\\u001b[31m"]\ninput = 1', "there is no `output` price"),
    ],
)
def test_a_mistake_in_the_users_file_is_named_and_the_shipped_prices_count(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    prices = own(tmp_path, text)
    (problem,) = prices.problems
    assert f"prices.toml: {said}" in problem or ("prices.toml: models." in problem and said in problem)
    assert problem.endswith("Until then the prices of 2026-11-09 count.")
    assert not re.search(r"[\x00-\x1f]", problem)
    assert not prices.own and prices.models == SHIPPED_PRICES.models
    assert prices.rate("m") is None


def test_a_file_that_cannot_be_read_is_said_and_one_that_is_not_there_is_not(tmp_path: Path) -> None:
    assert pricing.load(tmp_path / "prices.toml") == SHIPPED_PRICES
    (tmp_path / "prices.toml").mkdir()
    (problem,) = pricing.load(tmp_path / "prices.toml").problems
    assert "cannot be read: Is a directory" in problem


def test_the_list_is_part_of_the_package() -> None:
    import tomllib

    built = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    assert SHIPPED.parent.parent.name in built["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert SHIPPED_PRICES.date.isoformat() == "2026-11-09"


def test_lines_of_every_kind_add_up_to_their_sums() -> None:
    """Whatever is remembered of the prices: also of more models than are remembered."""
    rng = random.Random(8)
    names = ["claude-opus-5", "claude-haiku-5-5", "claude-sonnet-4-6-20250929", *map(str, range(1_500))]
    prices = replace(SHIPPED_PRICES, web_search=Decimal("9.99"))
    rows = [
        IndexRow(
            n,
            0,
            0,
            str(n),
            "succeeded",
            model=names[n % 3 if n % 2 else n % len(names)],
            input_tokens=rng.randrange(150_000),
            output_tokens=rng.randrange(150_000),
            cache_write_5m=rng.randrange(2) * rng.randrange(150_000),
            cache_write_1h=rng.randrange(2) * rng.randrange(150_000),
            cache_read=rng.randrange(2) * rng.randrange(150_000),
            geo=rng.choice(["", "us"]),
            searches=rng.randrange(3),
        )
        for n in range(4_000)
    ]
    for row in rows:
        counts = {
            name: getattr(row, name)
            for name in ("input_tokens", "output_tokens", "cache_write_5m", "cache_write_1h", "cache_read")
        }
        summed = replace(
            usage(row.model, **counts, searches=row.searches),
            geo=row.geo,
            long=row.is_long,
        )
        found = cost(summed, prices=prices)
        assert line_cost(row, prices) == (None if found.unpriced else found.amounts)
