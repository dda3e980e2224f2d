"""Code and JSON in colours, line by line; nothing that takes long, whatever the code."""

from __future__ import annotations

import re

from textual.content import Content, Span

LONGEST = 8_000
"""Characters of code that are coloured by the rules of its language; JSON has quicker ones."""
LONGEST_LINE = 2_000
"""Longer lines stay as they are."""

_JSON = re.compile(
    r'("(?:[^"\\]|\\.)*+"?)(\s*+:)?|(-?\d[\d.eE+-]*+)|\b(true|false|null)\b|([{}\[\]])',
)
_JSON_STYLES = {3: "$text-warning", 4: "bold $text-accent", 5: "dim"}
_LANGUAGES = frozenset(
    (  # noqa: SIM905
        "bash c c++ cpp cs csharp css diff docker go html ini java javascript js json jsx kotlin php python"
        " py python3 ruby rust scala sh shell sql swift toml ts tsx typescript xml yaml yml zsh"
    ).split()
)
"""Languages that models write most; others, and made-up names, are left alone."""


def code(said: str, language: str) -> list[Content]:
    """The lines of a cleaned piece of code."""
    name = language.lower()
    if name in ("json", "jsonl", "json5"):
        return json_lines(said)
    is_short = len(said) <= LONGEST and all(len(line) <= LONGEST_LINE for line in said.split("\n"))
    if name not in _LANGUAGES or not is_short:
        return [Content(line) for line in said.split("\n")]
    from textual.highlight import highlight

    return highlight(said, language=name).split("\n", allow_blank=True)


def json_lines(said: str) -> list[Content]:
    """The lines of JSON that is laid out already: names, texts, numbers and words apart."""
    return [_json_line(line) for line in said.split("\n")]


def _json_line(line: str) -> Content:
    spans = []
    for found in _JSON.finditer(line):
        group = found.lastindex or 0
        if group <= 2:
            style = "$text-primary" if group == 2 else "$text-success"
            spans.append(Span(found.start(1), found.end(1), style))
        else:
            spans.append(Span(found.start(), found.end(), _JSON_STYLES[group]))
    return Content(line, spans)
