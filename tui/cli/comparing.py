"""`compare A B`: two batches, or two sets of them, that answer the same custom_ids.

A and B are ids, parts of ids, labels or launch ids; several batches of one side are joined by commas.

The `--json` object
-------------------
{`a`, `b`: {`batches` [ids], `lines`, `complete`: whether all results are here, `unnamed`: lines without a
  custom_id, `repeated`: lines that do not count, for their custom_id has a newer success or a later line},
 `same`, `different`, `only_a`, `only_b`, `not_compared` (too long): custom_ids,
 `outcomes` [{`a`, `b`, `count`}]: what became of the requests that both have: an outcome, or for an answer
  that is not whole its stop reason, or "empty",
 `fields` [{`path`, `same`, `different`, `only_a`, `only_b`, `agreement`: same ÷ (same + different) or null,
  `changes` [{`a`, `b`, `count`}]: the ten most frequent, `other_changes`, `numbers`: different ones that are
  numbers on both sides, `up`: those larger in B, `mean_change`}]; a path in brackets, such as "[text]", is no
  field of the answers but one of ours; of paths with `[]` the elements of lists are counted,
 `differing` [{`custom_id`, `verdict`: "different", "only_a", "only_b" or "not_compared", `fields` [paths, at
  most twenty]}]: the first thousand}
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any

from ..errors import UsageError
from ..handlers import Services
from ..handlers import comparing as handler
from ..handlers.comparing import PairRow
from ..handlers.matching import Compared
from ..model import Scope
from ..records.comparison import Comparison, Report, SideReport
from ..records.tallies import DIFFERENT, NOT_COMPARED, ONLY_LEFT, ONLY_RIGHT, SAME, FieldReport
from ..text import clean, count, plural
from . import output
from .finding import find
from .terminal import progress, put, say, table

KEYS = {DIFFERENT: "different", ONLY_LEFT: "only_a", ONLY_RIGHT: "only_b", NOT_COMPARED: "not_compared"}
"""Verdicts as they are called here, but for `same`; in the order in which custom_ids are told."""
WORDS = {DIFFERENT: "different", ONLY_LEFT: "only in A", ONLY_RIGHT: "only in B", NOT_COMPARED: "too long"}
TOLD_IN_JSON = 1_000
TOLD = 20
MOST_FIELDS = 40
MOST_NAMES = 4


async def compare(services: Services, options: Namespace) -> int:
    """Compare, fetching results first where needed, and print what that comes to."""
    left = await _scope(services, options.a)
    right = await _scope(services, options.b)
    told = None
    async for told in handler.compare(services, left, right):
        progress(f"Comparing {count(told.done)} of {count(told.total)} …" if not told.complete else "")
    progress("")
    assert told is not None  # a comparison tells at least of its end
    rows = await _differing(services, told.comparison, TOLD_IN_JSON if options.json else TOLD)
    if options.json:
        output.print_json(compared(told.report, rows))
    else:
        _print(told, rows)
    return 0


async def _scope(services: Services, text: str) -> Scope:
    """The batches that one side stands for."""
    ids: list[str] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        launch = await services.store.launches.get(part)
        if launch is not None and launch.batch_id:
            part = launch.batch_id
        ids.append((await find(services, part)).id)
    if not ids:
        raise UsageError("Which batches shall be compared?", "See `batchdeck compare --help`.")
    return tuple(dict.fromkeys(ids))


async def _differing(services: Services, comparison: Comparison, most: int) -> list[PairRow]:
    indexes = list(islice(chain.from_iterable(map(comparison.select, KEYS)), most))
    rows: list[PairRow] = []
    for start in range(0, len(indexes), 100):
        rows += await handler.pair_rows(services, comparison, indexes[start : start + 100])
    return rows


# -- JSON ---------------------------------------------------------------------------------------------------


def compared(report: Report, rows: Sequence[PairRow]) -> output.Json:
    """The object of `--json`."""
    return {
        "a": _side(report.left),
        "b": _side(report.right),
        "same": report.counts.get(SAME, 0),
        **{key: report.counts.get(verdict, 0) for verdict, key in KEYS.items()},
        "outcomes": [{"a": left, "b": right, "count": number} for left, right, number in report.outcomes],
        "fields": [_field(each) for each in report.fields],
        "differing": [
            {
                "custom_id": row.custom_id,
                "verdict": KEYS[row.verdict],
                "fields": list(dict.fromkeys(each.path for each in row.differs)),
            }
            for row in rows
        ],
    }


def _side(side: SideReport) -> dict[str, Any]:
    return {
        "batches": list(side.scope),
        "lines": side.lines,
        "complete": side.whole,
        "unnamed": side.unnamed,
        "repeated": side.repeated,
    }


def _field(field: FieldReport) -> dict[str, Any]:
    return {
        "path": field.path,
        "same": field.same,
        "different": field.different,
        "only_a": field.only_left,
        "only_b": field.only_right,
        "agreement": field.agreement,
        "changes": [{"a": each.left, "b": each.right, "count": each.times} for each in field.changes],
        "other_changes": field.other_changes,
        "numbers": field.numbers,
        "up": field.up,
        "mean_change": field.mean_change,
    }


# -- for people ---------------------------------------------------------------------------------------------


def _print(told: Compared, rows: Sequence[PairRow]) -> None:
    report = told.report
    for name, side in (("A", report.left), ("B", report.right)):
        put(f"{name:<10} {', '.join(side.scope)}: {plural(side.lines, 'result')}{_remarks(side)}")
    for verdict, word in {SAME: "same", **WORDS}.items():
        if number := report.counts.get(verdict, 0):
            put(f"{word:<10} {count(number)}")
    if not (report.counts.get(SAME) or report.counts.get(DIFFERENT)):
        say("A and B have no custom_id in common that could be compared.")
    for left, right, number in report.outcomes:
        if left != right:
            put(f"{'outcome':<10} {clean(left)} → {clean(right)}: {count(number)}")
    if report.fields:
        put("")
        _print_fields(report.fields)
    if rows:
        put("")
        _print_rows(rows, sum(report.counts.get(verdict, 0) for verdict in KEYS))


def _remarks(side: SideReport) -> str:
    said = []
    if not side.whole:
        said.append("not all of them are here")
    if side.unnamed:
        said.append(f"{count(side.unnamed)} without custom_id")
    if side.repeated:
        said.append(f"{count(side.repeated)} repeated")
    return f" ({', '.join(said)})" if said else ""


def _print_fields(fields: Sequence[FieldReport]) -> None:
    head = ("FIELD", "SAME", "DIFFERENT", "ONLY A", "ONLY B", "AGREE", "MOST FREQUENT CHANGES")
    lines = [
        (
            each.path,
            count(each.same),
            count(each.different),
            count(each.only_left),
            count(each.only_right),
            _percent(each.agreement),
            _changes(each),
        )
        for each in fields[:MOST_FIELDS]
    ]
    table(head, lines, elastic=len(head) - 1, right=(1, 2, 3, 4, 5), spare=(4, 3, 1))
    if len(fields) > MOST_FIELDS:
        put(f"… and {count(len(fields) - MOST_FIELDS)} more fields (--json has them)")


def _percent(share: float | None) -> str:
    """No rounding to all or nothing: neither is said where it is not so."""
    if share is None:
        return "–"
    if 0.999 < share < 1:
        return ">99.9 %"
    return "<0.1 %" if 0 < share < 0.001 else f"{share * 100:.1f} %"


def _changes(field: FieldReport) -> str:
    if field.numbers and field.numbers == field.different:
        down = field.numbers - field.up
        return f"{count(field.up)} up, {count(down)} down, by {field.mean_change:+.3g} on average"
    said = [
        f"{each.left} → {each.right} × {count(each.times)}" for each in field.changes[:3] if each.times > 1
    ]
    return "; ".join(said or [f"{each.left} → {each.right}" for each in field.changes[:1]])


def _print_rows(rows: Sequence[PairRow], total: int) -> None:
    lines = [(row.custom_id, WORDS[row.verdict], _short(row)) for row in rows]
    table(("CUSTOM_ID", "VERDICT", "DIFFERENCES"), lines, elastic=2)
    if total > len(rows):
        put(f"… and {count(total - len(rows))} more (--json tells the first {count(TOLD_IN_JSON)})")


def _short(row: PairRow) -> str:
    said = [
        each.path if each.left == each.right else f"{each.path}: {each.left} → {each.right}"
        for each in row.differs[:MOST_NAMES]
    ]
    return "; ".join(said) + (" …" if len(row.differs) > MOST_NAMES else "")
