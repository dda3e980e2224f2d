"""Which function carries out which subcommand; loaded only when there is one, for the app needs none."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Awaitable, Callable

from ..handlers import Services
from .attaching import attach
from .checking import check
from .comparing import compare
from .ending import cancel, delete, wait
from .info import info
from .launching import launch
from .looking import list_batches, show
from .recipes import recipe
from .results import results
from .retrying import retry
from .runs import runs

COMMANDS: dict[str, Callable[[Services, Namespace], Awaitable[int]]] = {
    "list": list_batches,
    "show": show,
    "check": check,
    "launch": launch,
    "runs": runs,
    "retry": retry,
    "recipe": recipe,
    "wait": wait,
    "cancel": cancel,
    "delete": delete,
    "results": results,
    "compare": compare,
    "attach": attach,
    "info": info,
}
