"""Moments as the service writes them."""

from datetime import UTC, datetime, timedelta

WINDOW = timedelta(hours=24)
"""How long a batch may run before what is left of it expires."""

RETENTION = timedelta(days=29)
"""How long after its creation a batch keeps its results."""


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def written(moment: datetime | None) -> str | None:
    """Write a moment with microseconds and a Z, or None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(text: str) -> datetime:
    """Read back what `written` wrote."""
    return datetime.fromisoformat(text)
