"""What handlers work with: the objects that `__main__` builds once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..config import DEFAULTS, Spending
from ..model import Account, utc_now

if TYPE_CHECKING:
    from ..api import Api
    from ..paths import Paths
    from ..store import Store
    from ..sync import Downloads, Sync


def nobody_listens(*_: object) -> None:
    """Stand in for a callback that was not given."""


@dataclass(frozen=True)
class Services:
    """The store, the network and the places on disk, for one account."""

    store: Store
    api: Api
    sync: Sync
    downloads: Downloads
    paths: Paths
    read_only: bool = False
    """Whether commands that change something at the service are refused."""
    spending: Spending = DEFAULTS.spending
    """What a launch and a day may cost without a typed yes."""
    patience: float = 5.0
    """Seconds before something that was refused for now is tried again, unless the service says how long."""
    clock: Callable[[], datetime] = utc_now
    on_read: Callable[[int, int], None] = nobody_listens
    """Called on the event loop while a source is read: bytes so far, bytes in all."""
    on_upload: Callable[[str, int, int], None] = nobody_listens
    """Called while a draft is sent: launch id, bytes handed to the network, bytes in all."""
    on_run: Callable[[str], None] = nobody_listens
    """Called on the event loop when a run or one of its launches went on to another state: its id."""
    on_export: Callable[[int, int], None] = nobody_listens
    """Called on the event loop while results are saved: how many of them, of how many."""

    async def account(self) -> Account:
        """The account that the credential reaches, as far as the store knows."""
        return self.sync.account or await self.sync.start()
