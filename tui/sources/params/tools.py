"""Tools that a request may offer to the model."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from .parts import CitationsConfig, Marked, Part
from .toolsets import BrowserToolset20260801, ComputerToolset20260801

CallerName = Literal[
    "direct", "code_execution_20250825", "code_execution_20260120", "code_execution_20260521"
]


class Tool(Marked, kw_only=True):
    """What all tools but toolsets have."""

    allowed_callers: list[CallerName] | UnsetType = UNSET
    defer_loading: bool | UnsetType = UNSET
    strict: bool | UnsetType = UNSET


class Illustrated(Tool, kw_only=True):
    """A tool that may come with examples."""

    input_examples: list[dict[str, Any]] | UnsetType = UNSET


class Custom(Illustrated):
    """A tool of the user's; the only one that needs no `type`."""

    input_schema: dict[str, Any]
    name: str
    description: str | UnsetType = UNSET
    eager_input_streaming: bool | None = None
    type: Literal["custom"] | None = None


class Bash20250124(Illustrated, tag="bash_20250124"):
    """A shell."""

    name: Literal["bash"]


class CodeExecution20250522(Tool, tag="code_execution_20250522"):
    """Code that the service runs."""

    name: Literal["code_execution"]


class CodeExecution20250825(Tool, tag="code_execution_20250825"):
    """Code that the service runs."""

    name: Literal["code_execution"]


class CodeExecution20260120(Tool, tag="code_execution_20260120"):
    """Code that the service runs."""

    name: Literal["code_execution"]


class CodeExecution20260521(Tool, tag="code_execution_20260521"):
    """Code that the service runs."""

    name: Literal["code_execution"]


class Memory20250818(Illustrated, tag="memory_20250818"):
    """Files that last."""

    name: Literal["memory"]


class TextEditor20250124(Illustrated, tag="text_editor_20250124"):
    """An editor."""

    name: Literal["str_replace_editor"]


class TextEditor20250429(Illustrated, tag="text_editor_20250429"):
    """An editor."""

    name: Literal["str_replace_based_edit_tool"]


class TextEditor20250728(Illustrated, tag="text_editor_20250728"):
    """An editor."""

    name: Literal["str_replace_based_edit_tool"]
    max_characters: int | None = None


class UserLocation(Part):
    """About where the user is."""

    type: Literal["approximate"]
    city: str | None = None
    country: str | None = None
    region: str | None = None
    timezone: str | None = None


class Web(Tool, kw_only=True):
    """What all tools for the web have."""

    allowed_domains: list[str] | None = None
    blocked_domains: list[str] | None = None
    max_uses: int | None = None


class WebSearch(Web, kw_only=True):
    """What all searches of the web have."""

    name: Literal["web_search"]
    user_location: UserLocation | None = None


class WebSearch20250305(WebSearch, tag="web_search_20250305"):
    """Searching the web."""


class WebSearch20260209(WebSearch, tag="web_search_20260209"):
    """Searching the web."""


class WebSearch20260318(WebSearch, tag="web_search_20260318"):
    """Searching the web."""

    response_inclusion: Literal["full", "excluded"] | UnsetType = UNSET


class AllUrls(Part, tag="all"):
    """Addresses from every result."""


class NoUrls(Part, tag="none"):
    """Addresses from no result."""


class ToolName(Part):
    """One of the request's tools."""

    name: str
    type: Literal["tool_reference"]


class OnlyUrls(Part, tag="only"):
    """Addresses from results of these tools."""

    tools: list[ToolName]


class OtherUrls(Part, tag="except"):
    """Addresses from results of all other tools."""

    tools: list[ToolName]


UrlFilter = AllUrls | NoUrls | OnlyUrls | OtherUrls


class UrlSources(Part):
    """Where addresses that may be fetched come from."""

    client_tool_results: UrlFilter | UnsetType = UNSET
    server_tool_results: UrlFilter | UnsetType = UNSET
    user_input: AllUrls | NoUrls | UnsetType = UNSET


class WebFetch(Web, kw_only=True):
    """What all tools that fetch pages have."""

    name: Literal["web_fetch"]
    citations: CitationsConfig | None = None
    max_content_tokens: int | None = None
    url_sources: UrlSources | None = None


class WebFetch20250910(WebFetch, tag="web_fetch_20250910"):
    """Fetching pages."""


class WebFetch20260209(WebFetch, tag="web_fetch_20260209"):
    """Fetching pages."""


class WebFetch20260309(WebFetch, tag="web_fetch_20260309"):
    """Fetching pages."""

    use_cache: bool | UnsetType = UNSET


class WebFetch20260318(WebFetch, tag="web_fetch_20260318"):
    """Fetching pages."""

    response_inclusion: Literal["full", "excluded"] | UnsetType = UNSET
    use_cache: bool | UnsetType = UNSET


class ToolSearchBm25(Tool, tag="tool_search_tool_bm25"):
    """Searching tools by words."""

    name: Literal["tool_search_tool_bm25"]


class ToolSearchBm2520251119(ToolSearchBm25, tag="tool_search_tool_bm25_20251119"):
    """The same by its dated name."""


class ToolSearchRegex(Tool, tag="tool_search_tool_regex"):
    """Searching tools by expressions."""

    name: Literal["tool_search_tool_regex"]


class ToolSearchRegex20251119(ToolSearchRegex, tag="tool_search_tool_regex_20251119"):
    """The same by its dated name."""


Typed = (
    Bash20250124
    | CodeExecution20250522
    | CodeExecution20250825
    | CodeExecution20260120
    | CodeExecution20260521
    | BrowserToolset20260801
    | Memory20250818
    | ComputerToolset20260801
    | TextEditor20250124
    | TextEditor20250429
    | TextEditor20250728
    | WebSearch20250305
    | WebSearch20260209
    | WebSearch20260318
    | WebFetch20250910
    | WebFetch20260209
    | WebFetch20260309
    | WebFetch20260318
    | ToolSearchBm25
    | ToolSearchBm2520251119
    | ToolSearchRegex
    | ToolSearchRegex20251119
)
"""Tools that their `type` tells apart."""
