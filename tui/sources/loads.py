"""What the requests of a source ask of one model, summed while they are checked."""

from __future__ import annotations

from ..model import ModelLoad
from ..pricing.sizes import media

_MARK = b'"cache_control"'


class Load:
    """The sums of one model."""

    def __init__(self) -> None:
        self.requests = self.bytes = self.max_tokens = self.cached = self.media = 0

    def add(self, size: int, max_tokens: int) -> None:
        """Take in a request of nothing but text, without marks for the cache."""
        self.requests += 1
        self.bytes += size
        self.max_tokens += max_tokens

    def weigh(self, raw: bytes, max_tokens: int) -> bool:
        """Take in any request, and say whether it has marks for the cache."""
        self.add(len(raw), max_tokens)
        marked = _MARK in raw
        self.cached += marked
        self.media += media(raw)[0]
        return marked

    def of(self, model: str) -> ModelLoad:
        """The sums, with the model's name."""
        return ModelLoad(model, self.requests, self.bytes, self.max_tokens, self.cached, self.media)
