"""One result laid out for reading: identity, the answer part by part, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from .. import text
from ..records import Block, ResultView
from .block_text import Room, block_items
from .code import json_lines
from .flow import NOTHING, Item, Words, words
from .shown import MOST_SHOWN, Shown


def formatted(view: ResultView, size: int = 0) -> Shown:
    """The result as people read it; `size`: bytes of its line, where only the beginning was read."""
    room = Room(MOST_SHOWN)
    items: list[Item] = list(_head(view))
    for run in _runs(view.blocks):
        made = block_items(run, room)
        if made:
            items += [Words(NOTHING), *made]
    if view.error_type or view.error_message:
        items += [Words(NOTHING), *_error(view)]
    if not view.blocks and not view.error_type:
        items += [Words(NOTHING), Words(Content.styled("No answer text.", "dim italic"))]
    if room.is_full or view.is_cut:
        items += [Words(NOTHING), _cut_note(view, size)]
    if view.advice:
        advice = Content.assemble(("→ ", "bold $text-accent"), text.clean(view.advice))
        items += [Words(NOTHING), Words(advice, NOTHING, Content("  "))]
    return Shown(tuple(items), _answer(view), is_whole=not view.is_cut)


def raw(source: bytes, pretty: str, size: int = 0) -> Shown:
    """The line of the results file, laid out over several lines; `size`: bytes of the whole line."""
    body = text.clean_block(pretty[:MOST_SHOWN])
    items: list[Item] = [Words(line, NOTHING, _hanging(line)) for line in json_lines(body)]
    is_whole = len(source) >= size
    if len(pretty) > MOST_SHOWN or not is_whole:
        items.append(_note(f"of {text.size(size)}" if not is_whole else "of this line"))
    return Shown(tuple(items), source.decode("utf-8", "replace"), is_whole=is_whole)


def _hanging(line: Content) -> Content:
    said = line.plain
    return Content(" " * (len(said) - len(said.lstrip(" ")) + 4))


def _head(view: ResultView) -> Iterator[Item]:
    facts = [view.outcome, view.stop_reason, view.model]
    yield Words(
        Content.assemble(
            (text.clean(view.custom_id) or "(no custom_id)", "bold"),
            ("  " + " · ".join(text.clean(fact) for fact in facts if fact), "dim"),
        ),
        NOTHING,
        Content("  "),
    )
    usage = " · ".join(_counted(name, number) for name, number in view.usage if number)
    if usage:
        yield Words(Content.styled(usage, "dim"), NOTHING, Content("  "))


_COUNTS = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_creation_input_tokens": "cache written",
    "cache_read_input_tokens": "cache read",
    "cache_creation.ephemeral_5m_input_tokens": "for 5 min",
    "cache_creation.ephemeral_1h_input_tokens": "for 1 h",
    "output_tokens_details.thinking_tokens": "thinking",
    "server_tool_use.web_search_requests": "web searches",
    "server_tool_use.web_fetch_requests": "web fetches",
}


def _counted(name: str, number: int) -> str:
    return f"{_COUNTS.get(name) or text.clean(name)} {number:,}"


def _runs(blocks: tuple[Block, ...]) -> Iterator[list[Block]]:
    """Blocks that are read together: a cited text comes in many, cut in the middle of sentences."""
    run: list[Block] = []
    for block in blocks:
        if block.kind == "error":
            continue  # said below, with its request id
        joins = block.kind in ("text", "citations") and run and run[-1].kind in ("text", "citations")
        if run and not joins:
            yield run
            run = []
        run.append(block)
    if run:
        yield run


def _error(view: ResultView) -> Iterator[Item]:
    yield Words(Content.styled(text.clean(view.error_type) or "error", "bold $text-error"))
    yield from words(text.clean_block(view.error_message[:MOST_SHOWN]))
    if view.request_id:
        yield Words(Content.styled(f"request id {text.clean(view.request_id)}", "dim"))


def _answer(view: ResultView) -> str:
    """What the answer says, without what led to it; else the calls of tools, else whatever there is."""
    for kinds in (("text",), ("tool_use",)):
        said = [block.text for block in view.blocks if block.kind in kinds]
        if any(part.strip() for part in said):
            return ("" if kinds == ("text",) else "\n\n").join(said)
    return "\n\n".join(block.text for block in view.blocks) or view.error_message


def _cut_note(view: ResultView, size: int) -> Words:
    return _note(f"of {text.size(size)}" if view.is_cut and size else "of this result")


def _note(rest: str) -> Words:
    said = f"… the first {MOST_SHOWN:,} characters {rest}; p opens all of it in the pager"
    return Words(Content.styled(said, "bold $text-warning"))
