"""One coroutine per command; both faces call the same ones, through `run`.

A handler gets `Services` and a command, works through api, sources, store, sync and export, and returns what
the command is for, or raises one of errors.py. What is asked without being a wish stands beside them:
`unfinished`, `resolve_id`, `wait` and the like.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .. import commands
from ..commands import Command
from ..errors import ReadOnly
from . import batches, launches, results, sending
from .finding import resolve_id
from .launches import compare, same_content, unfinished
from .results import export_stream
from .services import Services
from .waiting import wait

__all__ = [
    "Services",
    "compare",
    "export_stream",
    "resolve_id",
    "run",
    "same_content",
    "unfinished",
    "wait",
]

Handler = Callable[[Services, Any], Awaitable[Any]]

HANDLERS: dict[type[Command], Handler] = {
    commands.Refresh: batches.refresh,
    commands.Cancel: batches.cancel,
    commands.Delete: batches.delete,
    commands.Forget: batches.forget,
    commands.Label: batches.label,
    commands.Download: results.download,
    commands.StopDownload: results.stop_download,
    commands.Export: results.export,
    commands.Check: launches.check,
    commands.Prepare: launches.prepare,
    commands.Send: sending.send,
    commands.Adopt: launches.adopt,
    commands.Drop: launches.drop,
}
"""Who carries out what: `check` gives a Draft, `prepare` Launch and Draft, `send` a Launch, the rest Done."""


async def run(services: Services, command: Command) -> Any:
    """Carry a command out, unless --read-only forbids it."""
    if services.read_only and command.changes_server:
        raise ReadOnly(
            f"{command.title} is not possible: batchdeck was started with --read-only.",
            "Start it without --read-only.",
        )
    return await HANDLERS[type(command)](services, command)
