"""A bad request taken apart: everything that is wrong with it, and how to mend it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from ..basics.items import ENVELOPE, Finding, kind_of, short
from ..basics.naming import is_legal

if TYPE_CHECKING:
    from .reading import Read

MOST_DIGITS = 4_000
"""Of a whole number: Python reads no more than 4,300."""
_TOO_LARGE = "Shorten it, or write it as a string."

_MADE = "Or have legal ones made (--map-ids; in the app: mend custom_ids)."

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[-+.\w]+', re.DOTALL)
"""A string, or what stands between strings and signs."""
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that is wrong with a request, and what could be read of it all the same."""

    findings: tuple[Finding, ...]
    custom_id: str | None = None
    read: Read | None = None
    """Its params, without what is wrong in them."""


def diagnose(raw: bytes, *, lenient: bool = False) -> Diagnosis:
    """Take a request apart; with betas, be lenient: what is unknown may be theirs."""
    request = _parsed(raw)
    if isinstance(request, Finding):
        return Diagnosis((request,))
    if not isinstance(request, dict):
        what = f"A request must be an object, not {kind_of(request)}"
        return Diagnosis((Finding(what, 'Write {"custom_id": …, "params": {…}}.'),))
    findings = [*_envelope(request), *_surrogates(raw, request)]
    read = None
    if isinstance(request.get("params"), dict):
        from .reading import read_params  # the types of all parameters: good requests need none of it

        read = read_params(request["params"], lenient=lenient)
        findings += read.findings
    custom_id = request.get("custom_id")
    legal = isinstance(custom_id, str) and is_legal(custom_id)
    return Diagnosis(tuple(findings), custom_id if legal else None, read)


class OddNumber(ValueError):
    """A number that many readers of JSON cannot read."""

    def __init__(self, written: str, what: str, remedy: str) -> None:
        super().__init__(written)
        self._written = written
        self._what = what
        self._remedy = remedy

    def finding(self, text: str) -> Finding:
        """What to say of it; it is looked for outside of strings."""
        found = next((each for each in _TOKEN.finditer(text) if each.group() == self._written), None)
        before = text[: found.start()] if found else ""
        line, column = before.count("\n"), len(before) - before.rfind("\n")
        return Finding(self._what, self._remedy, line, column if found else 0)


def read_json(text: str) -> Any:
    """A JSON value. Raises OddNumber besides the errors of JSON."""
    return json.loads(text, parse_constant=_no_number, parse_int=_whole, parse_float=_finite)


def _parsed(raw: bytes) -> Any:
    """A JSON value, or why it is none."""
    try:
        return read_json(raw.decode())
    except UnicodeDecodeError as error:
        return _not_utf8(raw, error)
    except OddNumber as error:
        return error.finding(raw.decode())
    except json.JSONDecodeError as error:
        return _not_json(error)
    except RecursionError:
        return Finding("It is nested too deeply", "Flatten it below a thousand levels.")


def _no_number(name: str) -> NoReturn:
    raise OddNumber(name, "It is not JSON", f"{name} is no JSON number. Write null, say.")


def _whole(written: str) -> int:
    if len(written) > MOST_DIGITS:
        raise OddNumber(written, "A number has too many digits", _TOO_LARGE)
    return int(written)


def _finite(written: str) -> float:
    if math.isinf(value := float(written)):
        raise OddNumber(written, "A number is too large", _TOO_LARGE)
    return value


def _not_utf8(raw: bytes, error: UnicodeDecodeError) -> Finding:
    before = raw[: error.start]
    line = before.count(b"\n")
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    return Finding("It is not UTF-8", "Save the file as UTF-8.", line, column)


def _not_json(error: json.JSONDecodeError) -> Finding:
    place = (error.lineno - 1, error.colno)
    if error.pos >= len(error.doc) or error.msg.startswith("Unterminated string"):
        return Finding("The JSON stops in the middle", "A line may be cut, or broken in two.", *place)
    if error.msg == "Extra data":
        if error.doc[error.pos :].strip() == ",":
            return Finding("There is a comma after the request", "Remove it.", *place)
        return Finding("There is text after the request", "Put each request on a line of its own.", *place)
    if error.msg.startswith("Invalid control character"):
        remedy = "Write it as an escape: \\n, \\t or \\u00…"
        return Finding("A string has a control character in it", remedy, *place)
    detail = error.msg[:1].lower() + error.msg[1:]
    return Finding("It is not JSON", "", *place, detail=f"{detail}.")


def _envelope(request: Mapping[str, Any]) -> Iterator[Finding]:
    if "custom_id" not in request:
        yield Finding("custom_id is missing", "Give every request an id of its own.", path=())
    else:
        yield from id_findings(request["custom_id"])
    if "params" not in request:
        yield Finding("params is missing", "Put the Messages request into params.", path=())
    elif not isinstance(request["params"], dict):
        what = f"params must be an object, not {kind_of(request['params'])}"
        yield Finding(what, "Put the Messages request there.", path=("params",))
    for key in request:
        if key not in ENVELOPE:
            remedy = "Only custom_id and params may stand here; the rest belongs into params."
            yield Finding(f"“{short(key)}” does not belong beside params", remedy, path=(key,))


def id_findings(value: object) -> Iterator[Finding]:
    """What is wrong with a custom_id."""
    letters = f"Use 1 to 64 letters, digits, - and _. {_MADE}"
    path = ("custom_id",)
    if not isinstance(value, str):
        yield Finding(f"custom_id must be a string, not {kind_of(value)}", "Put it into quotes.", path=path)
    elif not value:
        yield Finding("custom_id is empty", letters, path=path)
    elif len(value) > 64:
        detail = f"It has {len(value)} characters."
        yield Finding("custom_id is too long", letters, detail=detail, path=path)
    elif not is_legal(value):
        what = "custom_id has characters that are not allowed"
        yield Finding(what, letters, detail=f"“{short(value)}”:", path=path)


def _surrogates(raw: bytes, request: object) -> Iterator[Finding]:
    # Half of a pair is legal JSON to some readers, but no text: the service's refuses the whole body.
    if b"\\u" in raw and _LONE_SURROGATE.search(json.dumps(request, ensure_ascii=False)):
        yield Finding("It has half of a surrogate pair", "Remove the escape, or write the whole pair.")
