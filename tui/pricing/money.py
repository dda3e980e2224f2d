"""Amounts of money in words: what is positive never reads as nothing, and what is unknown says so."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from .cost import Amounts, Cost

UNKNOWN = "unknown"

_SMALLEST = Decimal("0.0001")
_CENT = Decimal("0.01")


def dollars(amount: Decimal) -> str:
    """`$1,234.56`, below a dollar `$0.0312`, and `< $0.0001` for what is less than that."""
    if amount == 0:
        return "$0.00"
    if 0 < amount < _SMALLEST:
        return f"< ${_SMALLEST}"
    fine = amount.quantize(_SMALLEST, ROUND_HALF_UP)
    if fine < 1:
        return f"${fine}"
    return f"${amount.quantize(_CENT, ROUND_HALF_UP):,}"


def at_most(amount: Decimal) -> str:
    """`at most $3.40`, or `less than $0.0001`."""
    return f"less than ${_SMALLEST}" if 0 < amount < _SMALLEST else f"at most {dollars(amount)}"


def money(cost: Cost) -> str:
    """What is known of a cost and whether there is more: `$12.34`, `$3.20 + unknown`, `unknown`."""
    if cost.is_unknown:
        return UNKNOWN
    return dollars(cost.known) + ("" if cost.is_whole else f" + {UNKNOWN}")


def exact(amounts: Amounts | None) -> str:
    """A result's cost for other programs: plain digits, all of them; empty where it is unknown."""
    if amounts is None:
        return ""
    return plain(amounts.total)


def plain(amount: Decimal) -> str:
    """An amount in plain digits, all of them and no more."""
    digits = f"{amount:f}"
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) or "0"
