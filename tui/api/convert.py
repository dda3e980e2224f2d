"""The service's JSON → model; the only place that knows its fields, forgiving where gateways are careless."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ..model import ENDED, IN_PROGRESS, Batch, Counts, Page

LIFETIME = timedelta(hours=24)
"""From a batch's creation to its expiry (API documentation)."""

_NAMES = ("processing", "succeeded", "errored", "canceled", "expired")


class NotUnderstood(ValueError):
    """An answer that is not what the endpoint should send."""


def batch(value: object) -> Batch:
    """One batch; `archived_at` and the like may be missing, the id may have any form."""
    if not isinstance(value, Mapping):
        raise NotUnderstood("not an object")
    batch_id = value.get("id")
    if not isinstance(batch_id, str) or not batch_id:
        raise NotUnderstood("no id")
    expires_at, ended_at = moment(value.get("expires_at")), moment(value.get("ended_at"))
    created_at = moment(value.get("created_at")) or (expires_at - LIFETIME if expires_at else ended_at)
    if created_at is None:
        raise NotUnderstood("no created_at")
    state = value.get("processing_status")
    url = value.get("results_url")
    return Batch(
        id=batch_id,
        state=state if isinstance(state, str) and state else ENDED if ended_at else IN_PROGRESS,
        counts=counts(value.get("request_counts")),
        created_at=created_at,
        expires_at=expires_at,
        ended_at=ended_at,
        cancel_initiated_at=moment(value.get("cancel_initiated_at")),
        archived_at=moment(value.get("archived_at")),
        results_url=url if isinstance(url, str) else None,
    )


def page(value: object, *, organization: str = "", workspace: str = "") -> Page:
    """One page of the list; entries that make no sense are left out, and the page says so."""
    if not isinstance(value, Mapping) or not isinstance(entries := value.get("data"), list):
        raise NotUnderstood("no list of batches")
    batches: list[Batch] = []
    for entry in entries:
        try:
            batches.append(batch(entry))
        except NotUnderstood:
            continue
    last_id = value.get("last_id")
    return Page(
        batches=tuple(batches),
        has_more=value.get("has_more") is True,
        last_id=last_id if isinstance(last_id, str) and last_id else _last_id(entries),
        organization=organization,
        workspace=workspace,
        partial=len(batches) < len(entries),
    )


def _last_id(entries: list[Any]) -> str | None:
    """The cursor where a gateway names none: the oldest entry's own id."""
    last = entries[-1] if entries else None
    found = last.get("id") if isinstance(last, Mapping) else None
    return found if isinstance(found, str) and found else None


def counts(value: object) -> Counts:
    """The five counts; what is missing or no number counts as none."""
    given: Mapping[Any, Any] = value if isinstance(value, Mapping) else {}
    return Counts(*(number(given.get(name)) for name in _NAMES))


def number(value: object) -> int:
    """A whole number that is not negative; what is none counts as 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return min(max(int(value), 0), 2**53)


def moment(value: object) -> datetime | None:
    """A time: RFC 3339 as the API documents it, or seconds since 1970 as some gateways send."""
    try:
        if isinstance(value, str) and value:
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
