"""A file of results, line by line: index rows for lists, one line from anywhere, one result to read.

Results are JSONL, one result per request in any order (API documentation). Nothing here loads a whole file,
and nothing raises whatever the bytes are: a line that is not a result becomes one that says so.
"""

from __future__ import annotations

from .asked import RequestView, Turn, parse_request
from .blocks import Block
from .indexer import Indexer
from .partial import completed
from .view import ResultView, parse_beginning, parse_result, pretty, read_line

__all__ = [
    "Block",
    "Indexer",
    "RequestView",
    "ResultView",
    "Turn",
    "completed",
    "parse_beginning",
    "parse_request",
    "parse_result",
    "pretty",
    "read_line",
]
