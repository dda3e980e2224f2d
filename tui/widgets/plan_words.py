"""What would be sent, and as how many batches."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from .. import text
from ..model import FAILED, PLAIN, Draft, Making, Run, Sample

MOST_MODELS = 4
"""Models named before they are only counted."""


def plan_lines(draft: Draft, making: Making | None = PLAIN) -> list[Content]:
    """Requests, bytes and batches, with the reason why there are several where that is known; the models."""
    said = f" · {text.size(draft.bytes)} to send" if draft.bytes else ""
    batches = f" · {batches_of(draft, making)}" if draft.requests else ""
    lines = [Content.assemble((text.plural(draft.requests, "request"), "bold"), said, batches)]
    if draft.models:
        lines.append(Content(models_of(draft)))
    if draft.mapped:
        made = f"{text.plural(draft.mapped, 'custom_id')} made here; the draft remembers which row each is"
        lines.append(Content.styled(made, "dim"))
    return lines


def models_of(draft: Draft) -> str:
    """Each model with its number of requests; of many only the most used."""
    named = [
        f"{text.clean(model) or '(no model)'} × {number:,}" for model, number in draft.models[:MOST_MODELS]
    ]
    more = len(draft.models) - MOST_MODELS
    return ", ".join(named) + (f" and {text.plural(more, 'more model')}" if more > 0 else "")


def batches_of(draft: Draft, making: Making | None = PLAIN) -> str:
    """`1 batch`; `3 batches, for one takes at most 100,000 requests`."""
    parts = [part for part in draft.parts if not part.sample]
    first = sum(part.requests for part in draft.parts if part.sample)
    said = text.plural(max(len(parts), 1), "batch")
    if len(parts) > 1 and making is not None:
        said += f", for one takes at most {_limit(draft, making)}"
    return f"{text.plural(first, 'request')} first as a sample, then {said}" if first else said


def _limit(draft: Draft, making: Making) -> str:
    """Whichever of the two limits asks for more parts."""
    by_number = draft.requests / making.most_requests
    by_size = draft.bytes / making.most_bytes
    if by_number >= by_size:
        return text.plural(making.most_requests, "request")
    return text.size(making.most_bytes)


def sample_words(sample: Sample) -> str:
    """`none`, `the first 10`, `10 at random`."""
    if not sample.count:
        return "none"
    if sample.random:
        return f"{sample.count:,} at random"
    return "the first one" if sample.count == 1 else f"the first {sample.count:,}"


def draft_left(run: Run, now: datetime) -> Content:
    """A draft that was prepared and not sent, on one line."""
    name = text.clean(run.title)
    rest = [text.plural(sum(launch.requests for launch in run.waiting), "request")]
    rest.append(text.size(sum(launch.bytes for launch in run.waiting)))
    rest.append(f"prepared {text.moment(run.created_at, now)}")
    if run.state == FAILED:
        rest.append("was refused")
    elif run.scope:
        rest.append(f"{text.plural(len(run.scope), 'batch')} of it sent")
    return Content.assemble((name, "bold"), (f"  {' · '.join(rest)}", "dim"))
