"""Where exports go: new files that are whole or not there; a place that cannot be is refused at once."""

from __future__ import annotations

import os
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli_runs import Run
from tests.exporting import ERRORED, EXPIRED, pairs, results, save, says
from tui.errors import UsageError
from tui.export import Jsonl, NewFile, NewFolder, Stream, write_lines
from tui.export.place import beside
from tui.model import utc_now
from tui.simulator import Simulator


@pytest.fixture
def batch_id(simulator: Simulator) -> str:
    return simulator.invent([("prose", 3)], created_at=utc_now() - timedelta(hours=1)).id


@pytest.mark.parametrize(
    ("name", "said"), [("absent/a.jsonl", "There is no folder"), ("", "is a folder"), ("taken", "--force")]
)
def test_refused_at_once(
    run: Run, simulator: Simulator, batch_id: str, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "taken").write_text("precious")
    outcome = run("results", batch_id, "--output", str(tmp_path / name))
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert not simulator.log.matching("GET", "*/results")


def test_a_pipe_is_written_to(run: Run, batch_id: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert run("results", batch_id, "--output", str(pipe)).code == 0
    reader.join(5)
    assert read[0].count(b"\n") == 3


def test_part_of_an_id_with_its_prefix(run: Run, batch_id: str) -> None:
    assert run("show", "--json", batch_id[:20]).json["id"] == batch_id
    assert run("show", "msgbatch_" + batch_id[20:]).code == 0, (
        "what stands behind the prefix may stand anywhere"
    )


def test_a_bad_source_has_no_sum(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("nope\n{}\n")
    assert run("check", "--json", str(tmp_path / "bad.jsonl")).json["sha256"] is None
    (problem,) = run("check", "--json", str(tmp_path / "absent")).json["problems"]
    assert problem["place"] == "absent"


def test_nothing_is_overwritten_unless_told(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    (tmp_path / "out").write_text("precious")
    with pytest.raises(UsageError, match="exists already"):
        save(path, rows, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "precious"
    save(path, rows, tmp_path / "out", overwrite=True)
    assert (tmp_path / "out").read_bytes() == EXPIRED + b"\n"


@pytest.mark.parametrize("name", ["out", "folder"])
def test_what_a_killed_export_left_is_removed_by_the_next_into_the_same_folder(
    tmp_path: Path, name: str
) -> None:
    path, rows = results(tmp_path, EXPIRED)
    mine, others = beside(tmp_path / "killed"), tmp_path / ".notes.part"
    going, folder = beside(tmp_path / "going"), beside(tmp_path / "killed too")
    for file in (mine, going, others):
        file.write_text("half")
    folder.mkdir()
    (folder / "a.md").write_text("half")
    for old in (mine, folder, others):
        os.utime(old, (1, 1))
    if name == "folder":
        NewFolder(tmp_path / name).finish()
    else:
        save(path, rows, tmp_path / name)
    assert {each.name for each in tmp_path.iterdir()} == {"results.jsonl", name, going.name, others.name}


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    with pytest.raises(UsageError, match="exists already"), NewFile(tmp_path / "out") as out:
        write_lines(Jsonl(), pairs(path, rows), out)
        (tmp_path / "out").write_text("precious")
    assert (tmp_path / "out").read_text() == "precious"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out", "results.jsonl"]


def test_an_export_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED, ERRORED)
    with pytest.raises(KeyboardInterrupt), NewFile(tmp_path / "out") as out:
        write_lines(Jsonl(), pairs(path, rows), out)
        assert not (tmp_path / "out").exists()
        raise KeyboardInterrupt
    assert [each.name for each in tmp_path.iterdir()] == ["results.jsonl"]


def test_the_user_s_file_has_the_user_s_rights(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    before = os.umask(0o027)
    try:
        save(path, rows, tmp_path / "out")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


def test_links_are_followed_when_overwriting(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("link", "dangling"):
        with pytest.raises(UsageError, match="exists already"):
            save(path, rows, tmp_path / name)
    save(path, rows, tmp_path / "link", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == EXPIRED + b"\n"


def test_a_device_is_written_to_as_it_is(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    assert save(path, rows, Path(os.devnull)) == 1
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("folder", "is a folder"),
        ("absent/out", "There is no folder"),
        ("results.jsonl/out", "cannot be written"),
    ],
)
def test_places_that_cannot_be(tmp_path: Path, place: str, said: str) -> None:
    path, rows = results(tmp_path, EXPIRED)
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=said):
        save(path, rows, tmp_path / place)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "results.jsonl"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk_says_so(tmp_path: Path) -> None:
    path, rows = results(tmp_path, EXPIRED)
    with pytest.raises(UsageError, match="No space left"):
        save(path, rows, Path("/dev/full"))
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(UsageError, match="No space left"):
        write_lines(Jsonl(), pairs(path, rows), Stream(full))


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    path, rows = results(tmp_path, *(says(str(n), "x" * 5000) for n in range(5000)))
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb", buffering=0) as stream:
        assert write_lines(Jsonl(), pairs(path, rows), Stream(stream)) < 1000  # a megabyte, and no further
