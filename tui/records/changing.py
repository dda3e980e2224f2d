"""One request with some of its parameters changed; whatever is not named stays as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ..errors import UsageError
from ..model import Change
from ..text import clean

_Table = dict[str, msgspec.Raw]

_decode = msgspec.json.Decoder(_Table).decode
_encode = msgspec.json.encode


def changed(request: bytes, changes: Iterable[Change]) -> bytes:
    """The request, one line of JSON, with these parameters set or taken away.

    UsageError where a path leads through something that has no parameters.
    """
    for change in changes:
        steps = ["params", *change.path.split(".")]
        if not all(steps):
            raise UsageError(f"“{clean(change.path)}” names no parameter.", "Say something like max_tokens.")
        request = _with(request, steps, change)
    return request


def _with(raw: bytes, steps: Sequence[str], change: Change) -> bytes:
    """An object with one of its members, or one of a member's own, set or taken away."""
    try:
        table = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UsageError(
            f"“{clean(change.path)}” cannot be changed: there is no “{clean(steps[0])}” to be in what holds it.",
            "Edit the requests instead.",
        ) from None
    name, rest = steps[0], steps[1:]
    if not rest and change.value is None:
        table.pop(name, None)
    elif not rest:
        table[name] = msgspec.Raw(_encode(change.value))
    elif name in table or change.value is not None:
        table[name] = msgspec.Raw(_with(bytes(table.get(name, b"{}")), rest, change))
    return _encode(table)
