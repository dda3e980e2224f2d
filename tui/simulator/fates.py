"""What becomes of the requests of a created batch, where nothing says otherwise."""

from bisect import bisect_right
from itertools import accumulate

from .shapes import tool_name

OVERLOADED = "error:overloaded_error:Overloaded"
API_ERROR = "error:api_error:Internal server error"
TIMEOUT = "error:timeout_error:The request took too long and was given up"
RATE_LIMIT = "error:rate_limit_error:Too many tokens this minute for the model"
PERMISSION = "error:permission_error:The workspace may not use this tool"
TEMPERATURE = "error:invalid_request_error:temperature: Extra inputs are not permitted"
TOO_LONG = "error:invalid_request_error:prompt is too long: 1048576 tokens > 1000000 maximum"
USAGE_LIMIT = "error:invalid_request_error:You have reached your specified API usage limits until next month."

CHANCES = (
    ("prose", 560), ("fenced", 140), ("json", 45), ("json_after_prose", 40), ("thinking", 45),
    ("citations", 30), ("tool", 20), ("unicode", 25), ("rtl", 8), ("hostile", 12), ("unknown_block", 5),
    ("stop_sequence", 6), ("refusal", 14), ("max_tokens", 18), ("empty", 4), ("pause_turn", 2),
    ("context_full", 1), (OVERLOADED, 12), (API_ERROR, 8), (TIMEOUT, 3), (TOO_LONG, 2),
)  # fmt: skip
"""Fates and how many of a thousand requests meet them."""

_BOUNDS = list(accumulate(weight for _, weight in CHANCES))


def by_chance(pick: int, shape: str) -> str:
    """Choose a fate; a forced tool or a JSON schema is obeyed unless something goes wrong."""
    fate = CHANCES[bisect_right(_BOUNDS, pick % _BOUNDS[-1])][0]
    if not shape or fate.startswith("error:") or fate in ("refusal", "max_tokens"):
        return fate
    return "json" if tool_name(shape) is None else "tool"
