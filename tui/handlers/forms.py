"""What was typed on the way to a launch, kept from one start of the program to the next."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict

import msgspec

from ..commands import KeepForm
from ..errors import StoreError
from ..model import Form
from .services import Services

NAME = "launch.form"
LONGEST = 1_000_000
"""Characters; somebody has pasted something else than recipes."""


async def keep_form(services: Services, command: KeepForm) -> None:
    """Keep a form in the place of the one before; where that fails, it is not there next time."""
    text = json.dumps(asdict(command.form))  # in ASCII: names of files need not be text
    with contextlib.suppress(StoreError):
        await services.store.settings.set(NAME, text if len(text) <= LONGEST else "")


async def kept_form(services: Services) -> Form:
    """The form that was kept last; an empty one where there is none, or one of another version."""
    text = await services.store.settings.get(NAME)
    try:
        return msgspec.convert(json.loads(text or "{}"), Form)
    except (ValueError, RecursionError):
        return Form()
