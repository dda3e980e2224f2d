"""A mark beside each draft that was sent: it knows what an older copy of the store has forgotten.

`state.db` may be restored from a backup, or be lost: what was sent since would be a draft again, or unknown,
and one more yes would pay for it twice. The mark is made between the intent in the store and the first byte,
and names the batch as soon as the service has named it.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from ..errors import StoreError
from ..model import SENDING, SENT, Account, Launch, ModelLoad, Run
from ..paths import open_private, sync_folder

_MOST = 2**60
_YEARS = 1970, 3000
_NOT_MARKED = "Look at the space and the rights there."


@dataclass(frozen=True, slots=True)
class Mark:
    """A launch as it was when it was sent, what else is known of its run, and whose it is."""

    launch: Launch
    begun_at: datetime
    """When the run was made."""
    sha256: str = ""
    recipe: str = ""
    betas: tuple[str, ...] = ()
    kind: str = ""
    loads: tuple[ModelLoad, ...] = ()
    base_url: str = ""
    organization: str = ""
    workspace: str = ""

    @classmethod
    def of(cls, launch: Launch, run: Run, account: Account) -> Mark:
        """What is to be known of a launch that is sent now."""
        known = run.created_at, run.sha256, run.recipe, run.betas, run.kind, run.loads
        return cls(launch, *known, account.base_url, account.organization, account.workspace)

    @property
    def run(self) -> Run:
        """The run, without its launches: each has a mark of its own. Nothing of it goes on by itself."""
        known = self.sha256, self.recipe, self.betas, self.kind, self.loads
        return Run(self.launch.run_id, (), self.begun_at, 0, *known)

    def is_of(self, account: Account) -> bool:
        """Whether it is this account's; where a gateway names neither, its address tells.

        An account that the service has not named yet has no mark with names: it may be any of that address.
        """
        pairs = (self.organization, account.organization), (self.workspace, account.workspace)
        return self.base_url == account.base_url and all(mine in ("", theirs) for mine, theirs in pairs)


def put(path: Path, mark: Mark) -> None:
    """Put a mark in its place, also of an earlier one, and on the disk; StoreError where that fails."""
    text = json.dumps(asdict(mark), default=datetime.isoformat)  # in ASCII: names of files need not be text
    beside = path.with_name(path.name + ".part")
    try:
        with open_private(beside, "w") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(beside, path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        title = f"It cannot be noted beside the draft that it is sent: {error.strerror or error}."
        raise StoreError(title, _NOT_MARKED) from error


def read(path: Path) -> Mark | None:
    """The mark in this place; None where there is none, or nothing that could be one."""
    try:
        found = msgspec.convert(json.loads(path.read_bytes()), Mark)
    except (OSError, ValueError, RecursionError):
        return None
    return found if found.launch.state in (SENDING, SENT) and _is_possible(found) else None


def _is_possible(mark: Mark) -> bool:
    """Whether a store could keep its numbers, and a clock could have shown its times."""
    launch = mark.launch
    numbers = launch.requests, launch.bytes, launch.part, launch.attempt
    times = mark.begun_at, launch.created_at, launch.sent_at, launch.first_sent_at
    return all(0 <= number <= _MOST for number in numbers) and all(
        _YEARS[0] <= time.year <= _YEARS[1] for time in times if time is not None
    )


def name(path: Path, batch_id: str) -> None:
    """Note which batch it became, if that can be: the store is told next."""
    mark = read(path)
    if mark is None:
        return
    with contextlib.suppress(StoreError):
        put(path, replace(mark, launch=mark.launch.to(SENT, batch_id=batch_id)))
