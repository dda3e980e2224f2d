"""One pass over a source, from its first byte to its last: everything checked, summed, parted and written."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from ..errors import UsageError
from ..model import REQUESTS, Draft, DraftPart, KnownModels, Making, Sample
from ..text import size
from .basics.items import Finding, Item, Lined
from .beginning import begun, tell
from .checking.checker import Checker
from .files.opening import Source, Stopped, open_source
from .files.recognising import HEAD
from .files.splitting import Broken
from .files.stretches import Stretch
from .flow import Flow, Handful
from .origins import origin_line
from .packing import Packer, is_too_big
from .sampling import MOST as MOST_SAMPLED
from .sampling import Sampler, Spool
from .telling import Progress, Teller
from .writing import Desk, Helper, Sum

FIRST = 4_000
"""Characters of the first request that are shown."""


def drafted(
    paths: Sequence[Path],
    making: Making,
    sample: Sample,
    models: KnownModels | None,
    stop: threading.Event | None,
    progress: Progress | None,
    desk: Desk | None = None,
) -> Draft:
    """Check every request of a source; while nothing is wrong, write them to the desk, if there is one."""
    if sample.count < 0 or sample.count > MOST_SAMPLED:
        raise UsageError(
            f"A sample has 1 to {MOST_SAMPLED:,} requests.", "More of them are the launch itself."
        )
    source = open_source(paths, making, stop=stop)
    flow, checker = begun(source, making, models)
    helper = Helper()
    try:
        drafting = _Drafting(source, making, sample, checker, desk, helper)
        if flow is not None:
            drafting.run(flow, stop, progress)
        return drafting.draft(flow)
    finally:
        helper.close()


class _Drafting:
    """A draft under way."""

    def __init__(
        self,
        source: Source,
        making: Making,
        sample: Sample,
        checker: Checker,
        desk: Desk | None,
        helper: Helper,
    ) -> None:
        self._source = source
        self._making = making
        self._checker = checker
        self._desk = desk
        self._summed = Sum(helper)
        self._sampler = (
            Sampler(sample, making, Spool(desk.spool() if desk else None)) if sample.count else None
        )
        # Without a sample the requests are packed in the source's order: the first part has the same sum.
        self._packer = Packer(making, desk, 1, None if self._sampler else self._summed)
        self._is_right = True
        """Whether nothing has been found so far that keeps it from being sent."""
        self._mapped = 0
        self._first = ""

    def run(self, flow: Flow, stop: threading.Event | None, progress: Progress | None) -> None:
        """Read everything, a handful at a time."""
        teller = Teller(self._source.meter, progress)
        try:
            for handful in flow.handfuls():
                self._take(flow, handful)
                if stop is not None and stop.is_set():
                    raise Stopped
                teller.go_on()
        except Broken as broken:
            tell(self._checker, self._source, broken)
        teller.finish()

    def draft(self, flow: Flow | None) -> Draft:
        """What was found."""
        checker = self._checker
        checker.finish(self._source.kind)
        if checker.problem_count:
            self._is_right = False
            self._packer.write_no_more()
        parts = self._parts()
        # Some rows get a warning and no request; where there are errors, they should have been requests, too.
        requests = checker.requests if checker.problem_count else sum(part.requests for part in parts)
        if not requests and not checker.problem_count:
            checker.add(0, Finding("No request is made of it", "The warnings say why."))
        draft = self._checked(requests)
        return replace(
            draft,
            bytes=sum(part.bytes for part in parts),
            # What is wrong is not summed to its end, and is nobody's content.
            sha256="" if checker.problem_count else self._summed.hexdigest(),
            path=parts[0].path if len(parts) == 1 else "",
            parts=tuple(parts),
            betas=flow.betas if flow else self._making.betas,
            recipe=flow.recipe if flow else "",
        )

    def _checked(self, requests: int) -> Draft:
        """What the check says."""
        checker = self._checker
        return Draft(
            source=str(self._source.paths[0]),
            requests=requests,
            models=tuple(sorted(checker.models.items(), key=lambda item: (-item[1], item[0]))),
            first=self._first,
            problems=tuple(checker.problems),
            problem_count=checker.problem_count,
            warning_count=checker.warning_count,
            groups=checker.groups(),
            kind=self._source.kind or REQUESTS,
            loads=checker.loads,
            mapped=self._mapped,
            others=len(self._source.paths) - 1,
        )

    def _take(self, flow: Flow, handful: Handful | Stretch) -> None:
        checker = self._checker
        if isinstance(handful, Stretch):
            requests = checker.take_stretch(handful)
        else:
            requests = _looked_at(checker, handful, spans_lines=flow.spans_lines)
        if len(requests.data) > self._making.most_bytes // 2:
            self._look_at_sizes(handful.items() if isinstance(handful, Stretch) else handful)
        if not self._first and requests.count:
            self._first = pretty(requests.data[: requests.data.index(b"\n")])
        if self._is_right and checker.problem_count:
            self._is_right = False
            self._packer.write_no_more()
        if flow.has_rows and not isinstance(handful, Stretch):
            self._remember(flow, handful)
        if self._sampler is None:
            self._packer.take(requests)
            return
        if self._is_right:
            self._summed.add(requests.data)
        self._packer.take(Lined.of(self._sampler.take(requests.raws)))

    def _look_at_sizes(self, items: Iterable[Item]) -> None:
        for item in items:
            if is_too_big(item.raw, self._making):
                most = f"It has {size(len(item.raw))}; a batch may have {size(self._making.most_bytes)}."
                self._checker.add(item.line, Finding("This request alone is too big", most), item.file)

    def _remember(self, flow: Flow, handful: Handful) -> None:
        """Note the rows of requests that got their custom_ids here."""
        named = [(item.raw, flow.row(), item.named) for item in handful if item.named is not None]
        made = [each for each in named if each[0]]
        self._mapped += len(made)
        if made and self._desk is not None and self._is_right:
            self._desk.note(b"".join(origin_line(*each) for each in made))

    def _parts(self) -> list[DraftPart]:
        """The batches that the requests become; a sample that is everything is none."""
        if self._sampler is None:
            return self._packer.finish()
        rest, first = self._packer, Packer(self._making, self._desk if self._is_right else None, 0)
        is_everything = not rest.has_any
        for raw in self._sampler.chosen():
            packer = rest if is_everything or not first.has_room(raw) else first
            packer.take(Lined.of([raw]))
        return first.finish() + rest.finish()


def _looked_at(checker: Checker, handful: Handful, *, spans_lines: bool) -> Lined:
    """Check items, and give their requests."""
    for item in handful:
        checker.take(item)
    raws = [item.raw for item in handful if item.raw]
    # A line feed between the parts of a request is white space: a space is as good.
    return Lined.of([raw.replace(b"\n", b" ") for raw in raws] if spans_lines else raws)


def pretty(raw: bytes) -> str:
    """The beginning of a request, indented where that is cheap."""
    if len(raw) <= HEAD:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raw = msgspec.json.format(raw, indent=2)
    text = raw[: FIRST * 4].decode("utf-8", "replace")
    return text if len(text) <= FIRST else f"{text[:FIRST]}…"
