"""A recipe to be edited: TOML in a few colours, and nothing in it that drives the terminal."""

from __future__ import annotations

import re

from rich.text import Text
from textual.style import Style
from textual.widgets import TextArea

from .. import text

_PARTS = re.compile(
    r"(?P<template>\{\{.*?\}\}|\{%.*?%\})|(?P<comment>(?:^|(?<=\s))#.*$)"
    r"|(?P<table>^\s*\[[^\]=]*\]+\s*$)|(?P<key>^\s*[\w.\"-]+(?=\s*=))"
)
_PROMPT = re.compile("^prompt", re.MULTILINE)
_STYLES = {
    "template": "$text-accent bold",
    "comment": "dim",
    "table": "$text-primary bold",
    "key": "$text-primary",
}


class RecipeEditor(TextArea):
    """Draws comments, keys and templates apart."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, soft_wrap=True, tab_behavior="focus", show_line_numbers=True, compact=True)

    def open(self, source: str) -> None:
        """Edit this, beginning at its prompt: that is what people change first."""
        self.load_text(source)
        found = _PROMPT.search(source)
        line = source.count("\n", 0, found.start()) if found else 0
        self.call_after_refresh(self.move_cursor, (line, 0), center=True)

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn: as long as the one that is edited, with harmless signs in it."""
        line = super().get_line(line_index)
        # Tabs are drawn as such by the editor; all else is cleaned sign by sign.
        safe = "\t".join(map(text.clean_block, line.plain.split("\t")))
        if len(safe) == len(line.plain):
            line.plain = safe
        for found in _PARTS.finditer(line.plain):
            style = Style.parse(_STYLES[found.lastgroup or "comment"], self.app.theme_variables)
            line.stylize(style.rich_style, *found.span())
        return line
