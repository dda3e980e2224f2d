"""Which row of its source each request is, where only we know: kept beside the draft, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from ..errors import StoreError
from ..text import sound

_PIECE = 1 << 16


class Origin(NamedTuple):
    """A request whose custom_id was made here."""

    custom_id: str
    row: int
    """Its place in the source, from 1: a table's head is not counted."""
    named: str
    """What the source calls it."""


class _Id(msgspec.Struct, gc=False):
    custom_id: str


_id = msgspec.json.Decoder(_Id).decode
_line = msgspec.json.Decoder(tuple[str, int, str]).decode


def origins_file(draft: Path) -> Path:
    """Where the origins of a run are: beside the draft of its first part."""
    return draft.with_suffix(".origins.jsonl")


def origins(draft: Path) -> Iterator[Origin]:
    """The origins of a run, in its source's order, by the draft of its first part; none where there are none.

    Raises StoreError where the file is damaged or cannot be read.
    """
    path = origins_file(draft)
    try:
        with open(path, "rb", buffering=_PIECE) as handle:
            for line in handle:
                yield Origin(*_line(line))
    except FileNotFoundError:
        return
    except (OSError, msgspec.DecodeError, UnicodeError) as error:
        raise StoreError(
            f"{path.name} cannot be read: {error}.", "The answers are safe; their rows are not known."
        ) from error


def origin_line(raw: bytes, row: int, named: str) -> bytes:
    """The line of a request that is made of this row: `["custom_id", row, "named"]`."""
    return msgspec.json.encode((_id(raw).custom_id, row, sound(named))) + b"\n"
