"""A glance at a request that has been decoded: most are plain, and no rule needs to be looked at."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from ..params.blocks import Text
from ..params.request import Message, Params, System, User
from ..params.tools import Custom, Typed
from .limits import Verdict


def is_plain(params: Params, verdict: Verdict) -> bool:
    """Whether nothing beside its messages can break a rule, for a model that has no objection."""
    return (
        0 < params.max_tokens <= verdict.most
        and not verdict.findings
        and params.tools is UNSET
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


def are_plain(messages: list[Message]) -> bool:
    """Whether they are nothing but texts without marks, the last one the user's: no rule can be broken."""
    for message in messages:
        content = message.content
        if isinstance(content, str):
            if not content or content.isspace():
                return False
        elif not content or not _are_texts(content):
            return False
        if message.__class__ is System:
            return False
    return bool(messages) and messages[-1].__class__ is User


def _are_texts(blocks: list[Any]) -> bool:
    for block in blocks:
        if block.__class__ is not Text or block.cache_control is not None or block.citations:
            return False
        if not block.text or block.text.isspace():
            return False
    return True


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
