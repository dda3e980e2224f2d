"""What a check found and what it will cost, in lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ..model import ERROR, WARNING, Draft, Estimate, ProblemGroup
from ..pricing.money import UNKNOWN, at_most, dollars
from ..text import clean, count, plural, size

PLACES = 5
"""Places of a problem that are named."""


def content(draft: Draft) -> str:
    """`3 requests, 1.2 kB, claude-haiku-5-5 (3)`, and how many batches it becomes."""
    named = ", ".join(f"{model} ({count(number)})" for model, number in draft.models)
    said = f"{plural(draft.requests, 'request')}, {size(draft.bytes)}" + (f", {named}" if named else "")
    parts = [part for part in draft.parts if not part.sample]
    if len(parts) > 1:
        said += f", as {plural(len(parts), 'batch')}"
    return said


def problems(draft: Draft) -> Iterator[str]:
    """Every problem in its place, or, where there are many of a kind, once with its number."""
    if all(group.count <= PLACES for group in draft.groups):
        yield from (clean(str(problem)) for problem in draft.problems)
    else:
        for group in draft.groups:
            yield from _group(group)
    told = sum(group.count for group in draft.groups) if draft.groups else len(draft.problems)
    rest = draft.problem_count + draft.warning_count - told
    if rest > 0:
        yield f"… and {count(rest)} more"


def _group(group: ProblemGroup) -> Iterator[str]:
    warned = "warning: " if group.severity == WARNING else ""
    times = f"{count(group.count)} × " if group.count > 1 else ""
    yield clean(f"{times}{warned}{group.what}" + (f" – {group.remedy}" if group.remedy else ""))
    rest = f" and {count(group.count - PLACES)} more" if group.count > PLACES else ""
    yield f"    {clean(', '.join(group.places[:PLACES]))}{rest}"


def verdict(draft: Draft, *, strict: bool = False) -> str:
    """Whether it can be sent, in a sentence."""
    warned = plural(draft.warning_count, "warning")
    if draft.problem_count:
        return f"{plural(draft.problem_count, 'problem')}: it cannot be sent as it is."
    if not draft.requests:
        return "There is nothing in it to send."
    if draft.warning_count:
        return f"{warned}: with --strict they count." if strict else f"It can be launched, with {warned}."
    return "It can be launched."


def group_json(group: ProblemGroup) -> dict[str, object]:
    """A group as JSON."""
    return {
        "what": group.what,
        "remedy": group.remedy or None,
        "severity": group.severity or ERROR,
        "count": group.count,
        "places": list(group.places),
    }


def estimate(found: Estimate) -> Iterator[str]:
    """Tokens, price, saving, and what else one should know."""
    least, likely, most = found.input_tokens
    spread = f" ({count(least)}–{count(most)})" if least != most else ""
    how = f"{plural(found.counted, 'request')} counted" if found.counted else "a guess from their length"
    yield f"  in      about {count(likely)} tokens{spread}; {how}"
    likely_out = f"about {count(found.output_likely)}, " if found.output_likely is not None else ""
    why = f"; {found.likely_from}" if found.likely_from else ""
    yield f"  out     {likely_out}at most {count(found.output_most)} tokens{why}"
    yield f"  price   {price(found)}"
    if found.unknown_models:
        yield f"          without {', '.join(found.unknown_models)}: the price is unknown"
    for note in found.notes:
        yield f"  note    {note}"
    for sentence in found.over:
        yield f"  ! {sentence}"


def price(found: Estimate) -> str:
    """`about $1.20, at most $3.40; at the standard price $6.80, so $3.40 saved`."""
    if found.high is None:
        return UNKNOWN
    high = Decimal(found.high)
    said = at_most(high)
    if found.likely is not None and dollars(Decimal(found.likely)) != dollars(high):
        said = f"about {dollars(Decimal(found.likely))}, {said}"
    if found.unknown_models:
        said += f" + {UNKNOWN}"
    if found.standard_high is not None:
        standard = Decimal(found.standard_high)
        said += f"; at the standard price {dollars(standard)}, so {dollars(standard - high)} saved"
    return said + (f" (prices of {found.prices_date})" if found.prices_date else "")
