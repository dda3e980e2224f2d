"""What results cost: a dated list of prices with the user's own in it, and sums over what was used."""

from __future__ import annotations

from .cost import Amounts, Cost, ModelCost, by_model, cost, line_cost
from .money import UNKNOWN, dollars, exact, money
from .rates import ModelPrice, Prices, Rate
from .reading import load

__all__ = [
    "UNKNOWN",
    "Amounts",
    "Cost",
    "ModelCost",
    "ModelPrice",
    "Prices",
    "Rate",
    "by_model",
    "cost",
    "dollars",
    "exact",
    "line_cost",
    "load",
    "money",
]
