"""JSON objects as rows: their keys are the columns, and what is in them stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count

import msgspec

from ..basics.items import Finding, Row
from ..params.diagnosis import diagnose, read_json
from .splitting import Element

_KINDS: dict[type, str] = {list: "a list", str: "text", bool: "a truth value", type(None): "null"}

_decode = msgspec.json.Decoder().decode


def rows(elements: Iterator[Element], numbers: Iterator[int] | None = None, file: str = "") -> Iterator[Row]:
    """A row for each element; what is no object has a finding instead of columns."""
    numbers = numbers or count(1)
    for line, raw in elements:
        try:
            value = _decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield Row(line, next(numbers), {}, (), _broken(raw, error), file)
            continue
        if isinstance(value, dict):
            yield Row(line, next(numbers), value, (), () if value else (_EMPTY,), file)
        else:
            yield Row(line, next(numbers), {}, (), (_no_object(value),), file)


_EMPTY = Finding("The record is empty", "Give it fields, or leave it out.")


def _no_object(value: object) -> Finding:
    what = f"A record must be an object, not {_KINDS.get(type(value), 'a number')}"
    return Finding(what, 'Write {"name": …} with a name for each field.')


def _broken(raw: bytes, error: Exception) -> tuple[Finding, ...]:
    """Why it cannot be read, with the place in it."""
    try:
        value = read_json(raw.decode())
    except (ValueError, RecursionError):
        return diagnose(raw).findings
    # Python reads more than JSON allows: half of a surrogate pair.
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return (Finding("It has half of a surrogate pair", "Remove the escape, or write the whole pair."),)
    return (Finding("It is not JSON", f"{error}."),)
