"""Keys that stand twice in an object of a request: readers of JSON disagree which of them counts.

The fast decode keeps the last, and says nothing. That it kept all there was is seen from the lengths: most
JSON has no space behind its signs, or one behind each. What is written otherwise is read pair by pair.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from ..basics.items import Finding, Path, short
from ..files.stretches import Stretch
from .skimming import Skimmed, User

Pairs = list[tuple[str, Any]]

_SPACE = ord(" ")
_REQUEST = len('{"custom_id":"","params":{"max_tokens":,"messages":[],"model":""}}\n')
_SYSTEM = len('"system":,')
_MESSAGE = len('{"role":"","content":},')
_USER, _ASSISTANT = len("user"), len("assistant")
_SIGNS, _SYSTEM_SIGNS, _MESSAGE_SIGNS = 8, 2, 4
"""Colons and commas of the same; the last message of a request has a comma less."""
_ENVELOPE = len('{"custom_id":,"params":{}}')
_ENVELOPE_SIGNS = 3
_FAULTS = (KeyError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


class _Request(msgspec.Struct, gc=False):
    custom_id: Raw
    params: dict[str, Raw]


class _Message(msgspec.Struct, gc=False):
    role: Raw
    content: Raw


_decode = msgspec.json.Decoder(_Request).decode
_messages = msgspec.json.Decoder(list[_Message]).decode


def twice(stretch: Stretch, requests: Sequence[Skimmed]) -> list[int]:
    """The places of those lines, each with one of these requests, in which a key stands twice."""
    more = _more(stretch.data, requests)
    if not more:
        return []
    # What else is in the requests is mostly the same in all of them.
    first, number = stretch.item(0).raw, len(requests)
    if more == number * _more(first + b"\n", requests[:1]) and not any(repeated(first)):
        return []
    return [index for index in range(number) if any(repeated(stretch.item(index).raw))]


def _more(data: bytes, requests: Sequence[Skimmed]) -> int:
    """How much longer lines are than what was read from them, as far as its length is known."""
    params = [request.params for request in requests]
    messages = [message for each in params for message in each.messages]
    systems = [each.system for each in params if each.system is not UNSET]
    users = [message.__class__ for message in messages].count(User)
    read = (
        len("".join([request.custom_id for request in requests]))
        + _length([each.model for each in params])
        + _length([each.max_tokens for each in params])
        + sum(map(len, [message.content for message in messages]))
        + sum(map(len, systems))
        + users * _USER
        + (len(messages) - users) * _ASSISTANT
    )
    number = len(requests)
    written = (_REQUEST - 1) * number + _SYSTEM * len(systems) + _MESSAGE * len(messages)
    signs = (_SIGNS - 1) * number + _SYSTEM_SIGNS * len(systems) + _MESSAGE_SIGNS * len(messages)
    return len(data) - read - written - (signs if _is_spaced(data) else 0)


def _length(values: Sequence[object]) -> int:
    """Characters of values, which are mostly the same."""
    if len(set(values)) == 1:
        return len(str(values[0])) * len(values)
    return sum([len(str(value)) for value in values])


def _is_spaced(data: bytes) -> bool:
    return data[data.find(b'":') + 2] == _SPACE


def repeated(raw: bytes) -> Iterator[Finding]:
    """Keys that stand twice in a request, its params, or one of its messages."""
    try:
        if not _is_all_read(raw):
            yield from _read(raw)
    except _FAULTS:
        return  # no request: others say so


def _is_all_read(raw: bytes) -> bool:
    """Whether a request is as long as what is read from it; ValueError or KeyError where it is none."""
    request = _decode(raw)
    params, spaces = request.params, int(_is_spaced(raw))
    read = len(request.custom_id) + len("".join(params)) + sum(map(len, params.values()))
    written = _ENVELOPE - 1 + 4 * len(params) + spaces * (_ENVELOPE_SIGNS - 1 + 2 * len(params))
    if len(raw) != read + written:
        return False
    messages = _messages(params["messages"])
    read = sum([len(message.role) + len(message.content) for message in messages])
    one = _MESSAGE - 2 + spaces * _MESSAGE_SIGNS  # the quotes are the role's
    return len(params["messages"]) == 1 - spaces + read + one * len(messages)


def _read(raw: bytes) -> Iterator[Finding]:
    """The same, pair by pair."""
    request = json.loads(raw, object_pairs_hook=_Object)
    yield from request.twice(())
    params = dict(request).get("params")
    if isinstance(params, _Object):
        yield from params.twice(("params",))
        messages = dict(params).get("messages")
        for index, message in enumerate(messages if isinstance(messages, list) else ()):
            if isinstance(message, _Object):
                yield from message.twice(("params", "messages", index))


class _Object(list[tuple[str, Any]]):
    """An object as its pairs."""

    def twice(self, path: Path) -> Iterator[Finding]:
        """A finding for each key that stands in it more than once."""
        for key, number in Counter(key for key, _ in self).items():
            if number > 1:
                what = f"{short(key)} stands twice in the same object"
                yield Finding(what, "Take one out: readers disagree which of them counts.", path=(*path, key))
