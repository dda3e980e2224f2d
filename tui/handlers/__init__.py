"""One coroutine per command; both faces call the same ones, through `run`.

A handler gets `Services` and a command, works through api, sources, store, sync and export, and returns what
the command is for, or raises one of errors.py. What is asked without being a wish stands beside them:
`unfinished`, `resolve_id`, `wait` and the like.
"""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..commands import Command
from ..errors import ReadOnly
from .services import Services

if TYPE_CHECKING:
    from .finding import resolve_id
    from .launches import compare, same_content, unfinished
    from .recalling import recall
    from .results import export_stream
    from .running import goes_on
    from .searching import search
    from .sweeping import sweep
    from .waiting import wait

__all__ = [
    "Services",
    "compare",
    "export_stream",
    "goes_on",
    "load",
    "recall",
    "resolve_id",
    "run",
    "same_content",
    "search",
    "sweep",
    "unfinished",
    "wait",
]

_HOMES = {
    "compare": "launches",
    "export_stream": "results",
    "goes_on": "running",
    "recall": "recalling",
    "resolve_id": "finding",
    "same_content": "launches",
    "search": "searching",
    "sweep": "sweeping",
    "unfinished": "launches",
    "wait": "waiting",
}
_TABLE = f"{__name__}.table"


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: the first paint needs none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def load() -> None:
    """Load every handler and what they work with: it takes so long that it belongs in a thread."""
    import_module(_TABLE)


async def run(services: Services, command: Command) -> Any:
    """Carry a command out, unless --read-only forbids it."""
    if services.read_only and command.changes_server:
        raise ReadOnly(
            f"{command.title} is not possible: batchdeck was started with --read-only.",
            "Start it without --read-only.",
        )
    if not hasattr(sys.modules.get(_TABLE), "HANDLERS"):  # nor while a thread is still at it
        await asyncio.to_thread(load)
    from .table import HANDLERS

    return await HANDLERS[type(command)](services, command)
