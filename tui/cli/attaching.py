"""`attach`: tie a batch that was launched elsewhere to its file of requests."""

from __future__ import annotations

from argparse import Namespace

from .. import handlers
from ..commands import Attach, Done
from ..handlers import Services
from .finding import find
from .terminal import say


async def attach(services: Services, options: Namespace) -> int:
    """Check the file against the batch's results, and remember where it is."""
    entry = await find(services, options.id)
    done: Done = await handlers.run(services, Attach(entry.id, options.source))
    say(done.message)
    return 0
