"""Bodies of Messages requests without an envelope, Claude's own or with content as OpenAI has it."""

from __future__ import annotations

from collections.abc import Iterator

from ...model import Making
from ..basics.items import Item
from ..files.splitting import Element
from .batches import opened
from .porting import Porter


def items(elements: Iterator[Element], making: Making) -> Iterator[Item]:
    """One item an element: the body as params, with an id; findings only where something is lost."""
    return Porter(opened, making, native=True).items(elements)
