"""What marks for the prompt cache do to a price: hits are cheap, writes dear, and nobody promises hits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from .rates import Prices
from .scaling import Load, Marks
from .sizes import text_size

HITS = (Decimal("0.30"), Decimal("0.98"))
"""Shares of requests that hit the cache in batches, lowest and highest (API documentation)."""

_PER_TOKEN = Decimal("1e-6")


class Mark(NamedTuple):
    """A place in a request up to which the service may keep it."""

    content: str
    """A hash of everything up to it."""
    size: int
    """Bytes up to it."""
    hour: bool


def marks_of(params: Mapping[str, Any]) -> list[Mark]:
    """The places that a request marks, in the order in which it is read: tools, system, messages."""
    digest, size = hashlib.sha256(), 0
    found = []
    control: object = None
    for block in _blocks(params):
        control = block.get("cache_control")
        raw = json.dumps({**block, "cache_control": None}, sort_keys=True).encode()
        digest.update(raw)
        size += text_size(raw)
        if isinstance(control, Mapping):
            found.append(Mark(digest.hexdigest(), size, control.get("ttl") == "1h"))
    whole = params.get("cache_control")
    if isinstance(whole, Mapping) and size and not isinstance(control, Mapping):
        found.append(Mark(digest.hexdigest(), size, whole.get("ttl") == "1h"))
    return found


def averaged(requests: Sequence[Sequence[Mark]]) -> Marks:
    """What requests mark on the average, of those that mark anything; each is the marks of one request."""
    marked = [marks for marks in requests if marks]
    if not marked:
        return Marks()
    times: dict[str, int] = {}
    for mark in (mark for marks in marked for mark in marks):
        times[mark.content] = times.get(mark.content, 0) + 1
    shared = [max((mark.size for mark in marks if times[mark.content] > 1), default=0) for marks in marked]
    return Marks(
        size=sum(marks[-1].size for marks in marked) // len(marked),
        shared=sum(shared) // len(marked),
        hour=any(mark.hour for marks in marked for mark in marks),
    )


def extra(load: Load, prices: Prices, tokens: float) -> Decimal:
    """Standard dollars that a load costs more if no request ever hits: all that is marked is written.

    Where nobody looked at the marks, that is everything.
    """
    everything = Marks(load.size // max(load.asked.requests, 1))
    marks = load.marks if load.marks.size else everything
    return _more(load, marks, prices, _ratio(load, tokens), Decimal(0))


def saving(load: Load, prices: Prices, tokens: float) -> tuple[Decimal, Decimal]:
    """Standard dollars that a load costs less at the lowest and at the highest usual share of hits."""
    ratio = _ratio(load, tokens)
    low, high = (-_more(load, load.marks, prices, ratio, share) for share in HITS)
    return low, high


def marked_tokens(load: Load, tokens: float) -> tuple[int, int]:
    """Tokens that a request marks on the average, and how many of them others have, too."""
    ratio = _ratio(load, tokens)
    return round(load.marks.size * ratio), round(load.marks.shared * ratio)


def _more(load: Load, marks: Marks, prices: Prices, ratio: float, hits: Decimal) -> Decimal:
    """Standard dollars more than without a cache, at a share of hits on what requests have in common."""
    rate = prices.rate(load.asked.model, False, load.geo)
    if rate is None or not load.asked.cached:
        return Decimal(0)
    write = rate.cache_write_1h if marks.hour else rate.cache_write_5m
    marked, shared = (round(each * ratio) for each in (marks.size, marks.shared))
    one = (marked - hits * shared) * (write - rate.input) - hits * shared * (rate.input - rate.cache_read)
    return load.asked.cached * one * _PER_TOKEN


def _ratio(load: Load, tokens: float) -> float:
    return tokens / max(load.size, 1)


def _blocks(params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Everything the model reads, piece by piece."""
    yield from _pieces(params.get("tools"))
    yield from _pieces(params.get("system"))
    messages = params.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, Mapping):
            yield {"role": message.get("role")}
            yield from _pieces(message.get("content"))


def _pieces(content: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, str):
        yield {"type": "text", "text": content}
    elif isinstance(content, list):
        yield from (piece for piece in content if isinstance(piece, Mapping))
