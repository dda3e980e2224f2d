"""What a pane shows, ready to be laid out for any width."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.content import Content

from .flow import Item, Spans, marked, plain

MOST_SHOWN = 100_000
"""Characters of one result that are drawn; a pager takes the rest."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the pane shows, and what a copy of it is."""

    items: tuple[Item, ...]
    plain: str
    """The answer's own text, raw, as `y` copies it."""
    is_whole: bool = True
    """Whether `plain` is all of it: of very long lines only the beginning is read."""
    matches: int = 0
    """How often the search was found in what is shown."""

    @property
    def content(self) -> Content:
        """Everything in one text, thinking included."""
        return plain(self.items)

    def marked(self, spans: Spans) -> Shown:
        """The same with the matches of a search shown."""
        items, found = marked(self.items, spans)
        return replace(self, items=tuple(items), matches=found) if found else self
