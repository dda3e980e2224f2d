"""What did not come to a whole answer, prepared as another attempt of its run; sending it is another wish."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from .. import sources
from ..commands import Retry
from ..errors import UsageError
from ..model import REQUESTS, SENT, Draft, Entry, KnownModels, Launch, Making, Recipe, RetryGroup, Run
from ..paths import open_private
from .endings import in_thread, on_loop, to_the_end
from .known_models import known_models
from .launches import Ids, attempt_of, bad_source, remove
from .locks import holding
from .retry_edits import Edit, Named
from .retry_scope import Tried, named, run_of, tried
from .retry_work import opened
from .services import Services


async def groups(services: Services, id: str) -> tuple[RetryGroup, ...]:
    """Why requests of a run, launch or batch have no whole answer, and how many; its results are fetched first.

    UsageError while a batch of the run still runs, or a part of it waits to be sent.
    """
    found = await tried(services, id)

    def work(stop: threading.Event) -> tuple[RetryGroup, ...]:
        with opened(services.store.path, found, stop) as again:
            return again.groups()

    return await in_thread(work)
