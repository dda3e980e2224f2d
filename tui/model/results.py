"""Results as the index knows them: rows, refs, counts and sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

SUCCEEDED = "succeeded"
ERRORED = "errored"
CANCELED = "canceled"
EXPIRED = "expired"
UNREADABLE = "unreadable"
"""Our own outcome for a line of results that is not a result as the API describes it."""

OUTCOMES = (SUCCEEDED, ERRORED, CANCELED, EXPIRED)

PROBLEM = "problem"
"""In place of an outcome: every result without a whole answer."""

LONG_PROMPT = 100_000
"""Tokens beyond which a prompt may cost more: the one threshold of the official price list."""

COMPLETE_STOPS = frozenset({"end_turn", "stop_sequence", "tool_use"})
"""Stop reasons of an answer that came to its own end; any other needs attention."""


@dataclass(frozen=True, slots=True)
class ResultFile:
    """What we hold of a batch's results on disk."""

    batch_id: str
    complete: bool = False
    """The whole answer of the server is on disk, in its final place."""
    lines: int = 0
    bytes: int = 0
    attention: int = 0
    """Succeeded lines whose answer is not whole: refusals, cut answers, empty or unreadable ones."""
    missing: int = 0
    """Requests of the batch for which a complete file has no line."""


class IndexRow(NamedTuple):
    """One line of a results file, as far as lists and filters need it.

    A tuple, for it is made a hundred thousand times while a file arrives: a sixth of a dataclass's time.
    """

    line: int
    """0-based line number."""
    offset: int
    """Bytes from the start of the file."""
    length: int
    """Bytes, without the line feed."""
    custom_id: str
    outcome: str
    """`succeeded`, `errored`, `canceled`, `expired`, what the service newly invents, or `unreadable`."""
    stop_reason: str = ""
    error_type: str = ""
    error_message: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0
    first_words: str = ""
    """The beginning of what it says, raw: `text.clean` before showing."""
    geo: str = ""
    """Where it was computed, as usage says: `us` costs more."""
    searches: int = 0
    """Web searches made for it, which are billed by the piece."""
    file: int = 0
    """The store's number of the results file it is in; 0 while it is being made."""

    @property
    def ref(self) -> int:
        """The line among those of all files, in one number."""
        return ref_of(self.file, self.line)

    @property
    def is_long(self) -> bool:
        """Whether the whole prompt is over the price list's threshold."""
        return self.total_input > LONG_PROMPT

    @property
    def is_problem(self) -> bool:
        """Whether this request has no whole answer."""
        return is_problem(self.outcome, self.stop_reason, self.first_words)

    @property
    def total_input(self) -> int:
        """All input tokens, cached or not."""
        return self.input_tokens + self.cache_write_5m + self.cache_write_1h + self.cache_read


def ref_of(file: int, line: int) -> int:
    """One result of one file in one number; ascending by file, then by line."""
    return file << 32 | line


def file_of(ref: int) -> int:
    """The store's number of the file that a ref points into."""
    return ref >> 32


def line_of(ref: int) -> int:
    """The line that a ref points at."""
    return ref & 0xFFFFFFFF


def is_problem(outcome: str, stop_reason: str, first_words: str) -> bool:
    """Whether a result lacks a whole answer: not succeeded, not ended by itself, or empty."""
    return outcome != SUCCEEDED or stop_reason not in COMPLETE_STOPS or not first_words


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Results of one batch that failed for the same reason."""

    outcome: str
    kind: str
    """Error type, or the stop reason of an answer that is not whole."""
    message: str
    count: int


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How a results download stands."""

    batch_id: str
    state: str = "running"
    """`running`, `waiting` (a retry is due), `done`, `failed` or `stopped`."""
    bytes: int = 0
    lines: int = 0
    expected: int = 0
    """Requests of the batch, that is lines to come."""
    attempt: int = 1
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What the succeeded results of one model used, as far as it is billed alike."""

    model: str
    geo: str = ""
    long: bool = False
    """Prompts over `LONG_PROMPT` tokens."""
    lines: int = 0
    input_tokens: int = 0
    """Without what was written to or read from the cache."""
    output_tokens: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0
    searches: int = 0

    @property
    def total_input(self) -> int:
        """All input tokens, cached or not."""
        return self.input_tokens + self.cache_write_5m + self.cache_write_1h + self.cache_read


@dataclass(frozen=True, slots=True)
class Summary:
    """What the index says of the results of a scope so far."""

    lines: int = 0
    outcomes: tuple[tuple[str, int], ...] = ()
    stops: tuple[tuple[str, int], ...] = ()
    models: tuple[tuple[str, int], ...] = ()
    errors: tuple[ErrorGroup, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    usage: tuple[ModelUsage, ...] = ()
    """Of succeeded results only: nothing else is billed (API documentation)."""
