"""What is chosen of the results, in words: outcomes to choose from, the count, why nothing is shown."""

from __future__ import annotations

from textual.content import Content

from .. import text
from ..model import SUCCEEDED, FieldTest, Order, Pattern, ResultFilter, Selection, Summary

OUTCOMES = (
    ("", "All"),
    ("succeeded", "Succeeded"),
    ("problem", "Needs attention"),
    ("errored", "Errored"),
    ("canceled", "Canceled"),
    ("expired", "Expired"),
)
EVERYTHING = ResultFilter()


def filters(summary: Summary) -> list[tuple[str, ResultFilter]]:
    """What one may choose, with its number: outcomes, stop reasons, models, reasons of failure."""
    offers = [(f"{summary.lines:>9,}  all results", EVERYTHING)]
    troubled = sum(group.count for group in summary.errors)
    if troubled:
        offers.append((f"{troubled:>9,}  needs attention", ResultFilter("problem")))
    offers += [_offer("outcome", name, number, ResultFilter(name)) for name, number in summary.outcomes]
    offers += [
        _offer("stop reason", name, number, ResultFilter(stop_reason=name)) for name, number in summary.stops
    ]
    offers += [_offer("model", name, number, ResultFilter(model=name)) for name, number in summary.models]
    stops = {name for name, _ in summary.stops}
    for group in summary.errors:
        if group.outcome == SUCCEEDED and group.kind in stops and not group.message:
            continue  # the stop reason above says the same
        said = " ".join(text.clean(part) for part in (group.kind or group.outcome, group.message) if part)
        offers.append((f"{group.count:>9,}  {said}", ResultFilter(error=group)))
    return offers


def _offer(kind: str, name: str, number: int, where: ResultFilter) -> tuple[str, ResultFilter]:
    return f"{number:>9,}  {kind} {text.clean(name) or '–'}", where


def shown_words(
    shown: int,
    lines: int,
    selection: Selection,
    *,
    so_far: bool = False,
    missing: int = 0,
    looked_at: float | None = None,
    undecided: int = 0,
) -> Content:
    """How many results are shown, of how many, and by which choice; honest while more may come."""
    some = f"{shown:,} of " if selection.where != EVERYTHING or selection.pattern else ""
    so = " so far" if so_far else ""
    parts = [Content.styled(f"{some}{text.plural(lines, 'result')}{so}", "bold")]
    if missing:
        parts.append(Content.styled(f"  + {missing:,} missing", "$text-warning"))
    parts += [Content.styled(f"  {words}", "$text-accent") for words in choice_words(selection)]
    if looked_at is not None:
        parts.append(Content.styled(f"  searching {looked_at:.0%}", "bold $text-warning"))
    if undecided:
        parts.append(Content.styled(f"  {undecided:,} not decided: too slow", "$text-warning"))
    return Content("").join(parts)


def choice_words(selection: Selection) -> list[str]:
    """Each part of a choice in a few words, clean."""
    where = selection.where
    words = [dict(OUTCOMES).get(where.outcome, text.clean(where.outcome)).lower()] if where.outcome else []
    words += [text.clean(value) for value in (where.stop_reason, where.model) if value]
    if where.error:
        words.append(text.clean(where.error.message or where.error.kind or where.error.outcome)[:40])
    words += [field_words(test) for test in where.fields]
    if selection.pattern:
        words.append(pattern_words(selection.pattern))
    if selection.order != Order():
        words.append(f"{'▼' if selection.order.reverse else '▲'} {selection.order.column or '#'}")
    return words


def pattern_words(pattern: Pattern) -> str:
    """As it was typed, after the key that begins it."""
    return f"/{'/' if pattern.regex else ''}{text.clean(pattern.text)}"


def field_words(test: FieldTest) -> str:
    """`status = open`, `score 1 … 5`, `status missing`."""
    name = text.clean(test.path)
    if not name:
        return "not read as data" if test.missing else f"read as {text.clean(test.value or '')}"
    if test.missing:
        return f"{name} missing"
    if test.value is not None:
        return f"{name} = {text.clean(test.value)[:40]}"
    return f"{name} {test.low:g} … {test.high:g}"


def empty_words(selection: Selection, is_live: bool, is_searching: bool) -> str:
    """Why no result is shown, and what to do about it."""
    if is_searching:
        return "Searching …"
    if selection.where != EVERYTHING or selection.pattern:
        return "No result matches. Escape clears the search, 1 shows all."
    return "Results come when the batch has ended." if is_live else "No results here yet."


def no_data_words(selection: Selection) -> str:
    """The same where answers are shown as data."""
    if selection.where.fields:
        return "No answer matches. Backspace takes the last field's filter away."
    if selection.where != EVERYTHING or selection.pattern:
        return "No result matches. Escape leads back to the list, where the choice is cleared."
    return "No results here yet."
