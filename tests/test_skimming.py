"""Many lines checked at once: always with the same result as one by one, whatever is in them."""

from __future__ import annotations

import gzip
import io
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.asking import FULL, Json, assistant, checker, image, params, request, text, user
from tests.drafting import SHAPES, bodies
from tui.model import PLAIN, Sample
from tui.sources import check, flow, prepare
from tui.sources.checking.checker import Checker
from tui.sources.checking.identities import Identities
from tui.sources.checking.skimming import _says_something, odd, skim
from tui.sources.files import stretches
from tui.sources.files.splitting import Broken, lines
from tui.sources.files.stretches import Stretch

from .test_params import CHANGES, changed, paths


def line(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()


def read(data: bytes) -> list[Stretch]:
    return [*stretches.stretches(io.BufferedReader(io.BytesIO(data)))]


def at_once(data: bytes) -> tuple[Checker, list[bytes]]:
    """What the check of whole stretches finds, and the requests."""
    found = checker()
    raws = [raw for stretch in read(data) for raw in found.take_stretch(stretch).raws]
    found.finish()
    return found, raws


def one_by_one(data: bytes) -> tuple[Checker, list[bytes]]:
    """The same line by line."""
    found, raws = checker(), []
    for stretch in read(data):
        for item in stretch.items():
            found.take(item)
            raws.append(item.raw)
    found.finish()
    return found, raws


def results(found: Checker, raws: list[bytes]) -> tuple[object, ...]:
    counts = (found.requests, found.problem_count, found.warning_count)
    return counts, found.problems, found.groups(), found.loads, raws


def agree(data: bytes) -> Checker:
    """Check data both ways, and give what was found if that is the same."""
    both = at_once(data), one_by_one(data)
    assert results(*both[0]) == results(*both[1]), data[:500]
    return both[0][0]


def skims(value: object) -> bool:
    """Whether a request is taken to be right without a look of its own."""
    (stretch,) = read(line(value))
    requests = skim(stretch)
    return requests is not None and odd(requests, checker()._judge.verdict) == []


# What is skimmed


PLAINLY_RIGHT: list[Json] = [
    request(),
    request(system="Be brief.", service_tier="auto", output_config={"effort": "low"}, inference_geo=None),
    request(messages=[user("a"), assistant("b"), user("日本語")]),
    *(
        request(messages=[user(said)])
        for said in ("“Quoted”", "— so", "é", "ế", "« a »", "\n\n a", "🎉", "カ")
    ),
]


@pytest.mark.parametrize("value", PLAINLY_RIGHT, ids=str)
def test_what_is_plainly_right_needs_no_look_of_its_own(value: Json) -> None:
    assert skims(value)
    assert agree(line(value)).problem_count == 0


LEFT: list[Any] = [
    request(messages=[]),
    request(messages=[user("")]),
    request(messages=[user("\u3000")]),
    request(messages=[user([])]),
    request(messages=[user([text(), text("")])]),
    request(messages=[user([text(" \n")])]),
    request(messages=[user([{"type": "text", "text": 7}])]),
    request(messages=[user([{"text": "a"}])]),
    request(messages=[user([text(), "a"])]),
    request(messages=[user([text(cache_control={"type": "ephemeral"})])]),
    request(messages=[user([text(citations=[])])]),
    request(messages=[user([image()])]),
    request(messages=[user({})]),
    request(messages=[user("a"), assistant("b")]),
    request(messages=[user(None)]),
    request(messages=[{"role": "system", "content": "a"}, user("a")]),
    request(max_tokens=0),
    request(max_tokens=10**9),
    request(max_tokens="10"),
    request(model="claude-unheard-of"),
    request(model=""),
    request(system=7),
    request(system=[text()]),
    request(system=None),
    request(stream=True),
    request(brand_new=1),
    {**request(), "more": 1},
    {**request(), "custom_id": "a b"},
    {**request(), "custom_id": "a\nb"},
    {**request(), "custom_id": ""},
    {**request(), "custom_id": "x" * 65},
    {"custom_id": "a"},
    [],
    b"{}",
    b"{",
    b"\xff",
    line(request()).replace(b"What", b"\xff"),
    line(request()).replace(b"What", b"\xed\xa0\x80"),
    line(request()).replace(b"What", b"\\ud800"),
    line(request()).replace(b"What", b"\\udc00\\ud800"),
    line(request()).replace(b"What", b"\x01"),
    line(request()).replace(b"What", b"\\x"),
]


@pytest.mark.parametrize("value", LEFT, ids=str)
def test_what_is_not_plainly_right_gets_a_look_of_its_own(value: object) -> None:
    assert not skims(value)
    agree(line(value))
    around = [line(request(number)) for number in range(10, 20)]
    agree(b"\n".join([*around[:5], line(value), *around[5:]]))


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_nothing_is_skimmed_in_which_anything_is_wrong(change: Any) -> None:
    for path in paths(FULL):
        value = {"custom_id": "a", "params": changed(path, change)}
        found = agree(line(value))
        assert not skims(value) or not (found.problem_count or found.warning_count), (path, change)


@pytest.mark.parametrize("change", [*CHANGES, "", " ", [text()], 0, -1], ids=str)
def test_nothing_is_skimmed_that_one_change_makes_wrong(change: Any) -> None:
    said = [user("a"), assistant([text("b")]), user("c")]
    whole = request(system="s", messages=said, user_profile_id="u")
    for path in paths(whole):
        value = json.loads(line(whole))
        inside: Any = value
        for step in path[:-1]:
            inside = inside[step]
        if change is ...:
            del inside[path[-1]]
        else:
            inside[path[-1]] = change
        found = agree(line(value))
        assert not skims(value) or not (found.problem_count or found.warning_count), (path, change)


@pytest.mark.parametrize(
    "byte", [b'"', b"\\", b"{", b"}", b"\n", b" ", b"\0", b"\xff", b",", b"\xc3", b"7", b"\r"]
)
def test_any_byte_may_be_another_one(byte: bytes) -> None:
    good, around = line(request(1, system="é")), [line(request(number)) for number in (2, 3, 4)]
    for at in range(len(good)):
        agree(b"\n".join([around[0], good[:at] + byte + good[at + 1 :], *around[1:]]))


def test_no_white_space_passes_for_words() -> None:
    taken = 0
    for number in range(0x110000):
        said = chr(number)
        if 0xD800 <= number < 0xE000 or not _says_something(b'"' + said.encode() + b'"'):
            continue
        taken += 1
        assert not said.isspace(), hex(number)
    assert taken > 1_000_000


# Lines


TWO_AND_TWO = line(request(1)) + b" " + line(request(2)) + b"\n" + line(request(3)).replace(b", ", b",\n", 1)
ODD_LINES = [
    b"",
    b"\n",
    b"\n\n \n",
    line(request()) + b"\n\n" + line(request(2)),
    line(request()) + b" \n  " + line(request(2)) + b"\t",
    line(request()) + line(request(2)) + b"\n",
    line(request()) + b"," + line(request(2)) + b"\n\n",
    line(request()) + b"\n  " + line(request(2)) + b"\n",
    line({"params": params(), "custom_id": "a"}).replace(b"}, ", b"}\n,") + line(request(2)) + b"\n",
    TWO_AND_TWO,
    TWO_AND_TWO.replace(b"} {", b"},{"),
    line(request()) + b"\r" + line(request(2)),
    line(request()) + b"\r\n" + line(request(2)) + b"\r\n" + line(request(3)) + b"\r\n",
    line(request()) + b"\r\n" + line(request(2)) + b"\n",
    b"\xef\xbb\xbf" + line(request()),
]


@pytest.mark.parametrize("data", ODD_LINES, ids=str)
def test_however_lines_end(data: bytes) -> None:
    agree(data)


def test_lines_as_windows_ends_them_are_skimmed_as_well() -> None:
    (stretch,) = read(b"\r\n".join(line(request(number)) for number in (1, 2, 3)) + b"\r\n")
    assert len(skim(stretch) or ()) == 3


def test_problems_keep_their_order_and_repeated_ids_name_the_first() -> None:
    draw = random.Random(3)
    pool = [*PLAINLY_RIGHT, *(value for value in LEFT if line(value).startswith(b'{"custom_id"'))]
    found = checker()
    for size in (5, 40, 400):
        values = [value if draw.random() < 0.1 else request(draw.randrange(2 * size)) for value in pool * 20]
        draw.shuffle(values)
        found = agree(b"\n".join(map(line, values[:size])))
        assert found.requests == size
    assert found.problem_count > 20


def test_several_models_are_summed_apart() -> None:
    models = ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5")
    values = [request(number, model=models[number % 3], max_tokens=number + 1) for number in range(100)]
    found = agree(b"\n".join(map(line, values)))
    assert sorted(load.requests for load in found.loads) == [33, 33, 34]
    assert sum(load.bytes for load in found.loads) == sum(map(len, map(line, values)))


def test_ids_beyond_those_kept_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.sources.checking.checker.Identities", lambda: Identities(25, 1_000))
    monkeypatch.setattr(stretches, "BLOCK", 2_000)
    values = [*(request(number) for number in range(100)), request(7), request(70), request(70, stream=True)]
    found = agree(b"\n".join(map(line, values)))
    repeated = [problem.remedy for problem in found.problems if "unique" in problem.what]
    assert [remedy.partition(".")[0] for remedy in repeated] == [
        "“id-7” stands on line 8 already",
        "“id-70” stands on line 71 already",
        "“id-70” stands on line 71 already",
    ]


def test_ids_are_noted_together_or_not_at_all() -> None:
    known = Identities(exact=4)
    assert known.note(["a", "b"], "", 1)
    assert not known.note(["c", "b"], "", 3)
    assert not known.note(["c", "c"], "", 3)
    assert not known.note(["c", "d", "e"], "", 3)
    assert known.note(["c"], "x.jsonl", 9)
    assert [known.first(each, "", 50) for each in "abcd"] == [("", 1), ("", 2), ("x.jsonl", 9), None]


def test_a_source_that_is_not_plain_is_soon_no_longer_skimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Stretch] = []

    def counted(stretch: Stretch) -> Any:
        tried.append(stretch)
        return skim(stretch)

    monkeypatch.setattr("tui.sources.checking.checker.skim", counted)
    monkeypatch.setattr(stretches, "BLOCK", 1_000)
    data = b"\n".join(line(request(number, messages=[user([image()])])) for number in range(200))
    found, raws = at_once(data)
    assert (found.problem_count, len(raws)) == (0, 200)
    assert len(tried) * 10 < len(read(data))


# Stretches


@pytest.mark.parametrize("block", [1, 7, 64, 1_000])
def test_stretches_have_every_line_once(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "BLOCK", block)
    draw = random.Random(block)
    for _ in range(50):
        data = bytes(draw.choices(b"ab \r\n\n", k=draw.randrange(120)))
        found = [(item.line, item.raw, item.column) for each in read(data) for item in each.items()]
        assert found == [*lines(io.BytesIO(data))]
        for each in read(data):
            assert each.data.count(b"\n") == len(each.ends) and each.data.endswith(b"\n")


def test_a_line_alone_is_found_by_its_number() -> None:
    (stretch,) = read(b"ab\nc\n\ndef")
    assert [stretch.item(index).raw for index in range(4)] == [b"ab", b"c", b"", b"def"]
    assert [stretch.size(index) for index in range(4)] == [2, 1, 0, 3]
    assert stretch._replace(line=5).item(3).line == 8


class Damaged(io.RawIOBase):
    """Gives some bytes, a few at a time, and then trouble."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            raise Broken(0, "It is damaged", "")
        size = min(5, len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


@pytest.mark.parametrize("data", [b"", b"a", b"a\nb\nc", b"a\nb\n", b"\n\n", b"abcdefghij"], ids=str)
def test_what_is_whole_comes_before_the_break(data: bytes) -> None:
    def told(found: Iterator[tuple[int, bytes]]) -> tuple[list[tuple[int, bytes]], int]:
        seen: list[tuple[int, bytes]] = []
        with pytest.raises(Broken, match="It is damaged") as raised:
            for each in found:
                seen.append(each)
        return seen, raised.value.line

    by_line = ((line, raw) for line, raw, _ in lines(io.BufferedReader(Damaged(data))))
    made = stretches.stretches(io.BufferedReader(Damaged(data)))
    assert told((item.line, item.raw) for each in made for item in each.items()) == told(by_line)


def test_a_line_longer_than_a_batch_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "BLOCK", 8)
    for module in ("stretches", "splitting"):
        monkeypatch.setattr(f"tui.sources.files.{module}.LONGEST", 40)
    for data in (b"a\nb\n" + b"x" * 50, b"a\nb\n" + b"x" * 50 + b"\nc", b"a\nb\n" + b"x" * 39 + b"\nc"):
        with pytest.raises(Broken, match="longer than a whole batch") as raised:
            for stretch in read(data):
                [*stretch.items()]
        assert raised.value.line == 3


# Sources


@pytest.fixture
def by_line(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    return lambda yes: monkeypatch.setattr(flow, "LONG", sys.maxsize if yes else 0)


@pytest.mark.parametrize("shape", SHAPES)
def test_drafts_are_the_same_in_every_shape(
    shape: str, tmp_path: Path, by_line: Callable[[bool], None]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(SHAPES[shape])
    both = []
    for yes in (True, False):
        by_line(yes)
        both.append(prepare([tmp_path / "a.jsonl"], lambda number: tmp_path / f"{number}.jsonl"))
    assert both[0] == both[1]
    assert both[0].ok and both[0].sha256


@pytest.mark.parametrize("sample", [0, 3])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("most", [100_000, 70])
def test_parts_and_samples_are_the_same(
    sample: int, packed: bool, most: int, tmp_path: Path, by_line: Callable[[bool], None]
) -> None:
    values = [request(number, system="é" * (number % 50)) for number in range(300)]
    content = b"\n".join(map(line, values))
    (tmp_path / "a.jsonl").write_bytes(gzip.compress(content) if packed else content)
    making, both = replace(PLAIN, most_requests=most, most_bytes=20_000 if most < 100 else 10**8), []
    for yes in (True, False):
        by_line(yes)
        taken = Sample(sample, random=True, seed=4) if sample else Sample()
        target = lambda number: tmp_path / f"{number}.jsonl"  # noqa: E731
        both.append(prepare([tmp_path / "a.jsonl"], target, making, sample=taken))
    assert both[0] == both[1]
    assert len(both[1].parts) == bool(sample) + (1 if most > 100 else 5)
    assert sum(len(body["requests"]) for body in bodies(both[1])) == 300


def test_several_files_are_named_and_their_ids_compared(
    tmp_path: Path, by_line: Callable[[bool], None]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(line(request(number)) for number in range(20)))
    (tmp_path / "b.jsonl").write_bytes(b"\n".join(line(request(number)) for number in (30, 7, 31)) + b"\n{")
    both = []
    for yes in (True, False):
        by_line(yes)
        both.append(check([tmp_path / "a.jsonl", tmp_path / "b.jsonl"]))
    assert both[0] == both[1]
    assert [problem.place for problem in both[1].problems] == ["b.jsonl:2:2", "b.jsonl:4:2"]


def test_a_damaged_gzip_file_tells_what_comes_before(
    tmp_path: Path, by_line: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "BLOCK", 4_096)
    draw = random.Random(1)
    values = [request(number, system=str(draw.random()), stream=number == 5) for number in range(3_000)]
    packed = gzip.compress(b"\n".join(map(line, values)))
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    both = []
    for yes in (True, False):
        by_line(yes)
        both.append(check([tmp_path / "a.jsonl.gz"]))
    assert both[0] == both[1]
    assert [problem.what for problem in both[1].problems] == [
        "stream is not possible in a batch",
        "The gzip file ends in the middle",
    ]


def test_good_params_are_skimmed_with_the_types_of_all() -> None:
    from tui.sources.checking.skimming import SkimmedParams
    from tui.sources.params.request import Params

    texts = ("messages", "system")
    for name, kind in SkimmedParams.__annotations__.items():
        assert name in texts or Params.__annotations__[name] == kind
    assert skims({"custom_id": "a", "params": params()})
