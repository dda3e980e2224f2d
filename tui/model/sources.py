"""What a check found: problems, drafts with their parts, models, estimates; and what may be tried again.

Loaded when the first of it is asked for: the first paint needs none of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .making import REQUESTS

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Look:
    """What a source is, before anything is made of it."""

    kind: str
    columns: tuple[str, ...] = ()
    """Of a table or of records: the names a template may use."""
    files: int = 1
    """Files it consists of."""
    note: str = ""
    """How it was recognised, in a few words: `CSV, 6 columns, separated by commas`."""
    is_empty: bool = False
    """Whether there is nothing in any of its files."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a source: where, what, and how to mend it."""

    place: str
    """`file:line` or `file:line:column`"""
    what: str
    remedy: str = ""
    severity: str = ERROR
    """`error`: it cannot be sent like this; `warning`: it can, but look at it."""

    def __str__(self) -> str:
        warned = "warning: " if self.severity == WARNING else ""
        return f"{self.place}: {warned}{self.what}" + (f" – {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """The same problem wherever it stands."""

    what: str
    remedy: str
    severity: str
    count: int
    places: tuple[str, ...]
    """The first few."""


@dataclass(frozen=True, slots=True)
class ModelLoad:
    """What a draft asks of one model."""

    model: str
    requests: int = 0
    bytes: int = 0
    """Of its requests, as they are sent."""
    max_tokens: int = 0
    """Sum over the requests: no answer can be longer."""
    cached: int = 0
    """Requests that mark something for the prompt cache."""
    media: int = 0
    """Those of the bytes that are images and documents in base64, and no text."""
    linked: int = 0
    """Requests with images or documents behind links or file ids: nobody knows here how large those are."""


@dataclass(frozen=True, slots=True)
class DraftPart:
    """Requests that go as one batch."""

    requests: int
    bytes: int
    """Size of the request body."""
    sha256: str = ""
    """Of the draft file."""
    path: str = ""
    """Where they were written, when they were."""
    sample: bool = False
    """Whether these go first, to be looked at before the rest."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a check found: the requests as they would be sent, and everything wrong with them."""

    source: str
    requests: int = 0
    bytes: int = 0
    """Size of all request bodies together."""
    sha256: str = ""
    """Of all requests in the source's order, one a line: the same content has the same sum."""
    models: tuple[tuple[str, int], ...] = ()
    """Each model with its number of requests, the most used first."""
    first: str = ""
    """The first request, pretty-printed JSON (raw text), at most some thousand characters."""
    problems: tuple[Problem, ...] = ()
    """Errors and warnings in the source's order; capped, so that a file of garbage cannot fill the memory."""
    problem_count: int = 0
    """All errors."""
    path: str = ""
    """Where the checked requests of a draft of one part were written, when they were."""
    warning_count: int = 0
    groups: tuple[ProblemGroup, ...] = ()
    """The same, grouped: errors first, then the most frequent; capped, too."""
    kind: str = REQUESTS
    """What the source was taken for."""
    parts: tuple[DraftPart, ...] = ()
    """The batches it would become; the sample first, if there is one."""
    loads: tuple[ModelLoad, ...] = ()
    betas: tuple[str, ...] = ()
    recipe: str = ""
    """Key of what was asked (a hash), the same for every source that the same recipe made requests of."""
    mapped: int = 0
    """Requests whose custom_id was made here, so that only the draft tells which row they are."""
    others: int = 0
    """Sources that were named beside the first."""

    @property
    def origin(self) -> str:
        """Where its requests come from: the first source, and how many more; raw text."""
        return f"{self.source} and {self.others} more" if self.others else self.source

    @property
    def ok(self) -> bool:
        """Whether it may be sent."""
        return self.problem_count == 0 and self.requests > 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as the service's list, or our own dated table, describes it."""

    id: str
    max_tokens: int = 0
    """Longest answer outside the extended-output beta; 0 where it is not known."""
    max_input_tokens: int = 0
    lifecycle: str = ""
    """`active`, `deprecated`, `retired`, or empty."""
    retires_at: str = ""
    batch: bool = True
    """Whether it may be used in batches."""


@dataclass(frozen=True, slots=True)
class KnownModels:
    """The models a check knows."""

    models: tuple[ModelInfo, ...] = ()
    complete: bool = False
    """Whether they are the service's own list: then a model that is not in it does not exist."""
    asked_at: str = ""
    """When the service was asked, RFC 3339; empty for our own table."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a draft will cost, before anything is sent; dollars as text of a decimal number, None: unknown."""

    requests: int = 0
    input_tokens: tuple[int, int, int] = (0, 0, 0)
    """Fewest, likely, most."""
    counted: int = 0
    """Requests that the service has counted; 0: the numbers are a guess from the texts' lengths."""
    output_most: int = 0
    """Sum of `max_tokens`: no answer can be longer."""
    output_likely: int | None = None
    """From earlier results, where there are any."""
    likely_from: str = ""
    """Where the likely length comes from, in a few words; raw text."""
    low: str | None = None
    likely: str | None = None
    high: str | None = None
    """Price as a batch: of the fewest tokens in and the likely out, and of the most of both."""
    standard_high: str | None = None
    """`high` outside a batch."""
    unknown_models: tuple[str, ...] = ()
    """Models without a price: their part is in no sum."""
    notes: tuple[str, ...] = ()
    """What else one should know, such as effects of the prompt cache; sentences."""
    prices_date: str = ""
    over: tuple[str, ...] = ()
    """Spending limits that it would or may break, in sentences; then only a typed yes goes on."""


@dataclass(frozen=True, slots=True)
class RetryGroup:
    """Requests of a run that did not come to a whole answer for the same reason."""

    key: str
    """Names it on the command line: `expired`, `errored:overloaded_error`, `refusal`, `missing` …"""
    count: int
    message: str = ""
    """The service's own words of the most frequent one; raw text."""
    retriable: bool = True
    """Whether sending the same again may end otherwise; if not, it is left out unless edited or named."""
    chosen: bool = True
    """Whether it is a part of a retry unless somebody says otherwise."""
