"""From the content blocks of answers and requests to parts that can be read, whatever is in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..text import plural, size, sound
from .shapes import contents, table, text

LONGEST_JSON = 200_000
"""Characters of pretty-printed JSON in one block; more is nobody's reading."""


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a result or a request, in the order it was sent; raw text, to be cleaned before shown."""

    kind: str
    """`text`, `thinking`, `tool_use`, `tool_result`, `citations`, `attachment`, `error`, `json` (unknown to
    us) or `notice` (our words)"""
    text: str
    title: str = ""
    data: Any = field(default=None, compare=False)
    """What a tool was called with, or the citations one by one."""


def indented(value: Any, limit: int = LONGEST_JSON) -> str:
    """A value as JSON with line breaks and indents, cut after `limit` characters."""
    pieces: list[str] = []
    room = limit
    try:
        for piece in json.JSONEncoder(ensure_ascii=False, indent=2).iterencode(value):
            pieces.append(piece[:room])
            room -= len(piece)
            if room <= 0:
                break
    except (ValueError, RecursionError):
        # Numbers of thousands of digits and thousands of levels are legal JSON that Python will not write.
        pieces.append(" …")
    return sound("".join(pieces))


def read(block: dict[str, Any]) -> Iterator[Block]:
    """One content block; of an unknown kind as JSON."""
    kind = text(block.get("type"))
    if kind in ("text", "") and isinstance(block.get("text"), str):
        yield Block("text", text(block["text"]))
        if cited := _citations(block.get("citations")):
            numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(cited, 1))
            yield Block("citations", numbered, data=tuple(cited))
    elif kind == "thinking":
        yield Block("thinking", text(block.get("thinking")) or "(not shown by the service)")
    elif kind == "redacted_thinking":
        yield Block("thinking", "(encrypted by the service)")
    elif kind.endswith("tool_use"):
        called = block.get("input")
        yield Block("tool_use", indented(called), text(block.get("name")), called)
    elif kind.endswith("tool_result"):
        yield _outcome(block, kind)
    elif kind in ("image", "document", "container_upload"):
        yield from _attached(block, kind)
    else:
        yield Block("json", indented(block), kind)


# -- what tools answered ------------------------------------------------------------------------------------


def _outcome(block: dict[str, Any], kind: str) -> Block:
    answer = block.get("content")
    said = "\n".join(_said(answer))
    failed = " (failed)" if block.get("is_error") is True else ""
    if not said and answer not in (None, "", [], {}):
        return Block("json", indented(block), kind)
    return Block("tool_result", said or "(nothing)", kind.removesuffix("_tool_result") + failed)


def _said(answer: Any) -> Iterator[str]:
    """The lines of a tool's answer; none where it is of no known shape."""
    if isinstance(answer, dict):
        yield from _report(answer)
        return
    for number, part in enumerate(contents(answer), 1):
        kind = text(part.get("type"))
        if kind == "web_search_result":
            yield from _hit(number, part)
        elif kind == "text":
            yield text(part.get("text"))
        elif kind in ("image", "document"):
            yield from (each.text for each in _attached(part, kind))
        else:
            yield indented(part)


def _hit(number: int, hit: dict[str, Any]) -> Iterator[str]:
    age = text(hit.get("page_age"))
    yield f"{number}. {text(hit.get('title')) or '(no title)'}" + (f" ({age})" if age else "")
    yield f"   {text(hit.get('url'))}"


def _report(answer: dict[str, Any]) -> Iterator[str]:
    """An error, a page that was fetched, or what a program printed."""
    if code := text(answer.get("error_code")):
        yield f"error: {code}"
    for name in ("url", "title"):
        if value := text(answer.get(name)):
            yield value
    inner = answer.get("content")
    if isinstance(inner, str):
        yield inner
    elif isinstance(inner, dict):
        yield from (each.text for each in read(inner))
    if output := text(answer.get("stdout")):
        yield output.rstrip("\n")
    if output := text(answer.get("stderr")):
        yield f"stderr: {output}".rstrip("\n")
    if isinstance(answer.get("return_code"), int):
        yield f"return code {answer['return_code']}"
    if isinstance(answer.get("lines"), list):
        yield from map(text, answer["lines"])
    for part in contents(inner) if isinstance(inner, list) else ():
        yield f"file {text(part.get('file_id'))}" if "file_id" in part else indented(part)


# -- citations, pictures and documents ----------------------------------------------------------------------


def _citations(value: Any) -> list[str]:
    lines = []
    for citation in contents(value):
        names = ("title", "document_title", "source", "url")
        places = list(dict.fromkeys(filter(None, (text(citation.get(name)) for name in names))))
        quote = " ".join(text(citation.get("cited_text")).split())
        where = " · ".join(places) or text(citation.get("type"))
        parts = (where, _pages(citation), f"“{quote}”" if quote else "")
        lines.append(" ".join(part for part in parts if part))
    return lines


def _pages(citation: dict[str, Any]) -> str:
    """The pages of a citation, which people look up; character positions help nobody."""
    first, after = citation.get("start_page_number"), citation.get("end_page_number")
    if not isinstance(first, int):
        return ""
    # API documentation: the end of a page range is the page after its last.
    last = after - 1 if isinstance(after, int) else first
    return f"(page {first})" if last <= first else f"(pages {first}–{last})"


def _attached(block: dict[str, Any], kind: str) -> Iterator[Block]:
    """A picture or a file in a few words; a document that is text also as that."""
    source = table(block.get("source"))
    form, data = text(source.get("type")), source.get("data")
    media = text(source.get("media_type")).rpartition("/")[2]
    where = text(source.get("url")) or text(source.get("file_id")) or text(block.get("file_id"))
    parts = [kind, media, text(block.get("title")), where]
    if form == "base64" and isinstance(data, str):
        parts.append(size(len(data) * 3 // 4))
    elif form == "content":
        parts.append(plural(len(contents(source.get("content"))), "block"))
    yield Block("attachment", f"[{_listed(parts)}]", kind)
    if form == "text" and isinstance(data, str):
        yield Block("text", text(data))
    for part in contents(source.get("content")) if form == "content" else ():
        yield from read(part)


def _listed(parts: list[str]) -> str:
    head, *rest = (part for part in parts if part)
    if not rest:
        return head
    return f"{head} {', '.join(rest)}"
