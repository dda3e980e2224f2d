"""All that one should know before a yes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from textual.content import Content

from .. import text
from ..model import Draft, Estimate, Making, Run, Sample
from .estimate_words import UNKNOWN, estimate_lines, price_words
from .flow import NOTHING, Item, Words
from .plan_words import models_of, plan_lines, sample_words
from .shown import Shown

_SAMPLE = (
    "The sample goes as a batch of its own; its answers and what they cost are shown, and the rest waits for"
    " another yes. It also warms the prompt cache."
)


def send_words(
    draft: Draft,
    making: Making | None,
    estimate: Estimate | None,
    trouble: str,
    *,
    sample: Sample,
    lanes: int,
    before: Sequence[Run],
    now: datetime,
) -> Shown:
    """What is sent, what it costs, what goes first, and what speaks against it."""
    lines: list[Item] = [*map(Words, plan_lines(draft, making))]
    lines.append(_said(f"from {text.clean(draft.origin)}"))
    lines += [*_sending(draft, sample, lanes), Words(NOTHING), _head("cost")]
    if estimate is not None:
        lines += estimate_lines(estimate)
    elif trouble:
        lines.append(_said(f"unknown: {text.clean(trouble)}", "$text-warning"))
    else:
        lines.append(_said("counting tokens …"))
    if sample.count:
        lines += [Words(NOTHING), _said(_SAMPLE)]
    for other in before:
        sign = Content.styled("! ", "bold $text-warning")
        warned = Content.styled(sent_before(other, now), "bold $text-warning")
        lines += [Words(NOTHING), Words(warned, sign, Content("  "))]
    return Shown(tuple(lines), "")


def launch_question(
    run: Run,
    draft: Draft,
    estimate: Estimate | None,
    before: Sequence[Run],
    now: datetime,
    *,
    service: str,
    only_sample: bool,
) -> tuple[str, list[str]]:
    """What a yes would do, as a question with its details."""
    left = sum(launch.requests for launch in run.waiting)
    sample = run.sample if only_sample else None
    first = sample.requests if sample else 0
    of = "all together: " if sample else ""
    weight = text.size(sample.bytes if sample else draft.bytes)
    batches = f" as {text.plural(len(run.waiting), 'batch')}" if len(run.waiting) > 1 and not first else ""
    details = [
        f"{of}cost {price_words(estimate) if estimate else UNKNOWN}",
        f"{of}{models_of(draft)}",
        f"from {text.clean(draft.origin)}, {weight} to send{batches}",
        to_words(service),
        f"The other {text.plural(left - first, 'request')} wait for another yes."
        if first
        else "Answers come within 24 hours, at half the standard price.",
        *(f"! {sent_before(other, now)}" for other in before),
    ]
    if first:
        return f"Launch a sample of {text.plural(first, 'request')}?", details
    return f"Launch {text.plural(left, 'request')}?", details


def to_words(service: str) -> str:
    """Where requests go: a gateway, or the service itself."""
    return f"to {text.clean(service)}"


def sent_before(run: Run, now: datetime) -> str:
    """The earlier run of the very same requests: its name, when it was sent, and its first batch."""
    sent = next((launch for launch in run.launches if launch.sent_at), run.launches[0])
    name = text.clean(run.title)
    when = text.moment(sent.sent_at or run.created_at, now)
    first = text.clean(run.scope[0]) if run.scope else text.clean(run.state)
    return f"The very same requests were launched before: {name}, {when}, {first}"


def _sending(draft: Draft, sample: Sample, lanes: int) -> Iterator[Item]:
    yield Words(Content.assemble(("sample first: ", "dim"), sample_words(sample), ("  (s)", "dim")))
    parts = sum(not part.sample for part in draft.parts)
    if parts > 1:
        how = "one after the other" if lanes == 1 else f"{lanes} at a time"
        yield Words(Content.assemble(("batches go: ", "dim"), how, ("  (b)", "dim")))


def _head(title: str) -> Item:
    return Words(Content.styled(f"── {title} ", "bold $text-primary"))


def _said(said: str, style: str = "dim") -> Item:
    return Words(Content.styled(said, style))
