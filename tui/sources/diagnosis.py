"""A bad request taken apart: everything that is wrong with it, and how to mend it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ..model import ERROR

CUSTOM_ID = r"^[a-zA-Z0-9_-]{1,64}\Z"
"""As the API documentation has it; `$` would let a line feed through."""

ENVELOPE = ("custom_id", "params")
SAMPLING = ("temperature", "top_p", "top_k")
UNBATCHABLE = {
    "speed": "fast mode",
    "store": "threads",
    "previous_thread_event_id": "threads",
    "cache_hint": "hints",
    "context_hint": "hints",
    "fallbacks": "server-side fallback",
}
ROLES = ("user", "assistant", "system")

_custom_id = re.compile(CUSTOM_ID).match
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, the same mistake in the same words, so that equal ones can be counted."""

    what: str
    remedy: str = ""
    line: int = 0
    """Lines below the request's first."""
    column: int = 0
    """Characters from the start of that line, from 1; 0 where it is the request as a whole."""
    severity: str = ERROR


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that is wrong with a request, and what could be read of it all the same."""

    findings: tuple[Finding, ...]
    custom_id: str | None = None
    model: str | None = None


def diagnose(raw: bytes) -> Diagnosis:
    """Take a request apart."""
    try:
        text = raw.decode()
        request = json.loads(text, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        return Diagnosis((_not_utf8(raw, error),))
    except json.JSONDecodeError as error:
        return Diagnosis((_not_json(error),))
    except ValueError as error:
        return Diagnosis((Finding("It is not JSON", f"{error}."),))
    except RecursionError:
        return Diagnosis((Finding("It is nested too deeply", "Flatten it below a thousand levels."),))
    if not isinstance(request, dict):
        what = f"A request must be an object, not {_kind(request)}"
        return Diagnosis((Finding(what, 'Write {"custom_id": …, "params": {…}}.'),))
    findings = [*_envelope(request), *_surrogates(text, request)]
    params = request.get("params")
    if isinstance(params, dict):
        findings += _params(params)
    custom_id, model = request.get("custom_id"), params.get("model") if isinstance(params, dict) else None
    return Diagnosis(
        tuple(findings),
        custom_id if isinstance(custom_id, str) and _custom_id(custom_id) else None,
        model if isinstance(model, str) and model else None,
    )


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _not_utf8(raw: bytes, error: UnicodeDecodeError) -> Finding:
    before = raw[: error.start]
    line = before.count(b"\n")
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    return Finding("It is not UTF-8", f"See column {column}; save the file as UTF-8.", line)


def _not_json(error: json.JSONDecodeError) -> Finding:
    if error.pos >= len(error.doc) or error.msg.startswith("Unterminated string"):
        return Finding(
            "The JSON stops in the middle", "A line may be cut, or broken in two.", error.lineno - 1
        )
    if error.msg == "Extra data":
        remedy = f"Something follows at column {error.colno}; put each request on a line of its own."
        return Finding("There is text after the request", remedy, error.lineno - 1)
    message = error.msg[:1].lower() + error.msg[1:]
    return Finding("It is not JSON", f"See column {error.colno}: {message}.", error.lineno - 1)


def _envelope(request: Mapping[str, Any]) -> Iterator[Finding]:
    if "custom_id" not in request:
        yield Finding("custom_id is missing", "Give every request an id of its own.")
    else:
        yield from _id(request["custom_id"])
    if "params" not in request:
        yield Finding("params is missing", "Put the Messages request into params.")
    elif not isinstance(request["params"], dict):
        yield Finding(
            f"params must be an object, not {_kind(request['params'])}", "Put the Messages request there."
        )
    for key in request:
        if key not in ENVELOPE:
            remedy = "Only custom_id and params may stand here; the rest belongs into params."
            yield Finding(f"“{_short(key)}” does not belong beside params", remedy)


def _id(value: object) -> Iterator[Finding]:
    letters = "Use 1 to 64 letters, digits, - and _."
    if not isinstance(value, str):
        yield Finding(f"custom_id must be a string, not {_kind(value)}", "Put it into quotes.")
    elif not value:
        yield Finding("custom_id is empty", letters)
    elif len(value) > 64:
        yield Finding("custom_id is too long", f"It has {len(value)} characters. {letters}")
    elif not _custom_id(value):
        yield Finding("custom_id has characters that are not allowed", f"“{_short(value)}”: {letters}")


def _surrogates(text: str, request: object) -> Iterator[Finding]:
    # Half of a pair is legal JSON to some readers, but no text: the service's refuses the whole body.
    if "\\u" in text and _LONE_SURROGATE.search(json.dumps(request, ensure_ascii=False)):
        yield Finding("It has half of a surrogate pair", "Remove the escape, or write the whole pair.")


def _params(params: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _model(params)
    yield from _max_tokens(params)
    yield from _messages(params)
    stream = params.get("stream")
    if stream is not None and stream is not False:
        yield Finding("stream is not possible in a batch", "Remove it.")
    for key in SAMPLING:
        if key in params:
            yield Finding(f"{key} is refused by this API version", "Remove it.")
    for key, why in UNBATCHABLE.items():
        if params.get(key) not in (None, False):
            yield Finding(f"{key} ({why}) is not possible in a batch", "Remove it.")
    if params.get("research_preview_2026_02") == "active":
        yield Finding("research_preview_2026_02 is not possible in a batch", "Remove it.")


def _model(params: Mapping[str, Any]) -> Iterator[Finding]:
    value = params.get("model")
    if "model" not in params:
        yield Finding("model is missing", "Name a model in params.")
    elif not isinstance(value, str):
        yield Finding(f"model must be a string, not {_kind(value)}", "Name a model.")
    elif not value:
        yield Finding("model is empty", "Name a model.")


def _max_tokens(params: Mapping[str, Any]) -> Iterator[Finding]:
    value = params.get("max_tokens")
    if "max_tokens" not in params:
        yield Finding("max_tokens is missing", "Say how long an answer may become.")
    elif not isinstance(value, int) or isinstance(value, bool):
        yield Finding("max_tokens must be a whole number", f"Not {_short(json.dumps(value))}.")
    elif value < 1:
        yield Finding("max_tokens must be at least 1", f"Not {value}.")


def _messages(params: Mapping[str, Any]) -> Iterator[Finding]:
    messages = params.get("messages")
    if "messages" not in params:
        yield Finding("messages is missing", "Say what the model shall answer.")
    elif not isinstance(messages, list):
        yield Finding(
            f"messages must be a list, not {_kind(messages)}", 'Write [{"role": "user", "content": …}].'
        )
    elif not messages:
        yield Finding("messages is empty", "Say what the model shall answer.")
    else:
        for number, message in enumerate(messages, 1):
            yield from _message(number, message)


def _message(number: int, message: object) -> Iterator[Finding]:
    here = f"In message {number}."
    if not isinstance(message, dict):
        yield Finding(f"A message must be an object, not {_kind(message)}", here)
        return
    if message.get("role") not in ROLES:
        given = f"“{_short(str(message['role']))}” is none. " if "role" in message else ""
        yield Finding("A message needs the role user or assistant", given + here)
    content = message.get("content")
    if "content" not in message:
        yield Finding("A message has no content", here)
    elif not isinstance(content, str | list):
        yield Finding(f"content must be a string or a list, not {_kind(content)}", here)
    elif isinstance(content, list) and not all(map(_is_block, content)):
        yield Finding("Each block of content needs a type", here)


def _is_block(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("type"), str)


def _kind(value: object) -> str:
    """What a JSON value is, with its article."""
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "a string", bool: "a truth value"}
    return "null" if value is None else kinds.get(type(value), "a number")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
