"""api → store: keeping the list of batches true, and fetching results; knows no screen."""

from __future__ import annotations

from .downloads import Downloads
from .keeper import Sync

__all__ = ["Downloads", "Sync"]
