"""A file of results, line by line: index rows for lists, one line from anywhere, one result to read.

Results are JSONL, one result per request in any order (API documentation). Nothing here loads a whole file,
and nothing raises whatever the bytes are: a line that is not a result becomes one that says so.
"""

from __future__ import annotations

from .indexer import Indexer
from .view import Block, ResultView, parse_result, pretty, read_line

__all__ = ["Block", "Indexer", "ResultView", "parse_result", "pretty", "read_line"]
