"""Files to requests: every shape a good file can have, what stays as it is, and what it costs."""

from __future__ import annotations

import hashlib
import json
import random
import stat
import threading
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest

from tests.drafting import SHAPES, SOUND, TWO, checked, drafts, lines, request, saved, sent, told
from tests.hostile import HOSTILE
from tui.errors import StoreError
from tui.model import ERROR
from tui.sources import DraftBody, Stopped, check, prepare

# Good files, whatever their shape


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_good_file_sends_the_same(tmp_path: Path, shape: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(SHAPES[shape])
    seen = check([path])
    assert (told(seen), seen.requests, seen.ok) == ([], 2, True)
    draft = saved(path)
    assert sent(draft) == {"requests": TWO}
    assert (draft.sha256, draft.bytes, draft.models) == (seen.sha256, seen.bytes, (("claude-haiku-5-5", 2),))
    assert hashlib.sha256(Path(draft.path).read_bytes()).hexdigest() == draft.sha256
    assert json.loads(draft.first) == TWO[0]


def test_bytes_stay_as_the_user_wrote_them(tmp_path: Path) -> None:
    odd = rb'{ "params":{"messages":[{"content":"\u00e9\/ ' + "é\u2028".encode() + rb'","role":"user"}]'
    odd += rb', "max_tokens" :1,"model":"m"},  "custom_id" : "a"}'
    (tmp_path / "a.jsonl").write_bytes(b" " + odd + b"\t\r\n")
    draft = saved(tmp_path / "a.jsonl")
    assert (tmp_path / "draft-1.jsonl").read_bytes() == odd + b"\n"
    assert b"".join(DraftBody(Path(draft.path)).chunks()) == b'{"requests":[' + odd + b"]}"


def test_a_draft_is_private_and_whole(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(*TWO))
    saved(tmp_path / "a.jsonl")
    assert stat.S_IMODE((tmp_path / "draft-1.jsonl").stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.jsonl", "draft-1.jsonl"]


def test_a_body_can_be_read_twice_and_tells_its_progress(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(*(request(n, system="s" * 900) for n in range(2000))))
    draft = saved(tmp_path / "a.jsonl")
    heard: list[int] = []
    body = DraftBody(Path(draft.path), on_sent=heard.append)
    first = b"".join(body.chunks())
    assert len(heard) > 3 and max(map(len, body.chunks())) <= 1 << 20
    assert heard[-1] == len(first) == body.length
    assert hashlib.sha256(b"".join(body.chunks())).digest() == hashlib.sha256(first).digest()


def test_pieces_are_small_on_a_slow_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(*(request(n, system="s" * 900) for n in range(6000))))
    draft = saved(tmp_path / "a.jsonl")
    seconds, now = 0.0, 0.0

    def clock() -> float:
        nonlocal now
        now += seconds
        return now

    monkeypatch.setattr("tui.sources.body.monotonic", clock)
    fast = [len(piece) for piece in DraftBody(Path(draft.path)).chunks()]
    seconds = 1.0
    slow = [len(piece) for piece in DraftBody(Path(draft.path)).chunks()]
    assert max(fast) == 1 << 20 and max(slow) == 64 << 10
    assert sum(fast) == sum(slow)


def test_a_draft_that_shrinks_while_it_is_sent_does_not_pass_for_whole(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(*TWO))
    saved(tmp_path / "a.jsonl")
    body = DraftBody(tmp_path / "draft-1.jsonl")
    (tmp_path / "draft-1.jsonl").write_bytes(b"")
    with pytest.raises(OSError, match="shorter"):
        list(body.chunks())


@pytest.mark.parametrize("custom_id", ["a", "-", "_", "A-Z_0-9", "x" * 64])
def test_good_ids(tmp_path: Path, custom_id: str) -> None:
    assert checked(tmp_path, lines({**request(), "custom_id": custom_id})).ok


# Hostile content, stopping, progress, and what it costs


def test_hostile_text_stays_what_it_is(tmp_path: Path) -> None:
    values = [request(n, system=text) for n, text in enumerate(HOSTILE)]
    pairs = zip(values, HOSTILE, strict=True)
    escaped = [json.dumps(value, ensure_ascii=text not in SOUND) for value, text in pairs]
    content = "\n".join(escaped).encode()
    draft = checked(tmp_path, content)
    bad = [number for number, text in enumerate(HOSTILE, 1) if text not in SOUND]
    errors = [problem.place for problem in draft.problems if problem.severity == ERROR]
    assert [int(place.split(":")[1]) for place in errors] == bad


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_ids_and_keys_never_break_the_check(tmp_path: Path, text: str) -> None:
    value = {"custom_id": text, "params": {"model": text, "messages": [{"role": text}]}, text: text}
    draft = checked(tmp_path, lines(value))
    assert draft.problem_count > 2
    assert all(len(problem.remedy) < 400 for problem in draft.problems)


def test_random_bytes_never_break_the_check(tmp_path: Path) -> None:
    rng = random.Random(1)
    seeds = [*SHAPES.values(), b"[{" * 100, b'{"a"' * 50]
    for _ in range(400):
        raw = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 6)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        draft = checked(tmp_path, bytes(raw))
        assert draft.ok == (draft.problem_count == 0)
        if draft.ok:  # then it is what any reader takes for JSON
            sent(saved(tmp_path / "a.jsonl"))


def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(*TWO))
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        check([tmp_path / "a.jsonl"], stop=stop)
    with pytest.raises(Stopped):
        prepare([tmp_path / "a.jsonl"], drafts(tmp_path), stop=stop)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.jsonl"]


@pytest.mark.parametrize("array", [False, True])
def test_progress_goes_up_to_the_end(tmp_path: Path, array: bool) -> None:
    values = [request(n, system="s" * 2000) for n in range(3000)]
    (tmp_path / "a").write_bytes(json.dumps(values).encode() if array else lines(*values))
    heard: list[tuple[int, int]] = []
    check([tmp_path / "a"], progress=lambda *news: heard.append(news))
    total = (tmp_path / "a").stat().st_size
    assert heard[-1] == (total, total)
    assert len(heard) > 5
    assert all(before <= after for before, after in pairwise(heard))


def test_a_draft_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(*TWO))
    with pytest.raises(StoreError, match="The draft cannot be saved: No such file or directory"):
        prepare([tmp_path / "a.jsonl"], drafts(tmp_path / "absent"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk_says_so(tmp_path: Path) -> None:
    (tmp_path / "draft-1.jsonl.part").symlink_to("/dev/full")
    (tmp_path / "a.jsonl").write_bytes(lines(*TWO))
    with pytest.raises(StoreError, match="No space left"):
        saved(tmp_path / "a.jsonl")


@pytest.mark.parametrize("shape", ["lines", "array"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, shape: str) -> None:
    values = [request(n, system="s" * 10_000) for n in range(6000)]
    (tmp_path / "a").write_bytes(
        lines(*values) if shape == "lines" else json.dumps(values, indent=1).encode()
    )
    del values
    tracemalloc.start()
    try:
        assert saved(tmp_path / "a").ok
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24_000_000
