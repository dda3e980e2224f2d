"""Markdown made readable: its signs become styles, its lists hang, its tables stand in columns.

Only colours come of it, never a link or an action, whatever the text says: a link's target is written out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from textual.content import Content, Span

from .. import text
from .code import code
from .flow import NOTHING, Grid, Item, Words

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 16_000
"""Characters that are taken for Markdown: half a second for hostile ones, 60 ms for others."""
MOST_CELLS = 20_000
"""Signs of a table's columns that its lines may have together: short rows are filled up to the widest."""
_HEADINGS = {"h1": "bold underline $text-primary", "h2": "bold $text-primary"}
_LATEX = frozenset("()[]{},;:! ")
"""What follows a backslash in formulas; Markdown would swallow the backslash."""
_MARKS = {"strong": "bold", "em": "italic", "s": "strike"}


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # a tenth of a second: not before somebody reads an answer

    # Raw HTML stays text, and escapes stay apart, so that those of formulas can be told.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("text_join")


def markdown(source: str) -> list[Item]:
    """A cleaned text laid out by its Markdown."""
    lines = source.split("\n")
    if max(line.count("|") for line in lines) * len(lines) > MOST_CELLS:
        return [Words(Content(line)) for line in lines]
    writer = _Writer(source)
    writer.write(_parser().parse(source))
    return writer.items


class _Level:
    """A list item or a quote one is in: what its first line begins with, and what the others do."""

    def __init__(self, first: Content, rest: Content) -> None:
        self.first, self.rest = first, rest

    def take(self) -> Content:
        """What the next line begins with."""
        taken, self.first = self.first, self.rest
        return taken


class _Writer:
    """Goes through the tokens once, and keeps what one is inside of."""

    def __init__(self, source: str) -> None:
        self.items: list[Item] = []
        self._source = source.split("\n")
        self._levels: list[_Level] = []
        self._numbers: list[int | None] = []
        self._style = ""

    def write(self, tokens: Sequence[Token]) -> None:
        """Every block of the text."""
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "table_open":
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
                self._gap(token)
                self._add_table(tokens[at:end])
                at = end
            else:
                self._block(token)
            at += 1

    def _block(self, token: Token) -> None:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            start = token.attrs.get("start", 1)
            self._numbers.append(None if kind[0] == "b" else int(start))
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._numbers.pop()
        elif kind == "list_item_open":
            self._gap(token)
            self._levels.append(self._item())
        elif kind == "blockquote_open":
            self._gap(token)
            self._levels.append(_Level(_bar("▌ "), _bar("▌ ")))
        elif kind in ("list_item_close", "blockquote_close"):
            level = self._levels.pop()
            if level.first is not level.rest:  # an item without a text still has its bullet
                self._levels.append(level)
                self._add(NOTHING)
                self._levels.pop()
        elif kind == "heading_open":
            self._gap(token)
            self._style = _HEADINGS.get(token.tag, "bold")
        elif kind == "heading_close":
            self._style = ""
        elif kind == "paragraph_open":
            self._gap(token)
        elif kind == "inline":
            for line in _inline(token.children or ()):
                self._add(line.stylize_before(self._style) if self._style else line)
        elif kind in ("fence", "code_block"):
            self._gap(token)
            self._add_code(token)
        elif kind == "hr":
            self._gap(token)
            self._add(Content.styled("─" * 24, "dim"))

    def _item(self) -> _Level:
        number = self._numbers[-1]
        if number is None:
            return _Level(Content.styled("• ", "$text-accent"), Content("  "))
        self._numbers[-1] = number + 1
        sign = f"{number}. "
        return _Level(Content.styled(sign, "$text-accent"), Content(" " * len(sign)))

    def _gap(self, token: Token) -> None:
        """A blank line where the author left one."""
        line = token.map[0] if token.map else 0
        before = self._source[line - 1] if 0 < line <= len(self._source) else ""
        is_first = bool(self._levels) and self._levels[-1].first is not self._levels[-1].rest
        if self.items and not is_first and not before.strip(" >"):
            self._add(NOTHING)

    def _add(self, content: Content) -> None:
        first = NOTHING.join([level.take() for level in self._levels])
        self.items.append(Words(content, first, self._margin()))

    def _margin(self) -> Content:
        return NOTHING.join([level.rest for level in self._levels])

    def _add_code(self, token: Token) -> None:
        language = token.info.split()[0] if token.info.strip() else ""
        for line in code(text.clean_block(token.content.rstrip("\n")), language):
            margin = NOTHING.join([level.take() for level in self._levels]) + _bar("│ ")
            self.items.append(Words(line, margin, self._margin() + _bar("│ ")))

    def _add_table(self, tokens: Sequence[Token]) -> None:
        rows: list[list[Content]] = []
        rights: set[int] = set()
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open") and "right" in str(token.attrs.get("style", "")):
                rights.add(len(rows[-1]))
            elif token.type == "inline":
                cell = Content("\n").join(_inline(token.children or ()))
                rows[-1].append(cell.stylize_before("bold") if len(rows) == 1 else cell)
        margin = NOTHING.join([level.take() for level in self._levels])
        self.items.append(Grid(tuple(map(tuple, rows)), True, frozenset(rights), margin))


def _bar(sign: str) -> Content:
    return Content.styled(sign, "dim")


# -- inside a paragraph -------------------------------------------------------------------------------------


def _inline(tokens: Sequence[Token]) -> Iterator[Content]:
    """The lines of a paragraph: those of its author, for models mean their line breaks."""
    line = _Line()
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield line.made()
            line = _Line(line.open)
        else:
            line.add(token)
    yield line.made()


class _Line:
    """One line while it is put together; styles that are open go on in the next."""

    def __init__(self, opened: Sequence[tuple[str, int, str]] = ()) -> None:
        self._said = ""
        self._spans: list[Span] = []
        self.open = [(name, 0, target) for name, _, target in opened]

    def made(self) -> Content:
        """The line as it is now."""
        spans = self._spans + [
            Span(start, len(self._said), _MARKS.get(name, "underline")) for name, start, _ in self.open
        ]
        return Content(self._said, [span for span in spans if span.end > span.start])

    def add(self, token: Token) -> None:
        """The next part."""
        kind = token.type
        if kind == "code_inline":
            self._say(token.content, "bold $text-accent")
        elif kind == "image":
            target = str(token.attrs.get("src", ""))
            self._say(f"[image: {token.content}]", "underline")
            self._say(f" ({target})", "dim")
        elif kind == "text_special":
            is_latex = token.info == "escape" and token.content in _LATEX
            self._say(token.markup if is_latex else token.content)
        elif kind.endswith("_open"):
            self.open.append((kind[:-5], len(self._said), str(token.attrs.get("href", ""))))
        elif kind.endswith("_close") and self.open:
            self._close()
        else:
            self._say(token.content)

    def _say(self, said: str, style: str = "") -> None:
        start = len(self._said)
        self._said += text.clean(said)  # once more: an entity may stand for anything
        if style:
            self._spans.append(Span(start, len(self._said), style))

    def _close(self) -> None:
        name, start, target = self.open.pop()
        if len(self._said) > start:
            self._spans.append(Span(start, len(self._said), _MARKS.get(name, "underline")))
        shown = self._said[start:]
        if name == "link" and text.clean(target) not in (shown, f"mailto:{shown}", f"http://{shown}"):
            self._say(f" ({target})", "dim")
