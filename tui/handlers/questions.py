"""What the faces may ask without wanting anything changed; each answer is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import Candidate, Launch, Pattern, Scope
from .services import Services

if TYPE_CHECKING:
    from ..records.comparison import Comparison
    from .attaching import Missing
    from .comparing import PairRow, PairView
    from .costing import Costs
    from .matching import Compared
    from .searching import Hits
    from .tabulating import Tabulated


class Questions:
    """The answers come from store and files, never from the service, but where it says so."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def unfinished(self) -> list[tuple[Launch, list[Candidate]]]:
        """Launches of which nobody knows what became, with the batches that may be theirs."""
        from .launches import unfinished

        return await unfinished(self._services)

    async def costs(self, scope: Scope) -> Costs:
        """What the results of a scope cost."""
        from .costing import costs

        return await costs(self._services, scope)

    async def request_of(self, batch_id: str, custom_id: str) -> bytes | None:
        """What was asked; None where the requests are not on this machine."""
        from .attaching import request_of

        return await request_of(self._services, batch_id, custom_id)

    async def requests_at(self, batch_id: str) -> Path | None:
        """The file with the requests of a batch, as far as one is known."""
        from .attaching import place

        return await place(self._services, batch_id)

    async def missing(self, scope: Scope) -> Missing:
        """Requests without a result, where the requests are known."""
        from .attaching import missing

        return await missing(self._services, scope)

    def search(self, scope: Scope, pattern: Pattern, until: Mapping[int, int]) -> AsyncGenerator[Hits, None]:
        """Results that say it, as they are found; of a file named in `until` only those beyond."""
        from .searching import search

        return search(self._services, scope, pattern, until)

    def tabulate(self, scope: Scope) -> AsyncGenerator[Tabulated, None]:
        """Read the answers of a scope as data, as far as that is not done yet."""
        from .tabulating import tabulate

        return tabulate(self._services, scope)

    def compare(self, left: Scope, right: Scope) -> AsyncGenerator[Compared, None]:
        """Compare the results of two scopes; what is not on disk is fetched from the service first."""
        from .comparing import compare

        return compare(self._services, left, right)

    async def pair_rows(self, comparison: Comparison, indexes: Sequence[int]) -> list[PairRow]:
        """Some pairs of a comparison, as a list shows them."""
        from .comparing import pair_rows

        return await pair_rows(self._services, comparison, indexes)

    async def pair(self, scope: Scope, left: int, right: int) -> PairView:
        """Two results side by side."""
        from .comparing import pair

        return await pair(self._services, scope, left, right)
