"""The first words of an answer on one line, read from no more of it than they need."""

from __future__ import annotations

import json

from ..text import sound
from .shapes import Content, Message, Unreadable, loads

FIRST_WORDS = 120
"""Characters of an answer that a list may show."""

_LIKELY = 150  # characters that hold FIRST_WORDS of them nearly always
_TELLING = 1_200  # as many as are looked at where there is much white space
_GLANCE = 180  # bytes that hold FIRST_WORDS characters of many languages

_SAYS = b'[{"type":"text","text":"'
_START = len(_SAYS)
_QUOTE, _BACKSLASH = b'"\\'
_TEXT = ("text", "", None)
_SILENT = ("thinking", "redacted_thinking")


def first_words(message: Message) -> str:
    """The beginning of an answer: its text, else the tool it calls, else what else it holds but thinking.

    Raises what msgspec raises where the answer's content is not as the API describes it.
    """
    # Most answers are one long text: to decode all of it costs as much as all the rest of the line.
    piece = bytes(memoryview(message.raw)[:_GLANCE])
    if piece.startswith(_SAYS):
        said = piece[_START:]
        if _QUOTE not in said and _BACKSLASH not in said:
            text = said.decode("utf-8", "replace")
            words = text[:FIRST_WORDS]
            # As in `fold`. JSON holds no bare control characters; the piece's last letter may be cut.
            is_plain = words.isascii() or words.isprintable()
            if is_plain and len(text) > FIRST_WORDS and "  " not in words and words[0] != " ":
                return words
        elif words := _glance(said):
            return words
    return _whole(message.content)


def fold(text: str) -> str:
    """The first words on one line: runs of white space become one space."""
    words = text[:FIRST_WORDS]
    if "  " not in words and words.isprintable() and words[:1] != " ":
        return words
    words = " ".join(text[:_LIKELY].split())
    if len(words) < FIRST_WORDS and len(text) > _LIKELY:
        words = " ".join(text.lstrip()[:_TELLING].split())
    # SQLite's search ends at a NUL; a terminal shows this sign for it anyway.
    return words[:FIRST_WORDS].replace("\0", "␀")


def beginning(raw: bytes) -> str:
    """The first words of bytes that nothing else is known of."""
    return fold(raw[:_TELLING].decode("utf-8", "replace"))


def _glance(said: bytes) -> str:
    """The first words of a long text of several lines; nothing where it takes more than the piece at hand."""
    said = said.replace(b"\\n", b"\n")
    if _QUOTE in said or _BACKSLASH in said:  # it may end here, or needs more to be understood
        return ""
    words = fold(said.decode("utf-8", "replace")[:-1])
    return words if len(words) == FIRST_WORDS else ""


def _whole(blocks: list[Content]) -> str:
    if len(blocks) == 1 and blocks[0].text and blocks[0].type in _TEXT:
        return fold(blocks[0].text)
    said = ""
    for block in blocks:
        if block.text and block.type in _TEXT:
            said = said + block.text[:_TELLING] if said else block.text.lstrip()[:_TELLING]
            if len(said) >= _TELLING:
                break
    return fold(said) or next((words for words in map(_call, blocks) if words), "")


def _call(block: Content) -> str:
    if block.type in _SILENT or block.type in _TEXT:
        return ""
    if not block.name:
        return fold(block.type or "")
    raw = bytes(block.input)
    telling = raw[:_TELLING]
    if b"\\u" in telling and len(raw) <= 50_000:
        # Escapes stand for letters: show those. Long inputs are shown as sent, their beginning is enough.
        return fold(f"{block.name} {_unescaped(raw)}")
    words = fold(f"{block.name} {telling[:_GLANCE].decode('utf-8', 'replace')[:-1]}")
    if len(words) == FIRST_WORDS:
        return words
    return fold(f"{block.name} {telling.decode('utf-8', 'replace')}")


def _unescaped(raw: bytes) -> str:
    try:
        return sound(json.dumps(loads(raw), ensure_ascii=False))
    except (Unreadable, ValueError, RecursionError):
        return raw[:_TELLING].decode("utf-8", "replace")
