"""What to do about a result that is not a whole answer, in a sentence."""

from __future__ import annotations

from ..model import CANCELED, COMPLETE_STOPS, ERRORED, EXPIRED, SUCCEEDED, UNREADABLE

RETRY = "The request itself may be fine: launch it again."

_BY_STOP = {
    "max_tokens": "The answer was cut at max_tokens: raise it and launch this request again.",
    "refusal": "The model declined: rephrase the request, or try another model.",
    "pause_turn": "The model paused a long turn: send its answer back as the last message to let it go on.",
    "model_context_window_exceeded": "The model's context window was full: shorten the request.",
}
_BY_ERROR = {
    "invalid_request_error": "Fix the request before you launch it again: it would fail the same way.",
    "not_found_error": "Something the request names does not exist, perhaps the model: fix it first.",
    "request_too_large": "Shorten the request before you launch it again.",
    "authentication_error": "The credential was not accepted: check it, then launch the request again.",
    "permission_error": "The credential may not do this: check model and workspace, then launch it again.",
    "billing_error": "Check the account's billing, then launch the request again.",
    "rate_limit_error": "The service was asked too much at once: launch the request again later.",
    "overloaded_error": "The service was overloaded: launch the request again later.",
    "timeout_error": "The request took too long: launch it again, perhaps with a lower max_tokens.",
}
_BY_OUTCOME = {
    CANCELED: "Canceled before it was processed, and not billed: launch it again if you still need it.",
    EXPIRED: "Not processed within 24 hours, and not billed: launch it again.",
    UNREADABLE: "This line is not a result: delete the saved file and download it again, or look at it raw.",
}


def advice(outcome: str, stop_reason: str, error_type: str, error_message: str, is_empty: bool) -> str:
    """The next step for one result; nothing for a whole answer."""
    if outcome == SUCCEEDED:
        return _after_answer(stop_reason, is_empty)
    if outcome == ERRORED:
        # A spend limit of one's own comes typed as an invalid request (seen in recorded exchanges).
        if "usage limit" in error_message.lower():
            return "Raise the usage limit in the Console, then launch the request again: it is fine as it is."
        # API documentation: only an invalid request has to be changed, the others can be retried as they are.
        return _BY_ERROR.get(error_type, RETRY)
    return _BY_OUTCOME.get(outcome, "The service says something new: see the raw line.")


def _after_answer(stop_reason: str, is_empty: bool) -> str:
    if stop_reason in _BY_STOP:
        return _BY_STOP[stop_reason]
    if stop_reason not in COMPLETE_STOPS:
        return f"The answer ended for the reason “{stop_reason or 'none'}”: it may not be whole."
    return "The answer is empty: launch the request again, or rephrase it." if is_empty else ""
