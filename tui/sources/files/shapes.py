"""What kind of objects a file holds, from the first few of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...model import BODIES, OPENAI, RECORDS, REQUESTS
from ..basics.items import ENVELOPE, Finding, short

ONE_A_LINE = 'Write one {"custom_id": …, "params": {…}} on each line.'
RECORDS_ALL_THE_SAME = "To make requests of them all the same, say --kind records and give a recipe."

_TELLING = (REQUESTS, OPENAI, BODIES, RECORDS)

_OPENAI_KEYS = frozenset(
    {
        "max_completion_tokens",
        "response_format",
        "frequency_penalty",
        "presence_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "seed",
        "n",
        "stop",
        "functions",
        "function_call",
        "reasoning_effort",
        "parallel_tool_calls",
        "max_output_tokens",
        "instructions",
        "modalities",
        "prediction",
        "stream_options",
        "verbosity",
    }
)
"""Parameters of chat completions and responses that Messages do not have."""

_OPENAI_ROLES = frozenset(("developer", "tool", "function"))
_OPENAI_PARTS = frozenset(("image_url", "input_text", "input_image", "input_file", "input_audio", "file"))


def kind_of(samples: Sequence[Any]) -> str:
    """The most telling kind that any of them has: among requests, what is none is a mistake."""
    found = {_kind(sample) for sample in samples if isinstance(sample, dict)}
    return next((kind for kind in _TELLING if kind in found), REQUESTS)


def _kind(value: Mapping[str, Any]) -> str:
    keys = value.keys()
    if _is_openai(value):
        return OPENAI
    if keys >= {*ENVELOPE} or (keys and keys <= {*ENVELOPE}):
        return REQUESTS
    if isinstance(value.get("params"), dict) and "messages" in value["params"]:
        return REQUESTS
    return BODIES if isinstance(value.get("messages"), list) else RECORDS


def _is_openai(value: Mapping[str, Any]) -> bool:
    """Whether it is a request of OpenAI's batches, or the body of one."""
    body = value.get("body")
    if isinstance(body, dict) and ({"method", "url"} & value.keys() or "custom_id" in value):
        return True
    if "params" in value or not ({"messages", "input"} & value.keys()):
        return False
    if isinstance(value.get("messages"), list):
        return bool(_OPENAI_KEYS & value.keys()) or any(map(_is_openai_message, value["messages"]))
    return "model" in value and isinstance(value["input"], str | list)


def _is_openai_message(message: Any) -> bool:
    if not isinstance(message, dict):
        return False
    if message.get("role") in _OPENAI_ROLES or "tool_calls" in message:
        return True
    parts = message.get("content")
    return isinstance(parts, list) and any(
        isinstance(part, dict) and part.get("type") in _OPENAI_PARTS for part in parts
    )


def foreign(samples: Sequence[Any]) -> Finding | None:
    """The same well-known shape in every sample, if requests cannot be made of it by themselves."""
    found = {_foreign(sample) for sample in samples}
    if len(found) != 1:
        return None
    (shape,) = found
    return Finding(f"It seems to be {shape[0]}, not a list of requests", shape[1]) if shape else None


def _foreign(value: Any) -> tuple[str, str] | None:
    if isinstance(value, str):
        return "a list of prompts", 'Make an object of each, such as {"prompt": "…"}, and give a recipe.'
    if not isinstance(value, dict) or {*ENVELOPE} <= value.keys():
        return None
    keys = value.keys()
    if "recordId" in keys and "modelInput" in keys:
        return (
            "an Amazon Bedrock batch",
            "Rename recordId to custom_id and modelInput to params; in these name a model, and remove "
            "anthropic_version.",
        )
    if "custom_id" in keys and ("result" in keys or "response" in keys):
        return "the results of a batch", f"Give the file that its requests were in. {RECORDS_ALL_THE_SAME}"
    if isinstance(value.get("requests"), list):
        return "the body of a request", "Keep the list in “requests” alone."
    around = next(
        (key for key, held in value.items() if isinstance(held, list) and _begins_with_a_request(held)), None
    )
    return ("an object around them", f"Keep the list in “{short(around)}” alone.") if around else None


def _begins_with_a_request(values: Sequence[Any]) -> bool:
    """Whether requests are in it."""
    return bool(values) and isinstance(values[0], dict) and {*ENVELOPE} <= values[0].keys()


def columns_of(samples: Sequence[Any]) -> Iterator[str]:
    """Every key of the records, in the order in which they come."""
    yield from dict.fromkeys(key for sample in samples if isinstance(sample, dict) for key in sample)
