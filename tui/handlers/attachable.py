"""Whether a file is one of requests, and in a sentence what else it is."""

from __future__ import annotations

from pathlib import Path

from .. import sources
from ..errors import DeckError, UsageError
from ..model import BODIES, FILES, OPENAI, RECORDS, REQUESTS, TABLE
from ..records.requests import params_of
from ..store.requests import Known, RequestIndex
from ..text import clean

LOOKED_AT = 20
"""Requests of a file that are looked at: one with params among them tells enough."""

_GZIP = b"\x1f\x8b"
_WHAT_IT_IS = {
    TABLE: "is a table, not the requests that were sent",
    OPENAI: "has requests of another service, not those that were sent to this one",
    BODIES: "has bodies of requests without their custom_ids",
    RECORDS: "has records, not the requests that were sent",
    FILES: "is a text or a picture, not the requests that were sent",
    REQUESTS: "has custom_ids, but no params beside them",
}
_WANTED = "Attach the file that was sent: requests with custom_id and params, as JSON lines or a list."
_BESIDE = "To see answers beside its rows, save them with `batchdeck results ID --join FILE`."


def refuse_other(index: RequestIndex, known: Known) -> None:
    """UsageError where an indexed file has no requests in it; blocks."""
    path = Path(known.path)
    with path.open("rb") as handle:
        is_packed = handle.read(len(_GZIP)) == _GZIP
        for offset, length in index.first(known.id, LOOKED_AT):
            handle.seek(offset)
            if params_of(handle.read(length)) is not None:
                return
    name = clean(path.name)
    if is_packed:
        raise UsageError(f"{name} is compressed.", "Unpack it first, and attach what was in it.")
    if not path.stat().st_size:
        raise UsageError(f"There are no requests in {name}: it is empty.", _WANTED)
    raise UsageError(*_words(path, name))


def _words(path: Path, name: str) -> tuple[str, str]:
    try:
        kind = sources.look((path,)).kind
    except DeckError as error:
        return error.title, _WANTED
    return f"{name} {_WHAT_IT_IS[kind]}.", _BESIDE if kind == TABLE else _WANTED
