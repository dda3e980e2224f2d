"""A draft as parts: the fewest that the limits allow, a sample that goes first, and nothing left behind."""

from __future__ import annotations

import hashlib
import json
import random
import stat
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.drafting import Json, bodies, drafts, lines, request, saved, told
from tui.errors import StoreError, UsageError
from tui.model import Draft, Making, Sample
from tui.sources import Stopped, check, prepare
from tui.sources.body import body_length


def source(folder: Path, *values: Json) -> Path:
    path = folder / "a.jsonl"
    path.write_bytes(lines(*values))
    return path


def some(number: int, rng: random.Random, most: int = 400) -> list[Json]:
    return [request(n, system="s" * rng.randrange(most)) for n in range(number)]


def ids(draft: Draft) -> list[list[str]]:
    return [[each["custom_id"] for each in body["requests"]] for body in bodies(draft)]


def flat(parts: list[list[str]]) -> list[str]:
    return [each for part in parts for each in part]


def fewest(sizes: list[int], most_requests: int, most_bytes: int) -> int:
    """How many batches a list needs at least, in its order."""
    needed = [0]
    for end in range(1, len(sizes) + 1):
        possible = [
            needed[begin] + 1
            for begin in range(max(0, end - most_requests), end)
            if body_length(sum(sizes[begin:end]) + end - begin) <= most_bytes
        ]
        needed.append(min(possible))
    return needed[-1]


# Splitting


@pytest.mark.parametrize("seed", range(12))
def test_parts_are_the_fewest_that_keep_to_the_limits(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    values = some(rng.randrange(1, 60), rng)
    sizes = [len(json.dumps(value)) for value in values]
    making = Making(
        most_requests=rng.randrange(1, 20), most_bytes=body_length(max(sizes) + 1 + rng.randrange(2_000))
    )
    path = source(tmp_path, *values)
    draft = saved(path, making)
    assert told(draft) == []
    assert [each for body in bodies(draft) for each in body["requests"]] == values
    assert all(part.requests <= making.most_requests for part in draft.parts)
    assert all(part.bytes <= making.most_bytes for part in draft.parts)
    assert len(draft.parts) == fewest(sizes, making.most_requests, making.most_bytes)
    assert [Path(part.path).name for part in draft.parts] == [
        f"draft-{number}.jsonl" for number in range(1, len(draft.parts) + 1)
    ]
    assert draft.sha256 == saved(path).sha256 == hashlib.sha256(lines(*values)).hexdigest()
    seen = check([path], making)
    assert [(part.requests, part.bytes) for part in seen.parts] == [
        (part.requests, part.bytes) for part in draft.parts
    ]
    assert all((part.path, part.sha256) == ("", "") for part in seen.parts)


def test_a_body_may_be_exactly_as_long_as_the_limit(tmp_path: Path) -> None:
    path = source(tmp_path, *(request(n) for n in range(10, 20)))
    whole = saved(path)
    assert len(saved(path, Making(most_bytes=whole.bytes)).parts) == 1
    parts = saved(path, Making(most_bytes=whole.bytes - 1)).parts
    assert [part.requests for part in parts] == [9, 1]
    assert saved(path, Making(most_requests=10)).path == whole.path
    assert saved(path, Making(most_requests=9)).path == ""


def test_many_handfuls_make_parts_at_the_right_places(tmp_path: Path) -> None:
    path = source(tmp_path, *(request(n, system="s" * 2_000) for n in range(4_000)))
    draft = saved(path, Making(most_requests=1_500))
    assert [part.requests for part in draft.parts] == [1_500, 1_500, 1_000]
    assert flat(ids(draft)) == [f"id-{n}" for n in range(4_000)]


def test_a_request_that_no_batch_takes_is_named(tmp_path: Path) -> None:
    small, big = request(1), request(2, system="s" * 1_000)
    path = source(tmp_path, small, big, request(3))
    limit = body_length(len(lines(big)))
    assert saved(path, Making(most_bytes=limit)).ok
    draft = saved(path, Making(most_bytes=limit - 1))
    (problem,) = told(draft)
    assert problem.startswith("a.jsonl:2") and "This request alone is too big" in problem
    assert (draft.ok, draft.requests) == (False, 3)


def test_the_service_s_own_limits_hold_by_themselves(tmp_path: Path) -> None:
    line = lines(request("%06d"))
    (tmp_path / "a.jsonl").write_bytes(b"".join(line % n for n in range(100_001)))
    draft = check([tmp_path / "a.jsonl"])
    assert [part.requests for part in draft.parts] == [100_000, 1]
    assert draft.problem_count == 0


# Samples


def test_the_first_requests_as_a_sample(tmp_path: Path) -> None:
    path = source(tmp_path, *(request(n) for n in range(30)))
    draft = saved(path, Making(most_requests=20), Sample(3))
    assert [(part.requests, part.sample) for part in draft.parts] == [(3, True), (20, False), (7, False)]
    assert Path(draft.parts[0].path).name == "draft-0.jsonl"
    assert flat(ids(draft)) == [f"id-{n}" for n in range(30)]
    assert draft.sha256 == saved(path).sha256
    assert (draft.requests, draft.path) == (30, "")


@pytest.mark.parametrize("seed", range(5))
def test_a_random_sample_takes_nothing_twice_and_loses_nothing(tmp_path: Path, seed: int) -> None:
    path = source(tmp_path, *(request(n) for n in range(300)))
    sample = Sample(20, random=True, seed=seed)
    draft = saved(path, Making(most_requests=100), sample)
    found = ids(draft)
    assert [part.requests for part in draft.parts] == [20, 100, 100, 80]
    assert Counter(flat(found)) == Counter(f"id-{n}" for n in range(300))
    assert found[0] == sorted(found[0], key=lambda each: int(each[3:]))
    assert draft.sha256 == saved(path).sha256
    assert ids(saved(path, Making(most_requests=100), sample)) == found
    seen = check([path], Making(most_requests=100), sample=sample)
    assert [part.bytes for part in seen.parts] == [part.bytes for part in draft.parts]


def test_every_request_may_be_in_a_random_sample(tmp_path: Path) -> None:
    path = source(tmp_path, *(request(n) for n in range(8)))
    found = Counter(
        each for seed in range(150) for each in ids(saved(path, sample=Sample(2, random=True, seed=seed)))[0]
    )
    assert set(found) == {f"id-{n}" for n in range(8)}
    assert max(found.values()) < 4 * min(found.values())


@pytest.mark.parametrize("is_random", [False, True])
def test_a_sample_that_is_everything_is_the_draft(tmp_path: Path, is_random: bool) -> None:
    path = source(tmp_path, *(request(n) for n in range(5)))
    for count in (5, 6, 1_000):
        draft = saved(path, sample=Sample(count, random=is_random))
        assert ids(draft) == [[f"id-{n}" for n in range(5)]]
        assert Path(draft.path).name == "draft-1.jsonl"
        assert not (tmp_path / "draft-0.jsonl").exists()
    parts = saved(path, Making(most_requests=2), Sample(4, random=is_random)).parts
    assert [(part.requests, part.sample) for part in parts] == [(2, True), (2, False), (1, False)]


def test_a_sample_keeps_to_the_limits_of_a_batch(tmp_path: Path) -> None:
    values = [request(n, system="s" * 1_000) for n in range(10, 20)]
    path = source(tmp_path, *values)
    making = Making(most_bytes=4_000)
    for is_random in (False, True):
        draft = saved(path, making, Sample(8, random=is_random, seed=1))
        assert all(part.bytes <= 4_000 for part in draft.parts)
        assert Counter(flat(ids(draft))) == Counter(f"id-{n}" for n in range(10, 20))
        assert draft.parts[0].sample and draft.parts[0].requests == 3


@pytest.mark.parametrize("count", [-1, 1_001])
def test_a_sample_has_a_reasonable_size(tmp_path: Path, count: int) -> None:
    with pytest.raises(UsageError, match="A sample has 1 to 1,000 requests"):
        saved(source(tmp_path, request()), sample=Sample(count))


# Nothing half done


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_drafts_of_many_parts_are_private_and_whole(tmp_path: Path) -> None:
    draft = saved(source(tmp_path, *(request(n) for n in range(5))), Making(most_requests=2), Sample(1))
    assert left(tmp_path) == ["a.jsonl", "draft-0.jsonl", "draft-1.jsonl", "draft-2.jsonl"]
    assert all(stat.S_IMODE(Path(part.path).stat().st_mode) == 0o600 for part in draft.parts)


@pytest.mark.parametrize("sample", [Sample(), Sample(2), Sample(2, random=True)], ids=str)
def test_a_problem_at_the_end_leaves_nothing(tmp_path: Path, sample: Sample) -> None:
    path = source(tmp_path, *(request(n) for n in range(50)), request(1))
    draft = saved(path, Making(most_requests=7), sample)
    assert (draft.ok, draft.path, draft.sha256) == (False, "", "")
    assert all((part.path, part.sha256) == ("", "") for part in draft.parts)
    assert left(tmp_path) == ["a.jsonl"]


def test_an_earlier_draft_of_that_name_outlives_one_that_fails(tmp_path: Path) -> None:
    draft = saved(source(tmp_path, *(request(n) for n in range(5))), Making(most_requests=2))
    before = [Path(part.path).read_bytes() for part in draft.parts]
    assert not saved(
        source(tmp_path, *(request(n) for n in range(9)), request(1)), Making(most_requests=3)
    ).ok
    assert [Path(part.path).read_bytes() for part in draft.parts] == before


def test_stopping_between_parts_leaves_nothing(tmp_path: Path) -> None:
    path = source(tmp_path, *(request(n, system="s" * 2_000) for n in range(6_000)))
    stop = threading.Event()

    def heard(read: int, total: int) -> None:
        if read > total // 2:
            stop.set()

    with pytest.raises(Stopped):
        prepare(
            [path], drafts(tmp_path), Making(most_requests=200), sample=Sample(5), stop=stop, progress=heard
        )
    assert left(tmp_path) == ["a.jsonl"]


def test_a_part_that_cannot_be_named_leaves_nothing(tmp_path: Path) -> None:
    path = source(tmp_path, *(request(n) for n in range(9)))
    (tmp_path / "draft-3.jsonl").mkdir()
    (tmp_path / "draft-3.jsonl" / "x").touch()
    with pytest.raises(StoreError, match="The draft cannot be saved"):
        saved(path, Making(most_requests=2))
    assert left(tmp_path) == ["a.jsonl", "draft-3.jsonl"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_disk_that_is_full_in_the_middle_leaves_nothing(tmp_path: Path, part: int) -> None:
    path = source(tmp_path, *(request(n, system="s" * 2_000) for n in range(2_000)))
    (tmp_path / f"draft-{part}.jsonl.part").symlink_to("/dev/full")
    with pytest.raises(StoreError, match="No space left"):
        saved(path, Making(most_requests=1_000), Sample(10))
    assert left(tmp_path) == ["a.jsonl"]
