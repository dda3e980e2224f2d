"""What flows from the readers of sources to the draft: one item a request, with its place and what is odd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .diagnosis import Finding


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
