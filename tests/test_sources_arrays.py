"""JSON arrays: two readers that find the same, wherever a block ends, and what breaks them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.drafting import PRETTY, SOUND, Json, checked, lines, request, saved, sent, told
from tui.sources.files.opening import open_source
from tui.sources.files.splitting import Splitter

# Broken arrays


BROKEN_ARRAYS: list[tuple[bytes, str]] = [
    (PRETTY[:-2], "The list is not closed"),
    (PRETTY[:-40], "The list is not closed"),
    (PRETTY + b"\n{}", "There is text after the end of the list"),
    (PRETTY[:-2] + b",\n]", "There is a comma with no request beside it"),
    (b"[," + PRETTY[1:], "There is a comma with no request beside it"),
    (PRETTY.replace(b"},\n  {", b"},\n,  {"), "There is a comma with no request beside it"),
    (PRETTY.replace(b"},\n  {", b"}\n  {"), "There is text after the request"),
    (PRETTY.replace(b'"max_tokens": 10', b'"max_tokens": x', 1), "It is not JSON"),
    (PRETTY.replace(b'"max_tokens": 10', b'"max_tokens": 0', 1), "max_tokens must be at least 1"),
    (b"[1, 2]", "A request must be an object, not a number"),
]


@pytest.mark.parametrize(("content", "said"), BROKEN_ARRAYS, ids=lambda value: str(value)[-40:])
def test_broken_arrays(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in told(checked(tmp_path, content, "a.json"))[0]


def test_lines_inside_arrays_are_those_of_the_file(tmp_path: Path) -> None:
    values = [request(n) for n in range(30)]
    values[17]["params"]["top_k"] = 1
    content = b"\n" + json.dumps(values, indent=3).encode()
    place = told(checked(tmp_path, content, "a.json"))[0].split(": ")[0]
    number = content[: content.index(b'"top_k"')].count(b"\n") + 1
    assert place == f"a.json:{number}:10"
    broken = content.replace(b'"top_k": 1', b'"top_k" 1')
    number = broken[: broken.index(b'"top_k"')].count(b"\n") + 1
    assert told(checked(tmp_path, broken, "a.json"))[0].startswith(f"a.json:{number}:18: It is not JSON")


@pytest.mark.parametrize("block", [40, 300, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("array", [True, False])
def test_lines_and_columns_are_those_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, indent: int | None, array: bool
) -> None:
    for module in ("arrays", "splitting"):
        monkeypatch.setattr(f"tui.sources.files.{module}.BLOCK", block)
    values = [request(n, system="é—\n😀" * (n % 5)) for n in range(40)]
    each = [json.dumps(value, ensure_ascii=False, indent=indent) for value in values]
    text = f"\n [{', '.join(each)}\n]" if array else "\n".join(f" {one}" * 2 for one in each)
    (tmp_path / "a.json").write_bytes(text.encode())
    (file,) = open_source([tmp_path / "a.json"]).files
    lines = text.split("\n")
    found = list(file.placed())
    assert len(found) == 40 * (1 if array else 2)
    for line, raw, column in found:
        begins = raw.decode().split("\n")[0]
        assert lines[line - 1][column - 1 :].startswith(begins)


# The two readers of arrays, and any border between two blocks


def random_value(rng: random.Random, depth: int = 0) -> Any:
    kind = rng.randrange(8 if depth < 3 else 5)
    if kind > 5:
        return {rng.choice(SOUND): random_value(rng, depth + 1) for _ in range(rng.randrange(3))}
    if kind == 5:
        return [random_value(rng, depth + 1) for _ in range(rng.randrange(3))]
    return [rng.choice(SOUND), 1.5, None, "\\", '"},{"'][kind]


def hiding(value: Any) -> list[Json]:
    """Tools with any value in them."""
    return [{"name": "f", "input_schema": {"type": "object", "default": value}}]


def some_requests(rng: random.Random, number: int) -> list[Json]:
    return [request(n, tools=hiding(random_value(rng))) for n in range(number)]


def pieces(content: bytes, rng: random.Random, longest: int) -> Iterable[bytes]:
    while content:
        size = rng.randrange(1, longest)
        yield content[:size]
        content = content[size:]


@pytest.mark.parametrize("seed", range(6))
def test_the_splitter_finds_the_same_at_any_border(seed: int) -> None:
    rng = random.Random(seed)
    values = some_requests(rng, 40)
    for array in (True, False):
        content = json.dumps(values, indent=rng.choice([None, 1])).encode()
        inside = content[1:] if array else b"\n".join(json.dumps(each).encode() for each in values)
        splitter = Splitter(array=array)
        found = [raw for piece in pieces(inside, rng, 50) for _, raw, _ in splitter.feed(piece)]
        found += [raw for _, raw, _ in splitter.finish()]
        assert [json.loads(raw) for raw in found] == values


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("block", [50, 700, 5000])
def test_arrays_read_by_the_handful_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, block: int
) -> None:
    rng = random.Random(seed)
    values = some_requests(rng, 60)
    if seed % 2:
        # Requests inside a request: every border in it is a wrong guess.
        values[10]["params"]["tools"] = hiding([{"custom_id": "a", "params": {}}] * 40)
    content = json.dumps(values, indent=rng.choice([None, 2])).encode()
    (tmp_path / "a.json").write_bytes(content)
    for module in ("arrays", "splitting"):
        monkeypatch.setattr(f"tui.sources.files.{module}.BLOCK", block)
    monkeypatch.setattr("tui.sources.files.arrays._NEAR_THE_END", 100)
    draft = saved(tmp_path / "a.json")
    assert told(draft) == []
    assert sent(draft) == {"requests": values}


@pytest.mark.parametrize("block", [300, 1 << 20])
def test_places_are_the_same_in_either_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    for module in ("arrays", "splitting"):
        monkeypatch.setattr(f"tui.sources.files.{module}.BLOCK", block)
    values = [request(n, max_tokens=0) for n in range(50)]
    content = json.dumps(values, indent=2).encode()
    draft = checked(tmp_path, content, "a.json")
    starts = [2 + n * ((content.count(b"\n") - 1) // 50) for n in range(50)]
    at = content[: content.index(b'"max_tokens"')].count(b"\n") + 1 - starts[0]
    assert [int(problem.place.split(":")[1]) - at for problem in draft.problems] == starts


def test_one_huge_request_costs_linear_time(tmp_path: Path) -> None:
    huge = request(1, system='x\\"{[' * 4_000_000)
    for content in (lines(huge, request(2)), json.dumps([huge, request(2)]).encode()):
        assert told(checked(tmp_path, content)) == []
