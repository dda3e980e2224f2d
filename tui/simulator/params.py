"""What the service checks only while it works: the params of each request."""

import re
from collections.abc import Mapping

from .models import KNOWN

SAMPLING = ("temperature", "top_p", "top_k")
"""Refused by version 2026-10-21 and later, even at their default values."""

STRICT_SINCE = "2026-10-21"

FIELDS = frozenset(
    {
        "cache_control", "container", "diagnostics", "inference_geo", "max_tokens", "messages", "metadata",
        "model", "output_config", "service_tier", "stop_sequences", "system", "thinking", "tool_choice",
        "tools", "user_profile_id",
    }
)  # fmt: skip
"""The params of a Messages request that may stand in a batch."""

UNBATCHABLE = (
    "stream", "speed", "store", "previous_thread_event_id", "cache_hint", "context_hint", "fallbacks",
)  # fmt: skip
"""Known to Messages, but not offered in batches."""

LONG_OUTPUT = "output-300k-2026-03-24"
"""The beta that lets batches write up to 300,000 tokens."""

_BETA_FIELDS = frozenset({"betas", "context_management", "mcp_servers", "output_format"})


def problem(params: Mapping[str, object], version: str, betas: str = "") -> str | None:
    """Tell the first problem as `TYPE:MESSAGE`, or None; it becomes an errored line at the end."""
    message = (
        _unknown_field(params, version, betas)
        or _model(params)
        or _max_tokens(params, betas)
        or _messages(params)
    )
    if message is None and not _served(params["model"]):
        return f"not_found_error:model: {params['model']}"
    return None if message is None else f"invalid_request_error:{message}"


def _unknown_field(params: Mapping[str, object], version: str, betas: str) -> str | None:
    for key, value in params.items():
        if key in FIELDS or (betas and key in _BETA_FIELDS):
            continue
        if key in SAMPLING and version < STRICT_SINCE:
            if key == "temperature" and isinstance(value, int | float) and value > 1:
                return "temperature: Input should be less than or equal to 1"
            continue
        if key in UNBATCHABLE and value is not False:
            return f"{key}: Not supported in a batch"
        if key not in UNBATCHABLE:
            return f"{key}: Extra inputs are not permitted"
    return None


def _model(params: Mapping[str, object]) -> str | None:
    if "model" not in params:
        return "model: Field required"
    return None if isinstance(params["model"], str) else "model: Input should be a valid string"


def _served(model: object) -> bool:
    return isinstance(model, str) and model in KNOWN


def _max_tokens(params: Mapping[str, object], betas: str) -> str | None:
    if "max_tokens" not in params:
        return "max_tokens: Field required"
    value = params["max_tokens"]
    if not isinstance(value, int) or isinstance(value, bool):
        return "max_tokens: Input should be a valid integer"
    if value < 1:
        return "max_tokens: Input should be greater than or equal to 1"
    model = KNOWN.get(str(params["model"]))
    most = 300_000 if LONG_OUTPUT in betas else model.max_tokens if model else value
    return f"max_tokens: {value} > {most}, the most for {params['model']}" if value > most else None


def _messages(params: Mapping[str, object]) -> str | None:
    if "messages" not in params:
        return "messages: Field required"
    messages = params["messages"]
    if not isinstance(messages, list):
        return "messages: Input should be a valid list"
    if not messages:
        return "messages: at least one message is required"
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            return f"messages.{index}: Input should be a valid dictionary"
        for key in ("role", "content"):
            if key not in message:
                return f"messages.{index}.{key}: Field required"
        if message["role"] not in ("user", "assistant"):
            return f"messages.{index}.role: Input should be 'user' or 'assistant'"
        if not isinstance(message["content"], str | list):
            return f"messages.{index}.content: Input should be a valid string or list"
        if not message["content"]:
            return f"messages.{index}.content: content must not be empty"
    return None


def excerpt(params: Mapping[str, object], length: int = 60) -> str:
    """The beginning of the last message, for the answer to refer to."""
    messages = params.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    content = last.get("content") if isinstance(last, dict) else None
    if isinstance(content, list):
        texts = [part["text"] for part in content if isinstance(part, dict) and "text" in part]
        content = texts[0] if texts else ""
    if not isinstance(content, str):
        return ""
    return re.sub(r"\s+", " ", content[: 2 * length]).strip()[:length]
