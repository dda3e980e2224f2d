"""What results cost, in a line for the facts and in a table for the summary."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from .. import text
from ..handlers.costing import Costs
from ..model import ModelUsage
from ..pricing import Cost, ModelCost, dollars, money
from .columns import fit

NO_NAME = "(no model named)"
LONGEST_NAME = 25
"""Cells of a model's name: the API's dated ones fit."""
MOST_MODELS = 12
COST_WIDTH = 17
CLASSES = ("input", "output", "write 5m", "write 1h", "read", "searches")


def cost_line(costs: Costs) -> Content:
    """One line, the most telling first: it is cut where the terminal ends."""
    total = costs.total
    if not total.answers:
        return Content.assemble(_label("cost"), ("nothing: only succeeded results are billed", "dim"))
    parts: list[str | tuple[str, str]] = [(money(total), "bold" if total.is_whole else "bold $text-warning")]
    if not total.is_unknown:
        parts.append(f" (standard {dollars(total.standard)}, saved {dollars(total.saved)})")
    if total.unpriced:
        parts.append((f" · {_unpriced(total)}", "$text-warning"))
    if total.hit_rate is not None:
        parts.append(f" · cache hits {_share(total.hit_rate)}")
    parts.append((f" · {costs.prices.named}", "dim"))
    if costs.prices.problems:
        parts.append((" · yours have a mistake (i says which)", "$text-warning"))
    return Content.assemble(_label("cost"), *parts)


def cost_table(costs: Costs) -> Content:
    """Model by model with tokens of each class, their sums in dollars, and what to know about the figures.

    It stands in a narrow pane: two lines for each model, and no class of tokens that was not used.
    """
    rows = [row for each in costs.models[:MOST_MODELS] for row in _model_rows(each)]
    more = len(costs.models) - MOST_MODELS
    if more > 0:
        rows.append(Content.styled(f"… and {text.plural(more, 'more model')}", "dim"))
    said = map(_note, notes(costs))
    return Content("\n").join([cost_line(costs), _classes(costs.total), Content(""), *rows, *said])


def notes(costs: Costs) -> Iterator[str]:
    """What somebody should know who relies on these figures, in sentences."""
    yield from costs.prices.problems
    total = costs.total
    for name in total.unknown_models[:MOST_MODELS]:
        remedy = f"Give it one in {costs.file}." if name else "Its results do not name it."
        yield f"{name or NO_NAME} has no price here. {remedy}"
    if total.untold:
        yield f"{text.plural(total.unpriced, 'answer')} did not say how many tokens were used."
    if total.searches:
        paid = dollars(total.amounts.searches)
        yield (
            f"{text.plural(total.searches, 'web search')}: {paid}, without the batch discount,"
            " for none on searches is published."
        )
    for each in costs.models:
        priced = costs.prices.model(each.usage.model)
        if priced and priced.doubt:
            yield f"{each.usage.model}: {priced.doubt}."


def _label(name: str) -> tuple[str, str]:
    return (f"{name:<9}", "dim")


def _classes(total: Cost) -> Content:
    """What was paid for each class of tokens."""
    paid = zip(CLASSES, total.amounts, strict=True)
    said = " · ".join(f"{name} {dollars(amount)}" for name, amount in paid if amount)
    return Content.assemble(_label("paid for"), said or "nothing that has a price")


def _unpriced(total: Cost) -> str:
    what = text.plural(total.unpriced, "answer")
    if not total.unknown_models:
        return f"{what} without usage"
    first = text.clean(next(filter(None, total.unknown_models), "")) or NO_NAME
    others = len(total.unknown_models) - 1
    return f"no price for {first}" + (f" and {others} more" if others else "") + f" ({what})"


def _share(part: float) -> str:
    """Whole percents, but nothing that is there reads as none, and nothing less than all as all."""
    if 0 < part < 0.01:
        return "< 1 %"
    if 0.99 < part < 1:
        return "> 99 %"
    return f"{part * 100:.0f} %"


def _model_rows(each: ModelCost) -> Iterator[Content]:
    """Name and cost; then the tokens that were used."""
    name = Content(text.clean(each.usage.model) or NO_NAME)
    if name.cell_length > LONGEST_NAME:
        name = Content(fit(name.plain, LONGEST_NAME))
    gap = " " * (LONGEST_NAME - name.cell_length)
    tone = "" if each.cost.is_whole else "$text-warning"
    yield Content.styled(f"{name.plain}{gap}{money(each.cost):>{COST_WIDTH}}", tone)
    used = zip(CLASSES, _tokens(each.usage), strict=False)
    said = " · ".join(f"{name} {text.compact(number)}" for name, number in used if number)
    yield Content.styled(f"  {said or 'no tokens'}", "dim")


def _tokens(usage: ModelUsage) -> tuple[int, ...]:
    """In the order of CLASSES."""
    return (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.cache_read,
    )


def _note(sentence: str) -> Content:
    return Content.styled(f"  {text.clean(sentence)}", "dim")
