"""The `cost` object of `--json`.

{`currency` ("USD"), `batch`: what was paid, `standard`: what the same costs outside a batch, `saved`,
`complete`: whether all of it is known, `answers`: succeeded results, `unpriced_answers`: those whose cost is
unknown, `unknown_models` [names], `cache_hit_rate` (0 to 1, null without input), `searches`,
`amounts` {`input`, `output`, `cache_write_5m`, `cache_write_1h`, `cache_read`, `searches`},
`models` [{`model`, `tokens` {the same without `searches`}, and all of the above from `batch` on}],
`prices_date`, `own_prices`: whether the user's file has a say, `problems` [sentences]}

Dollars are numbers, not rounded. Where nothing is known, `batch`, `standard`, `saved` and `amounts` are null;
where a part is known they are that part, and `complete` is false.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..pricing import Cost, ModelCost, dollars, money

if TYPE_CHECKING:
    from ..handlers.costing import Costs

TOKENS = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")


def cost_json(costs: Costs) -> dict[str, Any]:
    """What the results of a scope cost, for other programs."""
    return {
        "currency": "USD",
        **_cost(costs.total),
        "models": [_model(each) for each in costs.models],
        "prices_date": costs.prices.date.isoformat(),
        "own_prices": costs.prices.own,
        "problems": list(costs.prices.problems),
    }


def _cost(cost: Cost) -> dict[str, Any]:
    def known(amount: Decimal) -> float | None:
        return None if cost.is_unknown else float(amount)

    return {
        "batch": known(cost.known),
        "standard": known(cost.standard),
        "saved": known(cost.saved),
        "complete": cost.is_whole,
        "answers": cost.answers,
        "unpriced_answers": cost.unpriced,
        "unknown_models": list(cost.unknown_models),
        "cache_hit_rate": cost.hit_rate,
        "searches": cost.searches,
        "amounts": None
        if cost.is_unknown
        else {name: float(amount) for name, amount in cost.amounts._asdict().items()},
    }


def _model(each: ModelCost) -> dict[str, Any]:
    usage = each.usage
    counts = (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.cache_read,
    )
    return {
        "model": usage.model,
        "tokens": dict(zip(TOKENS, counts, strict=True)),
        **_cost(each.cost),
    }


def cost_words(costs: Costs) -> str:
    """What it came to, in a line for people."""
    total = costs.total
    if not total.answers:
        return "nothing: only succeeded results are billed"
    said = money(total)
    if not total.is_unknown:
        said += f" (standard {dollars(total.standard)}, saved {dollars(total.saved)})"
    if total.unknown_models:
        said += f", no price known for {', '.join(total.unknown_models)}"
    return f"{said}, {costs.prices.named}"
