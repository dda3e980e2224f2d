"""The kinds of answers a model may give, each a small function of the request and a pick."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from .shapes import fill, tool_name
from .texts import HOSTILE, LABELS, RIGHT_TO_LEFT, UNICODE, objects, paragraphs, quoted
from .work import Asked


class Answer(NamedTuple):
    """The parts of a message that differ: its content as JSON, how it stopped, what it cost."""

    content: str
    stop_reason: str = "end_turn"
    output_tokens: int = 0
    thinking_tokens: int = 0
    stop_details: str = ""
    stop_sequence: str = "null"


def text(escaped: str, asked: Asked, stop_reason: str = "end_turn") -> Answer:
    """An answer of one text block, cut where it would be longer than `max_tokens` allows."""
    most = 4 * asked.max_tokens
    if len(escaped) > most:
        # A cut at a space never falls inside an escape.
        escaped, stop_reason = escaped[: max(escaped.rfind(" ", 0, most), 0)], "max_tokens"
    return Answer(f'[{{"type":"text","text":"{escaped}"}}]', stop_reason, len(escaped) // 4 + 1)


def prose(asked: Asked, pick: int) -> Answer:
    """Plain text that keeps to `max_tokens`; one word if only a few are allowed, as for a classification."""
    label = LABELS[pick % len(LABELS)]
    if asked.max_tokens <= 64:
        return text(label, asked)
    made = paragraphs()
    about = f"On “{quoted(asked.excerpt)}”: " if asked.excerpt else ""
    whole = about + made[pick % len(made)]
    if len(whole) > 4 * asked.max_tokens:
        whole = whole[: whole.rfind(". ", 0, 4 * asked.max_tokens) + 1] or label
    return text(whole, asked)


def fenced(asked: Asked, pick: int) -> Answer:
    """A JSON object in a Markdown fence."""
    return text(_object(pick, "```json\\n{}\\n```"), asked)


def bare(asked: Asked, pick: int) -> Answer:
    """Nothing but JSON, of the shape asked for if there is one."""
    return text(quoted(fill(asked.shape, pick)) if asked.shape else _object(pick, "{}"), asked)


def after_prose(asked: Asked, pick: int) -> Answer:
    """A sentence, then JSON without a fence."""
    return text(_object(pick, "Here is the classification you asked for:\\n\\n{}"), asked)


def _object(pick: int, frame: str) -> str:
    return _objects(frame)[pick % len(objects())]


@cache
def _objects(frame: str) -> tuple[str, ...]:
    return tuple(frame.replace("{}", quoted(each)) for each in objects())


def tool(asked: Asked, pick: int) -> Answer:
    """A tool call; the forced tool if there is one."""
    name = (tool_name(asked.shape) if asked.shape else None) or "record_classification"
    value = fill(asked.shape, pick) if asked.shape else objects()[pick % 24 * 2 + 1]
    block = f'{{"type":"tool_use","id":"toolu_01{pick:022x}","name":"{quoted(name)}","input":{value}}}'
    return Answer(f"[{block}]", "tool_use", len(value) // 3)


def thinking(asked: Asked, pick: int) -> Answer:
    """A thinking block, then text."""
    thought = paragraphs()[(pick >> 8) % 160]
    spoken = prose(asked, pick)
    block = f'{{"type":"thinking","thinking":"{thought}","signature":"EqQB{pick:020x}{pick * 7:024x}=="}}'
    tokens = len(thought) // 4
    return spoken._replace(
        content=f"[{block},{spoken.content[1:]}",
        output_tokens=spoken.output_tokens + tokens,
        thinking_tokens=tokens,
    )


def citations(asked: Asked, pick: int) -> Answer:
    """Text in pieces, one of them with citations of two kinds."""
    made = paragraphs()
    cited = made[(pick >> 8) % 160][:120].rpartition(" ")[0]
    where = f'"document_index":{pick % 3},"document_title":"Help article {pick % 40}"'
    marks = (
        f'[{{"type":"char_location","cited_text":"{cited}",{where},"start_char_index":{pick % 900},'
        f'"end_char_index":{pick % 900 + 118},"file_id":null}},'
        f'{{"type":"page_location","cited_text":"{cited}",{where},"start_page_number":2,"end_page_number":3}}]'
    )
    blocks = (
        f'[{{"type":"text","text":"According to the document, "}},'
        f'{{"type":"text","text":"{cited}","citations":{marks}}},'
        f'{{"type":"text","text":" {made[pick % 160]}"}}]'
    )
    return Answer(blocks, "end_turn", len(blocks) // 6)


def refusal(asked: Asked, pick: int) -> Answer:
    """No content at all, and the category of the refusal."""
    category = ("cyber", "bio", "frontier_llm", "reasoning_extraction")[pick % 4]
    explanation = "null" if pick % 2 else '"The request asks for help that the usage policy rules out."'
    details = f'{{"type":"refusal","category":"{category}","explanation":{explanation}}}'
    return Answer("[]", "refusal", 1, stop_details=details)


def cut(asked: Asked, pick: int) -> Answer:
    """Text that ends in the middle of a sentence."""
    made = paragraphs()[pick % 160].rpartition(" ")[0]
    return text(made, asked, "max_tokens")._replace(output_tokens=asked.max_tokens)


def empty(asked: Asked, pick: int) -> Answer:
    """A success with nothing in it."""
    return Answer("[]" if pick % 2 else '[{"type":"text","text":""}]', "end_turn", 2)


def unicode(asked: Asked, pick: int) -> Answer:
    """Letters and signs from everywhere."""
    return text(quoted(UNICODE[pick % len(UNICODE)]) + " " + paragraphs()[pick % 160], asked)


def right_to_left(asked: Asked, pick: int) -> Answer:
    """Text that runs the other way, mixed with numbers and Latin words."""
    return text(quoted("\n".join(RIGHT_TO_LEFT[pick % 3 :])) + " " + paragraphs()[pick % 160], asked)


def hostile(asked: Asked, pick: int) -> Answer:
    """Control sequences, bidi overrides and markup, none of which may reach a terminal."""
    return text(quoted(HOSTILE[pick % len(HOSTILE)]) + " " + paragraphs()[pick % 160], asked)


def unknown_block(asked: Asked, pick: int) -> Answer:
    """A block of a type that nobody has heard of, then text."""
    block = f'{{"type":"holo_sketch","frames":{pick % 9},"note":"from a later version"}}'
    spoken = prose(asked, pick)
    return spoken._replace(content=f"[{block},{spoken.content[1:]}")


def stop_sequence(asked: Asked, pick: int) -> Answer:
    """Text that met one of the request's stop sequences."""
    return prose(asked, pick)._replace(stop_reason="stop_sequence", stop_sequence='"###"')


def paused(asked: Asked, pick: int) -> Answer:
    """A long turn with a server tool, given up half-way."""
    call = '"name":"web_search","input":{"query":"opening hours"}'
    block = f'{{"type":"server_tool_use","id":"srvtoolu_01{pick:022x}",{call}}}'
    return Answer(f'[{{"type":"text","text":"Let me look that up."}},{block}]', "pause_turn", 40)


def context_full(asked: Asked, pick: int) -> Answer:
    """Text that ended because the context window was full."""
    return prose(asked, pick)._replace(stop_reason="model_context_window_exceeded")


Maker = Callable[[Asked, int], Answer]

KINDS: dict[str, Maker] = {
    "prose": prose,
    "fenced": fenced,
    "json": bare,
    "json_after_prose": after_prose,
    "tool": tool,
    "thinking": thinking,
    "citations": citations,
    "refusal": refusal,
    "max_tokens": cut,
    "empty": empty,
    "unicode": unicode,
    "rtl": right_to_left,
    "hostile": hostile,
    "unknown_block": unknown_block,
    "stop_sequence": stop_sequence,
    "pause_turn": paused,
    "context_full": context_full,
}
"""Every kind of answer by the name of its fate."""
