"""What a draft will cost, before anything is sent: its tokens with their range, at the prices of a batch.

What is not known is said and never counted as nothing: models without a price are named and in no sum, and
how long answers will be is bounded by `max_tokens` where no earlier ones tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from ..model import LONG_PROMPT, Estimate
from .caching import extra
from .money import plain
from .rates import Prices, Rate
from .remarks import remarks
from .scaling import Load, Span, input_tokens, long_ones

_PER_TOKEN = Decimal("1e-6")
_ZERO = Decimal(0)
_AMOUNTS = ("low", "likely", "high", "standard_high")


@dataclass(frozen=True, slots=True)
class Answers:
    """How long earlier answers were."""

    mean: Mapping[str, float]
    """Output tokens of an answer, by model as the draft calls it."""
    origin: str = ""
    """Where that comes from, in a few words."""


NO_ANSWERS = Answers({})


@dataclass(frozen=True, slots=True)
class _Price:
    """What the load of one model costs at the standard rate; None where that is not known."""

    low: Decimal
    likely: Decimal | None
    high: Decimal


def estimate(
    loads: Sequence[Load], prices: Prices, answers: Answers = NO_ANSWERS, notes: Iterable[str] = ()
) -> Estimate:
    """What requests will cost; `notes` are put before its own."""
    spans = [input_tokens(load) for load in loads]
    likely = [_likely_output(load, answers) for load in loads]
    priced = [
        price
        for load, span, output in zip(loads, spans, likely, strict=True)
        if (price := _priced(load, span, output, prices)) is not None
    ]
    known = [output for output in likely if output is not None]
    return Estimate(
        requests=sum(load.asked.requests for load in loads),
        input_tokens=_rounded(spans),
        counted=sum(len(load.counted) for load in loads),
        output_most=sum(load.asked.max_tokens for load in loads),
        output_likely=sum(known) if known and len(known) == len(likely) else None,
        likely_from=answers.origin if known else "",
        **_sums(priced, prices.batch_factor),
        unknown_models=tuple(load.asked.model for load in loads if prices.model(load.asked.model) is None),
        notes=(*notes, *remarks(loads, prices)),
        prices_date=str(prices.date),
    )


def _likely_output(load: Load, answers: Answers) -> int | None:
    """Tokens of all answers of a model together, as earlier ones were."""
    mean = answers.mean.get(load.asked.model)
    return None if mean is None else min(round(mean * load.asked.requests), load.asked.max_tokens)


def _priced(load: Load, span: Span, output: int | None, prices: Prices) -> _Price | None:
    """The price of a load; without earlier answers the lowest is that of its input alone."""
    if prices.model(load.asked.model) is None:
        return None
    most = _cost(load, span.high, load.asked.max_tokens, prices)
    least = _cost(load, span.low, output or 0, prices)
    likely = None if output is None else _cost(load, span.likely, output, prices)
    return _Price(least, likely, most + extra(load, prices, span.high))


def _cost(load: Load, tokens: float, output: int, prices: Prices) -> Decimal:
    """Dollars at the standard rate; a prompt over the threshold may make all of its request dearer."""
    model, geo = load.asked.model, load.geo
    short, long = prices.rate(model, False, geo), prices.rate(model, True, geo)
    if short is None or long is None:
        return _ZERO
    part, requests = (0.0, 0) if short == long else long_ones(load, tokens / max(load.size, 1), LONG_PROMPT)
    long_in, long_out = tokens * part, output * requests / max(load.asked.requests, 1)
    return _at(short, tokens - long_in, output - long_out) + _at(long, long_in, long_out)


def _at(rate: Rate, tokens: float, output: float) -> Decimal:
    return (rate.input * round(tokens) + rate.output * round(output)) * _PER_TOKEN


def _rounded(spans: Sequence[Span]) -> tuple[int, int, int]:
    low, likely, high = (round(sum(each)) for each in zip(*spans, strict=True)) if spans else (0, 0, 0)
    return low, likely, high


def _sums(priced: Sequence[_Price], factor: Decimal) -> dict[str, Any]:
    """The prices of all loads together, as text; nothing where none is known."""
    if not priced:
        return {}
    likely = [price.likely for price in priced if price.likely is not None]
    high = sum((price.high for price in priced), _ZERO)
    return {
        "low": plain(factor * sum((price.low for price in priced), _ZERO)),
        "likely": plain(factor * sum(likely, _ZERO)) if len(likely) == len(priced) else None,
        "high": plain(factor * high),
        "standard_high": plain(high),
    }


def to_json(estimate: Estimate) -> dict[str, Any]:
    """An estimate as JSON has it, every field; `from_json` reads it again."""
    return asdict(estimate)


def from_json(value: object) -> Estimate | None:
    """An estimate that was kept; None for what is none, such as that of an incompatible version."""
    if not isinstance(value, Mapping) or not isinstance(value.get("requests"), int):
        return None
    known: dict[str, Any] = {
        field.name: tuple(each) if isinstance(each := value[field.name], list) else each
        for field in fields(Estimate)
        if field.name in value
    }
    return Estimate(**known) if all(_is_amount(known.get(name)) for name in _AMOUNTS) else None


def _is_amount(text: object) -> bool:
    try:
        return text is None or (isinstance(text, str) and Decimal(text).is_finite())
    except ArithmeticError:
        return False
