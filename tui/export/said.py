"""What a line of results says, read as quickly as an export of hundreds of megabytes needs it."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from ..records import parse_result

_TEXT = ("text", "", None)
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|.)", re.DOTALL
)
_FIRST_SPELT = 0xA0
"""What lies below is a control character, or ASCII that JSON may need escaped."""


class Call(NamedTuple):
    """A tool the answer calls."""

    name: str
    input: str
    """JSON, its numbers and spaces as received."""


class Said(NamedTuple):
    """Text, tool calls and error of a result; what it lacks is empty."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    error_type: str = ""
    error_message: str = ""

    @property
    def cell(self) -> str:
        """What it says in one string: the text; of an answer that only calls tools, the calls."""
        return self.text or "\n".join(f"{call.name} {call.input}".strip() for call in self.calls)


class _Block(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw(b"")


class _Message(msgspec.Struct, gc=False):
    content: list[_Block] | None = None


class _Fault(msgspec.Struct, gc=False):
    type: str | None = None
    message: str | None = None
    error: _Fault | None = None


class _Result(msgspec.Struct, gc=False):
    message: _Message | None = None
    error: _Fault | None = None


class _Line(msgspec.Struct, gc=False):
    result: _Result


_typed = msgspec.json.Decoder(_Line)


def said(raw: bytes) -> Said:
    """Read one line; never raises, whatever the bytes are."""
    try:
        result = _typed.decode(raw).result
    except (ValueError, RecursionError):  # all of msgspec's errors, and bytes that are not UTF-8
        return _leniently(raw)
    if result.message is None:
        return _fault(result.error)
    blocks = result.message.content or ()
    if len(blocks) == 1 and blocks[0].type == "text":
        return Said(blocks[0].text or "")
    return Said(
        "".join(block.text for block in blocks if block.text and block.type in _TEXT),
        tuple(_call(block) for block in blocks if block.type and block.type.endswith("tool_use")),
    )


def _fault(fault: _Fault | None) -> Said:
    inner = (fault.error or fault) if fault else _NO_FAULT
    return Said(error_type=inner.type or "", error_message=inner.message or "")


_NO_FAULT = _Fault()


def _call(block: _Block) -> Call:
    return Call(block.name or "", spelt_out(bytes(block.input).decode("utf-8", "replace")))


def _leniently(raw: bytes) -> Said:
    view = parse_result(raw)
    return Said(
        "".join(block.text for block in view.blocks if block.kind == "text"),
        tuple(Call(block.title, block.text) for block in view.blocks if block.kind == "tool_use"),
        view.error_type,
        view.error_message,
    )


def spelt_out(json: str) -> str:
    r"""The same JSON with `\u00eb` and its like as the letters they stand for; numbers stay as written."""
    return _ESCAPE.sub(_letter, json) if "\\u" in json else json


def _letter(match: re.Match[str]) -> str:
    high, low, single = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    code = int(single, 16) if single else 0
    return match.group() if code < _FIRST_SPELT or 0xD800 <= code <= 0xDFFF else chr(code)
