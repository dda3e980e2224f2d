"""What the requests of a source ask of one model, summed while they are checked."""

from __future__ import annotations

from ...model import ModelLoad
from ...pricing.sizes import is_linked, media

MOST_MODELS = 1_000
OTHER_MODELS = "other models"
"""What all further models are called together."""

_MARK = b'"cache_control"'


class Load:
    """The sums of one model."""

    def __init__(self) -> None:
        self.requests = self.bytes = self.max_tokens = self.cached = self.media = self.linked = 0

    def add(self, size: int, max_tokens: int, requests: int = 1) -> None:
        """Take in requests of nothing but text, without marks for the cache."""
        self.requests += requests
        self.bytes += size
        self.max_tokens += max_tokens

    def weigh(self, raw: bytes, max_tokens: int) -> bool:
        """Take in any request, and say whether it has marks for the cache."""
        self.add(len(raw), max_tokens)
        marked = _MARK in raw
        self.cached += marked
        self.media += media(raw)[0]
        self.linked += is_linked(raw)
        return marked

    def of(self, model: str) -> ModelLoad:
        """The sums, with the model's name."""
        number, most = self.requests, self.max_tokens
        return ModelLoad(model, number, self.bytes, most, self.cached, self.media, self.linked)


class Loads:
    """The sums of each model."""

    def __init__(self) -> None:
        self._loads: dict[str, Load] = {}

    def of(self, model: str) -> Load:
        """Those of one model, to be added to."""
        load = self._loads.get(model)
        if load is None:  # names are foreign text: there may be any number
            name = model if len(self._loads) < MOST_MODELS else OTHER_MODELS
            load = self._loads.setdefault(name, Load())
        return load

    @property
    def requests(self) -> dict[str, int]:
        """Each model with its number of requests."""
        return {model: load.requests for model, load in self._loads.items()}

    @property
    def all(self) -> tuple[ModelLoad, ...]:
        """The most used model first."""
        loads = sorted(self._loads.items(), key=lambda each: (-each[1].requests, each[0]))
        return tuple(load.of(model) for model, load in loads)
