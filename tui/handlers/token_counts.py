"""Requests counted by the service: a few at a time, with little patience, and never an error."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..errors import DeckError, NotFound, Refused
from .services import Services
from .weighing import Pick

AT_ONCE = 4
"""Questions at the same time."""
PATIENCE = 10.0
"""Seconds for all of them together: after that a guess is better than an answer."""


class TokenCounts:
    """Input tokens of requests as far as they could be had, and the first thing that went wrong."""

    def __init__(self) -> None:
        self.trouble = ""
        self._found: dict[int, int] = {}  # by identity: params can be no key, and may be equal
        self._hopeless = False

    def __len__(self) -> int:
        return len(self._found)

    def of(self, pick: Pick) -> int | None:
        """What the service has counted for a request."""
        return self._found.get(id(pick))

    async def ask(self, services: Services, picks: Sequence[Pick], betas: Sequence[str]) -> None:
        """Have requests counted; the picks must live as long as this object."""
        if not picks:
            return
        gate = asyncio.Semaphore(AT_ONCE)
        try:
            await services.api.load()
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
                for pick in picks:
                    group.create_task(self._count(services, pick, betas, gate))
        except TimeoutError:
            self.trouble = self.trouble or "It took too long to answer."
        except DeckError as error:
            self.trouble = error.title

    async def _count(
        self, services: Services, pick: Pick, betas: Sequence[str], gate: asyncio.Semaphore
    ) -> None:
        async with gate:
            if self._hopeless:
                return
            try:
                self._found[id(pick)] = await services.api.count_tokens(pick.params, betas)
            except DeckError as error:
                self.trouble = self.trouble or error.title
                # A no to one request is none to the next; anything else would only be heard again.
                self._hopeless = not isinstance(error, NotFound | Refused)
