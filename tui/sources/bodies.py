"""Bodies of Messages requests without an envelope, Claude's own or with content as OpenAI has it."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Making
from .items import Item
from .openai import opened
from .openai_porting import Porter
from .splitting import Element


def items(elements: Iterator[Element], making: Making) -> Iterator[Item]:
    """One item an element: the body as params, with an id; findings only where something is lost."""
    return Porter(opened, making, native=True).items(elements)
