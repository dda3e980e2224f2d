"""What the faces may ask without wanting anything changed; each answer is loaded when it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import PLAIN, Candidate, Form, Launch, Making, Pattern, Run, Scope
from .services import Services

if TYPE_CHECKING:
    from ..model import Draft, Estimate, Look, Problem, RetryGroup
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

    async def look(self, paths: Sequence[Path], making: Making = PLAIN) -> Look:
        """What a source is; BadSource or UsageError where it cannot be one."""
        from .. import sources
        from .endings import in_thread

        return await in_thread(lambda stop: sources.look(paths, making))

    async def preview(
        self, paths: Sequence[Path], making: Making, number: int
    ) -> tuple[bytes, tuple[Problem, ...]]:
        """One request of a source as it would be sent, from 1, and what is wrong with it."""
        from .. import sources
        from .endings import in_thread
        from .known_models import known_models

        models = await known_models(self._services, ask=False)
        return await in_thread(lambda stop: sources.preview(paths, making, number, models=models))

    async def kept_form(self) -> Form:
        """What was typed on the way to a launch when the program ran last."""
        from .forms import kept_form

        return await kept_form(self._services)

    async def recipes(self) -> tuple[tuple[str, str], ...]:
        """The ready recipes: name, and what it is for."""
        from ..sources.recipes import loading

        return await asyncio.to_thread(loading.ready)

    async def recipe_text(self, name: str, columns: Sequence[str] = ()) -> str:
        """A ready recipe, or without a name a blank one, as a commented file for these columns."""
        from ..sources.recipes import loading

        return await asyncio.to_thread(loading.text, name, columns)

    async def run(self, id: str) -> Run:
        """A run by its own id, or that of one of its launches or batches; UsageError if there is none."""
        from .running import known_run

        return await known_run(self._services, id)

    async def estimate(self, draft: Draft, run_id: str = "", *, ask: bool = True) -> Estimate:
        """What a draft will cost; with `ask` the service counts some of its requests. Kept with its run."""
        from .estimating import estimate
        from .run_costs import keep_estimate

        found = await estimate(self._services, draft, ask=ask, run_id=run_id)
        if run_id:
            await keep_estimate(self._services, run_id, found)
        return found

    async def price(self, run: Run, launches: Sequence[Launch] = ()) -> Estimate:
        """What sending these launches, or all that waits, will cost; the service counts some requests."""
        from .run_costs import price_of

        return await price_of(self._services, run, launches or run.waiting)

    async def over_limit(self, run: Run, launches: Sequence[Launch] = ()) -> tuple[str, ...]:
        """Spending limits that sending these launches, or all that waits, may break, in sentences."""
        from .running import over_limit

        return await over_limit(self._services, run, launches or run.waiting)

    async def draft_of(self, run: Run) -> Draft:
        """The first attempt of a run as the draft that it was."""
        from .run_costs import draft_of

        return draft_of(self._services, run)

    async def same_content(self, run: Run) -> list[Run]:
        """Other runs that sent, or may have sent, exactly these requests."""
        from .launches import same_content

        return await same_content(self._services, run)

    async def retry_groups(self, id: str) -> tuple[RetryGroup, ...]:
        """What of a run or batch did not come to a whole answer, by reason; fetches results if need be."""
        from .retrying import groups

        return await groups(self._services, id)

    def for_editor(self, id: str, groups: Sequence[str]) -> AbstractAsyncContextManager[Path]:
        """A file with the requests of these groups, for as long as they are edited."""
        from .editing import for_editor

        return for_editor(self._services, id, tuple(groups))

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

        found = await place(self._services, batch_id)
        return None if found is None else found.path

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
