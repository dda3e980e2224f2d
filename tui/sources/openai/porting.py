"""From the elements of a file of another service's requests to items: read, ported, named, written."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from ...model import Making
from ..basics.items import Item, Path, kind_of
from ..basics.naming import Namer
from ..files.splitting import Element
from ..params.diagnosis import diagnose, read_json
from .body import ported
from .notes import Notes

_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TOO_DEEP = ("It is nested too deeply", "Flatten it below a thousand levels.")
_GIVE_LENGTH = "Give --max-tokens: it holds wherever a request names no length of its own."


class Opened(NamedTuple):
    """What an element holds."""

    body: dict[str, Any]
    path: Path
    """Where the body stands in the element."""
    wanted: object = None
    """What the source calls the request, if it does."""
    wanted_at: Path = ()


Opening = Callable[[dict[str, Any], Notes], Opened | None]
"""Takes the envelope off; None, and an error in the notes, where there is no body."""


class Porter:
    """Ports one element after the other; knows what needs saying only once."""

    def __init__(self, opening: Opening, making: Making, *, native: bool) -> None:
        self._opening = opening
        self._making = making
        self._namer = Namer(making.ids)
        self._native = native
        """See `openai_body.ported`."""
        self._number = 0
        self._told: Counter[str] = Counter()

    def items(self, elements: Iterator[Element]) -> Iterator[Item]:
        """One item an element, in their order."""
        for line, raw in elements:
            self._number += 1
            notes = Notes(self._told)
            request, named = b"", None
            try:
                request, named = self._request(raw, notes)
            except RecursionError:
                notes.error((), *_TOO_DEEP)
            yield Item(line, b"" if notes.failed else request, notes.findings(raw), named)

    def _request(self, raw: bytes, notes: Notes) -> tuple[bytes, str | None]:
        """The request as JSON, or nothing, and what the source calls it, if its id was made."""
        value = _decoded(raw, notes)
        if notes.failed:
            return b"", None
        if not isinstance(value, dict):
            notes.error((), f"A request must be an object, not {kind_of(value)}")
            return b"", None
        opened = self._opening(value, notes)
        if opened is None:
            return b"", None
        params = ported(opened.body, opened.path, notes, self._making, native=self._native)
        custom_id, named = self._name(opened, notes)
        if "max_tokens" not in params:
            notes.error(opened.path, "max_tokens is missing", _GIVE_LENGTH)
            return b"", named
        return msgspec.json.encode({"custom_id": custom_id, "params": params}), named

    def _name(self, opened: Opened, notes: Notes) -> tuple[str, str | None]:
        wanted = opened.wanted
        if isinstance(wanted, int) and not isinstance(wanted, bool):
            wanted = str(wanted)
        if wanted is not None and not isinstance(wanted, str):
            notes.wrong(opened.wanted_at, str(opened.wanted_at[-1]), "a string", wanted)
            return "", None
        custom_id, made = self._namer.name(wanted, self._number)
        if not made:
            return custom_id, None
        return custom_id, str(self._number) if wanted is None else wanted


def _decoded(raw: bytes, notes: Notes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except RecursionError:
        notes.error((), *_TOO_DEEP)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _say_why(raw, error, notes)
    return None


def _say_why(raw: bytes, error: ValueError | msgspec.DecodeError, notes: Notes) -> None:
    """Say what is wrong with bytes that are not JSON."""
    try:
        value = read_json(raw.decode())
    except (ValueError, RecursionError):
        notes.found(diagnose(raw).findings[0])
        return
    if _LONE_SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        notes.error((), "It has half of a surrogate pair", "Remove the escape, or write the whole pair.")
    else:
        notes.error((), "It is not JSON", detail=f"{error}.")
