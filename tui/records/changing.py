"""One request with some of its parameters changed; whatever is not named stays as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ..errors import UsageError
from ..model import Change
from ..text import clean

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.encode


def changed(request: bytes, changes: Iterable[Change]) -> bytes:
    """The request, one line of JSON, with these parameters set or taken away.

    UsageError where a path names nothing, or leads through something that is not an object.
    """
    for change in changes:
        steps = change.path.split(".")
        if not all(steps):
            raise UsageError(f"“{clean(change.path)}” names no parameter.", "Say something like max_tokens.")
        try:
            request = _with(request, ("params", *steps), change.value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UsageError(
                f"“{clean(change.path)}” cannot be changed: what holds it is not an object.",
                "Edit the requests instead.",
            ) from None
    return request


def _with(raw: bytes, steps: Sequence[str], value: Any) -> bytes:
    """An object with one of its members, or one of a member's own, set or taken away."""
    table = _decode(raw)
    name, *rest = steps
    if rest and (name in table or value is not None):
        table[name] = msgspec.Raw(_with(bytes(table.get(name, b"{}")), rest, value))
    elif not rest and value is not None:
        table[name] = msgspec.Raw(_encode(value))
    elif not rest:
        table.pop(name, None)
    return _encode(table)
