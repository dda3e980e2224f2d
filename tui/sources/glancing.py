"""A glance at a request that has been decoded: most are plain, and need no rule looked at."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from .limits import Verdict
from .params import Params, User
from .params_tools import Custom, Typed


def is_plain(params: Params, verdict: Verdict) -> bool:
    """Whether it is nothing but text of a user for a model that has no objection: no rule can be broken."""
    if verdict.findings or not 0 < params.max_tokens <= verdict.most or not params.messages:
        return False
    for message in params.messages:
        content = message.content
        if type(message) is not User or type(content) is not str or not content or content.isspace():
            return False
    return (
        params.tools is UNSET
        and params.system.__class__ is not list
        and params.thinking is UNSET
        and params.tool_choice is UNSET
        and params.stop_sequences is UNSET
        and params.metadata is UNSET
        and params.stream is not True
        and params.speed is None
        and params.workspace_id is UNSET
        and params.cache_control is None
    )


class ToolReader:
    """Reads tools by their types; most requests of a source offer the same ones."""

    def __init__(self) -> None:
        self._last: list[dict[str, Any]] = []
        self._read: list[Any] = []

    def read(self, tools: list[dict[str, Any]] | UnsetType) -> list[Any]:
        """The tools of a request. Raises msgspec.ValidationError where one is not as it should be."""
        if tools is UNSET:
            return []
        if tools != self._last:
            self._read = [msgspec.convert(tool, _kind(tool)) for tool in tools]
            self._last = tools
        return self._read


def _kind(tool: dict[str, Any]) -> Any:
    return Custom if tool.get("type") in (None, "custom") else Typed
