"""Fields that are missing, and those that nobody knows or that a batch must not have."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence

from ...model import WARNING
from ..basics.items import Finding, Path, short
from .parts import SDK

SAMPLING = ("temperature", "top_p", "top_k")
"""Refused by API version 2026-10-21, even at their defaults (its migration page)."""

UNBATCHABLE = {
    "store": "threads",
    "previous_thread_event_id": "threads",
    "cache_hint": "hints",
    "context_hint": "hints",
    "fallbacks": "server-side fallback",
}
"""Not possible in batches (API documentation on batch processing; release notes)."""

PREVIEW = "research_preview_2026_02"

FEW = 8
"""Choices that are listed; of more, people look at the documentation."""

_MISSING = {
    "model": "Name a model in params.",
    "max_tokens": "Say how long an answer may become.",
    "messages": "Say what the model shall answer.",
}
_OTHERS = {
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "functions": "tools",
    "function_call": "tool_choice",
    "instructions": "system",
    "prompt": "messages",
    "reasoning_effort": "output_config.effort",
    "response_format": "output_config.format",
    "output_format": "output_config.format",
    "stop": "stop_sequences",
    "system_prompt": "system",
    "user": "metadata.user_id",
}
"""What other services, and this one formerly, call a parameter."""
_BETAS = "Remove it: betas hold for a whole batch, and are named with --beta."
_ELSEWHERE = {
    "betas": _BETAS,
    "anthropic_beta": _BETAS,
    "anthropic_version": "Remove it: the version goes along with the whole batch.",
}
"""What other libraries and services put among the parameters."""
_OF_BETAS = frozenset(("context_management", "mcp_servers"))
"""Parameters that some beta brings."""
_ALIKE = 0.9
"""How alike names have to be to be taken for one that was mistyped: `seed` is no `speed`."""
_TOP = 2
"""Length of the path of a parameter: `params` and its name."""


def named(path: Path) -> str:
    """A path below params as people write it: `messages[0].content`."""
    text = ""
    for step in path[1:] if path[:1] == ("params",) and len(path) > 1 else path:
        text += f"[{step}]" if isinstance(step, int) else f".{short(step)}" if text else short(step)
    return text


def missing(path: Path, choices: Sequence[str] = ()) -> Finding:
    """A field that has to be there is not; `choices` are what it could be."""
    remedy = _MISSING.get(str(path[-1]), "") if len(path) == _TOP else ""
    if 0 < len(choices) <= FEW:
        remedy = f"It is {' or '.join(choices)}."
    return Finding(f"{named(path)} is missing", remedy, path=path[:-1])


def field_finding(
    name: str, value: object, known: Mapping[str, object] | Collection[str], path: Path, maybe: str = ""
) -> Finding | None:
    """What to say of a field that our types do not have; nothing, where its value makes it harmless."""
    if len(path) == _TOP:
        if name in SAMPLING:
            return Finding(f"{name} is refused by this API version", "Remove it.", path=path)
        if name in UNBATCHABLE or name == PREVIEW:
            return _unbatchable(name, value, path)
    near = _OTHERS.get(name) or next(iter(difflib.get_close_matches(name, list(known), 1, _ALIKE)), "")
    advice = f"Did you mean “{near}”?" if near else _advice(name, maybe, len(path) == _TOP)
    what = "parameter" if len(path) == _TOP else "field"
    said = f"{named(path)} is not a {what} that batchdeck knows (SDK {SDK})"
    return Finding(said, advice, severity=WARNING, path=path)


def _advice(name: str, maybe: str, at_top: bool) -> str:
    """What to do about a field whose name is not mistyped."""
    if at_top and name in _ELSEWHERE:
        return _ELSEWHERE[name]
    if at_top and name in _OF_BETAS and not maybe:
        return "It needs its beta: name that with --beta."
    return maybe or "The service may refuse it: look at its name."


def _unbatchable(name: str, value: object, path: Path) -> Finding | None:
    if name == PREVIEW:
        wrong, why = value == "active", ""
    else:
        wrong, why = value not in (None, False), f" ({UNBATCHABLE[name]})"
    return Finding(f"{name}{why} is not possible in a batch", "Remove it.", path=path) if wrong else None
