"""The params of a request, as the Messages API takes them outside of a stream."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from .blocks import Block, OnlyText
from .parts import CacheControl, Part


class User(Part, tag="user", tag_field="role"):
    """What the user says."""

    content: str | list[Block]


class Assistant(Part, tag="assistant", tag_field="role"):
    """What the model said."""

    content: str | list[Block]


class System(Part, tag="system", tag_field="role"):
    """Instructions in the middle of a conversation."""

    content: str | list[OnlyText]


Message = User | Assistant | System


class Skill(Part):
    """What a container can do."""

    skill_id: str
    type: Literal["anthropic", "custom"]
    version: str | UnsetType = UNSET


class Container(Part):
    """Where code runs."""

    id: str | None = None
    skills: list[Skill] | None = None


class Diagnostics(Part):
    """What shall be explained about the request."""

    previous_message_id: str | None = None


class Metadata(Part):
    """On whose behalf it is sent."""

    user_id: str | None = None


class JsonFormat(Part):
    """An answer by a schema."""

    schema: dict[str, Any]
    type: Literal["json_schema"]


class OutputConfig(Part):
    """What the answer shall be like."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: JsonFormat | None = None


Display = Literal["summarized", "omitted"]


class ThinkingEnabled(Part, tag="enabled"):
    """Thinking with a budget."""

    budget_tokens: int
    display: Display | None = None


class ThinkingDisabled(Part, tag="disabled"):
    """No thinking."""


class ThinkingBetweenTools(Part, tag="between_tools"):
    """Thinking only between calls of tools."""


class ThinkingAdaptive(Part, tag="adaptive"):
    """Thinking as the model sees fit."""

    display: Display | None = None


class ChooseAuto(Part, tag="auto"):
    """Tools as the model sees fit."""

    disable_parallel_tool_use: bool | UnsetType = UNSET


class ChooseAny(Part, tag="any"):
    """One tool or another."""

    disable_parallel_tool_use: bool | UnsetType = UNSET


class ChooseTool(Part, tag="tool"):
    """This tool."""

    name: str
    disable_parallel_tool_use: bool | UnsetType = UNSET


class ChooseNone(Part, tag="none"):
    """No tool."""


ServiceTier = Literal["auto", "standard_only"]


class Params(Part):
    """All parameters. Tools are read one by one, because only those of the service have to have a `type`."""

    max_tokens: int
    messages: list[Message]
    model: str
    cache_control: CacheControl | None = None
    container: Container | str | None = None
    diagnostics: Diagnostics | None = None
    inference_geo: str | None = None
    metadata: Metadata | UnsetType = UNSET
    output_config: OutputConfig | UnsetType = UNSET
    service_tier: ServiceTier | UnsetType = UNSET
    speed: Literal["standard", "fast"] | None = None
    stop_sequences: list[str] | UnsetType = UNSET
    stream: bool | None = None
    system: str | list[OnlyText] | UnsetType = UNSET
    thinking: ThinkingEnabled | ThinkingDisabled | ThinkingBetweenTools | ThinkingAdaptive | UnsetType = UNSET
    tool_choice: ChooseAuto | ChooseAny | ChooseTool | ChooseNone | UnsetType = UNSET
    tools: list[dict[str, Any]] | UnsetType = UNSET
    user_profile_id: str | UnsetType = UNSET
    workspace_id: str | UnsetType = UNSET
