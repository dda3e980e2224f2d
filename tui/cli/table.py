"""Which function carries out which subcommand; loaded only when there is one, for the app needs none."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Awaitable, Callable

from ..handlers import Services
from .attaching import attach
from .comparing import compare
from .ending import cancel, delete, wait
from .info import info
from .launching import check, launch
from .looking import list_batches, show
from .results import results

COMMANDS: dict[str, Callable[[Services, Namespace], Awaitable[int]]] = {
    "list": list_batches,
    "show": show,
    "check": check,
    "launch": launch,
    "wait": wait,
    "cancel": cancel,
    "delete": delete,
    "results": results,
    "compare": compare,
    "attach": attach,
    "info": info,
}
