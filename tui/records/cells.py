"""Data as one row of a table: nested objects become columns by path, lists one cell.

A path is the keys from the outermost inwards, with dots between them: `scores.tone`. A key that is empty,
begins or ends with a space, or has one of `. [ ] "`, a backslash or a control character in it is written as a
JSON string: `"a.b".c`. What is no object is the column `value`. Lists are kept as compact JSON; beside it the
index tells for each list what is in it, under paths that nothing else can have:

    tags[]          the different elements of the list `tags`
    items[].label   the different values of `label` in a list of objects; `[].label` where the list is all
    items[length]   how many elements a list of nothing but objects or lists has
    [more]          fields that were left out because there are too many
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from ..text import sound

Scalar = str | int | float | bool | None
Cell = Scalar | list[Scalar]

VALUE = "value"
MORE = "[more]"
LENGTH = "[length]"
REST = "…"
"""Stands in a list's cell for further elements, and at the end of a text that was cut."""

MOST_FIELDS = 200
"""Columns of one answer."""
MOST_LEVELS = 12
"""Objects within objects; what is deeper is kept as JSON."""
MOST_ELEMENTS = 16
"""Different values of a list that the index keeps."""
LONGEST_CELL = 160
"""Characters of a cell the index keeps; the whole of it is in the file."""
LONGEST_ELEMENT = 80
LONGEST_PATH = 300

_LOOKED_AT = 1_000  # elements of a list
_PLAIN = re.compile(r'[^\s."\\\[\]\x00-\x1f\x7f](?:[^."\\\[\]\x00-\x1f\x7f]*[^\s."\\\[\]\x00-\x1f\x7f])?')
_DERIVED = re.compile(r'"(?:[^"\\]|\\.)*"|(\[)')
_Found = dict[str, dict[tuple[type, Scalar], Scalar]]
"""The different values of each path; `True` and `1` are two."""
_known: dict[tuple[str, ...], Sequence[str]] = {}
_MOST_KNOWN = 256  # objects with different keys, whose paths are remembered
_I64 = 2**63
_EXACT = 2**53
_ONLY_TEXTS = {str}


def is_derived(path: str) -> bool:
    """Whether a path is the index's own, and not that of a cell of `flatten`."""
    return "[" in path and any(match[1] for match in _DERIVED.finditer(path))


def flatten(data: Any, *, full: bool = False) -> dict[str, Scalar]:
    """The cells of an answer by path, in its order: short ones as the index keeps them, or whole and all."""
    row = _Row(full)
    row.take(data)
    return row.cells


def indexed(data: Any) -> dict[str, Cell]:
    """The same as the index keeps it, with what is in the lists."""
    row = _Row(False)
    row.take(data)
    cells: dict[str, Cell] = row.cells  # type: ignore[assignment]
    for path, found in row.lists():
        if len(cells) >= MOST_FIELDS:
            row.left_out += 1
        else:
            cells[path] = found
    if row.left_out:
        cells[MORE] = row.left_out
    return cells


def step(key: str) -> str:
    """A key as a part of a path."""
    return key if _PLAIN.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def compact(value: Any) -> str:
    """JSON without spaces, encodable."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return sound(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    except RecursionError:
        return REST


class _Row:
    """The cells of one answer while they are gathered."""

    def __init__(self, full: bool) -> None:
        self.cells: dict[str, Scalar] = {}
        self.left_out = 0
        self._full = full
        self._lists: list[tuple[str, list[Any]]] = []

    def take(self, data: Any) -> None:
        """All of it."""
        if isinstance(data, dict):
            self._object(data, "", MOST_LEVELS)
            return
        self.cells[VALUE] = whole(data) if self._full else short(data, LONGEST_CELL)
        if type(data) is list and data:
            self._lists.append(("", data))

    def lists(self) -> list[tuple[str, Cell]]:
        """What is in the lists, by path."""
        found: list[tuple[str, Cell]] = []
        for path, elements in self._lists:
            if (texts := _different_texts(elements)) is not None:
                found.append((f"{path}[]", texts))
                continue
            gathered: _Found = {}
            for each in elements[:_LOOKED_AT]:
                _gather(gathered, f"{path}[]", each, MOST_LEVELS)
            if f"{path}[]" not in gathered:
                found.append((path + LENGTH, len(elements)))
            found += [(where, list(values.values())) for where, values in gathered.items()]
        return found

    def _object(self, data: dict[str, Any], prefix: str, levels: int) -> None:
        # Called for every answer of a hundred thousand: what is common comes without further calls.
        cells, is_full = self.cells, self._full
        for path, value in zip(_paths(prefix, data), data.values(), strict=True):
            kind = type(value)
            if kind is dict and value and levels:
                self._object(value, path + ".", levels - 1)
            elif is_full:
                cells[path] = whole(value)
            elif len(path) > LONGEST_PATH or len(cells) >= MOST_FIELDS:
                self.left_out += 1
            elif kind is str:
                if len(value) <= LONGEST_CELL and value.isascii() and "\0" not in value:
                    cells[path] = value
                else:
                    cells[path] = _cut(value, LONGEST_CELL)
            elif kind is bool or value is None:
                cells[path] = value
            elif (kind is float or kind is int) and -_EXACT < value < _EXACT:
                cells[path] = value if kind is int or not value.is_integer() else int(value)
            else:
                cells[path] = short(value, LONGEST_CELL)
                if kind is list and value:
                    self._lists.append((path, value))


def _paths(prefix: str, data: dict[str, Any]) -> Sequence[str]:
    """The paths of an object's fields: answers to one prompt have the same keys, so they are remembered."""
    keys = (prefix, *data)
    found = _known.get(keys)
    if found is None:
        found = [prefix + (key if key.isidentifier() else sound(step(key))) for key in data]
        if len(data) <= MOST_FIELDS:
            if len(_known) >= _MOST_KNOWN:
                _known.clear()  # by threads at once, too: each takes and sets whole entries
            _known[keys] = found
    return found


def whole(value: Any) -> Scalar:
    """A cell as it was said; numbers that no column of numbers can hold are text."""
    kind = type(value)
    if kind is str:
        return sound(value)
    if value is None or kind is bool or (kind is int and -_I64 <= value < _I64):
        return value  # type: ignore[no-any-return]
    if kind is float and abs(value) < float("inf"):
        return value  # type: ignore[no-any-return]
    return compact(value) if kind is list or kind is dict else str(value)


def short(value: Any, most: int) -> Scalar:
    """A cell as the index keeps it: texts cut, and `1.0` the same as `1`."""
    kind = type(value)
    if kind is str:
        is_plain = len(value) <= most and value.isascii() and "\0" not in value
        return value if is_plain else _cut(value, most)
    if kind is bool or value is None:
        return value  # type: ignore[no-any-return]
    if kind is float and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    cell = whole(value)
    return _cut(cell, most) if type(cell) is str else cell


def _cut(text: str, most: int) -> str:
    end = REST if len(text) > most else ""
    text = text[: most - 1] if end else text
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = sound(text)
    text += end
    return text.replace("\0", "␀")  # SQLite ends a text of JSON at a NUL


def _different_texts(elements: list[Any]) -> list[Scalar] | None:
    """The different values of a list of some texts, which is what most lists are; None for other lists."""
    if len(elements) > _LOOKED_AT or set(map(type, elements)) != _ONLY_TEXTS:
        return None
    different = dict.fromkeys(elements)
    if len(different) > MOST_ELEMENTS:
        return None
    return list(dict.fromkeys([short(each, LONGEST_ELEMENT) for each in different]))


def _gather(found: _Found, path: str, value: Any, levels: int) -> None:
    """Add an element of a list, or what is in it, to the different values of its path."""
    kind = type(value)
    if kind is dict and value and levels:
        for key, each in value.items():
            _gather(found, f"{path}.{key if key.isidentifier() else sound(step(key))}", each, levels - 1)
    elif kind is list and value and levels:
        for each in value[:_LOOKED_AT]:
            _gather(found, f"{path}[]", each, levels - 1)
    else:
        values = found.get(path)
        if values is None:
            if len(found) >= MOST_FIELDS or len(path) > LONGEST_PATH:
                return
            values = found[path] = {}
        if len(values) <= MOST_ELEMENTS:
            cell = short(value, LONGEST_ELEMENT)
            if (cell.__class__, cell) not in values:
                cell = cell if len(values) < MOST_ELEMENTS else REST
                values[cell.__class__, cell] = cell
