"""What a draft will cost, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from textual.content import Content

from .. import text
from ..model import Estimate
from ..pricing.money import at_most, dollars
from .flow import Item, Words

UNKNOWN = "unknown"
_WIDTH = 10


def estimate_lines(found: Estimate) -> Iterator[Item]:
    """Tokens in and out, the price of the batch as a range, what it saves, and what else one should know."""
    yield _row("input", _input(found), counted_words(found))
    yield _row(
        "output",
        _output(found),
        text.clean(found.likely_from) and f"likely from {text.clean(found.likely_from)}",
    )
    yield _row(
        "batch", price_words(found), f"prices of {text.clean(found.prices_date)}" if found.prices_date else ""
    )
    yield _row("standard", *_standard(found))
    for model in found.unknown_models:
        yield _note(
            "!",
            f"{text.clean(model) or '(no model)'} has no price here: its part is in no sum.",
            "$text-warning",
        )
    for note in found.notes:
        yield _note("·", text.clean(note), "dim")
    for sentence in found.over:
        yield _note("!", text.clean(sentence), "bold $text-warning")


def price_words(found: Estimate) -> str:
    """`$1.20 likely, $0.80 to $3.40`; what has no price is unknown, never nothing."""
    likely, low, high = (money(amount) for amount in (found.likely, found.low, found.high))
    if high is None and low is None and likely is None:
        return UNKNOWN
    span = (
        f"{low} to {high}"
        if low and high and low != high
        else at_most(Decimal(found.high))
        if high and found.high
        else f"{low} at least"
    )
    said = f"{likely} likely, {span}" if likely and likely != high else span
    return f"{said} + {UNKNOWN}" if found.unknown_models else said


def counted_words(found: Estimate) -> str:
    """Where the number of input tokens comes from."""
    if found.counted:
        return f"the service counted {text.plural(found.counted, 'request')}"
    return "a guess from the length of the texts"


def money(amount: str | None) -> str | None:
    """Dollars for people; None for what is unknown."""
    number = _number(amount)
    return None if number is None else dollars(number)


def _number(amount: str | None) -> Decimal | None:
    try:
        return None if amount is None else Decimal(amount)
    except InvalidOperation:
        return None


def _input(found: Estimate) -> str:
    least, likely, most = found.input_tokens
    if not most:
        return UNKNOWN
    few, many = text.compact(least), text.compact(most)
    span = f", {few} to {many}" if few != many else ""
    return f"{_tokens(likely)} likely{span}" if span else _tokens(likely)


def _output(found: Estimate) -> str:
    most = f"{_tokens(found.output_most)} at most"
    return most if found.output_likely is None else f"{text.compact(found.output_likely)} likely, {most}"


def _tokens(number: int) -> str:
    return f"{text.compact(number)} token{'' if number == 1 else 's'}"


def _standard(found: Estimate) -> tuple[str, str]:
    standard, high = _number(found.standard_high), _number(found.high)
    if standard is None:
        return UNKNOWN, ""
    saves = f"the batch saves {dollars(standard - high)} of it" if high is not None else ""
    return at_most(standard), saves


def _row(name: str, said: str, beside: str = "") -> Item:
    label = Content.styled(f"{name:<{_WIDTH}}", "dim")
    body = Content.assemble(said, (f"  ({beside})" if beside else "", "dim"))
    return Words(body, label, Content(" " * _WIDTH))


def _note(sign: str, said: str, style: str) -> Item:
    return Words(Content.styled(said, style), Content.styled(f"{sign} ", style), Content("  "))
