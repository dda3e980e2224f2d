"""How far a run is on its way: bytes, pace and time left, and what became of each part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.content import Content

from .. import text
from ..model import DRAFT, FAILED, SENDING, SENT, UNCERTAIN, Launch, Run
from ..pace import Pace, left_words

BAR = 24
"""Cells of the bar."""


def upload_line(sent: int, total: int, pace: Pace) -> Content:
    """The bar with size, rate and time left."""
    share = min(sent / total, 1.0) if total else 0.0
    full = int(share * BAR)
    done = f"  {text.size(sent)} of {text.size(total)}"
    if total and sent >= total:
        beside = " · waiting for the answer of the service"
    else:
        left = pace.left(total - sent)
        beside = f" · {text.size(pace.rate or 0)}/s · {left_words(left)} left" if left is not None else ""
    return Content.assemble(("█" * full, "$text-accent"), ("░" * (BAR - full), "dim"), (done, "bold"), beside)


def sent_bytes(run: Run, uploads: Mapping[str, int]) -> tuple[int, int]:
    """Bytes sent, and bytes in all, of the launches that the newest attempt consists of."""
    launches = [launch for launch in run.launches if launch.attempt == run.attempts]
    sent = sum(each.bytes if each.state == SENT else uploads.get(each.id, 0) for each in launches)
    return sent, sum(launch.bytes for launch in launches)


def part_lines(run: Run, uploads: Mapping[str, int]) -> Iterator[Content]:
    """One line for each launch of the newest attempt; then what it waits for.

    `uploads`: bytes sent by now of those that are on their way.
    """
    launches = [launch for launch in run.launches if launch.attempt == run.attempts]
    for launch in launches:
        sign, style, said = _state(launch, uploads, launch in run.due)
        name = "sample" if launch.part == 0 else f"part {launch.part}"
        count = text.plural(launch.requests, "request")
        head = f"{name:<8} {count:>17}  {text.size(launch.bytes):>8}  "
        yield Content.assemble((f"{sign} ", f"bold {style}"), head, (said, style))
    if run.problem:
        yield Content("")
        yield Content.assemble(("! ", "bold $text-warning"), (text.clean(run.problem), "$text-warning"))


def end_words(run: Run, *, sample_only: bool) -> tuple[str, str]:
    """How the sending has ended where it has not sent everything, and how to go on; and its tone."""
    sample = run.sample
    if sample_only and sample is not None and sample.state == SENT:
        return "✓ the sample was sent; enter opens the run", "$text-success"
    reason = run.problem or next((each.problem for each in run.waiting if each.problem), "")
    said = f": {text.clean(reason)}" if reason else ""
    if run.scope:
        left = text.plural(len(run.waiting), "batch")
        return f"! {left} not sent{said} enter opens the run, where L sends the rest", "$text-warning"
    return f"✗ not sent{said}", "$text-error"


def sample_lines(run: Run) -> list[Content]:
    """How to go on after a sample."""
    left = text.plural(sum(launch.requests for launch in run.waiting), "request")
    return [
        Content(""),
        Content("The sample was sent. When it has ended, the run's screen shows its answers and their cost."),
        Content(f"From there the other {left} go, or not; they wait until you say so."),
    ]


def _state(launch: Launch, uploads: Mapping[str, int], is_due: bool) -> tuple[str, str, str]:
    if launch.state == SENT:
        return "✓", "$text-success", text.clean(launch.batch_id or "sent")
    if launch.state == SENDING or launch.id in uploads:
        sent = uploads.get(launch.id, 0)
        if sent >= launch.bytes:
            return "›", "$text-accent", "awaits the answer"
        return "›", "$text-accent", f"being sent  {sent / launch.bytes:.0%}"
    if launch.state == UNCERTAIN:
        return "!", "$text-warning", "nobody knows whether a batch was created"
    if launch.state == FAILED and not is_due:
        return "✗", "$text-error", f"not sent: {text.clean(launch.problem)}"
    return "·", "dim", "waits" if launch.state == DRAFT or is_due else text.clean(launch.state)


def reading_line(what: str, done: int, total: int) -> Content:
    """How far the reading of a source is; nothing is known of it at the beginning."""
    if not total:
        return Content.styled(f"{what} …", "dim")
    full = int(min(done / total, 1.0) * BAR)
    said = f"  {text.size(done)} of {text.size(total)}"
    return Content.assemble(f"{what} ", ("█" * full, "$text-accent"), ("░" * (BAR - full), "dim"), said)
