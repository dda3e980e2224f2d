"""Several files as one source: folders, patterns, packed files, and what goes wrong with them."""

from __future__ import annotations

import gzip
import json
import os
import random
import tracemalloc
import zlib
from pathlib import Path

import pytest

from tests.drafting import TWO, drafts, lines, request, saved, sent, told
from tui.model import Draft, Making, Recipe
from tui.sources import check, look, prepare
from tui.sources.files.opening import open_source

RECIPE = Recipe(model="claude-haiku-5-5", max_tokens=10)


def folder(path: Path, **files: bytes) -> Path:
    """A folder of files; `__` in a name stands for a slash, a single `_` for a dot."""
    for name, content in files.items():
        file = path / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return path


def names(*paths: Path) -> list[str]:
    return [file.name for file in open_source(paths).files]


def ids(draft: Draft) -> list[str]:
    return [each["custom_id"] for each in sent(draft)["requests"]]


# Folders


def test_files_come_in_the_order_people_expect(tmp_path: Path) -> None:
    content = {f"{n}_jsonl": lines(request(n)) for n in (10, 2, 1, 33)}
    source = folder(tmp_path / "in", **content, b__7_jsonl=lines(request(7)), _hidden=b"\0")
    assert names(source) == ["1.jsonl", "2.jsonl", "10.jsonl", "33.jsonl", "b/7.jsonl"]
    draft = saved(source)
    assert ids(draft) == ["id-1", "id-2", "id-10", "id-33", "id-7"]
    assert draft.source == str(source)
    assert look([source]).files == 5


def test_problems_name_the_file(tmp_path: Path) -> None:
    bad = request(2, max_tokens=0)
    source = folder(tmp_path / "in", a_jsonl=lines(request(1)), b__c_jsonl=lines(request(3), bad))
    assert told(check([source]))[0].startswith("b/c.jsonl:2:")
    assert told(check([source / "b"]))[0].startswith("c.jsonl:2:")
    (source / "a.jsonl").unlink()
    assert told(check([source]))[0].startswith("b/c.jsonl:2:")
    (source / "a.jsonl").write_bytes(lines(request(1)))
    assert told(check([source / "a.jsonl", source / "b" / "c.jsonl"]))[0].startswith("b/c.jsonl:2:")


def test_repeated_ids_are_found_across_files(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a_jsonl=lines(request(1)), b_jsonl=lines(request(2), request(1)))
    (problem,) = told(check([source]))
    assert problem.startswith("b.jsonl:2") and "a.jsonl" in problem


def test_links_that_lead_back_up_end_there(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a_jsonl=lines(request(1)), x__b_jsonl=lines(request(2)))
    (source / "x" / "up").symlink_to(source)
    (source / "x" / "self").symlink_to(source / "x")
    (source / "again.jsonl").symlink_to(source / "a.jsonl")
    assert names(source) == ["a.jsonl", "x/b.jsonl"]
    assert names(Path(f"{source}/**/*.jsonl")) == ["a.jsonl", "x/b.jsonl"]


def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a_jsonl=lines(request(1)))
    (source / "b.jsonl").symlink_to(tmp_path / "absent")
    assert told(check([source])) == ["b.jsonl: There is no such file – Look at the name."]


def test_each_file_counts_once(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a_jsonl=lines(request(1)), b_jsonl=lines(request(2)))
    assert names(source / "b.jsonl", source, source / "a.jsonl", source) == ["b.jsonl", "a.jsonl"]


def test_patterns_that_the_shell_has_left_alone(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a2_jsonl=b"", a10_jsonl=b"", b_txt=b"", c__d__a3_jsonl=b"", c__e_csv=b"")
    assert names(Path(f"{source}/*.jsonl")) == ["a2.jsonl", "a10.jsonl"]
    assert names(Path(f"{source}/*/*.csv")) == ["e.csv"]
    assert names(Path(f"{source}/**/a*.jsonl")) == ["a2.jsonl", "a10.jsonl", "c/d/a3.jsonl"]
    assert len(names(Path(f"{source}/**"))) == 5
    assert told(check([Path(f"{source}/*.xml")])) == [
        f"{source}/*.xml: No file matches it – Look at the pattern."
    ]
    odd = folder(tmp_path / "odd", **{"[1]_jsonl": lines(request(1))})
    assert names(odd / "[1].jsonl") == ["[1].jsonl"]


def test_files_of_different_kinds_are_no_source(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a_jsonl=lines(*TWO), b_csv=b"a,b\n1,2\n", c_csv=b"a,b\n1,2\n")
    (problem,) = told(check([source]))
    assert problem == (
        "in: Its files are of different kinds – "
        "requests (a.jsonl) and a table (b.csv): give one kind, or say which with --kind."
    )
    draft = check([source], Making(kind="files", override=RECIPE))
    assert (draft.kind, draft.requests, told(draft)) == ("files", 3, [])


def test_an_empty_file_among_others_is_no_other_kind(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a_jsonl=b"", b_jsonl=lines(*TWO), c_jsonl=b"\n\n")
    assert saved(source).requests == 2


def test_all_unreadable_files_are_named(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a_jsonl=b"\0" * 9, b_jsonl=lines(*TWO), c_jsonl=b"PK\x03\x04")
    assert [problem.split(":")[0] for problem in told(check([source]))] == ["a.jsonl", "c.jsonl"]


def test_tables_of_several_files_are_one_source(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a_csv=b"t,n\nx,1\n", b_csv=b"n;t\n2;y\n")
    draft = prepare([source], drafts(tmp_path), Making(override=Recipe("claude-haiku-5-5", 9, "{{ t }}")))
    assert [each["params"]["messages"][0]["content"] for each in sent(draft)["requests"]] == ["x", "y"]
    assert ids(draft) == ["row-1", "row-2"]


# Packed files


@pytest.mark.parametrize("array", [False, True])
def test_packed_files_are_read_as_they_are_unpacked(tmp_path: Path, array: bool) -> None:
    values = [request(n, system="é" * 300) for n in range(3000)]
    plain = json.dumps(values).encode() if array else lines(*values)
    (tmp_path / "a").write_bytes(plain)
    (tmp_path / "a.gz").write_bytes(
        gzip.compress(b"\xef\xbb\xbf" + plain[:5000]) + gzip.compress(plain[5000:])
    )
    heard: list[tuple[int, int]] = []
    draft = prepare([tmp_path / "a.gz"], drafts(tmp_path), progress=lambda *news: heard.append(news))
    assert draft.sha256 == check([tmp_path / "a"]).sha256
    total = (tmp_path / "a.gz").stat().st_size
    assert heard[-1] == (total, total)


def noise(number: int) -> bytes:
    """Requests that pack badly."""
    rng = random.Random(1)
    return lines(*(request(n, system=rng.randbytes(300).hex()) for n in range(number)))


def test_a_packed_file_that_is_cut_is_told_with_its_line(tmp_path: Path) -> None:
    packed = gzip.compress(noise(2000))
    for size in (len(packed) // 2, len(packed) - 4, 3 * len(packed) // 4):
        (tmp_path / "a.gz").write_bytes(packed[:size])
        draft = saved(tmp_path / "a.gz")
        whole = zlib.decompressobj(31).decompress(packed[:size]).count(b"\n")
        (problem,) = told(draft)
        assert problem == f"a.gz:{whole + 1}: The gzip file ends in the middle – Get it whole."
        assert [each.name for each in tmp_path.iterdir()] == ["a.gz"]


def test_damaged_packed_files_are_no_crash(tmp_path: Path) -> None:
    rng = random.Random(2)
    packed = gzip.compress(noise(300))
    for _ in range(60):
        broken = bytearray(packed)
        broken[rng.randrange(2, len(broken))] ^= 1 << rng.randrange(8)
        (tmp_path / "a.gz").write_bytes(broken)
        draft = check([tmp_path / "a.gz"])
        assert draft.ok == (draft.problem_count == 0)
    for tail, said in ((b"more", "damaged"), (b"\0" * 100, "")):
        (tmp_path / "a.gz").write_bytes(packed + tail)
        assert said in "".join(told(check([tmp_path / "a.gz"])))
        assert bool(told(check([tmp_path / "a.gz"]))) == bool(said)


def test_what_is_packed_twice_is_not_guessed_at(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(gzip.compress(lines(*TWO))))
    assert "compressed (gzip, twice)" in told(check([tmp_path / "a.gz"]))[0]


def test_a_bomb_does_not_fill_the_memory(tmp_path: Path) -> None:
    one = lines(request(1, system="s" * 1_000_000)).replace(b"id-1", b"id-%03d")
    with gzip.open(tmp_path / "a.gz", "wb") as file:
        for number in range(100):
            file.write(one % number)
    assert (tmp_path / "a.gz").stat().st_size < 1_000_000
    tracemalloc.start()
    try:
        draft = check([tmp_path / "a.gz"])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (draft.requests, told(draft)) == (100, [])
    assert peak < 25_000_000


def test_an_endless_line_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.sources.files.splitting.LONGEST", 1_000_000)
    (tmp_path / "a.gz").write_bytes(gzip.compress(lines(request(1)) + b'{"custom_id": "' + b"x" * 5_000_000))
    assert "longer than a whole batch" in told(check([tmp_path / "a.gz"]))[-1]


# Files as requests


def test_a_folder_of_texts_becomes_a_request_each(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", **{f"{n}_txt": f"Text {n}".encode() for n in (1, 10, 2)})
    draft = prepare([source], drafts(tmp_path), Making(override=RECIPE))
    assert [each["params"]["messages"][0]["content"] for each in sent(draft)["requests"]] == [
        "Text 1",
        "Text 2",
        "Text 10",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_in_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    source = folder(tmp_path / "in", a_jsonl=lines(*TWO), b__c_jsonl=b"")
    (source / "b").chmod(0)
    try:
        assert told(check([source])) == ["b/: It may not be read – Look at its permissions."]
    finally:
        (source / "b").chmod(0o700)
