"""What a question says of money before anything is sent, and going over a limit on the typed word alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.screen import Screen

from ..model import Launch, Run
from ..widgets.estimate_words import counted_words, price_words
from .desk import Desk
from .dialogs import Ask

PATIENCE = 0.5
"""Seconds after which it is said that tokens are being counted."""


async def price_line(screen: Screen[Any], desk: Desk, run: Run, launches: Sequence[Launch] = ()) -> str:
    """What sending these launches of a run, or all that waits, will cost."""
    telling = screen.set_timer(PATIENCE, lambda: screen.notify("Counting tokens …"))
    try:
        price = await desk.ask.price(run, launches)
        return f"cost {price_words(price)}" + ("" if price.counted else f" ({counted_words(price)})")
    finally:
        telling.stop()


async def may_go_over(app: App[Any], over: Sequence[str]) -> bool | None:
    """Whether a limit is gone over, on the user's typed word; None: it is not, and nothing is sent."""
    if not over:
        return False
    said = await app.push_screen_wait(Ask(" ".join(over), hint="type yes to go over it; escape leaves it"))
    if said == "yes":
        return True
    if said is not None:
        app.notify("Nothing was sent: that was not the word yes.", severity="warning")
    return None
