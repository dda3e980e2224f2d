"""What results cost: their tokens by class, at the batch rate of the model that answered.

Only what succeeded is billed (API documentation). A cost that is not known is never counted as nothing: it is
named beside the part that is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..model import SUCCEEDED, IndexRow, ModelUsage
from .rates import Prices

ZERO = Decimal(0)
_PER_TOKEN = Decimal("1e-6")
_PER_SEARCH = Decimal("1e-3")


class Amounts(NamedTuple):
    """Dollars for each class of tokens, and for web searches."""

    input: Decimal = ZERO
    output: Decimal = ZERO
    cache_write_5m: Decimal = ZERO
    cache_write_1h: Decimal = ZERO
    cache_read: Decimal = ZERO
    searches: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All of them together."""
        return sum(self, ZERO)

    def plus(self, other: Amounts) -> Amounts:
        """Class by class."""
        return Amounts._make(map(Decimal.__add__, self, other))


NOTHING = Amounts()


@dataclass(frozen=True, slots=True)
class Cost:
    """What some results cost, as far as it is known; costs can be added."""

    amounts: Amounts = NOTHING
    """What is known of it, at the batch rate."""
    standard: Decimal = ZERO
    """What the same would have cost outside a batch."""
    answers: int = 0
    """Succeeded results."""
    unpriced: int = 0
    """Those of them whose cost is unknown."""
    unknown_models: tuple[str, ...] = ()
    """Models without a price, in order of appearance; raw text."""
    prompt: int = 0
    """Input tokens, cached or not, whatever their price."""
    cached: int = 0
    """Those of them that were read from the cache."""
    searches: int = 0

    @property
    def known(self) -> Decimal:
        """The part that is known."""
        return self.amounts.total

    @property
    def saved(self) -> Decimal:
        """What sending it as a batch has saved."""
        return self.standard - self.known

    @property
    def is_whole(self) -> bool:
        """Whether the known part is all of it."""
        return not self.unpriced

    @property
    def is_unknown(self) -> bool:
        """Whether nothing of it is known."""
        return bool(self.unpriced) and not self.known and self.unpriced == self.answers

    @property
    def untold(self) -> bool:
        """Whether results do not say what they used."""
        return bool(self.unpriced) and not self.unknown_models

    @property
    def hit_rate(self) -> float | None:
        """The share of all input tokens that came from the cache; None without any."""
        return self.cached / self.prompt if self.prompt else None

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.amounts.plus(other.amounts),
            self.standard + other.standard,
            self.answers + other.answers,
            self.unpriced + other.unpriced,
            tuple(dict.fromkeys((*self.unknown_models, *other.unknown_models))),
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.searches + other.searches,
        )


@dataclass(frozen=True, slots=True)
class ModelCost:
    """What one model was used for, and what that cost."""

    usage: ModelUsage
    """Of all its answers: place and length of the prompt are left out."""
    cost: Cost

    def __add__(self, other: ModelCost) -> ModelCost:
        ours, theirs = _numbers(self.usage), _numbers(other.usage)
        added = (a + b for a, b in zip(ours, theirs, strict=True))
        return ModelCost(ModelUsage(self.usage.model, "", False, *added), self.cost + other.cost)


def _numbers(usage: ModelUsage) -> tuple[int, ...]:
    return (
        usage.lines,
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.cache_read,
        usage.searches,
    )


def cost(usages: Iterable[ModelUsage], prices: Prices) -> Cost:
    """What all of these cost together."""
    return sum((_cost(usage, prices) for usage in usages), Cost())


def by_model(usages: Iterable[ModelUsage], prices: Prices) -> tuple[ModelCost, ...]:
    """The same model by model: those without a price first, then the dearest."""
    found: dict[str, ModelCost] = {}
    for usage in usages:
        this = ModelCost(usage, _cost(usage, prices))
        found[usage.model] = found.get(usage.model, ModelCost(ModelUsage(usage.model), Cost())) + this
    return tuple(sorted(found.values(), key=lambda each: (each.cost.is_whole, -each.cost.known)))


def line_cost(row: IndexRow, prices: Prices) -> Amounts | None:
    """What one result cost; None where that is unknown, nothing for what is not billed."""
    if row.outcome != SUCCEEDED:
        return NOTHING
    rate = prices.per_token(row.model, row.is_long, row.geo)
    if rate is None or not (row.total_input or row.output_tokens):
        return None
    # Most answers have but two classes of tokens: what is not there is not multiplied.
    return Amounts(
        rate.input * row.input_tokens,
        rate.output * row.output_tokens,
        rate.cache_write_5m * row.cache_write_5m if row.cache_write_5m else ZERO,
        rate.cache_write_1h * row.cache_write_1h if row.cache_write_1h else ZERO,
        rate.cache_read * row.cache_read if row.cache_read else ZERO,
        prices.web_search * row.searches * _PER_SEARCH if row.searches else ZERO,
    )


def _cost(usage: ModelUsage, prices: Prices) -> Cost:
    found = _standard(usage.model, usage.long, usage.geo, _numbers(usage)[1:6], prices)
    billed = _billed(found or NOTHING, usage.searches, prices)
    return Cost(
        amounts=billed,
        standard=(found or NOTHING).total + billed.searches,
        answers=usage.lines,
        unpriced=0 if found else usage.lines,
        unknown_models=(usage.model,) if prices.model(usage.model) is None else (),
        prompt=usage.total_input,
        cached=usage.cache_read,
        searches=usage.searches,
    )


def _standard(model: str, long: bool, geo: str, tokens: tuple[int, ...], prices: Prices) -> Amounts | None:
    """Tokens at the standard rate; None where the model has no price, or nobody said what was used."""
    rate = prices.rate(model, long, geo)
    if rate is None or not any(tokens):
        return None
    amounts = [each * number * _PER_TOKEN for each, number in zip(rate, tokens, strict=True)]
    return Amounts._make([*amounts, ZERO])


def _billed(standard: Amounts, searches: int, prices: Prices) -> Amounts:
    """At the batch rate; no discount on searches is published."""
    factor = prices.batch_factor
    tokens = [each * factor for each in standard[:5]]
    return Amounts._make([*tokens, prices.web_search * searches * _PER_SEARCH])
