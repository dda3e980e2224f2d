"""The models that exist: the service's own list, remembered for a day for each account."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from ..api import Api
from ..errors import DeckError, StoreError
from ..model import KnownModels, ModelInfo
from .services import Services

VALID = timedelta(days=1)
"""How long a list is believed: models come and go by the month."""
PATIENCE = 5.0
"""Seconds for the service to list its models: a check must not wait long for what it can do without."""

NOT_AGAIN = timedelta(minutes=10)
"""How long a service that kept silent is not asked again: each time would cost all of the patience."""
_silent: WeakKeyDictionary[Api, datetime] = WeakKeyDictionary()
"""When a service last kept silent."""

_TYPES = {"id": str, "lifecycle": str, "retires_at": str, "batch": bool}


async def known_models(services: Services, *, ask: bool) -> KnownModels | None:
    """The service's list of models, as new as can be had; None where it was never seen.

    With `ask` the service is asked, unless that was done within a day. An older list is `complete` no more: a
    model that is missing in it may have come since.
    """
    name = f"models.{(await services.account()).id}"
    remembered = _from_json(await services.store.settings.get(name) or "")
    if remembered is not None and _is_new(remembered, services.clock()):
        return remembered
    found = await _asked(services) if ask else None
    if found is not None:
        await _remember(services, name, found)
        return found
    return None if remembered is None else KnownModels(remembered.models, False, remembered.asked_at)


async def _asked(services: Services) -> KnownModels | None:
    """What the service lists now; None if it cannot be reached, or lists nothing."""
    now, silent = services.clock(), _silent.get(services.api)
    if silent is not None and timedelta(0) <= now - silent < NOT_AGAIN:
        return None
    try:
        await services.api.load()
        async with asyncio.timeout(PATIENCE):
            models = await services.api.models()
    except TimeoutError:
        _silent[services.api] = now
        return None
    except DeckError:
        return None
    return KnownModels(models, True, services.clock().isoformat()) if models else None


async def _remember(services: Services, name: str, found: KnownModels) -> None:
    with contextlib.suppress(StoreError):  # then it is asked for again next time
        await services.store.settings.set(name, json.dumps(asdict(found)))


def _is_new(known: KnownModels, now: datetime) -> bool:
    try:
        return timedelta(0) <= now - datetime.fromisoformat(known.asked_at) < VALID
    except (ValueError, TypeError):
        return False


def _from_json(text: str) -> KnownModels | None:
    """A remembered list; None for what is none, such as that of a later version."""
    try:
        value = json.loads(text)
        models = tuple(_model(entry) for entry in value["models"])
        return KnownModels(models, True, str(value["asked_at"])) if models else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _model(entry: dict[str, Any]) -> ModelInfo:
    known = {field.name: entry[field.name] for field in fields(ModelInfo) if field.name in entry}
    for name, value in known.items():
        if not isinstance(value, _TYPES.get(name, int)):
            raise TypeError(name)
    return ModelInfo(**known)
