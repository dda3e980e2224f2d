"""Who carries out which command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .. import commands
from ..commands import Command
from . import attaching, batches, forms, launches, preparing, results, retrying, running, sending
from .services import Services

Handler = Callable[[Services, Any], Awaitable[Any]]


async def _export(services: Services, command: commands.Export) -> commands.Done:
    return await results.export(services, command, services.on_export)


HANDLERS: dict[type[Command], Handler] = {
    commands.Refresh: batches.refresh,
    commands.Cancel: batches.cancel,
    commands.Delete: batches.delete,
    commands.Forget: batches.forget,
    commands.Label: batches.label,
    commands.Download: results.download,
    commands.StopDownload: results.stop_download,
    commands.Export: _export,
    commands.Check: preparing.check,
    commands.Prepare: preparing.prepare,
    commands.Send: sending.send,
    commands.SendRun: running.send_run,
    commands.Retry: retrying.retry,
    commands.StopRun: running.stop_run,
    commands.DropRun: running.drop_run,
    commands.Adopt: launches.adopt,
    commands.Drop: launches.drop,
    commands.Attach: attaching.attach,
    commands.Detach: attaching.detach,
    commands.KeepForm: forms.keep_form,
}
"""Who carries out what: `check` gives a Draft, `prepare` Run and Draft, `send` a Launch, `send_run` and
`retry` a Run, `keep_form` nothing, the rest Done."""
