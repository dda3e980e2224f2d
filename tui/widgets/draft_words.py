"""What a check found: whether it can be sent, and every problem, grouped."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from .. import text
from ..model import WARNING, Draft, Problem, ProblemGroup

BRIEF = 4
"""Places of a problem that are named before somebody asks for all."""
MOST_PLACES = 400
"""Places that are ever named; a file of garbage has millions."""


def verdict(draft: Draft) -> tuple[str, str]:
    """Whether it can be sent, in a sentence, and its tone."""
    if draft.problem_count:
        return f"✗ {text.plural(draft.problem_count, 'problem')}: nothing can be sent", "$text-error"
    if not draft.requests:
        return "✗ there is nothing in it to send", "$text-error"
    ready = f"✓ {text.plural(draft.requests, 'request')} in order"
    if draft.warning_count:
        return f"{ready}, with {text.plural(draft.warning_count, 'warning')}", "$text-warning"
    return ready, "$text-success"


def groups_of(draft: Draft) -> tuple[ProblemGroup, ...]:
    """The problems by what is wrong: errors first, then the most frequent."""
    if draft.groups:
        return draft.groups
    places: dict[tuple[str, str, str], list[str]] = {}
    for problem in draft.problems:
        places.setdefault((problem.severity, problem.what, problem.remedy), []).append(problem.place)
    found = [
        ProblemGroup(what, remedy, severity, len(named), tuple(named))
        for (severity, what, remedy), named in places.items()
    ]
    return tuple(sorted(found, key=lambda group: (group.severity == WARNING, -group.count)))


def group_words(group: ProblemGroup, problems: Sequence[Problem], *, unfolded: bool = False) -> Content:
    """How often, what, how to mend it, and where: the first few places, or all that are known."""
    is_warning = group.severity == WARNING
    tone = "$text-warning" if is_warning else "$text-error"
    times = f"{group.count:,} × " if group.count > 1 else ""
    lines = [
        Content.assemble(
            (f"{'!' if is_warning else '✗'} ", f"bold {tone}"), (times + text.clean(group.what), tone)
        )
    ]
    if group.remedy:
        lines.append(Content.assemble(("  → ", "bold $text-accent"), text.clean(group.remedy)))
    lines.append(Content.styled(f"  {_places(group, problems, unfolded)}", "dim"))
    return Content("\n").join(lines)


def _places(group: ProblemGroup, problems: Sequence[Problem], unfolded: bool) -> str:
    known = group.places
    if unfolded:
        same = (group.severity, group.what)
        known = tuple(each.place for each in problems if (each.severity, each.what) == same) or known
    shown = known[: MOST_PLACES if unfolded else BRIEF]
    more = group.count - len(shown)
    return ", ".join(map(text.clean, shown)) + (f" … and {more:,} more" if more > 0 else "")
