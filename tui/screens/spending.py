"""Going over a spending limit: only when the whole word is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App

from .dialogs import Ask


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
