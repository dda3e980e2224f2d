"""What a draft will cost: some of its requests counted by the service, scaled to all, at today's prices."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from ..model import Draft, Estimate
from ..pricing.caching import averaged, marks_of
from ..pricing.estimate import NO_ANSWERS, Answers
from ..pricing.estimate import estimate as reckoned
from ..pricing.money import dollars
from ..pricing.rates import US, Prices, undated
from ..pricing.scaling import Counted, Load
from ..text import plural
from .costing import prices
from .endings import in_thread
from .services import Services
from .spending import over
from .token_counts import TokenCounts
from .weighing import Weighed, weigh

if TYPE_CHECKING:
    from ..store.earlier import Length


async def estimate(services: Services, draft: Draft, *, ask: bool = True, run_id: str = "") -> Estimate:
    """What the requests of a draft will cost, and the spending limits that this may break.

    With `ask` the service counts some of them, which costs nothing; what it does not count, whatever the
    reason, is guessed from its size. Of a draft that was not written everything is. `run_id` is the run it
    is sent as: the answers that it has so far tell most about those to come.
    """
    rates = await prices(services)
    weighed = await in_thread(lambda stop: weigh(draft, stop))
    counts = TokenCounts()
    if ask:
        picks = list(chain.from_iterable(each.picks for each in weighed))
        await counts.ask(services, picks, draft.betas)
    answers = await _answers(services, draft.recipe, run_id, [each.load.asked.model for each in weighed])

    def work() -> Estimate:
        loads = [_known(each, counts) for each in weighed]
        notes = [*_of_counting(counts), *_of_links(weighed, counts), *_of_searches(weighed, rates)]
        return reckoned(loads, rates, answers, notes if weighed else [])

    found = await asyncio.to_thread(work)
    return replace(found, over=await over(services, services.spending, found))


def _known(weighed: Weighed, counts: TokenCounts) -> Load:
    """A load with what was found out about it."""
    params = [pick.params for pick in weighed.picks]
    counted = (
        Counted(pick.size, tokens, pick.hits)
        for pick in weighed.picks
        if (tokens := counts.of(pick)) is not None
    )
    return replace(
        weighed.load,
        counted=tuple(counted),
        marks=averaged([marks_of(each) for each in params]),
        geo=US if any(each.get("inference_geo") == US for each in params) else "",
    )


async def _answers(services: Services, recipe: str, run_id: str, models: Sequence[str]) -> Answers:
    """How long earlier answers were: of the run itself, else of its recipe, else of the same models."""
    earlier = services.store.earlier
    if run_id and (found := await earlier.of_run(run_id)):
        return _lengths(found, models, "of this launch so far", strangers=True)
    if recipe and (found := await earlier.of_recipe(recipe)):
        return _lengths(found, models, "of the same recipe", strangers=True)
    return _lengths(await earlier.of_any(), models, f"of the same model{'s' * (len(models) > 1)}")


def _lengths(
    found: Sequence[Length], models: Sequence[str], origin: str, *, strangers: bool = False
) -> Answers:
    """The mean length for each model; with `strangers` one without answers gets the mean of all."""
    sums = _summed(found)
    whole = sum(answers for answers, _ in sums.values()), sum(tokens for _, tokens in sums.values())
    names = {model: undated(model) for model in models}
    if strangers and whole[0]:
        used, number = {model: sums.get(name, whole) for model, name in names.items()}, whole[0]
    else:
        used = {model: sums[name] for model, name in names.items() if name in sums}
        number = sum(sums[name][0] for name in set(names.values()) & set(sums))
    if not used:
        return NO_ANSWERS
    means = {model: tokens / answers for model, (answers, tokens) in used.items()}
    return Answers(means, f"{plural(number, 'answer')} {origin}")


def _summed(found: Sequence[Length]) -> dict[str, tuple[int, int]]:
    """Answers and their tokens by model; results that do not say how long they are tell nothing."""
    sums: dict[str, tuple[int, int]] = {}
    for each in found:
        answers, tokens = sums.get(undated(each.model), (0, 0))
        if each.tokens and each.answers:
            sums[undated(each.model)] = answers + each.answers, tokens + each.tokens
    return sums


def _of_counting(counts: TokenCounts) -> Iterator[str]:
    if not len(counts):
        why = f"could not be asked: {counts.trouble}" if counts.trouble else "was not asked."
        yield (
            f"The input tokens are a guess from the length of the requests, 2.5 to 5 bytes to a token;"
            f" the service {why}"
        )
    elif counts.trouble:
        yield f"Not all of the sample could be counted: {counts.trouble}"


def _of_links(weighed: Sequence[Weighed], counts: TokenCounts) -> Iterator[str]:
    number = sum(each.load.asked.linked for each in weighed)
    if number and not len(counts):
        yield (
            f"The images and documents behind links or file ids of {plural(number, 'request')} are in no sum:"
            " only the service knows their size."
        )


def _of_searches(weighed: Sequence[Weighed], rates: Prices) -> Iterator[str]:
    if any(_searches(pick.params) for each in weighed for pick in each.picks):
        yield f"Web searches are in no sum: {dollars(rates.web_search)} for a thousand of them."


def _searches(params: Mapping[str, Any]) -> bool:
    tools = params.get("tools")
    return isinstance(tools, list) and any(
        isinstance(tool, Mapping) and str(tool.get("type", "")).startswith("web_search") for tool in tools
    )
