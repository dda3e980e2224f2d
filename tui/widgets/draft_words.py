"""What a check found, as a preview."""

from __future__ import annotations

from textual.content import Content
from textual.highlight import highlight

from .. import text
from ..model import Draft


def draft_words(draft: Draft) -> Content:
    """Count, size, models and the first request; or every problem with its place and remedy."""
    lines = [_count(draft)]
    if draft.models:
        lines.append(Content(", ".join(f"{text.clean(model)} × {n:,}" for model, n in draft.models[:12])))
    lines.append(Content(""))
    if draft.problem_count:
        lines += _problems(draft)
    if draft.first:
        lines.append(Content.styled("── the first request ", "bold $text-accent"))
        lines.append(highlight(text.clean_block(draft.first), language="json"))
    return Content("\n").join(lines)


def _count(draft: Draft) -> Content:
    sent = f" · {text.size(draft.bytes)} to send" if draft.bytes else ""
    return Content.assemble(
        (text.plural(draft.requests, "request"), "bold"),
        sent,
        (f" · {text.clean(draft.source)}", "dim"),
    )


def _problems(draft: Draft) -> list[Content]:
    lines = [Content.styled(f"✗ {text.plural(draft.problem_count, 'problem')}", "bold $text-error")]
    for problem in draft.problems:
        lines.append(
            Content.assemble(
                (text.clean(problem.place), "bold"),
                ("  " + text.clean(problem.what), "$text-error"),
                (f"  → {text.clean(problem.remedy)}" if problem.remedy else "", "dim"),
            )
        )
    more = draft.problem_count - len(draft.problems)
    if more:
        lines.append(Content.styled(f"… and {more:,} more", "dim"))
    return [*lines, Content("")]
