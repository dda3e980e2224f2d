"""Content blocks of messages."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from .parts import Caller, Citation, CitationsConfig, Marked, Part
from .results import (
    BashCodeExecutionToolResult,
    BrowserState,
    CodeExecutionToolResult,
    TextEditorCodeExecutionToolResult,
    ToolReference,
    ToolSearchToolResult,
    WebSearchToolResult,
)


class Words(Marked):
    """Text, with citations where it is the model's own."""

    text: str
    citations: list[Citation] | None = None


class Text(Words, tag="text"):
    """Text among other blocks."""


class OnlyText(Words, kw_only=True):
    """Text where nothing else may stand."""

    type: Literal["text"]


class Base64Image(Part, tag="base64"):
    """An image in the request itself."""

    data: str
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp"]


class UrlSource(Part, tag="url"):
    """What the service fetches."""

    url: str


class FileSource(Part, tag="file"):
    """What was uploaded before."""

    file_id: str


class ImageTransformations(Part):
    """What is done to an image before the model sees it."""

    oversized_image: Literal["downsize", "error"] | UnsetType = UNSET


class Image(Marked, tag="image"):
    """An image."""

    source: Base64Image | UrlSource | FileSource
    transformations: ImageTransformations | None = None


class Base64Pdf(Part, tag="base64"):
    """A PDF in the request itself."""

    data: str
    media_type: Literal["application/pdf"]


class PlainText(Part, tag="text"):
    """A document that is text."""

    data: str
    media_type: Literal["text/plain"]


class ContentBlocks(Part, tag="content"):
    """A document made of blocks."""

    content: str | list[Text | Image]


class Papers(Marked):
    """A document."""

    source: Base64Pdf | PlainText | ContentBlocks | UrlSource | FileSource
    citations: CitationsConfig | None = None
    context: str | None = None
    title: str | None = None


class Document(Papers, tag="document"):
    """A document among other blocks."""


class OnlyDocument(Papers, kw_only=True):
    """A document where nothing else may stand."""

    type: Literal["document"]


class SearchResult(Marked, tag="search_result"):
    """A search result that the model may cite."""

    content: list[OnlyText]
    source: str
    title: str
    citations: CitationsConfig | UnsetType = UNSET


class Thinking(Part, tag="thinking"):
    """What the model thought before, as it was returned."""

    signature: str
    thinking: str


class RedactedThinking(Part, tag="redacted_thinking"):
    """The same, unreadable."""

    data: str


class ToolUse(Marked, tag="tool_use"):
    """A call of a tool by the model."""

    id: str
    input: dict[str, Any]
    name: str
    caller: Caller | UnsetType = UNSET
    toolset_name: str | None = None


class ToolResult(Marked, tag="tool_result"):
    """What a tool answered."""

    tool_use_id: str
    content: str | list[Text | Image | SearchResult | Document | ToolReference | BrowserState] | UnsetType = (
        UNSET
    )
    is_error: bool | UnsetType = UNSET
    toolset_name: str | None = None


class ServerToolUse(Marked, tag="server_tool_use"):
    """A call of a tool that the service runs."""

    id: str
    input: dict[str, Any]
    name: Literal[
        "web_search",
        "web_fetch",
        "code_execution",
        "bash_code_execution",
        "text_editor_code_execution",
        "tool_search_tool_regex",
        "tool_search_tool_bm25",
    ]
    caller: Caller | UnsetType = UNSET


class WebFetchError(Part, tag="web_fetch_tool_result_error"):
    """Why a page was not fetched."""

    error_code: Literal[
        "invalid_tool_input",
        "url_too_long",
        "url_not_allowed",
        "url_not_in_prior_context",
        "url_not_accessible",
        "unsupported_content_type",
        "too_many_requests",
        "max_uses_exceeded",
        "unavailable",
        "content_too_large",
    ]


class WebFetched(Part, tag="web_fetch_result"):
    """A page that was fetched."""

    content: OnlyDocument
    url: str
    retrieved_at: str | None = None


class WebFetchToolResult(Marked, tag="web_fetch_tool_result"):
    """What fetching a page gave."""

    content: WebFetchError | WebFetched
    tool_use_id: str
    caller: Caller | UnsetType = UNSET


class ContainerUpload(Marked, tag="container_upload"):
    """A file for the container in which code runs."""

    file_id: str


ServerToolResult = (
    WebSearchToolResult
    | WebFetchToolResult
    | CodeExecutionToolResult
    | BashCodeExecutionToolResult
    | TextEditorCodeExecutionToolResult
    | ToolSearchToolResult
)

Block = (
    Text
    | Image
    | Document
    | SearchResult
    | Thinking
    | RedactedThinking
    | ToolUse
    | ToolResult
    | ServerToolUse
    | ServerToolResult
    | ContainerUpload
)
