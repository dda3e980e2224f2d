"""One result, formatted for reading or raw."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Static

from .. import text
from ..records import Block, ResultView

MOST_SHOWN = 100_000
"""Characters of one result that are drawn; a pager takes the rest."""
MOST_HIGHLIGHTED = 30_000
"""Characters of JSON that get colours: they cost fifteen times what plain text does."""

JSON_KINDS = frozenset({"tool_use", "json", "citations"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What the pane shows, and what a copy of it is."""

    content: Content
    plain: str
    """The answer's own text, raw, as `y` copies it."""


def formatted(view: ResultView) -> Shown:
    """Identity, then block after block, then what to do about it where something is wrong."""
    parts: list[Content] = [_head(view)]
    for block in view.blocks:
        parts += [Content(""), _block(block)]
    if view.error_type or view.error_message:
        parts += [Content(""), _error(view)]
    if view.advice:
        parts += [Content(""), Content.assemble(("→ ", "bold $text-accent"), text.clean(view.advice))]
    if not view.blocks and not view.error_type:
        parts += [Content(""), Content.styled("No answer text.", "dim italic")]
    plain = "\n\n".join(block.text for block in view.blocks) or view.error_message
    return Shown(_capped(Content("\n").join(parts)), plain)


def raw(source: bytes, pretty: str) -> Shown:
    """The line of the results file, laid out over several lines."""
    body = text.clean_block(pretty[:MOST_SHOWN])
    content = highlight(body, language="json") if len(body) <= MOST_HIGHLIGHTED else Content(body)
    return Shown(_capped(content, len(pretty)), source.decode("utf-8", "replace"))


def _head(view: ResultView) -> Content:
    facts = [view.outcome, view.stop_reason, view.model]
    line = Content.assemble(
        (text.clean(view.custom_id) or "(no custom_id)", "bold"),
        ("  " + " · ".join(text.clean(fact) for fact in facts if fact), "dim"),
    )
    if not view.usage:
        return line
    usage = " · ".join(f"{text.clean(name)} {number:,}" for name, number in view.usage if number)
    return Content("\n").join([line, Content.styled(usage, "dim")])


def _block(block: Block) -> Content:
    shown = text.clean_block(block.text[:MOST_SHOWN])
    if block.kind == "text":
        return Content(shown)
    title = text.clean(block.title) or block.kind
    named = title if block.kind in title else f"{block.kind} {title}"
    head = Content.styled(f"── {named} ", "bold $text-accent")
    if block.kind in JSON_KINDS and len(shown) <= MOST_HIGHLIGHTED:
        return Content("\n").join([head, highlight(shown, language="json")])
    tone = "dim italic" if block.kind == "thinking" else ""
    return Content("\n").join([head, Content.styled(shown, tone)])


def _error(view: ResultView) -> Content:
    lines = [
        Content.styled(text.clean(view.error_type) or "error", "bold $text-error"),
        Content(text.clean_block(view.error_message)),
    ]
    if view.request_id:
        lines.append(Content.styled(f"request id {text.clean(view.request_id)}", "dim"))
    return Content("\n").join(lines)


def _capped(content: Content, whole: int = 0) -> Content:
    size = max(len(content.plain), whole)
    if size <= MOST_SHOWN:
        return content
    note = f"… the first {MOST_SHOWN:,} of {size:,} characters; p opens all of it in the pager"
    return Content("\n").join([content[:MOST_SHOWN], Content.styled(note, "bold $text-warning")])


class ResultPane(VerticalScroll, can_focus=True):
    """Scrolls over one result, or over a text that stands in its place."""

    DEFAULT_CSS = """
    ResultPane {
        scrollbar-size-vertical: 1;
        & > Static { width: 1fr; height: auto; padding: 0 1; }
    }
    """

    def compose(self) -> ComposeResult:
        """One text; its parts are styled spans."""
        yield Static(markup=False)

    def show(self, content: Content) -> None:
        """Show from the top."""
        self.query_one(Static).update(content)
        self.scroll_home(animate=False)
