"""One request laid out for reading: whom it asks, and what, role by role."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from .. import text
from ..records import Block, RequestView
from .block_text import Room, block_items
from .flow import NOTHING, Item, Words, words
from .shown import MOST_SHOWN, Shown


def requested(view: RequestView) -> Shown:
    """The request as people read it. Its texts stay as they were written: they are what was sent."""
    room = Room(MOST_SHOWN)
    items: list[Item] = [_head(view)]
    if view.problem:
        items.append(Words(Content.styled(f"Not a request: {text.clean(view.problem)}.", "$text-warning")))
    for turn in view.turns:
        items.append(Words(NOTHING))
        if turn.role:
            items.append(Words(Content.styled(f"── {text.clean(turn.role)} ", "bold $text-primary")))
        items += _parts(turn.blocks, room)
    items += _rest(view, room)
    if room.is_full:
        note = f"… the first {MOST_SHOWN:,} characters of this request; the raw view shows its other parts"
        items += [Words(NOTHING), Words(Content.styled(note, "bold $text-warning"))]
    said = "\n\n".join(block.text for turn in view.turns for block in turn.blocks)
    return Shown(tuple(items), said)


def nothing_known(said: str) -> Shown:
    """A sentence where a request could stand."""
    return Shown(tuple(words(text.clean_block(said), "dim")), "")


def _head(view: RequestView) -> Item:
    most = f"max_tokens {view.max_tokens:,}" if view.max_tokens else ""
    facts = " · ".join(fact for fact in (text.clean(view.model), most) if fact)
    head = Content.assemble(("request", "bold"), (f"  {facts}" if facts else "", "dim"))
    return Words(head, NOTHING, Content("  "))


def _parts(blocks: tuple[Block, ...], room: Room) -> Iterator[Item]:
    for number, block in enumerate(blocks):
        if number:
            yield Words(NOTHING)
        if block.kind == "text":
            yield from words(text.clean_block(room.cut(block.text)))
        else:
            yield from block_items([block], room)


def _rest(view: RequestView, room: Room) -> Iterator[Item]:
    if view.tools:
        names = ", ".join(text.clean(name) for name in view.tools)
        yield Words(NOTHING)
        yield Words(
            Content.assemble(("tools  ", "bold $text-primary"), room.cut(names)), NOTHING, Content("  ")
        )
    if view.others:
        yield Words(NOTHING)
        yield Words(Content.styled("── other parameters ", "bold $text-primary"))
        yield from block_items([Block("json", view.others)], room)[1:]
