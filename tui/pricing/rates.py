"""Prices of tokens: by model, length of the prompt and place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

_DATED = re.compile(r"(.+)-20\d{6}", re.DOTALL)
"""The API's dated names, such as `claude-haiku-4-5-20251001`; what comes before the date is the model."""

US = "us"
"""`usage.inference_geo` of what had to be computed in the United States (API documentation)."""


_PER_TOKEN = Decimal("1e-6")
_MOST_KNOWN = 1_000  # names of models are foreign text: there may be any number of them


def undated(name: str) -> str:
    """A model's name without the date at its end, if it has one."""
    dated = _DATED.fullmatch(name)
    return dated[1] if dated else name


class Rate(NamedTuple):
    """Dollars per million tokens of each class, unless it says otherwise."""

    input: Decimal
    output: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal

    def times(self, factor: Decimal) -> Rate:
        """The same rate, so many times as high."""
        return Rate._make(each * factor for each in self)


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """What one model costs at the standard rate."""

    rate: Rate
    long: Rate | None = None
    """For every token of a prompt that is long, where that costs more."""
    us: bool = False
    """Whether the factor for the United States is asked for it."""
    aliases: tuple[str, ...] = ()
    doubt: str = ""
    """What about it the service has not published itself; raw text."""


@dataclass(frozen=True, slots=True)
class Prices:
    """A dated list of prices, with the user's own in it."""

    date: date
    models: Mapping[str, ModelPrice]
    batch_factor: Decimal
    us_factor: Decimal
    web_search: Decimal
    """Dollars per thousand searches."""
    own: bool = False
    """Whether a file of the user's has a say in it."""
    problems: tuple[str, ...] = ()
    """Why the user's file was not used, in sentences."""
    _aliases: dict[str, str] = field(init=False, default_factory=dict, compare=False, repr=False)
    _known: dict[tuple[str, bool, str], Rate | None] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        for name, model in self.models.items():
            self._aliases.update(dict.fromkeys(model.aliases, name))

    @property
    def named(self) -> str:
        """What a figure made of it should say of its origin."""
        return f"prices of {self.date}" + (" and your own" if self.own else "")

    def model(self, name: str) -> ModelPrice | None:
        """The price of a model by its exact name, else by its name without the date at its end."""
        return self._exact(name) or self._exact(undated(name))

    def _exact(self, name: str) -> ModelPrice | None:
        return self.models.get(name) or self.models.get(self._aliases.get(name, name))

    def rate(self, model: str, long: bool = False, geo: str = "") -> Rate | None:
        """The standard rate, or None for a model without a price."""
        found = self.model(model)
        if found is None:
            return None
        rate = found.long if long and found.long else found.rate
        return rate.times(self.us_factor) if found.us and geo == US else rate

    def per_token(self, model: str, long: bool, geo: str) -> Rate | None:
        """Dollars per token within a batch, reckoned once: it is asked for every line of an export."""
        key = (model, long, geo)
        try:
            return self._known[key]
        except KeyError:
            pass
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        rate = self.rate(model, long, geo)
        found = self._known[key] = rate and rate.times(self.batch_factor * _PER_TOKEN)
        return found
