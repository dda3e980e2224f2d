"""What is known of one batch, in a few lines: identity, times, counts, origin, results, errors."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from textual.content import Content

from .. import text
from ..model import SUCCEEDED, DownloadProgress, Entry, Launch, Summary
from ..paths import shown
from ..query import state_word
from .batch_rows import state_cell

TONES = {
    "success": "$text-success",
    "warning": "$text-warning",
    "error": "$text-error",
    "accent": "$text-primary",
    "muted": "dim",
    "": "",
}
COUNT_TONES = (
    ("processing", "accent"),
    ("succeeded", "success"),
    ("errored", "error"),
    ("canceled", "warning"),
    ("expired", "warning"),
)


def heading(entry: Entry, now: datetime) -> Content:
    """State, name and id."""
    cell = state_cell(entry, now)
    parts: list[Content | str | tuple[str, str]] = [
        (cell.text, f"bold {TONES[cell.tone]}"),
        "  ",
        (text.clean(entry.name), "bold"),
    ]
    parts.append((f"  {text.clean(entry.id)}", "dim"))
    return Content.assemble(*parts)


def facts(
    entry: Entry,
    launch: Launch | None,
    requests: Path | None,
    progress: DownloadProgress | None,
    usual: timedelta | None,
    now: datetime,
) -> Content:
    """Times, counts, origin and results: one line each."""
    lines = [
        _times(entry, usual, now),
        _counts(entry),
        _origin(launch, requests),
        _results(entry, progress, now),
    ]
    return Content("\n").join(line for line in lines if line)


def _named(name: str, *rest: Content | str | tuple[str, str]) -> Content:
    return Content.assemble((f"{name:<9}", "dim"), *rest)


def _times(entry: Entry, usual: timedelta | None, now: datetime) -> Content:
    """The most telling first: the line is cut where the terminal ends."""
    batch = entry.batch
    created = f"created {text.moment(batch.created_at, now)}"
    if not batch.is_live:
        ended = f"ended {text.moment(batch.ended_at, now)}" if batch.ended_at else "ended"
        return _named("time", f"{ended} after {text.duration(batch.took(now))} · {created}")
    parts = [f"running for {text.duration(batch.took(now))}"]
    if batch.cancel_initiated_at:
        parts.append(f"cancel asked {text.moment(batch.cancel_initiated_at, now)}")
    if usual:
        parts.append(f"similar ones took {text.duration(usual)}")
    if batch.expires_at:
        parts.append(f"expires in {text.duration(batch.expires_at - now)}")
    return _named("time", " · ".join([*parts, created]))


def _counts(entry: Entry) -> Content:
    counts = entry.batch.counts
    parts: list[str | tuple[str, str]] = [f"{text.plural(counts.total, 'request')}:"]
    for name, tone in COUNT_TONES:
        number = getattr(counts, name)
        if number:
            parts.append((f" {number:,} {name}", TONES[tone]))
    if entry.batch.is_live and counts.processing == counts.total:
        parts.append((" (often counted only at the end)", "dim"))
    return _named("counts", *parts)


def _origin(launch: Launch | None, requests: Path | None) -> Content:
    if launch is None and requests is not None:
        return _named("from", "launched elsewhere · requests in ", text.clean(str(requests)))
    if launch is None:
        return _named("from", ("launched elsewhere; a names the file with its requests", "dim"))
    models = ", ".join(f"{text.clean(model)} × {number:,}" for model, number in launch.models[:3])
    when = f" · sent as launch {launch.id}"
    source = text.clean(shown(launch.source))
    return _named("from", source, (f" · {models}" if models else "", ""), (when, "dim"))


def _results(entry: Entry, progress: DownloadProgress | None, now: datetime) -> Content:
    file = entry.results
    if progress is not None and progress.state in ("running", "waiting"):
        share = f" ({progress.lines / progress.expected:.0%})" if progress.expected else ""
        said = f"{progress.lines:,} of {progress.expected:,} arrived{share}, {text.size(progress.bytes)}"
        if progress.state == "waiting":
            return _named(
                "results", said, (f" · cut, trying again: {text.clean(progress.problem)}", "$text-warning")
            )
        return _named("results", (f"◐ {said} · d stops", "$text-accent"))
    if file is not None and file.complete:
        parts: list[str | tuple[str, str]] = [f"{file.lines:,} on disk, {text.size(file.bytes)}"]
        if file.missing:
            parts.append((f" · {file.missing:,} missing", "bold $text-error"))
        if file.attention:
            parts.append((f" · {text.plural(file.attention, 'answer')} not whole", "$text-warning"))
        return _named("results", *parts)
    problem = progress.problem if progress is not None and progress.state == "failed" else ""
    if file is not None and file.lines:
        kept = f"{file.lines:,} of {entry.batch.counts.total:,} on disk; d fetches the rest"
        return _named("results", kept, (f" · {text.clean(problem)}" if problem else "", "$text-error"))
    return _named(
        "results",
        (text.clean(problem) or _no_results(entry, now), "$text-error" if problem else "dim"),
    )


def _no_results(entry: Entry, now: datetime) -> str:
    word = state_word(entry, now)
    if word == "deleted":
        return "gone: the server no longer has this batch"
    if word == "archived":
        return f"gone: the service keeps them until {text.moment(entry.batch.results_end_at, now)}"
    if entry.batch.is_live:
        return "come when the batch has ended"
    return "not on this machine yet; d fetches them"


def summary_words(summary: Summary, most: int) -> Content:
    """Outcomes, stop reasons, models, tokens; then what went wrong, by message, with counts."""
    if not summary.lines:
        return Content.styled("No results yet.", "dim")
    lines = [Content.styled(f"{text.plural(summary.lines, 'result')}", "bold")]
    lines += [
        _tally("outcomes", summary.outcomes),
        _tally("stops", summary.stops),
        _tally("models", summary.models),
    ]
    tokens = f"{summary.input_tokens:,} in · {summary.output_tokens:,} out"
    lines.append(_named("tokens", tokens))
    if summary.errors:
        lines += [Content(""), Content.styled("What needs attention", "bold")]
        lines += error_lines(summary, most)
    return Content("\n").join(lines)


def error_lines(summary: Summary, most: int) -> list[Content]:
    """The largest groups of problems first; the rest is counted."""
    lines = []
    for group in summary.errors[:most]:
        kind = group.kind if group.outcome == SUCCEEDED or not group.message else f"{group.kind}:"
        tone = "$text-warning" if group.outcome == SUCCEEDED else "$text-error"
        lines.append(
            Content.assemble(
                (f"{group.count:>7,} × ", "bold"),
                (text.clean(kind or group.outcome), tone),
                f" {text.clean(group.message)}",
            )
        )
    rest = sum(group.count for group in summary.errors[most:])
    if rest:
        lines.append(Content.styled(f"{rest:>7,} × other reasons (i shows all)", "dim"))
    return lines


def _tally(name: str, pairs: tuple[tuple[str, int], ...]) -> Content:
    said = " · ".join(f"{text.clean(word) or '–'} {number:,}" for word, number in pairs[:8])
    return _named(name, said)
