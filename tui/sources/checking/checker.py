"""What is wrong with one request, and what only all of them together can break.

A good request costs one typed decode and a glance; only a bad one is taken apart. The service checks the
envelope when a batch is created, and the params of each request only while it works, so that a wrong one
would show an hour later (API documentation): both are checked here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import partial

import msgspec

from ...model import RECORDS, REQUESTS, TABLE, WARNING, KnownModels, ModelLoad, Problem, ProblemGroup
from ..basics.items import Finding, Item, Lined
from ..basics.naming import is_legal
from ..basics.places import Places
from ..files.stretches import Stretch
from ..params.diagnosis import diagnose, id_findings
from ..params.parts import Part
from ..params.request import Params
from .glancing import ToolReader, are_plain, is_plain
from .identities import Identities, Place
from .limits import Judge, Verdict
from .loads import Loads
from .problems import Problems
from .rules import Asked, broken
from .skimming import Skimmed, odd, skim

LARGEST = 32_000_000
"""Bytes of a request to the Messages API (API documentation); of one in a batch no limit is published."""

NOT_SKIMMED = 15
"""Stretches that are looked at line by line, after one of which that had to be done with a tenth."""

_NO_REQUEST = Finding("There is no request in it", "Put one request on each line.")
_NOTHING = {
    TABLE: Finding("There is no row below the header", "The first row has the names of the columns."),
    RECORDS: Finding("There is no record in it", "Put one on each line."),
}

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Request(Part):
    custom_id: str
    params: Params


_decode = msgspec.json.Decoder(_Request).decode


class Checker:
    """Takes requests one by one, and collects what is wrong."""

    def __init__(
        self,
        name: str,
        models: KnownModels | None = None,
        betas: Sequence[str] = (),
        *,
        today: date | None = None,
    ) -> None:
        self._name = name
        self._betas = frozenset(betas)
        self._judge = Judge(models, betas, today)
        self._tools = ToolReader()
        self._identities = Identities()
        self._found = Problems()
        self._loads = Loads()
        self._not_skimmed = 0
        self.requests = 0

    def take(self, item: Item) -> None:
        """Check one request."""
        for finding in item.findings:
            self.add(item.line, finding, item.file)
        raw = item.raw
        if not raw:
            self.requests += item.line > 0
            return
        self.requests += 1
        if len(raw) > LARGEST:
            self._tell(item, [_large(len(raw))])
        try:
            request = _decode(raw)
            tools = self._tools.read(request.params.tools)
        except _FAULTS as error:
            self._take_apart(item, error)
            return
        self._look(item, request.params, tools)
        if is_legal(request.custom_id):
            self._identify(item, request.custom_id)
        else:
            self._tell(item, id_findings(request.custom_id))

    def take_stretch(self, stretch: Stretch) -> Lined:
        """Check whole lines, and give the requests in them."""
        if self._not_skimmed:
            self._not_skimmed -= 1
        elif (requests := skim(stretch)) is not None:
            apart = odd(requests, self._judge.verdict)
            if 10 * len(apart) <= len(requests):
                self._take_skimmed(stretch, requests, apart)
                return Lined(len(requests), stretch.data)
            self._not_skimmed = NOT_SKIMMED
        raws = []
        for item in stretch.items():
            self.take(item)
            raws.append(item.raw)
        return Lined.of(raws)

    def add(self, line: int, finding: Finding, file: str = "") -> None:
        """Note a problem that has been found at a line of a file; line 0 is the file as a whole."""
        self._found.add(finding, partial(self._place, file, line, finding))

    def finish(self, kind: str = REQUESTS) -> None:
        """Note what depends on the whole of a source of that kind."""
        if not self.requests and not self.problem_count:
            self.add(1, _NOTHING.get(kind, _NO_REQUEST))
        if self._identities.full:
            what = "There are too many requests to compare all their custom_ids"
            self.add(0, Finding(what, "Make sure that they are unique.", severity=WARNING))

    @property
    def problems(self) -> list[Problem]:
        """The first errors and warnings, in the order in which they were found."""
        return self._found.kept

    @property
    def problem_count(self) -> int:
        """All errors."""
        return self._found.errors

    @property
    def warning_count(self) -> int:
        """All warnings."""
        return self._found.warnings

    @property
    def models(self) -> dict[str, int]:
        """Each model with its number of requests."""
        return self._loads.requests

    @property
    def loads(self) -> tuple[ModelLoad, ...]:
        """What is asked of each model, the most used first."""
        return self._loads.all

    def groups(self) -> tuple[ProblemGroup, ...]:
        """The same problems together: errors first, then the most frequent."""
        return self._found.groups()

    def _take_skimmed(self, stretch: Stretch, requests: list[Skimmed], apart: list[int]) -> None:
        """Take in requests that are right, but for those that need a look of their own."""
        others = frozenset(apart)
        self._weigh(stretch, requests, others)
        names = [request.custom_id for request in requests]
        if not others and self._identities.note(names, stretch.file, stretch.line):
            return
        for index, name in enumerate(names):
            item = stretch.item(index)
            if index in others:
                self.take(item)
            else:
                self._identify(item, name)

    def _weigh(self, stretch: Stretch, requests: list[Skimmed], others: Collection[int]) -> None:
        """Sum what requests ask of their models, but for the others."""
        params = [request.params for index, request in enumerate(requests) if index not in others]
        self.requests += len(params)
        if not others and len({each.model for each in params}) == 1:
            size, amount = len(stretch.data) - len(requests), sum([each.max_tokens for each in params])
            self._loads.of(params[0].model).add(size, amount, len(requests))
            return
        for index, request in enumerate(requests):
            if index not in others:
                self._loads.of(request.params.model).add(stretch.size(index), request.params.max_tokens)

    def _look(self, item: Item, params: Params, tools: list[object]) -> None:
        """Hold params whose types are right against the rules, as far as they could break them."""
        verdict, load = self._judge.verdict(params.model), self._loads.of(params.model)
        plain = are_plain(params.messages)
        if plain and is_plain(params, verdict):
            load.add(len(item.raw), params.max_tokens)
            return
        marked = load.weigh(item.raw, params.max_tokens)
        asked = Asked(params, tools, verdict, self._betas, plain, marked)
        self._tell(item, [*verdict.findings, *broken(asked)])

    def _take_apart(self, item: Item, error: Exception) -> None:
        """Say everything about a request that the fast decode refused."""
        diagnosis = diagnose(item.raw, lenient=bool(self._betas))
        found = list(diagnosis.findings)
        model, max_tokens = None, 0
        if diagnosis.read is not None:
            model, max_tokens = diagnosis.read.model, diagnosis.read.max_tokens or 0
            verdict = self._judge.verdict(model) if model is not None else Verdict("")
            asked = Asked(diagnosis.read.params, diagnosis.read.tools, verdict, self._betas)
            found += [*verdict.findings, *broken(asked)]
        self._tell(item, found or [Finding("It cannot be read", detail=f"{error}.")])
        if diagnosis.custom_id is not None:
            self._identify(item, diagnosis.custom_id)
        if model:
            self._loads.of(model).weigh(item.raw, max_tokens)

    def _tell(self, item: Item, findings: Iterable[Finding]) -> None:
        places: list[Places] = []
        for finding in findings:
            self._found.add(finding, partial(self._place_in, item, finding, places))

    def _identify(self, item: Item, custom_id: str) -> None:
        first = self._identities.first(custom_id, item.file, item.line)
        if first is not None:
            self._tell(item, [_repeated(custom_id, first, item.file)])

    def _place_in(self, item: Item, finding: Finding, places: list[Places]) -> str:
        """Where a finding about a request stands; the request is searched only once for all of them."""
        line, column = finding.line, finding.column
        if item.column is None:
            line = column = 0
        elif finding.path:
            if not places:
                places.append(Places(item.raw))
            line, column = places[0].place(finding.path)
        if column and not line and item.column is not None:
            column += item.column - 1
        return self._at(item.file, item.line + line, column)

    def _place(self, file: str, line: int, finding: Finding) -> str:
        return self._at(file, line and line + finding.line, finding.column)

    def _at(self, file: str, line: int, column: int) -> str:
        place = f"{file or self._name}:{line}" if line else file or self._name
        return f"{place}:{column}" if line and column > 0 else place


def _large(size: int) -> Finding:
    what = "The request is larger than the Messages API takes"
    detail = f"It has {size / 1e6:,.1f} MB, of at most {LARGEST / 1e6:.0f}."
    return Finding(what, "Upload its files, and name them by their file_id.", 0, 0, WARNING, detail)


def _repeated(custom_id: str, first: Place, file: str) -> Finding:
    other, line = first
    where = f"on line {line} of {other}" if other != file else f"on line {line}"
    detail = f"“{custom_id}” stands {where if line else f'for {other}'} already."
    remedy = "Change one, or have unique ones made (--map-ids; in the app: mend custom_ids)."
    return Finding("The custom_id is not unique", remedy, detail=detail, path=("custom_id",))
