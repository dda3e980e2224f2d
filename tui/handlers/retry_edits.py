"""Where the requests of a retry are written before they are checked, and what their lines are called."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec

from ..errors import BadSource, StoreError, UsageError
from ..model import Change, Draft, Problem, ProblemGroup
from ..paths import open_private
from ..records.changing import changed
from ..sources import Stopped
from ..text import clean, plural

PLACES = 5
"""Places of a problem that are named at once."""
_LINE = re.compile(r":(\d+)(?::\d+)?\Z")

Labels = Callable[[set[int]], dict[int, str]]
"""From numbers of lines, from 1, to what a user calls them."""


class _Named(msgspec.Struct, gc=False):
    custom_id: str


_named = msgspec.json.Decoder(_Named).decode
_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def write(path: Path, lines: Generator[bytes], changes: Sequence[Change], stop: threading.Event) -> int:
    """Write requests, one a line, with these changes, to a file that only its user can read; how many."""
    number = 0
    try:
        with closing(lines), open_private(path) as out:
            for raw in lines:
                if stop.is_set():
                    raise Stopped
                out.write(changed(raw, changes) + b"\n" if changes else raw)
                number += 1
    except OSError as error:
        raise StoreError(
            f"The requests cannot be saved: {error.strerror or error}.",
            "Look at the space and the rights there.",
        ) from error
    return number


def edited_lines(path: Path) -> Generator[bytes]:
    """The requests of an edited file, each on a line of its own; UsageError at the first that is not."""
    for number, line in _lines(path):
        try:
            _object(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UsageError(
                f"{clean(path.name)}:{number} is not a whole request.",
                "Where something else is changed as well, each request stays on its line.",
            ) from None
        yield line + b"\n"


def is_empty(path: Path) -> bool:
    """Whether nothing is left in a file."""
    return next(_lines(path), None) is None


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as handle:
        for number, line in enumerate(handle, 1):
            if bare := line.strip():
                yield number, bare


def by_line(edited: Path) -> Labels:
    """Labels for requests of an edited file, one of which is on each line that is not blank."""

    def labels(wanted: set[int]) -> dict[int, str]:
        lines = enumerate(_lines(edited), 1)
        return {place: f"{edited.name}:{line}" for place, (line, _) in lines if place in wanted}

    return labels


def by_custom_id(written: Path) -> Labels:
    """Labels for requests that nobody has a file of: what they are called."""

    def labels(wanted: set[int]) -> dict[int, str]:
        return {number: _called(line) for number, line in _lines(written) if number in wanted}

    return labels


def _called(line: bytes) -> str:
    try:
        return f"request {_named(line).custom_id}"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "a request"


def relabelled(draft: Draft, source: str, labels: Labels) -> Draft:
    """The draft as that of the user's own source, with its problems where the user finds them."""
    places = [problem.place for problem in draft.problems]
    places += [place for group in draft.groups for place in group.places]
    found = labels({int(match[1]) for match in map(_LINE.search, places) if match})

    def label(place: str) -> str:
        match = _LINE.search(place)
        return found.get(int(match[1]), place) if match else Path(source).name

    return replace(
        draft,
        source=source,
        problems=tuple(replace(each, place=label(each.place)) for each in draft.problems),
        groups=tuple(replace(each, places=tuple(map(label, each.places))) for each in draft.groups),
    )


def refuse_strangers(edited: Path, strangers: Sequence[tuple[str, int]]) -> None:
    """BadSource where custom_ids of an edited file, each with its byte, are of no request of the run."""
    if not strangers:
        return
    places = [f"{edited.name}:{line}" for line in _lines_at(edited, [offset for _, offset in strangers])]
    what, remedy = "This is no request of the run", "Leave custom_ids as they are."
    problems = tuple(
        Problem(place, f"{what}: “{custom_id}”", remedy)
        for place, (custom_id, _) in zip(places, strangers, strict=True)
    )
    group = ProblemGroup(what, remedy, "error", len(places), tuple(places[:PLACES]))
    draft = Draft(str(edited), problems=problems, problem_count=len(problems), groups=(group,))
    raise BadSource(
        f"{clean(edited.name)} cannot be sent: {plural(len(problems), 'problem')}.",
        str(problems[0]),
        draft=draft,
    )


def _lines_at(path: Path, offsets: Sequence[int]) -> Iterator[int]:
    """The lines on which these bytes of a file are; ascending."""
    line, at = 1, 0
    with path.open("rb") as handle:
        for offset in offsets:
            line += handle.read(offset - at).count(b"\n")
            at = offset
            yield line
