"""What a line of results looks like: the typed fast way, and a lenient way for whatever differs."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec

from ..text import sound

MOST_TOKENS = 10**12
"""No request has more: a bigger number is a mistake, and sums of it would not fit the database."""

Tokens = Annotated[int, msgspec.Meta(ge=0, le=MOST_TOKENS)] | None


class Unreadable(Exception):
    """A line is not a result as the API describes it; the reason is a few words that group well."""


class CacheCreation(msgspec.Struct, gc=False):
    """Tokens written to the cache, by lifetime."""

    ephemeral_5m_input_tokens: Tokens = 0
    ephemeral_1h_input_tokens: Tokens = 0


class ServerTools(msgspec.Struct, gc=False):
    """What the service itself looked up for an answer."""

    web_search_requests: Tokens = 0


class Usage(msgspec.Struct, gc=False):
    """What is billed; answers of 2024 have only two of the keys (seen in recorded exchanges)."""

    input_tokens: Tokens = 0
    output_tokens: Tokens = 0
    cache_creation_input_tokens: Tokens = 0
    cache_read_input_tokens: Tokens = 0
    cache_creation: CacheCreation | None = None
    inference_geo: str | None = None
    server_tool_use: ServerTools | None = None


class Content(msgspec.Struct, gc=False):
    """One content block, as far as its first words need it."""

    type: str | None = ""
    text: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw(b"")


class Message(msgspec.Struct, gc=False):
    """The answer of a succeeded result; what it says is decoded only when somebody asks."""

    model: str | None = None
    stop_reason: str | None = None
    raw: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="content")
    usage: Usage | None = None

    @property
    def content(self) -> list[Content]:
        """Its blocks; raises one of ODD where they are not as the API describes them."""
        return (_blocks.decode(self.raw) or []) if self.raw else []


class OddMessage(Message, gc=False):
    """An answer of another shape, made into blocks already."""

    made: list[Content] = []

    @property
    def content(self) -> list[Content]:
        """What could be read of it."""
        return self.made


class Fault(msgspec.Struct, gc=False):
    """An error; `result.error` is a whole error response, so the telling one lies within (SDK source)."""

    type: str | None = None
    message: str | None = None
    error: Fault | None = None

    @property
    def inner(self) -> Fault:
        """The error that tells what happened, whether it is nested or not."""
        return self.error or self


class Result(msgspec.Struct, gc=False):
    """One of the four outcomes, or what the service newly invents."""

    type: str
    message: Message | None = None
    error: Fault | None = None


class Line(msgspec.Struct, gc=False):
    """One line of a results file."""

    custom_id: str
    result: Result


_typed = msgspec.json.Decoder(Line)
_blocks = msgspec.json.Decoder(list[Content] | None)

ODD = (ValueError, RecursionError)
"""What msgspec raises where bytes are not as described: all its errors, and bytes that are not UTF-8."""


def decode(raw: bytes) -> Line:
    """A line of results, by the fast way where it fits; raises Unreadable."""
    try:
        line = decode_regular(raw)
        if line.result.message:
            _ = line.result.message.content
        return line
    except ODD:
        return decode_odd(raw)


def decode_regular(raw: bytes) -> Line:
    """A line as the API describes it, its content not looked at; raises one of ODD."""
    return _typed.decode(raw)


def decode_lines(block: bytes) -> list[Line]:
    """Every JSON object in some whole lines, in one go; raises one of ODD where any of them is odd."""
    return _typed.decode_lines(block)


def decode_odd(raw: bytes) -> Line:
    """A line of results by the lenient way, which takes whatever has a meaning; raises Unreadable."""
    return _line(loads(raw))


def loads(raw: bytes) -> Any:
    """JSON, and what is not quite: raw control characters, NaN, lone surrogates, a BOM, bytes not UTF-8."""
    try:
        return json.loads(raw.decode("utf-8-sig", "replace"), strict=False, parse_int=_whole_number)
    except ValueError:
        raise Unreadable("not JSON") from None
    except RecursionError:
        raise Unreadable("JSON nested too deeply") from None


def _whole_number(digits: str) -> int | str:
    try:
        return int(digits)
    except ValueError:  # Python reads no more than some thousand digits: let them be text
        return digits


def result_of(data: Any) -> tuple[str, dict[str, Any]]:
    """The custom_id and the result within a decoded line; some tools store results without the envelope."""
    if not isinstance(data, dict):
        raise Unreadable("JSON, but not an object")
    result = data.get("result")
    if not isinstance(result, dict):
        result = data
    if not text(result.get("type")):
        raise Unreadable("no result in it")
    return identifier(data.get("custom_id")), result


def text(value: Any) -> str:
    """A string that can be encoded; nothing for whatever is no string."""
    return sound(value) if isinstance(value, str) else ""


def identifier(value: Any) -> str:
    """An id; a number is taken as written."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18
    return str(value) if is_number else text(value)


def table(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one for whatever is none."""
    return value if isinstance(value, dict) else {}


def tokens(value: Any) -> int:
    """A count of tokens; 0 for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_TOKENS:
        return 0
    return int(value)


def contents(value: Any) -> list[dict[str, Any]]:
    """Content blocks; a bare string counts as one text block."""
    if isinstance(value, str):
        return [{"type": "text", "text": value}]
    return [block for block in value if isinstance(block, dict)] if isinstance(value, list) else []


def fault(value: Any) -> tuple[str, str]:
    """Type and message of an error, nested twice, once or not at all."""
    outer = table(value)
    inner = table(outer.get("error")) or outer
    return text(inner.get("type")), text(inner.get("message"))


def _line(data: Any) -> Line:
    custom_id, result = result_of(data)
    kind, message = fault(result.get("error"))
    answer = result.get("message")
    return Line(
        custom_id=custom_id,
        result=Result(
            type=text(result["type"]),
            message=_message(answer) if isinstance(answer, dict) else None,
            error=Fault(type=kind, message=message) if kind or message else None,
        ),
    )


def _message(data: dict[str, Any]) -> Message:
    return OddMessage(
        model=text(data.get("model")),
        stop_reason=text(data.get("stop_reason")),
        usage=_usage(table(data.get("usage"))),
        made=[_content(block) for block in contents(data.get("content"))],
    )


def _content(block: dict[str, Any]) -> Content:
    wanted = block.get("input")
    try:
        raw = json.dumps(wanted).encode() if wanted is not None else b""
    except (ValueError, RecursionError):
        raw = b""
    return Content(
        type=text(block.get("type")),
        text=text(block.get("text")),
        name=text(block.get("name")),
        input=msgspec.Raw(raw),
    )


def _usage(data: dict[str, Any]) -> Usage:
    written = table(data.get("cache_creation"))
    return Usage(
        input_tokens=tokens(data.get("input_tokens")),
        output_tokens=tokens(data.get("output_tokens")),
        cache_creation_input_tokens=tokens(data.get("cache_creation_input_tokens")),
        cache_read_input_tokens=tokens(data.get("cache_read_input_tokens")),
        cache_creation=CacheCreation(
            ephemeral_5m_input_tokens=tokens(written.get("ephemeral_5m_input_tokens")),
            ephemeral_1h_input_tokens=tokens(written.get("ephemeral_1h_input_tokens")),
        ),
        inference_geo=text(data.get("inference_geo")),
        server_tool_use=ServerTools(tokens(table(data.get("server_tool_use")).get("web_search_requests"))),
    )
