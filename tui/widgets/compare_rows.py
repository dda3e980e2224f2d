"""A comparison as rows: pairs of results, and the fields in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from textual.content import Content

from .. import text
from ..handlers.comparing import PairRow, PairView
from ..records.comparing import OWN_FIELDS
from ..records.comparison import Report
from ..records.tallies import DIFFERENT, NOT_COMPARED, ONLY_LEFT, ONLY_RIGHT, SAME, FieldReport
from .columns import Cell, Column, fit
from .lines import view_tabs
from .wrapping import wrapped

SIGNS = {
    SAME: ("=", "success"),
    DIFFERENT: ("≠", "warning"),
    ONLY_LEFT: ("◁", "accent"),
    ONLY_RIGHT: ("▷", "accent"),
    NOT_COMPARED: ("?", "muted"),
}

PAIRS = (
    Column("custom_id", "CUSTOM_ID", 20, keep=3),
    Column("verdict", "", 12, keep=2),
    Column("differs", "WHAT DIFFERS", 20, keep=4, flexible=True),
)
FIELDS = (
    Column("path", "FIELD", 12, keep=9, flexible=True),
    Column("same", "SAME", 7, keep=7, align="right"),
    Column("different", "DIFFER", 7, keep=8, align="right"),
    Column("only", "ONLY ONE", 8, keep=5, align="right"),
    Column("agreement", "AGREE", 6, keep=6, align="right"),
)


def pair_cells(row: PairRow) -> dict[str, Cell]:
    """The cells of one custom_id."""
    sign, tone = SIGNS[row.verdict]
    said = "  ".join(_change(each.path, each.left, each.right) for each in row.differs)
    return {
        "custom_id": Cell(text.clean(row.custom_id)),
        "verdict": Cell(f"{sign} {row.verdict}", tone),
        "differs": Cell(said),
    }


def _change(path: str, left: str, right: str) -> str:
    name = text.clean(path)
    return f"{name}: {text.clean(left)} → {text.clean(right)}" if left or right else name


class FieldRows:
    """The fields that were compared, each with its counts."""

    def __init__(self, reports: Sequence[FieldReport]) -> None:
        self.reports = sorted(reports, key=lambda each: -each.different - each.only_left - each.only_right)

    def __len__(self) -> int:
        return len(self.reports)

    def key(self, index: int) -> str:
        """The path."""
        return self.reports[index].path

    def index(self, key: str) -> int | None:
        """Where this field stands."""
        return next((place for place, each in enumerate(self.reports) if each.path == key), None)

    def cells(self, index: int) -> Mapping[str, Cell]:
        """Its counts."""
        each = self.reports[index]
        # Of what is no field of the answers only the differences are counted.
        agree = "·" if each.agreement is None or each.is_own else f"{each.agreement:.1%}"
        return {
            "path": Cell(text.clean(each.path), "muted" if each.is_own else ""),
            "same": Cell(text.count(each.same) if each.same else "·", "success" if each.same else "muted"),
            "different": Cell(text.count(each.different), "warning" if each.different else "muted"),
            "only": Cell(text.count(each.only_left + each.only_right), "muted"),
            "agreement": Cell(agree),
        }


def pair_heading(row: PairRow | None) -> Content:
    """Which custom_id is being read, and how its results relate."""
    if row is None:
        return Content()
    sign, tone = SIGNS[row.verdict]
    styles = {"muted": "dim"}
    return Content.assemble(
        (text.clean(row.custom_id), "bold"),
        "  ",
        (f"{sign} {row.verdict}", styles.get(tone, f"$text-{tone}")),
    )


def no_pairs_words(verdict: str, field: str, part: float) -> str:
    """Why there is no pair to be seen, and what to do about it."""
    if part < 1.0:
        return "Comparing …"
    if field:
        return f"No pair differs in {text.clean(field)}. Backspace shows all."
    return f"No custom_id is {verdict}; 1 shows all." if verdict else "Neither side has results."


CHOICES = ("", SAME, DIFFERENT, ONLY_LEFT, ONLY_RIGHT, NOT_COMPARED)
"""Verdicts in the order of the keys that choose them; the first stands for all."""


def verdict_tabs(report: Report, chosen: str, brief: bool) -> Content:
    """Every verdict with its number; the chosen one in brackets."""
    titles = [
        (verdict.capitalize() or "All", report.counts.get(verdict, 0) if verdict else report.total)
        for verdict in CHOICES
    ]
    if not titles[-1][1]:
        titles.pop()  # only what is far too long is not compared
    return view_tabs(titles, CHOICES.index(chosen), brief)


def change_words(report: FieldReport) -> Content:
    """The most frequent changes of a field: how a class became another."""
    what = OWN_FIELDS.get(report.path) or ("most frequent changes" if report.changes else "no differences")
    lines = [Content.assemble((text.clean(report.path), "bold"), (f"  {what}", "dim"))]
    for change in report.changes:
        lines.append(
            Content.assemble(
                (f"{change.times:>8,} × ", "bold"),
                text.clean(change.left),
                (" → ", "$text-accent"),
                text.clean(change.right),
            )
        )
    if report.other_changes:
        lines.append(Content.styled(f"{report.other_changes:>8,} × other changes", "dim"))
    if report.numbers:
        direction = f"{report.up:,} of {report.numbers:,} numbers are larger on the right"
        lines.append(Content.styled(f"{direction}, by {report.mean_change:+.4g} on average", "dim"))
    return Content("\n").join(lines)


def _head(name: str, is_absent: bool, width: int) -> str:
    lacks = " has no such result" if is_absent else ""
    return fit(fit(text.clean(name), max(width - len(lacks), 1)).rstrip() + lacks, width)


def _rows(said: str, width: int) -> list[str]:
    return [said[start:end] for start, end in wrapped(said, width, width)]


def _same(left: str, right: str) -> Content:
    return Content.assemble(left, (" │ ", "dim"), right)


def _differing(left: str, right: str) -> Content:
    return Content.assemble((left, "$text-error"), (" ≠ ", "bold"), (right, "$text-success"))


def pair_words(view: PairView, names: tuple[str, str], width: int) -> Content:
    """Both answers side by side; lines that differ stand out by a sign and a colour."""
    half = max((width - 3) // 2, 10)
    heads = (_head(name, row is None, half) for name, row in zip(names, (view.left, view.right), strict=True))
    lines = [Content.styled(" │ ".join(heads), "bold")]
    for line in view.lines:
        sides = (_rows(text.clean(said or ""), half) for said in (line.left, line.right))
        for left, right in zip_longest(*sides, fillvalue=""):
            said = fit(left, half), fit(right, half)
            lines.append(_same(*said) if line.same else _differing(*said))
    if view.cut:
        lines.append(
            Content.styled("… there is more; open the results to read all of it", "bold $text-warning")
        )
    return Content("\n").join(lines)
