"""Runs in words: their state, their launches, and what one may do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from textual.content import Content

from .. import text
from ..model import DRAFT, DROPPED, ENDED, FAILED, SENT, UNCERTAIN, UNFINISHED, Entry, Launch, Run
from ..paths import shown
from .batch_facts import COUNT_TONES, TONES
from .batch_rows import state_cell
from .columns import Cell, Column

COLUMNS = (
    Column("state", "STATE", 12, keep=100),
    Column("name", "NAME", 15, keep=99, flexible=True),
    Column("requests", "REQS", 6, keep=90, align="right"),
    Column("batches", "SENT", 7, keep=80, align="right"),
    Column("succeeded", "OK", 6, keep=70, align="right"),
    Column("problems", "ISSUES", 6, keep=65, align="right"),
    Column("tries", "TRIES", 5, keep=30, align="right"),
    Column("created", "CREATED", 12, keep=60),
)
LOOKS = {
    "draft": ("○", "muted"),
    "sending": ("◐", "accent"),
    "waiting": ("◐", "warning"),
    "running": ("●", "accent"),
    "ended": ("✓", "success"),
    "partial": ("!", "warning"),
    "failed": ("!", "error"),
    "uncertain": ("!", "warning"),
    "dropped": ("×", "muted"),
}


def state_word(run: Run, whole: Entry) -> str:
    """What a run is doing, in one word."""
    if run.state in ("uncertain", "sending", "dropped", "draft"):
        return "waiting" if run.state == DRAFT and run.due else run.state
    if run.due:
        return "waiting"
    if run.state != SENT:
        return run.state
    return "running" if whole.batch.is_live else "ended"


def state_of(run: Run, whole: Entry) -> Cell:
    """Sign and word of a run's state."""
    word = state_word(run, whole)
    sign, tone = LOOKS.get(word, ("?", "warning"))
    if word == "ended" and whole.problems:
        sign, tone = "!", "warning" if whole.batch.counts.succeeded else "error"
    return Cell(f"{sign} {word}", tone)


def run_cells(run: Run, whole: Entry, now: datetime) -> dict[str, Cell]:
    """The cells of one row."""
    counts = whole.batch.counts
    return {
        "state": state_of(run, whole),
        "name": Cell(text.clean(run.title)),
        "requests": Cell(text.compact(run.requests)),
        "batches": Cell(
            f"{len(run.scope)}/{len(run.kept)}", "" if len(run.scope) == len(run.kept) else "warning"
        ),
        "succeeded": _number(counts.succeeded, "success"),
        "problems": _number(0 if whole.batch.is_live else whole.problems, "warning"),
        "tries": Cell(str(run.tries), "" if run.tries > 1 else "muted"),
        "created": Cell(text.moment(run.created_at, now)),
    }


def _number(number: int, tone: str) -> Cell:
    return Cell(text.compact(number), tone) if number else Cell("·", "muted")


def run_heading(run: Run, whole: Entry) -> Content:
    """State, name, and how much of it was sent."""
    cell = state_of(run, whole)
    sent = f"{len(run.scope)} of {text.plural(len(run.kept), 'batch')} sent"
    return Content.assemble(
        (cell.text, f"bold {TONES[cell.tone]}"),
        "  ",
        (text.clean(run.title), "bold"),
        (f"  {text.plural(run.requests, 'request')} · {sent}", "dim"),
    )


def run_facts(run: Run, whole: Entry, now: datetime) -> list[Content]:
    """Counts of all batches, where it came from, and what it waits for."""
    lines = [
        Content.assemble(
            (f"{'counts':<9}", "dim"), f"{text.plural(run.requests, 'request')}:", *_counts(run, whole)
        ),
        Content.assemble(
            (f"{'from':<9}", "dim"),
            text.clean(shown(run.source)),
            (f" · {text.moment(run.created_at, now)} · run {run.id[:12]}", "dim"),
        ),
    ]
    again = sum(launch.requests for launch in run.waiting if launch.attempt > 1)
    said = f"{text.plural(again, 'request')} to be tried again, not sent: {_how(run)}" if again else ""
    if whole.problems and not whole.batch.is_live and not run.waiting and not run.unfinished:
        said = f"{text.plural(whole.problems, 'request')} without a whole answer: t tries them again"
    if said:
        lines.append(Content.styled(f"{'retry':<9}{said}", "$text-warning"))
    if run.state == UNCERTAIN:
        lines.append(
            Content.styled(f"{'unclear':<9}whether a batch was created: u settles it", "$text-warning")
        )
    if run.problem:
        lines.append(Content.styled(text.clean(run.problem), "$text-warning"))
    return lines


def _counts(run: Run, whole: Entry) -> list[tuple[str, str]]:
    """How the requests of a run ended, and those that were never sent."""
    parts = [
        (f" {number:,} {name}", TONES[tone])
        for name, tone in COUNT_TONES
        if (number := getattr(whole.batch.counts, name))
    ]
    left = sum(launch.requests for launch in run.waiting if launch.attempt == 1)
    if left:
        parts.append((f" {left:,} not sent: {_how(run)}", TONES["warning"]))
    given_up = sum(each.requests for each in run.launches if each.state == DROPPED and each.attempt == 1)
    if given_up:
        parts.append((f" {given_up:,} given up", "dim"))
    return parts


def _how(run: Run) -> str:
    return "h holds them" if run.due else "L sends them"


def launch_line(run: Run, launch: Launch, entry: Entry | None, now: datetime) -> Content:
    """`part 2 of 3   100,000 requests  ● in_progress  msgbatch_…`."""
    return Content.assemble(
        f"{which(run, launch):<14}",
        (f"{text.plural(launch.requests, 'request'):>18}  ", "dim"),
        _became(launch, entry, launch in run.due, now),
    )


def which(run: Run, launch: Launch) -> str:
    """Which of a run's launches it is."""
    parts = sum(1 for each in run.launches if each.attempt == launch.attempt and each.part)
    whole = "the rest" if run.sample is not None else "all"
    part = "sample" if not launch.part else f"part {launch.part}/{parts}" if parts > 1 else whole
    return part if launch.attempt == 1 else f"retry {launch.attempt - 1} {part if parts > 1 else ''}".strip()


def _became(launch: Launch, entry: Entry | None, is_due: bool, now: datetime) -> Content:
    if entry is not None:
        cell = state_cell(entry, now)
        return Content.assemble((cell.text, TONES[cell.tone]), (f"  {text.clean(entry.id)}", "dim"))
    if is_due:
        return Content.styled("◐ waits to be sent", "$text-warning")
    why = f"  {text.clean(launch.problem)}" if launch.problem else ""
    tone = "$text-warning" if launch.state in (*UNFINISHED, FAILED) else "dim"
    return Content.assemble((f"○ {launch.state}", tone), (why, "dim"))


def launch_lines(run: Run, entries: Mapping[str, Entry], now: datetime, most: int) -> Sequence[Content]:
    """The launches that tell most: those that are not over and well first, as many as there is room for."""

    def is_over(launch: Launch) -> bool:
        entry = entries.get(launch.batch_id or "")
        return launch.state == SENT and entry is not None and entry.batch.state == ENDED

    def silence(launch: Launch) -> int:
        return 3 if launch.state == DROPPED else (launch.state == SENT) + is_over(launch)

    lines = []
    # A retry that nobody said yes to is nothing that became of the run.
    telling = [each for each in run.launches if each.state != DROPPED or each.attempt == 1]
    telling.sort(key=silence)
    for launch in telling[:most]:
        lines.append(launch_line(run, launch, entries.get(launch.batch_id or ""), now))
    if len(telling) > most:
        lines.append(Content.styled(f"… and {len(telling) - most} more (P shows all)", "dim"))
    return lines
