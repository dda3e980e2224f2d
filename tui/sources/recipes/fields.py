"""What each field of a recipe may be: checked alike in a file and as an option."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ...model import Recipe

FILE_KEYS = {"prompt_file": "prompt", "system_file": "system", "schema_file": "schema", "tools_file": "tools"}
"""Keys that name a file in which the value of another key is."""
JSON_KEYS = ("schema", "tools")
"""Fields whose files are JSON; the others are text."""
TEXTS = {"prompt": "prompt", "system": "system prompt", "custom_id": "custom_id"}
"""Fields that are templates, and what to call them."""

_CHOICES = ("auto", "any", "tool", "none")
_CACHES = ("5m", "1h")
_OURS = ("model", "max_tokens", "messages", "system", "tools", "tool_choice", "thinking")
"""Parameters that a recipe has fields for, or makes."""


class Wrong(Exception):
    """A value that cannot be: what is wrong with it, what to do, and the key in it that is meant."""

    def __init__(self, what: str, remedy: str, key: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.key = key


def checked(key: str, value: object) -> Any:
    """The value of a field as a recipe keeps it. Raises Wrong."""
    return _CHECKS[key](value)


def disagreement(recipe: Recipe) -> tuple[str, Wrong] | None:
    """The first field that does not go with the others, and why."""
    for key, wrong in _disagreements(recipe):
        return key, wrong
    return None


def _disagreements(recipe: Recipe) -> Iterator[tuple[str, Wrong]]:
    names = [str(tool["name"]) for tool in recipe.tools if "name" in tool]
    choice = recipe.tool_choice or {}
    if choice.get("type") in ("any", "tool") and not recipe.tools:
        yield "tool_choice", Wrong("there are no tools to choose", "Describe one with [[tools]].")
    elif choice.get("type") == "tool" and choice["name"] not in names:
        remedy = f"There are: {', '.join(names)}." if names else "Give the tool a name."
        yield "tool_choice", Wrong(f"there is no tool “{choice['name']}”", remedy)
    config = recipe.params.get("output_config")
    if recipe.schema is not None and isinstance(config, Mapping) and "format" in config:
        wrong = Wrong("has a format, and so has schema", "Keep one of the two.", "output_config")
        yield "params", wrong
    if recipe.cache and not (recipe.system or recipe.tools):
        remedy = "Put what stays the same into system, or leave cache out."
        yield "cache", Wrong("there is neither a system prompt nor a tool to keep", remedy)


def _model(value: object) -> str:
    if isinstance(value, str) and value.strip() and not any(map(str.isspace, value.strip())):
        return value.strip()
    raise Wrong("must be the name of a model", 'Write for example model = "claude-haiku-5-5".')


def _max_tokens(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise Wrong("must be a whole number from 1", "Write for example max_tokens = 1000.")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise Wrong("must be text in quotation marks", 'Several lines stand between """ and """.')


def _tools(value: object) -> tuple[dict[str, Any], ...]:
    remedy = 'Write [[tools]], and below it name = "…" and input_schema.'
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Wrong("must be a list of tools", remedy)
    tools = tuple(_object(each, remedy) for each in value)
    names = [tool.get("name", tool.get("type")) for tool in tools]
    if not all(isinstance(name, str) and name for name in names):
        raise Wrong("each tool needs a name", remedy)
    for name in names:
        if names.count(name) > 1:
            raise Wrong(f"there are {names.count(name)} tools “{name}”", "Give each a name of its own.")
    return tools


def _choice(value: object) -> dict[str, Any]:
    remedy = 'Write for example tool_choice = { type = "tool", name = "…" }.'
    choice = _object(value, remedy)
    if choice.get("type") not in _CHOICES:
        raise Wrong(f"type must be {', '.join(_CHOICES[:-1])} or {_CHOICES[-1]}", remedy)
    if choice["type"] == "tool" and not isinstance(choice.get("name"), str):
        raise Wrong("the tool has no name", remedy)
    return choice


def _schema(value: object) -> dict[str, Any]:
    schema = _object(value, 'Write [schema], and below it type = "object" and the rest.')
    if not schema:
        raise Wrong("is empty", "Describe the answer as a JSON schema.")
    return schema


def _thinking(value: object) -> dict[str, Any]:
    remedy = 'Write for example thinking = { type = "adaptive" }.'
    thinking = _object(value, remedy)
    if not isinstance(thinking.get("type"), str):
        raise Wrong("needs a type", remedy)
    return thinking


def _cache(value: object) -> str:
    if value in _CACHES:
        return str(value)
    raise Wrong("must be “5m” or “1h”", 'Write cache = "1h": a batch takes longer than five minutes.')


def _betas(value: object) -> tuple[str, ...]:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    if is_list and all(isinstance(each, str) and each.strip() for each in value):  # type: ignore[attr-defined]
        return tuple(dict.fromkeys(each.strip() for each in value))  # type: ignore[attr-defined]
    raise Wrong("must be a list of names", 'Write for example betas = ["output-300k-2026-03-24"].')


def _params(value: object) -> dict[str, Any]:
    params = _object(value, "Write [params], and below it parameters of the Messages API.")
    for key in _OURS:
        if key in params:
            remedy = (
                "The prompt makes them." if key == "messages" else f"Write {key} beside params, not into it."
            )
            raise Wrong("does not belong here", remedy, key)
    return params


def _object(value: object, remedy: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Wrong("must be a table of keys and values", remedy)
    plain: dict[str, Any] = _plain(value)
    return plain


def _plain(value: object, key: str = "") -> Any:
    """The value as JSON has it. Raises Wrong for what JSON has not."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each, str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, key) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise Wrong(f"{value} is no JSON number", "Leave it out.", key)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise Wrong(f"{value} is a date or a time, which JSON has not", "Put it into quotation marks.", key)


_CHECKS: dict[str, Callable[[object], Any]] = {
    "model": _model,
    "max_tokens": _max_tokens,
    "prompt": _text,
    "system": _text,
    "custom_id": _text,
    "tools": _tools,
    "tool_choice": _choice,
    "schema": _schema,
    "thinking": _thinking,
    "cache": _cache,
    "betas": _betas,
    "params": _params,
}
KEYS = (*_CHECKS, *FILE_KEYS)
"""Every key of a recipe's file."""
