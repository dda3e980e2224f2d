"""How large the requests of a draft are, model by model, and a few of them to be counted.

Blocks, and belongs into a thread: it reads each draft once, line by line.
"""

from __future__ import annotations

import json
import threading
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ..model import Draft, ModelLoad
from ..pricing.scaling import Load, drawn
from ..pricing.sizes import is_linked, measure

SAMPLE = 20
"""Requests that are counted, about: more narrow the range little, and each is a question to the service."""
LEAST = 2
"""Of each model: one alone has no spread."""
MOST_MODELS = 10
"""Models that are looked at, the largest loads; tokenizers differ, so that each needs its own sample."""
LARGEST = 4_000_000
"""Bytes of a request that is still sent to be counted …"""
BUDGET = 8_000_000
"""… and of all of them together: an answer must not wait for an upload."""

_OFFSET = 48
"""Bits of a place that are the offset; those above are the part's number."""


class _Params(msgspec.Struct, gc=False):
    model: str = ""
    max_tokens: int = 0


class _Request(msgspec.Struct, gc=False):
    params: _Params


_decode = msgspec.json.Decoder(_Request).decode


@dataclass(frozen=True, slots=True)
class Pick:
    """A request that is to be counted."""

    size: int
    hits: int
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a draft asks of one model, and the requests that are to stand for all of them."""

    load: Load
    picks: Sequence[Pick] = ()


class _Stock:
    """The requests of one model, as they are read."""

    def __init__(self) -> None:
        self.sizes = array("Q")
        self.places = array("Q")
        self.bytes = self.max_tokens = self.cached = self.media = self.linked = 0

    def add(self, raw: bytes, place: int, max_tokens: int) -> None:
        """Take a request in."""
        size, media = measure(raw)
        self.sizes.append(size)
        self.places.append(place)
        self.bytes += len(raw)
        self.max_tokens += max_tokens
        self.cached += b'"cache_control"' in raw
        self.media += media
        self.linked += is_linked(raw)

    def asked(self, model: str) -> ModelLoad:
        """Their sums."""
        number, most = len(self.sizes), self.max_tokens
        return ModelLoad(model, number, self.bytes, most, self.cached, self.media, self.linked)


def weigh(draft: Draft, stop: threading.Event) -> list[Weighed]:
    """What the draft asks of each model, the largest load first; nothing to be counted if it is not written.

    Nor if its files cannot be read any more: what was noted of them when they were checked is there still.
    """
    paths = [Path(part.path) for part in draft.parts if part.path] or [Path(draft.path)] * bool(draft.path)
    try:
        stocks = _stocks(paths, stop)
        picks = _picks(stocks, paths)
    except OSError:
        stocks, picks = {}, {}
    if not stocks:
        return [Weighed(Load(asked)) for asked in draft.loads]
    return [
        Weighed(Load(stock.asked(model), stock.sizes), picks.get(model, ()))
        for model, stock in stocks.items()
    ]


def _stocks(paths: Sequence[Path], stop: threading.Event) -> dict[str, _Stock]:
    """The requests of each model, the largest load first."""
    found: dict[str, _Stock] = {}
    for number, path in enumerate(paths):
        offset = 0
        with open(path, "rb") as handle:
            for raw in handle:
                try:
                    params = _decode(raw).params
                except (msgspec.DecodeError, RecursionError):
                    params = _Params()
                place = number << _OFFSET | offset
                found.setdefault(params.model, _Stock()).add(raw, place, params.max_tokens)
                offset += len(raw)
                if stop.is_set():
                    return {}
    return dict(sorted(found.items(), key=lambda item: -item[1].bytes))


def _picks(stocks: Mapping[str, _Stock], paths: Sequence[Path]) -> dict[str, list[Pick]]:
    """Some requests of each of the largest loads, within the budget."""
    left = BUDGET
    whole = sum(stock.bytes for stock in stocks.values())
    found: dict[str, list[Pick]] = {}
    for model, stock in list(stocks.items())[:MOST_MODELS]:
        number = max(LEAST, round(SAMPLE * stock.bytes / whole))
        for place, hits in drawn(stock.sizes, number).items():
            raw = _read(paths, stock.places[place])
            params = _params(raw) if len(raw) <= min(left, LARGEST) else None
            if params is not None:
                left -= len(raw)
                found.setdefault(model, []).append(Pick(stock.sizes[place], hits, params))
    return found


def _read(paths: Sequence[Path], place: int) -> bytes:
    with open(paths[place >> _OFFSET], "rb") as handle:
        handle.seek(place & ((1 << _OFFSET) - 1))
        return handle.readline()


def _params(raw: bytes) -> Mapping[str, Any] | None:
    try:
        params = json.loads(raw).get("params")
    except (ValueError, AttributeError, RecursionError):
        return None
    return params if isinstance(params, dict) else None


def picked(weighed: Sequence[Weighed]) -> Iterator[Pick]:
    """The requests that are to be counted, of all models."""
    for each in weighed:
        yield from each.picks
