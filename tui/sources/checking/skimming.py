"""Many requests looked at together, as most sources have them: a model, an amount, and texts.

The texts are not made: that would take most of the time. What is not plainly right is left to the check of
each request alone, so that nothing here has to say what is wrong.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from ..files.stretches import Stretch
from ..params.parts import Part
from ..params.request import Container, Diagnostics, OutputConfig, ServiceTier
from .limits import Verdict

MOST = 4 << 20
"""Bytes that are skimmed together: beyond, there is a line that needs a look of its own."""
_SLICE = 32 * 1024
"""Bytes that are tried as text at once: as characters, too, they are no more than malloc has at hand."""


class _User(Part, tag="user", tag_field="role"):
    content: Raw


class _Assistant(Part, tag="assistant", tag_field="role"):
    content: Raw


class _Text(Part):
    type: Literal["text"]
    text: Raw


class SkimmedParams(Part):
    """The parameters that no rule is about, in the same types as all; and texts, not yet looked at."""

    max_tokens: int
    messages: Annotated[list[_User | _Assistant], Meta(min_length=1)]
    model: str
    container: Container | str | None = None
    diagnostics: Diagnostics | None = None
    inference_geo: str | None = None
    output_config: OutputConfig | UnsetType = UNSET
    service_tier: ServiceTier | UnsetType = UNSET
    system: Raw | UnsetType = UNSET
    user_profile_id: str | UnsetType = UNSET


class Skimmed(Part):
    """A request, as far as it has been looked at."""

    custom_id: str
    params: SkimmedParams


_decode = msgspec.json.Decoder(Skimmed).decode_lines
_blocks = msgspec.json.Decoder(Annotated[list[_Text], Meta(min_length=1)]).decode
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_BRACES = {ord("{")}, {ord("}")}

_is_string = re.compile(rb'"').match
_are_legal = re.compile(r"(?:[a-zA-Z0-9_-]{1,64}\n)*+\Z").match
_says_something = re.compile(
    # Behind white space as JSON writes it, a character that is surely none: an ASCII one, or one with a
    # first byte that no white space of Unicode has, or with the first two.
    rb'"(?:\\[nrt]| )*+(?:[!#-\[\]-~\xc3-\xe0\xe4-\xf4]|\xc2[\xa1-\xbf]|\xe1[\x80-\x99\x9b-\xbf]'
    rb"|\xe2(?:\x80[\x90-\xa7\xb0-\xbf]|[\x82-\xbf])|\xe3[\x81-\xbf])"
).match


def skim(stretch: Stretch) -> list[Skimmed] | None:
    """The request of each line; None where the lines have to be looked at one by one.

    Then each line is one object with nothing around it: behind the brace that closes a value, and a line
    feed, a brace that opens can only begin the next value, and there are as many values as line feeds.
    """
    data, ends = stretch.data, stretch.ends
    opening, closing = _BRACES
    if len(data) > MOST or {data[0], *[data[end + 1] for end in ends[:-1]]} != opening:
        return None
    if {data[end - 1] for end in ends} != closing or not _is_text(data):
        return None
    try:
        requests = _decode(data)
    except _FAULTS:
        return None
    return requests if len(requests) == len(ends) else None


def odd(requests: Sequence[Skimmed], verdict_of: Callable[[str], Verdict]) -> list[int]:
    """The places of those that need a look of their own."""
    if _are_plain(requests, verdict_of):
        return []
    return [index for index, request in enumerate(requests) if not _are_plain((request,), verdict_of)]


def _are_plain(requests: Sequence[Skimmed], verdict_of: Callable[[str], Verdict]) -> bool:
    """Whether all of them surely keep to every rule."""
    params = [request.params for request in requests]
    verdicts = [verdict_of(model) for model in {each.model for each in params}]
    amounts = [each.max_tokens for each in params]
    systems = [each.system for each in params if each.system is not UNSET]
    messages = [each.messages for each in params]
    return (
        not any(verdict.findings for verdict in verdicts)
        and min(amounts) > 0
        and max(amounts) <= min(verdict.most for verdict in verdicts)
        and {each[-1].__class__ for each in messages} == {_User}
        and _are_said([message.content for each in messages for message in each])
        and all(map(_is_string, systems))
        and _have_legal_ids(requests)
    )


def _are_said(contents: Sequence[Raw]) -> bool:
    """Whether contents are texts, or blocks of nothing but texts, and none is blank."""
    return all(map(_says_something, contents)) or all(map(_is_said, contents))


def _is_said(content: Raw) -> bool:
    if _says_something(content):
        return True
    try:
        return all(_says_something(block.text) for block in _blocks(content))
    except _FAULTS:
        return False


def _have_legal_ids(requests: Sequence[Skimmed]) -> bool:
    ids = "\n".join([*[request.custom_id for request in requests], ""])
    return _are_legal(ids) is not None and ids.count("\n") == len(requests)


def _is_text(data: bytes) -> bool:
    """Whether it is UTF-8."""
    if data.isascii():
        return True
    view, begin = memoryview(data), 0
    try:
        while begin < len(data):
            end = begin + _SLICE
            begin += codecs.utf_8_decode(view[begin:end], "strict", end >= len(data))[1]
    except UnicodeDecodeError:
        return False
    return True
