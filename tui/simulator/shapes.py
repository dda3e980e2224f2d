"""Forced tools and JSON schemas of a request: remembered briefly, filled in by the answer."""

import json
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

WORDS = ("billing", "access", "shipping", "refund", "feature request", "outage", "praise", "other")
MOST_FIELDS = 12


def shape_of(params: Mapping[str, object]) -> str:
    """Write what the answer must look like as a short text shared by all requests alike, or ''."""
    tool = _forced_tool(params)
    schema = tool.get("input_schema") if tool else _output_schema(params)
    if not isinstance(schema, dict):
        return ""
    properties = schema.get("properties")
    fields = list(properties.items())[:MOST_FIELDS] if isinstance(properties, dict) else []
    name = tool.get("name", "tool") if tool else None
    return sys.intern(json.dumps([name, [[key, _kind(value)] for key, value in fields]], ensure_ascii=False))


def _forced_tool(params: Mapping[str, object]) -> dict[str, object] | None:
    choice, tools = params.get("tool_choice"), params.get("tools")
    if not isinstance(choice, dict) or choice.get("type") not in ("tool", "any"):
        return None
    known = [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    chosen = [tool for tool in known if tool.get("name") == choice.get("name")]
    return next(iter(chosen or known), None)


def _output_schema(params: Mapping[str, object]) -> object:
    config = params.get("output_config")
    wanted = config.get("format") if isinstance(config, dict) else None
    return wanted.get("schema") if isinstance(wanted, dict) else None


def _kind(schema: object) -> object:
    if not isinstance(schema, dict):
        return "string"
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"]
    kind = schema.get("type")
    return kind[0] if isinstance(kind, list) and kind else kind or "string"


@lru_cache
def _read(shape: str) -> Any:
    return json.loads(shape)


def tool_name(shape: str) -> str | None:
    """The forced tool's name, or None when JSON alone was asked for."""
    name = _read(shape)[0]
    return None if name is None else str(name)


def fill(shape: str, pick: int) -> str:
    """Write JSON that fits the shape, different for different picks."""
    fields = _read(shape)[1]
    values = {key: _value(kind, pick >> place) for place, (key, kind) in enumerate(fields)}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _value(kind: object, pick: int) -> object:
    if isinstance(kind, list):
        return kind[pick % len(kind)]
    word = WORDS[pick % len(WORDS)]
    samples: dict[object, object] = {
        "integer": pick % 100,
        "number": pick % 1000 / 1000,
        "boolean": pick % 2 == 0,
        "array": [word],
        "object": {},
        "null": None,
    }
    return samples.get(kind, word)
