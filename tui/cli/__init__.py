"""The headless face: every command of the command line, on the same handlers as the app."""

from __future__ import annotations

from argparse import Namespace

from ..handlers import Services
from .narrator import Narrator
from .parser import parse
from .terminal import complain, progress, say

__all__ = ["Narrator", "complain", "parse", "progress", "run", "say"]


async def run(services: Services, options: Namespace) -> int:
    """Carry out the subcommand of a command line and give its exit code."""
    from .table import COMMANDS

    return await COMMANDS[options.command](services, options)
