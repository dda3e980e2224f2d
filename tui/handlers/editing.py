"""Requests in a file of our own, for as long as the user's editor has them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from ..errors import UsageError
from .locks import holding, lock_of
from .retrying import write_chosen
from .services import Services


@asynccontextmanager
async def for_editor(services: Services, id: str, groups: Sequence[str]) -> AsyncIterator[Path]:
    """A file with the requests of these groups, to be edited meanwhile; it stays, for whoever reads it.

    What a kill leaves of it is swept once it is old, but not while somebody holds it.
    """
    path = services.paths.edit_file(uuid4().hex)
    with holding(lock_of(path), UsageError("Another batchdeck edits the same requests.")):
        try:
            await write_chosen(services, id, groups, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        yield path
