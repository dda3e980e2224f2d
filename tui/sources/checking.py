"""What is wrong with one request, and what only all of them together can break.

A good request costs one typed decode, which skips over what nobody asks about; only a bad one is taken apart.
The service checks the envelope when a batch is created, and the params of each request only while it works,
so that a wrong one would show an hour later (API documentation): both are checked here.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..model import Problem
from .diagnosis import CUSTOM_ID, Finding, diagnose
from .splitting import Element

MOST_REQUESTS = 100_000
"""Per batch (API documentation)."""

MOST_BYTES = 256_000_000
"""Per body; the documentation says 256 MB and leaves open which: the smaller reading is safe."""

SHOWN = 1_000
"""Problems kept; the rest is counted."""

REMEMBERED = 300_000
"""custom_ids kept to find duplicates: well over what a batch may hold, and a bound for the memory."""

Refused = Literal["never in a batch"] | UnsetType
"""A field that no request may have: any real value sends it to the diagnosis."""


class _Block(Struct, gc=False):
    type: str


class _Message(Struct, gc=False):
    role: Literal["user", "assistant", "system"]
    content: str | list[_Block]


class _Params(Struct, gc=False):
    model: Annotated[str, Meta(min_length=1)]
    max_tokens: Annotated[int, Meta(ge=1)]
    messages: Annotated[list[_Message], Meta(min_length=1)]
    stream: bool = False
    temperature: Refused = UNSET
    top_p: Refused = UNSET
    top_k: Refused = UNSET
    speed: Refused = UNSET
    store: Refused = UNSET
    previous_thread_event_id: Refused = UNSET
    cache_hint: Refused = UNSET
    context_hint: Refused = UNSET
    fallbacks: Refused = UNSET
    research_preview_2026_02: Refused = UNSET


class _Request(Struct, gc=False, forbid_unknown_fields=True):
    custom_id: Annotated[str, Meta(pattern=CUSTOM_ID)]
    params: _Params


_decode = msgspec.json.Decoder(_Request).decode


class Checker:
    """Takes requests one by one, and collects what is wrong."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._first_lines: dict[str, int] = {}
        self.models: dict[str, int] = {}
        self.requests = 0
        self.problems: list[Problem] = []
        self.problem_count = 0

    def take(self, element: Element) -> None:
        """Check one request."""
        line, raw = element
        self.requests += 1
        try:
            request = _decode(raw)
            if not raw.isascii():
                raw.decode()  # what the typed decode skips may hold anything
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._take_apart(line, raw)
            return
        if request.params.stream:
            self._take_apart(line, raw)
            return
        self._count(line, request.custom_id, request.params.model)

    def add(self, line: int, finding: Finding) -> None:
        """Note a problem; line 0 is the file as a whole."""
        self.problem_count += 1
        if len(self.problems) < SHOWN:
            place = f"{self._name}:{line + finding.line}" if line else self._name
            self.problems.append(Problem(place, finding.what, finding.remedy))

    def finish(self, size: int) -> None:
        """Check what depends on the whole: the number of requests, and the size of the body."""
        if not self.requests and not self.problem_count:
            self.add(1, Finding("There is no request in it", "Put one request on each line."))
        if self.requests > MOST_REQUESTS:
            self._too_much(
                f"{self.requests:,} requests are too many for a batch", f"{MOST_REQUESTS:,} requests"
            )
        if size > MOST_BYTES:
            self._too_much(f"{size / 1e6:,.1f} MB are too much for a batch", f"{MOST_BYTES // 1_000_000} MB")

    def _too_much(self, what: str, most: str) -> None:
        """A problem of the whole file stands first, and is shown even after a thousand others."""
        self.problem_count += 1
        problem = Problem(self._name, what, f"Split it: at most {most} go into one batch.")
        self.problems = [problem, *self.problems[: SHOWN - 1]]

    def _take_apart(self, line: int, raw: bytes) -> None:
        diagnosis = diagnose(raw)
        for finding in diagnosis.findings:
            self.add(line, finding)
        self._count(line, diagnosis.custom_id, diagnosis.model)

    def _count(self, line: int, custom_id: str | None, model: str | None) -> None:
        if model is not None:
            self.models[model] = self.models.get(model, 0) + 1
        if custom_id is None:
            return
        first = self._first_lines.get(custom_id)
        if first is not None:
            self.add(
                line, Finding("The custom_id is not unique", f"“{custom_id}” stands on line {first} already.")
            )
        elif len(self._first_lines) < REMEMBERED:
            self._first_lines[custom_id] = line
