"""What tools of the service answered, as it stands in the messages of a conversation that goes on."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from .parts import Caller, Marked, Part

# Searching the web


class WebSearchFound(Part):
    """A page that was found."""

    encrypted_content: str
    title: str
    type: Literal["web_search_result"]
    url: str
    page_age: str | None = None


class WebSearchError(Part, tag="web_search_tool_result_error"):
    """Why nothing was searched."""

    error_code: Literal[
        "invalid_tool_input",
        "unavailable",
        "max_uses_exceeded",
        "too_many_requests",
        "query_too_long",
        "request_too_large",
    ]


class WebSearchToolResult(Marked, tag="web_search_tool_result"):
    """What a search of the web gave."""

    content: list[WebSearchFound] | WebSearchError
    tool_use_id: str
    caller: Caller | UnsetType = UNSET


# Running code

RunError = Literal["invalid_tool_input", "unavailable", "too_many_requests", "execution_time_exceeded"]


class CodeExecutionError(Part, tag="code_execution_tool_result_error"):
    """Why code did not run."""

    error_code: RunError


class CodeExecutionOutput(Part):
    """A file that code made."""

    file_id: str
    type: Literal["code_execution_output"]


class CodeExecuted(Part, tag="code_execution_result"):
    """What code wrote."""

    content: list[CodeExecutionOutput]
    return_code: int
    stderr: str
    stdout: str


class EncryptedCodeExecuted(Part, tag="encrypted_code_execution_result"):
    """The same, unreadable."""

    content: list[CodeExecutionOutput]
    encrypted_stdout: str
    return_code: int
    stderr: str


class CodeExecutionToolResult(Marked, tag="code_execution_tool_result"):
    """What running code gave."""

    content: CodeExecutionError | CodeExecuted | EncryptedCodeExecuted
    tool_use_id: str


class BashCodeExecutionError(Part, tag="bash_code_execution_tool_result_error"):
    """Why a command did not run."""

    error_code: Literal[
        "invalid_tool_input",
        "unavailable",
        "too_many_requests",
        "execution_time_exceeded",
        "output_file_too_large",
    ]


class BashCodeExecutionOutput(Part):
    """A file that a command made."""

    file_id: str
    type: Literal["bash_code_execution_output"]


class BashCodeExecuted(Part, tag="bash_code_execution_result"):
    """What a command wrote."""

    content: list[BashCodeExecutionOutput]
    return_code: int
    stderr: str
    stdout: str


class BashCodeExecutionToolResult(Marked, tag="bash_code_execution_tool_result"):
    """What a command gave."""

    content: BashCodeExecutionError | BashCodeExecuted
    tool_use_id: str


# Editing files


class TextEditorError(Part, tag="text_editor_code_execution_tool_result_error"):
    """Why a file was not edited."""

    error_code: Literal[
        "invalid_tool_input",
        "unavailable",
        "too_many_requests",
        "execution_time_exceeded",
        "file_not_found",
    ]
    error_message: str | None = None


class TextEditorViewed(Part, tag="text_editor_code_execution_view_result"):
    """A file that was looked at."""

    content: str
    file_type: Literal["text", "image", "pdf"]
    num_lines: int | None = None
    start_line: int | None = None
    total_lines: int | None = None


class TextEditorCreated(Part, tag="text_editor_code_execution_create_result"):
    """A file that was written."""

    is_file_update: bool


class TextEditorReplaced(Part, tag="text_editor_code_execution_str_replace_result"):
    """A file in which text was replaced."""

    lines: list[str] | None = None
    new_lines: int | None = None
    new_start: int | None = None
    old_lines: int | None = None
    old_start: int | None = None


class TextEditorCodeExecutionToolResult(Marked, tag="text_editor_code_execution_tool_result"):
    """What editing a file gave."""

    content: TextEditorError | TextEditorViewed | TextEditorCreated | TextEditorReplaced
    tool_use_id: str


# Searching tools


class Reference(Marked):
    """Names a tool."""

    tool_name: str


class ToolReference(Reference, tag="tool_reference"):
    """The same among other blocks."""


class OnlyToolReference(Reference):
    """The same where nothing else may stand."""

    type: Literal["tool_reference"]


class ToolSearchError(Part, tag="tool_search_tool_result_error"):
    """Why no tools were searched."""

    error_code: RunError
    error_message: str | None = None


class ToolSearched(Part, tag="tool_search_tool_search_result"):
    """Tools that were found."""

    tool_references: list[OnlyToolReference]


class ToolSearchToolResult(Marked, tag="tool_search_tool_result"):
    """What a search for tools gave."""

    content: ToolSearchError | ToolSearched
    tool_use_id: str


# The browser toolset


class TabOpened(Part, tag="tab_opened"):
    """A tab was opened."""

    tab_id: str


class DownloadStarted(Part, tag="download_started"):
    """A download began."""

    download_id: str
    url: str


class DownloadCompleted(Part, tag="download_completed"):
    """A download is there."""

    download_id: str
    url: str
    path: str | None = None
    size_bytes: int | None = None


class DownloadFailed(Part, tag="download_failed"):
    """A download did not succeed."""

    download_id: str
    url: str
    error: str | None = None


class BrowserTab(Part):
    """A tab of the browser."""

    tab_id: str
    title: str
    url: str
    active: bool | UnsetType = UNSET


class BrowserState(Marked, tag="browser_state"):
    """What the browser looks like after an action."""

    tabs: list[BrowserTab]
    state_changes: list[TabOpened | DownloadStarted | DownloadCompleted | DownloadFailed] | None = None
