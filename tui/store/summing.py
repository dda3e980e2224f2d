"""From the kinds of results, each with its sums, to what is told of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..model import SUCCEEDED, ErrorGroup, ModelUsage, Summary

MOST_GROUPS = 200
"""Reasons a summary tells: messages may differ in every line."""


class Kind(NamedTuple):
    """What many lines share, and their sums; a row of `result_sql.kinds`."""

    id: int
    outcome: str
    stop_reason: str
    error_message: str
    reason: str
    """Why it is a problem, in the API's own word where it has one."""
    problem: int
    model: str
    geo: str
    long: int
    lines: int
    input_tokens: int
    output_tokens: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int
    searches: int

    @property
    def usage(self) -> ModelUsage:
        """The part of it that a price belongs to."""
        return ModelUsage(self.model, self.geo, bool(self.long), *self[9:])


def counting(kinds: Iterable[Kind], hidden: Mapping[int, int]) -> list[Kind]:
    """The kinds with those of their lines that count; `hidden`: how many of a kind do not."""
    left = (kind._replace(lines=kind.lines - hidden.get(kind.id, 0)) for kind in kinds)
    return [kind for kind in left if kind.lines > 0]


def summed(rows: Iterable[tuple[Any, ...]], hidden: Mapping[int, int]) -> Summary:
    """Outcomes, stop reasons, models and reasons with their counts, the most frequent first.

    Tokens are those of all lines, superseded ones too: they were paid for.
    """
    paid = [Kind(*row) for row in rows]
    kinds = counting(paid, hidden) if hidden else paid
    groups: Counter[tuple[str, str, str]] = Counter()
    for kind in kinds:
        if kind.problem:
            groups[kind.outcome, kind.reason, kind.error_message] += kind.lines
    return Summary(
        lines=sum(kind.lines for kind in kinds),
        outcomes=_counted((kind.outcome, kind.lines) for kind in kinds),
        stops=_counted((kind.stop_reason, kind.lines) for kind in kinds if kind.outcome == SUCCEEDED),
        models=_counted((kind.model, kind.lines) for kind in kinds if kind.model),
        errors=tuple(ErrorGroup(*group, count) for group, count in groups.most_common(MOST_GROUPS)),
        input_tokens=sum(kind.usage.total_input for kind in paid),
        output_tokens=sum(kind.output_tokens for kind in paid),
        usage=_used(kind for kind in paid if kind.outcome == SUCCEEDED),
    )


def _counted(pairs: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for name, number in pairs:
        counts[name] += number
    return tuple(counts.most_common())


def _used(kinds: Iterable[Kind]) -> tuple[ModelUsage, ...]:
    sums: dict[tuple[str, str, bool], list[int]] = {}
    for kind in kinds:
        key = kind.model, kind.geo, bool(kind.long)
        sums[key] = [a + b for a, b in zip(sums.get(key, [0] * 7), kind[9:], strict=True)]
    return tuple(ModelUsage(*key, *numbers) for key, numbers in sorted(sums.items()))
