"""What the parts of a Messages request have in common: a strict form, marks for the prompt cache, citations.

All `params_*` modules mirror the parameter types of the SDK, so that a request can be checked without
importing it; a test walks the SDK's and says what differs. `X | None` is a field that may be null,
`X | UnsetType` one that may only be left out. Where only one kind of object may stand, its `type` is a field
like others and not a tag: tags are asked for only where they tell objects apart.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

SDK = "2.14"
"""The SDK whose parameter types are mirrored here."""


class Part(Struct, gc=False, forbid_unknown_fields=True):
    """An object of a request: a field that it does not know makes the decode fail."""


class CacheControl(Part):
    """Marks where the prompt cache may end."""

    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] | UnsetType = UNSET


class Marked(Part, kw_only=True):
    """What may carry a mark for the prompt cache."""

    cache_control: CacheControl | None = None


class CitationsConfig(Part):
    """Whether the model shall cite a document."""

    enabled: bool | UnsetType = UNSET


class CharLocation(Part, tag="char_location"):
    """A citation of characters in a text."""

    cited_text: str
    document_index: int
    document_title: str | None
    end_char_index: int
    start_char_index: int


class PageLocation(Part, tag="page_location"):
    """A citation of pages."""

    cited_text: str
    document_index: int
    document_title: str | None
    end_page_number: int
    start_page_number: int


class ContentBlockLocation(Part, tag="content_block_location"):
    """A citation of blocks of a document."""

    cited_text: str
    document_index: int
    document_title: str | None
    end_block_index: int
    start_block_index: int


class WebSearchResultLocation(Part, tag="web_search_result_location"):
    """A citation of a page found in the web."""

    cited_text: str
    encrypted_index: str
    title: str | None
    url: str


class SearchResultLocation(Part, tag="search_result_location"):
    """A citation of a search result that was given."""

    cited_text: str
    end_block_index: int
    search_result_index: int
    source: str
    start_block_index: int
    title: str | None


Citation = CharLocation | PageLocation | ContentBlockLocation | WebSearchResultLocation | SearchResultLocation


class DirectCaller(Part, tag="direct"):
    """The model itself called a tool."""


class ServerToolCaller(Part, tag="code_execution_20250825"):
    """Code that the model runs called a tool."""

    tool_id: str


class ServerToolCaller20260120(Part, tag="code_execution_20260120"):
    """The same, of a later version."""

    tool_id: str


Caller = DirectCaller | ServerToolCaller | ServerToolCaller20260120
