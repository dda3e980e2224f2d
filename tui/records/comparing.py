"""Two answers to the same request: whether they say the same, and in which fields they differ.

What reads as data is compared as data, field by field: neither the order of keys nor prose around it matters.
Of lists of objects each element is compared with the one in the same place, under paths such as
`items[].label`. Anything else is compared as text, where white space at the ends of lines does not count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..model import COMPLETE_STOPS, SUCCEEDED, UNREADABLE, IndexRow
from .cells import LENGTH, MOST_LEVELS, VALUE, Scalar, step
from .fields import LONGEST_LINE, READ, Extracted, extract, flatten
from .readings import SEVERAL, TOOL
from .said import alike, call_the_same, say_the_same
from .shapes import Unreadable, loads

OUTCOME = "[outcome]"
ERROR = "[error]"
READING = "[reading]"
TEXT = "[text]"
CALLS = "[tool calls]"
MORE = "[more]"
OWN_FIELDS = {
    OUTCOME: "what became of the request",
    ERROR: "the kind of error, or its message",
    READING: "only one of the answers can be read as data",
    TEXT: "what the answers say, where it is no data",
    CALLS: "further tools, or the names of those that were called",
    MORE: "fields beyond those that are counted one by one",
}
"""Differences that are not in a field of the answers, under names that no field can have."""

EMPTY = "empty"
MOST_ELEMENTS = 1_000
"""Of a list, compared one by one."""


class Absent:
    """Stands for the value of a field that an answer does not have."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()

Value = Scalar | Absent


class FieldPair(NamedTuple):
    """One field in both answers."""

    path: str
    left: Value
    right: Value
    same: bool


class Found(NamedTuple):
    """What a comparison has found."""

    same: bool | None
    """None where an answer is too long to be compared."""
    fields: tuple[FieldPair, ...] = ()
    """Every field of data, and those of `OWN_FIELDS` that differ."""

    @property
    def differing(self) -> tuple[FieldPair, ...]:
        """The fields that are not the same."""
        return tuple(field for field in self.fields if not field.same)


def by_index(left: IndexRow, right: IndexRow) -> Found | None:
    """What the index alone can tell; None where the lines have to be read."""
    if left.outcome != right.outcome:
        return Found(False, (FieldPair(OUTCOME, became(left), became(right), False),))
    if max(left.length, right.length) > LONGEST_LINE:
        return Found(None)
    if left.outcome in (SUCCEEDED, UNREADABLE):
        return None
    if (left.error_type, left.error_message) == (right.error_type, right.error_message):
        return Found(True)
    return Found(False, (FieldPair(ERROR, left.error_type, right.error_type, False),))


def became(row: IndexRow) -> str:
    """What became of a request, in the API's word: its outcome, or why its answer is not whole."""
    if row.outcome != SUCCEEDED or not row.is_problem:
        return row.outcome
    return EMPTY if row.stop_reason in COMPLETE_STOPS else row.stop_reason or row.outcome


def by_lines(left: bytes, right: bytes) -> Found:
    """What two lines of the same outcome say; never raises, whatever the bytes are."""
    ours, theirs = extract(left), extract(right)
    if ours.how in READ and theirs.how in READ:
        return _by_data(ours, theirs, left, right)
    if ours.how in READ or theirs.how in READ:
        return Found(False, tuple(_one_sided(ours, theirs)))
    same = say_the_same(left, right)
    return Found(same, (FieldPair(TEXT, ABSENT, ABSENT, same),))


def _by_data(ours: Extracted, theirs: Extracted, left: bytes, right: bytes) -> Found:
    is_alike = alike(ours.data, theirs.data)
    elements = tuple(_by_element(ours.data, theirs.data))
    fields = (
        *_by_field(flatten(ours.data, full=True), flatten(theirs.data, full=True)),
        *elements,
    )
    if elements:  # these say it better than two whole lists could
        lists = {path or VALUE for path, _ in _lists(ours.data)}
        fields = tuple(_unlike(each.path) if _is_list(each, lists) else each for each in fields)
    if not is_alike:
        return Found(False, fields if any(not each.same for each in fields) else (*fields, _unlike(TEXT)))
    # A number may be the same in two spellings that a table keeps apart.
    fields = tuple(each if each.same else each._replace(same=True) for each in fields)
    # Where only the first of several pieces was taken, what follows it may still differ.
    if TOOL in (ours.how, theirs.how) and not call_the_same(left, right, ours.how == theirs.how):
        return Found(False, (*fields, _unlike(CALLS)))
    if SEVERAL in (ours.how, theirs.how) and not say_the_same(left, right):
        return Found(False, (*fields, _unlike(TEXT)))
    return Found(True, fields)


def _is_list(field: FieldPair, lists: set[str]) -> bool:
    return not field.same and field.path in lists and ABSENT not in (field.left, field.right)


def _by_field(ours: dict[str, Scalar], theirs: dict[str, Scalar], prefix: str = "") -> Iterator[FieldPair]:
    for path, cell in ours.items():
        other = theirs.get(path, ABSENT)
        yield FieldPair(prefix + path, cell, other, _alike_cells(cell, other))
    for path, other in theirs.items():
        if path not in ours:
            yield FieldPair(prefix + path, ABSENT, other, False)


def _by_element(ours: Any, theirs: Any) -> Iterator[FieldPair]:
    """The fields within lists of objects, element by element where there are as many of them."""
    others = dict(_lists(theirs))
    for path, elements in _lists(ours):
        beside = others.get(path)
        if beside is None:
            continue
        if len(elements) != len(beside):
            yield FieldPair(path + LENGTH, len(elements), len(beside), False)
            continue
        for one, other in zip(elements[:MOST_ELEMENTS], beside, strict=False):
            yield from _by_field(flatten(one, full=True), flatten(other, full=True), f"{path}[].")


def _lists(data: Any, path: str = "", levels: int = MOST_LEVELS) -> Iterator[tuple[str, list[Any]]]:
    if type(data) is list:
        if data and all(type(each) is dict for each in data):
            yield path, data
    elif type(data) is dict and levels >= 0:
        for key, value in data.items():
            if type(value) in (dict, list):
                yield from _lists(value, f"{path}.{step(key)}" if path else step(key), levels - 1)


def _one_sided(ours: Extracted, theirs: Extracted) -> Iterator[FieldPair]:
    yield FieldPair(READING, ours.how, theirs.how, False)
    if ours.how in READ:
        yield from _by_field(flatten(ours.data, full=True), {})
    else:
        yield from _by_field({}, flatten(theirs.data, full=True))


def _unlike(name: str) -> FieldPair:
    return FieldPair(name, ABSENT, ABSENT, False)


def _alike_cells(left: Value, right: Value) -> bool:
    if type(left) is str and type(right) is str and left != right and left[:1] + right[:1] in ("[[", "{{"):
        # Lists are cells of JSON, in which the order of keys does not matter either.
        try:
            return alike(loads(left.encode()), loads(right.encode()))
        except (Unreadable, UnicodeEncodeError):
            return False
    return alike(left, right)


def in_words(value: Value) -> str:
    """A value on one line: texts as they are, unless they could be taken for something else."""
    if isinstance(value, Absent):
        return "–"
    if isinstance(value, str):
        return value if value and not _is_scalar(value) else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def _is_scalar(text: str) -> bool:
    if text in ("true", "false", "null", "–"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True
