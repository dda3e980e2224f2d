"""What one should know beside an estimate's figures, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ..model import LONG_PROMPT
from ..text import clean, count, plural
from .caching import HITS, marked_tokens, saving
from .money import dollars
from .rates import Prices
from .scaling import Load, input_tokens, long_ones


def remarks(loads: Sequence[Load], prices: Prices) -> Iterator[str]:
    """Sentences about prices, models and the cache; model names in them are made harmless."""
    yield from prices.problems
    for load in loads:
        yield from _of_price(load, prices)
    yield from _of_guesses(loads)
    yield from _of_cache(loads, prices)


def _of_price(load: Load, prices: Prices) -> Iterator[str]:
    name = load.asked.model
    price = prices.model(name)
    if price is None:  # the estimate names it itself
        return
    if price.doubt:
        yield f"{clean(name)}: {clean(price.doubt)}."
    if load.geo and price.us:
        yield f"{clean(name)}: the price in the United States counts, {prices.us_factor} times the usual one."
    ratio = input_tokens(load).likely / max(load.size, 1)
    long = long_ones(load, ratio, LONG_PROMPT)[1] if price.long else 0
    if long:
        yield (
            f"{clean(name)}: {plural(long, 'request')} probably over {count(LONG_PROMPT)} tokens,"
            " where every token costs more."
        )


def _of_guesses(loads: Sequence[Load]) -> Iterator[str]:
    """Loads of which nothing was counted; where that is all of them, the estimate says so itself."""
    if not any(load.counted for load in loads):
        return
    for load in loads:
        if not load.counted:
            name = clean(load.asked.model) or "Requests without a model"
            yield f"{name}: nothing could be counted, the input is a guess from its size."


def _of_cache(loads: Sequence[Load], prices: Prices) -> Iterator[str]:
    cached = [load for load in loads if load.asked.cached]
    if not cached:
        return
    requests = sum(load.asked.cached for load in cached)
    marked = [load for load in cached if load.marks.size]
    size = max((marked_tokens(load, input_tokens(load).likely) for load in marked), default=(0, 0))
    about = f", up to about {count(size[0])} tokens each" if marked else ""
    who = plural(requests, "request") + (" marks" if requests == 1 else " mark")
    yield f"{who} something for the prompt cache{about}; hits are best effort."
    if size[1] and any(prices.model(load.asked.model) for load in marked):
        yield _worth(marked, prices)
    elif marked and not size[1]:
        yield "No two of those that were looked at mark the same beginning: there may be no hits at all."
    if marked and not all(load.marks.hour for load in marked):
        yield "It keeps for 5 minutes, and batches often take longer: a `ttl` of `1h` makes hits likelier."
    if size[1]:
        yield "A sample that goes first warms the cache for the rest."


def _worth(marked: Sequence[Load], prices: Prices) -> str:
    """What hits save and what writes cost, beside prices that know neither."""
    low = high = Decimal(0)
    for load in marked:
        least, most = saving(load, prices, input_tokens(load).likely)
        low, high = low + least * prices.batch_factor, high + most * prices.batch_factor
    few, many = (f"{100 * share:.0f} %" for share in HITS)
    return (
        f"With hits in {many} of them the price is {_change(high)}, with {few} {_change(low)};"
        " the highest price is that of no hit at all."
    )


def _change(saved: Decimal) -> str:
    return f"{dollars(abs(saved))} {'higher' if saved < 0 else 'lower'}"
