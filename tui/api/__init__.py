"""The network, in our own words; the only room that knows the SDK, and it loads it late."""

from __future__ import annotations

from .client import Api
from .connection import Connection
from .stream import ResultStream
from .upload import Body

__all__ = ["Api", "Body", "Connection", "ResultStream"]
