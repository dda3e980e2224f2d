"""The headless face: every command of the command line, on the same handlers as the app."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Awaitable, Callable

from ..handlers import Services
from .ending import cancel, delete, wait
from .info import info
from .launching import check, launch
from .looking import list_batches, show
from .narrator import Narrator
from .parser import parse
from .results import results
from .terminal import complain, progress, say

__all__ = ["Narrator", "complain", "parse", "progress", "run", "say"]

COMMANDS: dict[str, Callable[[Services, Namespace], Awaitable[int]]] = {
    "list": list_batches,
    "show": show,
    "check": check,
    "launch": launch,
    "wait": wait,
    "cancel": cancel,
    "delete": delete,
    "results": results,
    "info": info,
}


async def run(services: Services, options: Namespace) -> int:
    """Carry out the subcommand of a command line and give its exit code."""
    return await COMMANDS[options.command](services, options)
