"""Creating a batch: from the body a client sent to the little that its answers need."""

import asyncio
import sys
from datetime import timedelta

from .asgi import Request
from .fates import by_chance
from .ids import digest, mix
from .params import excerpt, problem
from .shapes import shape_of
from .switches import Switches
from .validate import Checker, requests_of
from .work import Asked

TURN = 500
"""After this many requests other connections get their turn."""


async def read_requests(request: Request, switches: Switches, seed: object) -> list[Asked]:
    """Check the envelope and decide every request's fate; raises the 400 that the service would send."""
    reader = _Reader(request, switches, digest(seed, "fates"))
    asked: list[Asked] = []
    checker = Checker(switches.accept_duplicates)
    for item in requests_of(request.body):
        custom_id, params = checker.check(item)
        asked.append(reader.reduce(len(asked), custom_id, params))
        if len(asked) % TURN == 0:
            await asyncio.sleep(0)
    checker.finish()
    return asked


class _Reader:
    def __init__(self, request: Request, switches: Switches, seed: int) -> None:
        self.version = request.headers.get("anthropic-version", "")
        self.betas = request.headers.get("anthropic-beta", "")
        self.switches = switches
        self.seed = seed

    def reduce(self, index: int, custom_id: str, params: dict[str, object]) -> Asked:
        model, most = params.get("model"), params.get("max_tokens")
        shape = shape_of(params)
        return Asked(
            custom_id,
            sys.intern(model) if isinstance(model, str) else "",
            most if isinstance(most, int) else 0,
            sys.intern(self._fate(index, custom_id, params, shape)),
            excerpt(params),
            shape,
        )

    def _fate(self, index: int, custom_id: str, params: dict[str, object], shape: str) -> str:
        wrong = problem(params, self.version, self.betas)
        if wrong is not None:
            return f"error:{wrong}"
        chosen = self.switches.fate(index, custom_id) if self.switches.fate else None
        if chosen is not None:
            return chosen
        # A dull pick lands on prose, which a forced tool or a schema still turns into what it must be.
        return by_chance(0 if self.switches.dull else mix(self.seed + index), shape)


def duration(count: int, switches: Switches) -> timedelta:
    """How long a batch of so many requests runs."""
    if switches.duration is not None:
        return switches.duration
    return timedelta(seconds=20 + min(70, count / 1000 * 7 + count % 7))
