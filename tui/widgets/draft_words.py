"""What a check found: whether it can be sent, and every problem, grouped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from textual.content import Content

from .. import text
from ..model import WARNING, Draft, Problem, ProblemGroup
from .flow import Item, Words

BRIEF = 4
"""Places of a problem that are named before somebody asks for all."""
MOST_PLACES = 400
"""Places that are ever named; a file of garbage has millions."""

_INDENT = Content("  ")
_FILE = re.compile(r".+?(?=:\d+(?::\d+)?$)", re.DOTALL)
"""The file in `file:line` or `file:line:column`."""


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


def group_words(group: ProblemGroup, problems: Sequence[Problem], *, unfolded: bool = False) -> list[Item]:
    """How often, what, how to mend it, and where: the first few places, or all that are known."""
    is_warning = group.severity == WARNING
    tone = "$text-warning" if is_warning else "$text-error"
    times = f"{group.count:,} × " if group.count > 1 else ""
    sign = Content.styled("! " if is_warning else "✗ ", f"bold {tone}")
    lines: list[Item] = [Words(Content.styled(times + text.clean(group.what), tone), sign, _INDENT)]
    if group.remedy:
        arrow = Content.styled("  → ", "bold $text-accent")
        lines.append(Words(Content(text.clean(group.remedy)), arrow, Content("    ")))
    lines.append(Words(Content.styled(_places(group, problems, unfolded), "dim"), _INDENT, _INDENT))
    return lines


def _places(group: ProblemGroup, problems: Sequence[Problem], unfolded: bool) -> str:
    known = group.places
    if unfolded:
        same = (group.severity, group.what)
        known = tuple(each.place for each in problems if (each.severity, each.what) == same) or known
    shown = known[: MOST_PLACES if unfolded else BRIEF]
    more = group.count - len(shown)
    return ", ".join(_brief(shown)) + (f" … and {more:,} more" if more > 0 else "")


def _brief(places: Sequence[str]) -> Iterator[str]:
    """`t.csv:3:1, :7:1, u.csv:2`: a file is named once for the places in it that follow each other."""
    before = ""
    for place in places:
        file = _FILE.match(place)
        name = file[0] if file else ""
        yield text.clean(place[len(name) :] if name and name == before else place)
        before = name
