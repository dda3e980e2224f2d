"""What a test or a demonstration can change about the played service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass
class Switches:
    """Every switch stands at what the docs say; flip one at any time, the next request sees it."""

    duration: timedelta | None = None
    """How long a created batch runs; None goes by its size, 20 to 90 seconds. Over 24 hours it expires."""
    canceling: timedelta = timedelta(seconds=8)
    """How long a canceled batch stays `canceling`."""
    cancel_nothing: bool = False
    """Every request of a canceled batch turns out to be past stopping."""
    incremental_counts: bool = False
    """Counts move before the end, which some gateways do."""
    accept_duplicates: bool = False
    """Duplicate custom_ids are accepted instead of refused."""
    fate: Callable[[int, str], str | None] | None = None
    """Chooses the fate of a created request by position and custom_id; None leaves it to chance."""
    queue: int | None = None
    """Requests that may wait to be processed, over all batches; more are refused with 429."""
    queue_retry_after: int | None = None
    """Seconds that such a refusal asks to wait; None leaves it open."""
    dull: bool = False
    """Chance gives every valid request a plain, usable answer."""

    organisation_headers: bool = True
    """Replies name the organisation and the workspace."""
    x_api_key_only: bool = False
    """Only the older key header is read, as some gateways do."""
    uuid_ids: bool = False
    """New batches get an id made of a UUID."""
    results_url: Literal["own", "relative", "foreign"] = "own"
    """Where `results_url` points to: this host, a path alone, or a host that is not ours."""
    archived_results_url: bool = True
    """An archived batch still has its `results_url`."""
    omit: frozenset[str] = frozenset()
    """Fields left out of batches and pages, such as `archived_at`, `first_id`."""
    stuck_cursor: bool = False
    """The list always gives its first page and says there is more."""

    results_type: str | None = "application/x-jsonl"
    """The Content-Type of results; None leaves it out."""
    results_gzip: bool = False
    """Results are compressed for clients that accept it."""
    results_length: bool = False
    """Results come with a Content-Length instead of chunked."""
    results_range: bool = False
    """Results honour a Range header with 206."""
    results_rate: int | None = None
    """Results drip at this many bytes a second."""
    results_final_newline: bool | None = None
    """Whether the last line of results is ended; None leaves it to chance."""
