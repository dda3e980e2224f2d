"""What flows from the readers of sources to the draft: one item a request, with its place and what is odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ...model import ERROR

ENVELOPE = ("custom_id", "params")

Path = tuple[str | int, ...]
"""Keys and places in lists, from the request inwards."""


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
    detail: str = ""
    """What is so only here, such as the value; it is shown before the remedy."""
    path: Path | None = None
    """What it is about: line and column are looked up when they are shown."""


class Item(NamedTuple):
    """One request on its way to a draft."""

    line: int
    """Where it begins in its file, from 1; 0 is the file as a whole."""
    raw: bytes
    """`{"custom_id": …, "params": {…}}` as JSON; empty where no request could be made."""
    findings: tuple[Finding, ...] = ()
    """What was found while it was made."""
    named: str | None = None
    """What the source calls it, where its custom_id was made here: the draft's origins keep it."""
    file: str = ""
    """Name of its file, where the source has several."""
    column: int | None = None
    """Where on that line `raw` begins, in characters from 1, so that problems have columns of the source;
    below 1 where something was put before the source's text. None: its text is not the source's."""


class Row(NamedTuple):
    """One row of a table, one record, or one file: what a recipe makes a request of."""

    line: int
    number: int
    """Its place in the source, from 1."""
    columns: Mapping[str, Any]
    """What templates may use, by name."""
    blocks: tuple[dict[str, Any], ...] = ()
    """Content blocks that go before the prompt: documents and images."""
    findings: tuple[Finding, ...] = ()
    file: str = ""


class Lined:
    """Requests as a draft has them: one a line. They are told apart only where somebody has to."""

    def __init__(self, count: int, data: bytes) -> None:
        self.count = count
        self.data = data
        """All of them, with a line feed behind each."""

    @classmethod
    def of(cls, raws: Sequence[bytes]) -> Lined:
        """Requests without line feeds inside."""
        lined = cls(len(raws), b"\n".join((*raws, b"")) if raws else b"")
        lined.raws = raws
        return lined

    @cached_property
    def raws(self) -> Sequence[bytes]:
        """One by one."""
        return self.data.split(b"\n")[:-1]


def kind_of(value: object) -> str:
    """What a JSON value is, with its article."""
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "a string", bool: "a truth value"}
    return "null" if value is None else kinds.get(type(value), "a number")


def short(text: str) -> str:
    """The beginning of foreign text."""
    return text if len(text) <= 60 else f"{text[:60]}…"
